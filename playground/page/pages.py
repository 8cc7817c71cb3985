"""What the page shows: one function a place."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from playground.page import clock, guide, moments
from playground.page.authors import portrait
from playground.page.conversation import PICTURES, compose, entry, unread_count
from playground.page.desk import Desk
from playground.page.emoji import PICKER, drawing, names
from playground.page.rail import build_rail, channel_note, default_channel, people_of
from playground.page.reader import Reader
from playground.page.render import render
from playground.server.answers import PersonRefusedError
from playground.server.people import People
from playground.server.rows import Change, Channel, Message, User
from playground.server.world import World

_SHOWN = 150  # messages in one page; "show earlier" doubles it
_POLL_SECONDS = 20.0  # a page asks again after this long without news
_RECONNECTS_SECONDS = 1.0  # a bot that changes its socket is not gone
_COOKIE = "daybook_person"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Pages:
    """Handlers that read; those that act are in `acts`."""

    def __init__(self, world: World, people: People, desk: Desk) -> None:
        self.world = world
        self.people = people
        self.desk = desk

    async def index(self, request: Request) -> Response:
        """The person who was here last, or the first one, in their first channel."""
        user = self._last_person(request)
        channel = default_channel(self.world, user.id)
        where = f"c/{channel.id}" if channel is not None else "home"
        return RedirectResponse(f"/p/{user.id}/{where}", 303)

    async def archive(self, request: Request) -> Response:
        """A permalink: opens the message as the person who was here last."""
        user = self._last_person(request)
        url = f"https://{request.url.hostname}{request.url.path}?{request.url.query}"
        return RedirectResponse(self.reader(request, user).href(url) or "/", 303)

    async def channel(self, request: Request) -> Response:
        """A channel or DM, with a thread beside it when the address names one."""
        user, reader = self._visitor(request)
        channel = self._readable(user, request.path_params["channel"])
        if channel is None:
            return RedirectResponse(f"/p/{user.id}/", 303, headers=self._remember(user))
        is_app = channel.is_im and self.world.bot.id in channel.members
        if not _is_live(request):
            self.desk.marks.enter(user.id, channel.id)
            if is_app:
                await self._look_at_app(user, "messages")
        messages, has_more = self._messages(request, user, channel)
        line = self.desk.marks.line(user.id, channel.id)
        shown = {
            "place": "messages" if is_app else "channel",
            "channel": channel,
            "title": self._title(channel, user),
            "note": channel_note(channel),
            "is_member": user.id in channel.members,
            "items": compose(messages, self.world, reader, unread_after=line),
            "limit": _limit(request),
            "has_more": has_more,
            "thread": self._thread(request, channel, reader),
        }
        self._mark_read(request, user, channel, messages)
        return self._page(request, user, reader, channel.id, shown)

    async def home(self, request: Request) -> Response:
        """The app's Home, as it last published it for this person."""
        user, reader = self._visitor(request)
        if not _is_live(request):
            await self._look_at_app(user, "home")
        home = self.world.views.home(user.id)
        shown = {"place": "home", "title": self.world.bot.real_name, "home": home}
        return self._page(request, user, reader, "home", shown)

    async def messages(self, request: Request) -> Response:
        """The DM with the app."""
        user, _ = self._visitor(request)
        channel = await self.people.open_direct(user.id, self.world.bot.id)
        return RedirectResponse(f"/p/{user.id}/c/{channel}", 303)

    async def direct(self, request: Request) -> Response:
        """The DM with another person."""
        user, _ = self._visitor(request)
        channel = await self.people.open_direct(user.id, request.path_params["other"])
        return RedirectResponse(f"/p/{user.id}/c/{channel}", 303)

    async def changes(self, request: Request) -> Response:
        """Waits for something that this person may see; then tells the new version. Ends early
        when the browser goes away or the server stops."""
        user, _ = self._visitor(request)
        since = int(request.query_params.get("since", "0"))
        had_app = request.query_params.get("app") != "away"
        waiting = asyncio.create_task(self.world.changes(since, _POLL_SECONDS))
        leaving = asyncio.create_task(_gone(request))
        app = asyncio.create_task(self._app_change(had_app))
        try:
            await asyncio.wait({waiting, leaving, app}, return_when=asyncio.FIRST_COMPLETED)
            found = waiting.result() if waiting.done() else []
        except asyncio.CancelledError:  # the server stops: an answer nobody reads is no error
            return Response(status_code=503)
        finally:
            waiting.cancel()
            leaving.cancel()
            app.cancel()
        news = [change for change in found if self._concerns(change, user)]
        version = found[-1].version if found else since
        has_app = self.people.workspace.has_app
        fresh = bool(news) or has_app != had_app
        return JSONResponse({"version": version, "fresh": fresh, "app": _presence(has_app)})

    async def _app_change(self, had_app: bool) -> None:
        """Returns when the bot came, or is gone for longer than it takes to connect anew."""
        workspace = self.people.workspace
        while workspace.has_app == had_app:
            await workspace.app_change(had_app=had_app)
            await asyncio.sleep(_RECONNECTS_SECONDS if had_app else 0)

    async def file(self, request: Request) -> Response:
        """An uploaded file, for those who can see a channel it was shared in."""
        user, _ = self._visitor(request)
        file = self.world.files.get(request.path_params["file"])
        content = self.world.files.content(file.id) if file is not None else None
        if file is None or content is None or not self._may_have(user, file.user, file.channels):
            raise HTTPException(404)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"}
        if file.mimetype in PICTURES:
            return Response(content, media_type=file.mimetype, headers=headers)
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def emoji(self, request: Request) -> Response:
        """One drawing."""
        found = drawing(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        headers = {"Cache-Control": "public, max-age=86400"}
        return Response(found, media_type="image/svg+xml", headers=headers)

    def reader(self, request: Request, user: User) -> Reader:
        """What rendering needs to know of a person."""
        rooms = (c for c in self.world.channels.all() if not c.is_im)
        return Reader(
            user_id=user.id,
            zone=ZoneInfo(user.tz),
            now=self.world.now(),
            users={one.id: one.real_name for one in self.world.users.all()},
            channels={c.id: c.name for c in rooms if self.world.can_see(user.id, c.id)},
            hosts=frozenset({str(request.url.hostname), f"{self.world.team.domain}.slack.com"}),
        )

    def person(self, user_id: str) -> User:
        """Somebody one can be; 404 for anybody else."""
        found = next((one for one in people_of(self.world) if one.id == user_id), None)
        if found is None:
            raise HTTPException(404)
        return found

    async def _look_at_app(self, user: User, tab: str) -> None:
        """Tells the app that this person looks at it; outsiders see only what stands there."""
        with suppress(PersonRefusedError):
            await self.people.open_home(user.id, tab)

    def _visitor(self, request: Request) -> tuple[User, Reader]:
        user = self.person(request.path_params["user"])
        return user, self.reader(request, user)

    def _last_person(self, request: Request) -> User:
        people = people_of(self.world)
        if not people:
            raise HTTPException(503, "Nobody lives in this workspace yet.")
        wanted = request.path_params.get("user") or request.cookies.get(_COOKIE)
        return next((one for one in people if one.id == wanted), people[0])

    def _readable(self, user: User, channel_id: str) -> Channel | None:
        can_see = self.world.can_see(user.id, channel_id)
        return self.world.channels.get(channel_id) if can_see else None

    def _may_have(self, user: User, owner: str, channels: tuple[str, ...]) -> bool:
        return owner == user.id or any(self.world.can_see(user.id, one) for one in channels)

    def _concerns(self, change: Change, user: User) -> bool:
        if change.user is not None and change.user != user.id and change.channel is None:
            return change.kind in ("user", "channel")
        return change.channel is None or self.world.can_see(user.id, change.channel)

    def _messages(
        self, request: Request, user: User, channel: Channel
    ) -> tuple[list[Message], bool]:
        """The newest, or as many as reach back to the message that the address names."""
        history, limit = self.world.messages.history, _limit(request)
        found = history(channel.id, limit=limit, viewer=user.id)
        wanted = request.query_params.get("at")
        if wanted and len(found) == limit and found[-1].ts > wanted:
            found = history(channel.id, limit=5_000, after=wanted, inclusive=True, viewer=user.id)
        mine = [m for m in found if not (m.ephemeral_to and m.is_reply)]
        more = history(channel.id, limit=1, before=found[-1].ts) if found else []
        return mine, bool(more)

    def _thread(self, request: Request, channel: Channel, reader: Reader) -> Any:
        parent_ts = request.query_params.get("thread")
        parent = self.world.messages.get(channel.id, parent_ts) if parent_ts else None
        if parent is None:
            return None
        if parent.is_reply and parent.thread_ts:
            parent = self.world.messages.get(channel.id, parent.thread_ts) or parent
        replies = self.world.messages.replies(channel.id, parent.ts, viewer=reader.user_id)
        return {
            "ts": parent.ts,
            "parent": entry(parent, self.world, reader),
            "items": [i for i in compose(replies, self.world, reader) if i.kind == "message"],
            "count": sum(one.ephemeral_to is None for one in replies),
        }

    def _mark_read(
        self, request: Request, user: User, channel: Channel, messages: list[Message]
    ) -> None:
        if messages and request.headers.get("x-live") != "hidden":
            last = max(message.ts for message in messages)
            self.desk.marks.read(user.id, channel.id, last)

    def _title(self, channel: Channel, user: User) -> str:
        if not channel.is_im:
            return channel.name
        other = next((m for m in channel.members if m != user.id), user.id)
        found = self.world.users.get(other)
        return found.real_name if found is not None else other

    def _unread(self, user: User, reader: Reader, channel_id: str) -> int:
        mark = self.desk.marks.of(user.id, channel_id)
        found = self.world.messages.history(channel_id, after=mark, viewer=user.id, limit=100)
        return unread_count(found, mark, reader)

    def _page(
        self, request: Request, user: User, reader: Reader, current: str, shown: dict[str, Any]
    ) -> Response:
        stack = self.world.views.stack(user.id)
        view = stack[-1] if stack else None
        local = reader.local(reader.now)
        values = {
            "world": self.world,
            "me": user,
            "portrait": portrait(user, self.world),
            "people": [(one, portrait(one, self.world)) for one in people_of(self.world)],
            "rail": build_rail(
                self.world, reader, current, lambda one: self._unread(user, reader, one)
            ),
            "view": view,
            "depth": len(stack),
            "errors": self.desk.errors.get(view.id, {}) if view is not None else {},
            "refusal": self.desk.words.get(view.id, "") if view is not None else "",
            "steps": list(zip(guide.STEPS, self.desk.guide(), strict=True)),
            "is_guide_closed": request.cookies.get("daybook_guide") == "closed",
            "now": local,
            "city": moments.city(user.tz),
            "cities": {one.id: moments.city(one.tz) for one in people_of(self.world)},
            "face": clock.face(local),
            "is_moving": self.desk.is_moving,
            "shortcuts": self.people.shortcuts("message"),
            "global_shortcuts": self.people.shortcuts("global"),
            "picker": PICKER,
            "data": self._data(reader),
            "has_app": self.people.workspace.has_app,
            "is_outsider": user.team_id != self.world.team.id,
        }
        html = render("page.html", reader, **values, **shown)
        return HTMLResponse(html, headers=self._remember(user))

    def _data(self, reader: Reader) -> dict[str, Any]:
        """What completion in the composer and the emoji picker need in the browser."""
        bot = self.world.bot
        people = [
            {"handle": one.name, "name": one.real_name} for one in (bot, *people_of(self.world))
        ]
        return {
            "user": reader.user_id,
            "version": self.world.version,
            "app": _presence(self.people.workspace.has_app),
            "commands": self.people.commands(),
            "people": people,
            "channels": sorted(reader.channels.values()),
            "emoji": names(),
        }

    def _remember(self, user: User) -> dict[str, str]:
        return {
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Set-Cookie": f"{_COOKIE}={user.id}; Path=/; SameSite=Lax; HttpOnly",
        }


def _presence(has_app: bool) -> str:
    return "here" if has_app else "away"


async def _gone(request: Request) -> None:
    """Returns when the browser has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _is_live(request: Request) -> bool:
    """Whether the page refreshes itself, in contrast to a person coming to it."""
    return "x-live" in request.headers


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", "")
    return min(max(int(given), _SHOWN), 5_000) if given.isdigit() else _SHOWN
