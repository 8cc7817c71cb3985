"""The one error boundary between Slack and Daybook: reads the asker, calls the route, answers.

Whatever goes wrong, the person gets one private sentence; nothing of a traceback reaches them.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.deps import Deps
from bot.errors import AlreadyDone, BadInput, DaybookError, NotAllowed, SlackRefused
from bot.slack.blocks import Message, modal, section
from bot.slack.ids import Form
from bot.slack.text import refusal
from handlers.answers import (
    Answer,
    Done,
    FieldErrors,
    OpenModal,
    Private,
    RefreshHome,
    ShowModal,
)
from handlers.payloads import Request, Source, read_source
from handlers.redraws import Redraws

log = structlog.get_logger()

Handler = Callable[[Request, Deps], Awaitable[Answer]]
Ack = Callable[..., Awaitable[Any]]
Faults = Callable[[Request, Deps], Awaitable[Sequence[BadInput]]]
HomeView = Callable[[Request, Deps], Awaitable[dict[str, Any]]]
# Answers that leave a form open, or have drawn the App Home already.
_STAYS = (FieldErrors, OpenModal, RefreshHome)


# What reaches the person in the acknowledgement itself.
_ANSWERED_BY_ACK = frozenset({"command", "submission"})


@dataclass(frozen=True)
class Route:
    """A handler, and whether guests may use it (they see only what they may).

    ``faults`` are all that is wrong with a form, asked for once its handler refused a field.
    """

    handler: Handler
    guests: bool = False
    faults: Faults | None = None


class Boundary:
    """Runs one route for one payload."""

    def __init__(self, deps: Deps, render_home: HomeView) -> None:
        self._deps, self._render_home = deps, render_home
        self._from_home: set[tuple[str, str]] = set()  # whose open form came from their App Home
        self._redraws = Redraws()

    async def run(
        self,
        kind: str,
        route: Route | None,
        body: Mapping[str, Any],
        parts: dict[str, Any],
        ack: Ack,
    ) -> None:
        """Answer one command, click, submission or shortcut, and acknowledge it."""
        source = read_source(body)
        request: Request | None = None
        if view_id := str(parts.get("view_id") or ""):
            self._redraws.note(view_id, str(parts.get("trigger_id") or ""))
        try:
            request = await self._request(source, parts)
            answer = await self._answer(route, request)
            await self._say(kind, answer, request, ack)
            await self._follow_home(kind, answer, request)
        except AlreadyDone:
            await ack()
        except Exception as error:  # noqa: BLE001  this is the one boundary
            sentence = _sentence(kind, error)
            if errors := await self._field_errors(kind, route, request, error):
                await ack(response_action="errors", errors=errors)
                return
            await self._apologise(kind, sentence, request, ack)
            if request is None and kind not in _ANSWERED_BY_ACK:
                await self._apologise_to(source, str(parts.get("response_url") or ""), sentence)

    async def open_home(self, team_id: str, enterprise_id: str, user_id: str) -> None:
        """Draw a person's App Home; what goes wrong is logged, and Slack keeps the last one."""
        source = Source(team_id, enterprise_id, user_id, "", "")
        try:
            request = await self._request(source, {"name": "home"})
            if not request.asker.is_outsider:
                await self._say_by_call(RefreshHome(), request)
        except DaybookError as error:
            log.warning("home.failed", error=str(error))
        except Exception as error:
            log.error("home.failed", exc_info=error)

    async def _follow_home(self, kind: str, answer: Answer, request: Request) -> None:
        """A form that was opened in the App Home changes what stands there."""
        key = request.workspace_id, request.user_id
        if request.view_type == "home" and isinstance(answer, OpenModal):
            self._from_home.add(key)
        elif kind == "submission" and key in self._from_home and not isinstance(answer, _STAYS):
            self._from_home.discard(key)
            try:
                await self._say_by_call(RefreshHome(), request)
            except DaybookError as error:
                log.warning("home.failed", error=str(error))

    async def _request(self, source: Source, parts: dict[str, Any]) -> Request:
        place = self._deps.places.of_team(source.team_id, source.enterprise_id)
        at = self._deps.clock.now()
        if source.user_team_id and source.user_team_id != place.identity.team_id:
            raise NotAllowed("Only members of this workspace can use Daybook here.")
        asker = await place.directory.asker(source.user_id, at=at, here=source.channel_id)
        return Request(place=place, asker=asker, at=at, channel_id=source.channel_id, **parts)

    async def _answer(self, route: Route | None, request: Request) -> Answer:
        if route is None:
            log.warning("route.missing", name=request.name)
            return Done()
        if request.asker.is_outsider:
            raise NotAllowed("Only members of this workspace can use Daybook.")
        if request.asker.is_guest and not route.guests:
            raise NotAllowed("Guests can search and read here; please ask a member to do this.")
        return await route.handler(request, self._deps)

    async def _say(self, kind: str, answer: Answer, request: Request, ack: Ack) -> None:
        match answer:
            case FieldErrors():
                await ack(response_action="errors", errors=answer.errors)
            case ShowModal() if kind == "submission":
                await ack(response_action="update", view=answer.view)
            case OpenModal() if kind == "submission":
                await ack(response_action="push", view=answer.view)
            case Private() if kind == "command":
                first = answer.message.parts()[0]
                await ack(text=first.text, blocks=first.blocks or None)
            case _:
                await self._say_by_call(answer, request)
                await ack()

    async def _say_by_call(self, answer: Answer, request: Request) -> None:
        gateway = request.place.gateway
        match answer:
            case OpenModal() if request.view_type == "modal":
                await gateway.push_view(request.trigger_id, answer.view)
            case OpenModal():
                await gateway.open_view(request.trigger_id, answer.view)
            case ShowModal():
                await self._redraw(request, answer)
            case Private():
                await self._whisper(request, answer.message, replaces=answer.replaces)
            case RefreshHome():
                if answer.state is not None:
                    request = replace(request, state=answer.state)
                view = await self._render_home(request, self._deps)
                await gateway.publish_home(request.user_id, view)

    async def _redraw(self, request: Request, answer: ShowModal) -> None:
        update = request.place.gateway.update_view
        try:
            await update(request.view_id, answer.view, hash_=request.view_hash)
        except SlackRefused as error:
            if error.code != "hash_conflict":
                raise
            # It was drawn again since: by a later act, whose answer stands, or by an earlier one.
            if self._redraws.is_newest(request):
                await update(request.view_id, answer.view)

    async def _whisper(self, request: Request, message: Message, *, replaces: bool = False) -> None:
        gateway, message = request.place.gateway, message.parts()[0]
        if replaces and request.response_url:
            # It is good for half an hour, and not every server that speaks like Slack serves it.
            with suppress(DaybookError):
                await gateway.respond(request.response_url, message, replace=True)
                return
        if request.channel_id and not request.channel_id.startswith("D"):
            try:
                await gateway.ephemeral(
                    request.channel_id, request.user_id, message, thread=request.thread_ts
                )
            except DaybookError:
                await gateway.post(request.user_id, message)
        else:
            await gateway.post(request.user_id, message)

    async def _field_errors(
        self, kind: str, route: Route | None, request: Request | None, first: Exception
    ) -> dict[str, str]:
        """Return every wrong field of a form with what to do; nothing when it is no field's."""
        if kind != "submission" or request is None or not isinstance(first, BadInput):
            return {}
        if first.field not in request.values:
            return {}
        found = [first]
        if route and route.faults:
            found += await route.faults(request, self._deps)
        told: dict[str, str] = {}
        for error in found:
            if error.field in request.values:
                told.setdefault(error.field, str(error))
        return told

    async def _apologise(self, kind: str, sentence: str, request: Request | None, ack: Ack) -> None:
        if kind == "submission":
            # On top of the form, so that what was typed is still there below.
            view = modal(Form.PROBLEM, "Not done", [section(sentence)])
            await ack(response_action="push", view=view)
            return
        if kind == "command":
            await ack(text=sentence)
            return
        await ack()
        if request:
            try:
                await self._whisper(request, Message(sentence))
            except DaybookError as second:
                log.warning("apology.failed", error=str(second))

    async def _apologise_to(self, source: Source, response_url: str, sentence: str) -> None:
        """Say it to somebody who could not even be looked up."""
        try:
            gateway = self._deps.places.of_team(source.team_id, source.enterprise_id).gateway
            if response_url:
                await gateway.respond(response_url, Message(sentence))
            else:
                await gateway.post(source.user_id, Message(sentence))
        except DaybookError as second:
            log.warning("apology.failed", error=str(second))


_TOO_LATE = frozenset({"expired_trigger_id", "trigger_expired", "exchanged_trigger_id"})


def _refusal(error: SlackRefused) -> str:
    if error.code in _TOO_LATE:
        return "Slack waited too long for the form, so it did not open. Please try once more."
    if error.method in ("views.open", "views.push"):
        return f"Slack did not let me open the form ({error.code}). Nothing was changed."
    return f"Slack did not let me do that ({error.method}: {error.code})."


def _sentence(kind: str, error: Exception) -> str:
    if isinstance(error, SlackRefused):
        log.warning("handler.refused", kind=kind, error=str(error))
        return refusal(_refusal(error))
    if isinstance(error, DaybookError):
        return refusal(str(error))
    reference = secrets.token_hex(3)
    log.error("handler.failed", kind=kind, reference=reference, exc_info=error)
    return (
        "Something went wrong on my side; nothing was changed. "
        f"If it happens again, tell whoever runs Daybook this number: {reference}."
    )
