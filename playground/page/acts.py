"""What a person does on the page: each handler reads a form, makes one act, and answers JSON.

Answers are {"ok": bool, "words": str}, and `words` is for the person. Acts are accepted only with
the page's own header, which no other site can send.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from playground.page.clock import ClockError, Clockwork, tomorrow_morning
from playground.page.elements import (
    chosen_files,
    interactive,
    is_taken,
    read_fields,
    read_value,
)
from playground.page.moments import city
from playground.page.pages import Pages
from playground.page.reader import Reader
from playground.server.answers import Answer, PersonRefusedError
from playground.server.rows import Json

MOST_FILES = 10  # in one field, unless it says fewer

Handler = Callable[[Request], Awaitable[Response]]


def guarded(handler: Handler) -> Handler:
    """Refuses other sites' forms, and turns what Slack refuses into words."""

    async def guard(request: Request) -> Response:
        if request.headers.get("x-playground") != "1":
            raise HTTPException(403, "This address is for the playground's own page.")
        try:
            return await handler(request)
        except PersonRefusedError as refusal:
            return _refused(refusal.words)
        except ValueError as problem:  # a choice or field that has gone in the meantime
            return _refused(f"That did not fit any more ({problem}). Please try again.")

    return guard


class Acts:
    """Handlers that act, on top of the same state as `Pages`."""

    def __init__(self, pages: Pages, clockwork: Clockwork) -> None:
        self._pages = pages
        self._people = pages.people
        self._world = pages.world
        self._desk = pages.desk
        self._clockwork = clockwork

    async def send(self, request: Request) -> Response:
        """A message, or a slash command when it begins with one."""
        user, channel, form = await self._in_channel(request)
        text, thread = _word(form, "text"), _word(form, "thread") or None
        if text.startswith("/"):
            return _said(await self._people.command(user, channel, text, thread))
        if not text.strip():
            return _done()
        also = bool(_word(form, "broadcast"))
        await self._people.post(user, channel, text, thread_ts=thread, broadcast=also)
        return _done()

    async def react(self, request: Request) -> Response:
        """Adds or takes away a reaction: `name`, and `off` to take it away."""
        user, channel, form = await self._in_channel(request)
        act = self._people.unreact if _word(form, "off") else self._people.react
        name = _word(form, "name").strip(": ").lower()
        await act(user, channel, request.path_params["ts"], name)
        return _done()

    async def edit(self, request: Request) -> Response:
        """Changes one's own message."""
        user, channel, form = await self._in_channel(request)
        await self._people.edit(user, channel, request.path_params["ts"], _word(form, "text"))
        return _done()

    async def delete(self, request: Request) -> Response:
        """Deletes one's own message."""
        user, channel, _ = await self._in_channel(request)
        await self._people.delete(user, channel, request.path_params["ts"])
        return _done()

    async def join(self, request: Request) -> Response:
        """Joins a public channel."""
        user, channel, _ = await self._in_channel(request)
        await self._people.join(user, channel)
        return _done()

    async def shortcut(self, request: Request) -> Response:
        """A global shortcut, or with channel and ts a message shortcut."""
        user, _, form = await self._form(request)
        place = {name: _word(form, name) or None for name in ("channel", "ts")}
        return _said(await self._people.shortcut(user, _word(form, "callback_id"), **place))

    async def click(self, request: Request) -> Response:
        """A button, menu or field of a message, a modal or the Home."""
        user, reader, form = await self._form(request)
        place, blocks = self._container(form)
        block_id, action_id = _word(form, "block_id"), _word(form, "action_id")
        element = _element(blocks, block_id, action_id)
        answer = await self._people.click(
            user,
            action_id,
            **place,
            block_id=block_id or None,
            value=_value(element, block_id, form, reader),
            state=read_fields(blocks, form, reader),
        )
        return _said(answer)

    async def suggest(self, request: Request) -> Response:
        """What an external select offers for what was typed."""
        user, _, form = await self._form(request)
        place, _ = self._container(form)
        options = await self._people.suggest(
            user,
            _word(form, "action_id"),
            _word(form, "query"),
            **place,
            block_id=_word(form, "block_id") or None,
        )
        found = [{"text": one.text, "value": one.value, "group": one.group} for one in options]
        return JSONResponse({"ok": True, "options": found})

    async def submit(self, request: Request) -> Response:
        """Sends a modal."""
        user, reader, form = await self._form(request)
        view_id = request.path_params["view"]
        view = self._world.views.get(view_id)
        if view is None:
            return _done()
        blocks = view.body.get("blocks") or []
        values = read_fields(blocks, form, reader)
        for block_id, element, uploads in chosen_files(blocks, form):
            if any(not is_taken(element, str(one.filename)) for one in uploads):
                kinds = ", ".join(element.get("filetypes") or [])
                self._desk.refuse(view_id, {block_id: f"Please choose a file of: {kinds}."}, "")
                return _refused()
            values[block_id] = [
                await self._people.upload(user, str(one.filename), await one.read())
                for one in uploads[: element.get("max_files") or MOST_FILES]
            ]
        outcome = await self._people.submit(user, view_id, values)
        if outcome.result in ("errors", "failed"):
            self._desk.refuse(view_id, outcome.errors, outcome.words)
            return _refused()
        self._desk.forgive(view_id)
        return _done()

    async def close(self, request: Request) -> Response:
        """Closes a modal, or with `all` the whole stack."""
        user, _, form = await self._form(request)
        view_id = request.path_params["view"]
        self._desk.forgive(view_id)
        if self._world.views.get(view_id) is not None:
            await self._people.close(user, view_id, whole_stack=bool(_word(form, "all")))
        return _done()

    async def next_due(self, request: Request) -> Response:
        """Moves the clock to what is due next."""
        user = self._pages.person(_word(await request.form(), "user"))
        return await self._moved(self._clockwork.next_due(), user.tz)

    async def tomorrow(self, request: Request) -> Response:
        """Moves the clock to tomorrow 09:00 on this person's wall."""
        user = self._pages.person(_word(await request.form(), "user"))
        at = tomorrow_morning(self._world.now(), ZoneInfo(user.tz))
        return await self._moved(self._until(at), user.tz)

    async def _until(self, at: datetime) -> datetime:
        await self._clockwork.run_until(at)
        return at

    async def _moved(self, journey: Awaitable[datetime | None], zone: str) -> Response:
        if self._desk.is_moving:
            _close(journey)
            return _refused("The clock is already on its way.")
        self._show_moving(is_moving=True)
        try:
            at = await journey
        except ClockError as problem:
            return _refused(str(problem))
        finally:
            self._show_moving(is_moving=False)
        if at is None:
            return _done("Nothing is due ahead.")
        local = at.astimezone(ZoneInfo(zone))
        return _done(f"It is now {local:%A %H:%M} in {city(zone)}.")

    def _show_moving(self, *, is_moving: bool) -> None:
        self._desk.is_moving = is_moving
        self._world.notify("clock")

    async def _form(self, request: Request) -> tuple[str, Reader, FormData]:
        user = self._pages.person(request.path_params["user"])
        return user.id, self._pages.reader(request, user), await request.form()

    async def _in_channel(self, request: Request) -> tuple[str, str, FormData]:
        user, _, form = await self._form(request)
        return user, request.path_params["channel"], form

    def _container(self, form: FormData) -> tuple[dict[str, str], list[Json]]:
        """Where an element stands, in the names of `People.click`, and the blocks around it."""
        view = self._world.views.get(_word(form, "view"))
        if view is not None:
            return {"view_id": view.id}, view.body.get("blocks") or []
        channel, ts = _word(form, "channel"), _word(form, "ts")
        messages = self._world.messages
        message = messages.get(channel, ts) or messages.ephemeral(channel, ts)
        if message is None:
            raise PersonRefusedError("message_not_found", "That message is no longer there.")
        return {"channel": channel, "ts": ts}, message.blocks or []


def _element(blocks: list[Json], block_id: str, action_id: str) -> Json:
    for found_in, element in interactive(blocks):
        if found_in == block_id and element.get("action_id") == action_id:
            return element
    raise PersonRefusedError("no_such_element", "That button is no longer there.")


def _value(element: Json, block_id: str, form: FormData, reader: Reader) -> Any:
    if element["type"] == "button":
        return None
    if element["type"] == "overflow":
        return _word(form, "value")
    return read_value(element, block_id, form, reader)


def _word(form: FormData, name: str) -> str:
    """One field as text; line ends as Slack writes them."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _said(answer: Answer) -> Response:
    return _done(answer.words) if answer.ok else _refused(answer.words)


def _done(words: str = "") -> Response:
    return JSONResponse({"ok": True, "words": words})


def _refused(words: str = "") -> Response:
    return JSONResponse({"ok": False, "words": words})


def _close(journey: Awaitable[object]) -> None:
    close = getattr(journey, "close", None)
    if close is not None:
        close()
