"""Another Slack-compatible server, written here from Slack's documents: the least that one has.

It knows a handful of the Web API's methods, each by POST and with a form or JSON in the body, and
Socket Mode. To the rest it says ``unknown_method``, or answers with a page of HTML, as servers do
that never heard of a path. Of a mention it sends the message only, and its events have no time.
Nothing describes a channel or lists its people, and ids are not of capitals alone.
"""

import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from bot.settings import Settings
from bot.slack.gateway import SlackGateway
from bot.web.serve import serving
from handlers.events import without_mention
from handlers.payloads import read_submission

TEAM, BOT, ANA, ROOM = "T_EMU", "U_bot", "U_ana", "C_room"
SECONDS = 20


@dataclass
class Emulator:
    """What it was asked, and what it was told over the socket."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    posts: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    acks: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    socket: asyncio.Future[web.WebSocketResponse] = field(default_factory=asyncio.Future)
    _ts: Any = field(default_factory=lambda: itertools.count(1))

    async def call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.asked.append(method)
        sent = await (request.json() if "json" in request.content_type else request.post())
        known = getattr(self, f"_{method.replace('.', '_')}", None)
        if known and request.method == "POST":
            return web.json_response({"ok": True} | known(dict(sent)))
        if len(method) % 2:
            return web.Response(status=404, text="<html><h1>Not Found</h1></html>")
        return web.json_response({"ok": False, "error": "unknown_method"})

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        who = {"team_id": TEAM, "team": "Emu", "user_id": BOT, "bot_id": "B0BOT"}
        return who | {"url": "https://emu.test/"}

    def _apps_connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.url.replace("http", "ws") + "/socket"}

    def _chat_postMessage(self, sent: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  Slack's name
        self.posts.put_nowait(sent)
        return {"channel": sent["channel"], "ts": f"1700000000.{next(self._ts):06}"}

    def _reactions_add(self, sent: dict[str, Any]) -> dict[str, Any]:
        self.posts.put_nowait(sent)
        return {}

    _reactions_remove = _reactions_add

    def _conversations_history(self, sent: dict[str, Any]) -> dict[str, Any]:
        return {"messages": [{"user": ANA, "ts": sent["latest"], "text": "We want an API"}]}

    def _users_info(self, sent: dict[str, Any]) -> dict[str, Any]:
        return {"user": {"id": sent["user"], "team_id": TEAM, "name": "ana", "tz": "UTC"}}

    async def listen(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.socket.set_result(socket)
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                self.acks.put_nowait(json.loads(message.data))
        return socket

    async def send(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a payload by the socket; returns its acknowledgement."""
        envelope = f"e{next(self._ts)}"
        told = {"envelope_id": envelope, "type": kind, "payload": payload}
        await (await self.socket).send_json(told | {"accepts_response_payload": True})
        ack = await asyncio.wait_for(self.acks.get(), SECONDS)
        assert ack["envelope_id"] == envelope
        return ack


@asynccontextmanager
async def emulating() -> AsyncIterator[Emulator]:
    emulator, app = Emulator(), web.Application()
    app.router.add_route("*", "/api/{method}", emulator.call)
    app.router.add_get("/socket", emulator.listen)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    emulator.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield emulator
    finally:
        await runner.cleanup()


def _command(words: str) -> dict[str, Any]:
    place = {"team_id": TEAM, "channel_id": ROOM, "channel_name": "room"}
    who = {"user_id": ANA, "user_name": "ana", "trigger_id": "1.2.3", "api_app_id": "A0EMU"}
    return place | who | {"command": "/daybook", "text": words, "response_url": ""}


def _event(**event: Any) -> dict[str, Any]:
    return {"type": "event_callback", "team_id": TEAM, "event": event | {"user": ANA}}


def _mention(words: str) -> dict[str, Any]:
    said = {"ts": "1700000000.000500", "text": f"<@{BOT}> {words}"}
    return _event(type="message", channel=ROOM, **said)


def _reaction(kind: str) -> dict[str, Any]:
    item = {"type": "message", "channel": ROOM, "ts": "1700000000.000900"}
    return _event(type=f"reaction_{kind}", reaction="memo", item=item)


async def test_it_connects_answers_posts_and_undoes_where_most_methods_are_unknown(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "daybook.db")
    async with emulating() as emulator:
        settings = Settings(
            _env_file=None,
            slack_bot_token="xoxb-emu",
            slack_app_token="xapp-emu",
            slack_api_url=f"{emulator.url}/api/",
            database_url=f"sqlite+aiosqlite:///{tmp_path / 'daybook.db'}",
        )
        async with serving(settings):
            await asyncio.wait_for(asyncio.shield(emulator.socket), SECONDS)
            answer = await emulator.send("slash_commands", _command("help"))
            assert "/daybook" in json.dumps(answer["payload"])

            ack = await emulator.send("events_api", _mention("launch CSV export"))
            assert not ack.get("payload")
            posted = await asyncio.wait_for(emulator.posts.get(), SECONDS)
            assert posted["channel"] == ROOM
            assert "CSV export" in json.dumps(posted)
            assert f"<@{ANA}>" in json.dumps(posted)

            for kind in ("added", "removed"):
                await emulator.send("events_api", _reaction(kind))
                # Without ephemeral messages it is told directly; in which order is nobody's.
                told = [await asyncio.wait_for(emulator.posts.get(), SECONDS) for _ in range(2)]
                assert {one.get("timestamp") for one in told} == {None, "1700000000.000900"}
                assert {one["channel"] for one in told} == {ANA, ROOM}
            assert emulator.asked.count("reactions.remove") == 1

            # What it cannot do here it says, and goes on.
            sorry = await emulator.send("slash_commands", _command("digest"))
            assert "payload" in sorry
            assert "views.open" in emulator.asked
            again = await emulator.send("slash_commands", _command("status"))
            assert again["payload"]["text"]


async def test_a_channel_behind_a_page_that_is_not_found_may_be_a_private_one() -> None:
    async with emulating() as emulator:
        gateway = SlackGateway("xoxb-emu", f"{emulator.url}/nowhere/")
        try:
            assert (await gateway.channel(ROOM)).is_private
        finally:
            await gateway.close()


def test_a_field_that_a_server_cannot_show_holds_what_its_form_was_opened_with() -> None:
    elements = {
        "channel": {"type": "conversations_select", "initial_conversation": ROOM},
        "owner": {"type": "users_select", "initial_user": ANA},
        "themes": {"type": "multi_static_select", "initial_options": [{"value": "a"}]},
        "stage": {"type": "static_select", "initial_option": {"value": "live"}},
        "title": {"type": "plain_text_input", "initial_value": "CSV export"},
        "area": {"type": "plain_text_input"},
    }
    blocks = [
        {"type": "input", "block_id": name, "element": element | {"action_id": name}}
        for name, element in elements.items()
    ]
    emptied = {"title": {"title": {"type": "plain_text_input", "value": None}}}
    submitted = {"view": {"blocks": blocks, "state": {"values": emptied}}}
    assert read_submission(submitted)["values"] == {
        "channel": ROOM, "owner": ANA, "themes": "a", "stage": "live", "title": "", "area": "",
    }  # fmt: skip


def test_a_name_that_was_left_as_typed_is_a_mention_too() -> None:
    for said in (f"<@{BOT}> why 3", "@Daybook why 3", "daybook: why 3", "@daybook, why 3"):
        assert without_mention(said) == "why 3"
    assert without_mention("daybooks are fine") == "daybooks are fine"
