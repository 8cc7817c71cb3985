"""Socket Mode and signed HTTP: what is acknowledged was stored, and what was not comes again."""

import asyncio
import copy
import dataclasses
import hashlib
import hmac
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.bootstrap import Daybook, running
from bot.db.session import Database
from bot.engine.tables import Inbox
from bot.errors import DatabaseBusy
from bot.feedback.tables import Feedback
from bot.intake.hooks import Wanted, make_hook
from bot.intake.signatures import sign
from bot.settings import Settings
from bot.web import serve
from bot.web.http import SLACK_PATH, build_web
from bot.web.serve import _health
from playground.play import free_port
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings as ServerSettings
from playground.server.world import World
from tests.conftest import MANIFEST, Stage


@dataclass
class Served:
    world: World
    people: People
    daybook: Daybook
    url: str
    ana: str
    room: str

    async def settle(self) -> None:
        for _ in range(3):
            await self.people.settled()
            await self.daybook.engine.run_due()


@pytest.fixture
async def served(database_url: str) -> AsyncIterator[Served]:
    """A Daybook that is called over HTTP; signatures are on real time."""
    manifest = copy.deepcopy(MANIFEST)
    world = World.open(":memory:", team_name="Northstar", real_now=lambda: datetime.now(UTC))
    server = ServerSettings(port=0, retry_seconds=(0.0, 0.0, 0.0))
    manifest["settings"]["socket_mode_enabled"] = False
    people = People(world, manifest, server)
    ana = world.users.add("ana", "Ana Lima").id
    room = world.channels.add("voice", [ana, world.bot.id]).id
    async with serving(build_app(world, people, manifest, server), server) as base_url:
        settings = Settings(
            _env_file=None,
            slack_bot_token=world.app.bot_token,
            slack_signing_secret=world.app.signing_secret,
            slack_api_url=f"{base_url}/api/",
            database_url=database_url,
        )
        async with running(settings) as daybook:
            web = build_web(daybook.app, daybook.deps.db)
            async with serving(web, ServerSettings(port=0)) as bot_url:
                url = bot_url + SLACK_PATH
                app = people.workspace.manifest
                app.events_url = app.interactivity_url = url
                for command in manifest["features"]["slash_commands"]:
                    command["url"] = url
                yield Served(world, people, daybook, bot_url, ana, room)
    world.close()


async def _count(daybook: Daybook, table: Any = Feedback) -> int:
    async with daybook.deps.db.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_events_commands_and_forms_arrive_over_signed_http(served: Served) -> None:
    ts = await served.people.post(served.ana, served.room, "Exports fail")
    await served.people.react(served.ana, served.room, ts, "memo")
    await served.settle()
    assert await _count(served.daybook) == 1
    assert (await served.people.command(served.ana, served.room, "/daybook feedback")).ok
    [view] = served.world.views.stack(served.ana)
    answer = await served.people.submit(served.ana, view.id, {"text": "Imports fail"})
    assert answer.result == "updated"
    assert await _count(served.daybook) == 2


async def test_the_address_is_verified_when_it_is_set_up(served: Served) -> None:
    assert await served.people.workspace.http.verify("challenge-123")


@pytest.mark.parametrize("wrong", ["signature", "secret", "old", "none"])
async def test_a_request_that_slack_did_not_sign_is_refused_and_stores_nothing(
    served: Served, wrong: str
) -> None:
    body = json.dumps({"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event": {}})
    at = str(int(time.time()) - (600 if wrong == "old" else 0))
    secret = "other" if wrong == "secret" else served.world.app.signing_secret
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    signature = {"X-Slack-Signature": f"v0={'0' * 64 if wrong == 'signature' else digest}"}
    headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": at} | signature
    if wrong == "none":
        headers = {"Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(served.url + SLACK_PATH, data=body, headers=headers) as answer,
    ):
        assert answer.status == 401
    assert await _count(served.daybook, Inbox) == 0


async def test_health_says_whether_the_database_answers(served: Served) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{served.url}/health") as answer:
            assert (answer.status, await answer.json()) == (200, {"ok": True})
        async with session.get(f"{served.url}/anything") as answer:
            assert answer.status == 404


HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("begin immediate")
print("held", flush=True)
sys.stdin.readline()
"""


def _break_writes(db: Database, times: int) -> list[int]:
    """Let the next writes fail, as a locked database does."""
    left, write = [times], db.write

    def once_busy() -> Any:
        if left[0]:
            left[0] -= 1
            raise DatabaseBusy("The database is busy with another program.")
        return write()

    db.write = once_busy  # type: ignore[method-assign]
    return left


async def test_over_http_an_event_that_could_not_be_stored_is_not_acknowledged_and_comes_again(
    served: Served,
) -> None:
    ts = await served.people.post(served.ana, served.room, "Exports fail")
    await served.settle()
    left = _break_writes(served.daybook.deps.db, 2)
    await served.people.react(served.ana, served.room, ts, "memo")
    await served.people.settled()
    assert left == [0]
    attempts = [e["attempts"] for e in served.people.workspace.outbox.events("acked")]
    assert max(attempts) == 3
    await served.settle()
    assert await _count(served.daybook) == 1


async def test_over_a_socket_an_event_that_could_not_be_stored_comes_again(stage: Stage) -> None:
    stage.people.workspace.settings.ack_seconds = 0.3
    ts = await stage.people.post(stage.who.ben, stage.rooms.voice, "Exports fail")
    await stage.settle()
    left = _break_writes(stage.deps.db, 1)
    await stage.people.react(stage.who.ana, stage.rooms.voice, ts, "memo")
    await stage.people.settled()
    assert left == [0]
    await stage.settle()
    assert await _count(stage.daybook) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_that_another_program_locks_is_told_to_the_person_and_loses_nothing(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook feedback")
    [view] = stage.world.views.stack(stage.who.ana)
    with subprocess.Popen(  # noqa: ASYNC220  it starts at once
        [sys.executable, "-c", HOLD, str(tmp_path / "daybook.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        await asyncio.to_thread(holder.stdout.readline)
        answer = await stage.people.submit(stage.who.ana, view.id, {"text": "Exports fail"})
        assert answer.view is not None
        assert "please try again" in json.dumps(answer.view.body)
        await asyncio.to_thread(holder.communicate, b"\n")
    await stage.people.close(stage.who.ana, answer.view.id)
    again = await stage.people.submit(stage.who.ana, view.id, {"text": "Exports fail"})
    assert again.result == "updated"
    assert await _count(stage.daybook) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_health_port_answers_for_health_and_takes_nothing_of_slacks(stage: Stage) -> None:
    settings = stage.deps.settings.model_copy(update={"health_port": free_port()})
    deps = dataclasses.replace(stage.deps, settings=settings)
    daybook = dataclasses.replace(stage.daybook, deps=deps)
    url = f"http://127.0.0.1:{settings.health_port}"
    async with _health(daybook), aiohttp.ClientSession() as session:
        async with session.get(f"{url}/health") as answer:
            assert (await answer.json())["ok"] is True
        async with session.post(f"{url}{SLACK_PATH}") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_in_socket_mode_the_health_port_takes_webhooks_beside_the_socket(
    database_url: str,
) -> None:
    world = World.open(":memory:", team_name="Northstar")
    server = ServerSettings(port=0)
    people = People(world, MANIFEST, server)
    async with serving(build_app(world, people, MANIFEST, server), server) as base_url:
        settings = Settings(
            _env_file=None,
            slack_bot_token=world.app.bot_token,
            slack_app_token=world.app.app_token,
            slack_api_url=f"{base_url}/api/",
            database_url=database_url,
            health_port=free_port(),
        )
        async with serve.serving(settings) as daybook, aiohttp.ClientSession() as session:
            assert people.workspace.hub.count == 1
            workspace_id = daybook.deps.places.all()[0].workspace_id
            async with daybook.deps.db.write() as unit:
                at, named = daybook.clock.now(), Wanted(name="Desk", shape="daybook")
                made = await make_hook(unit, workspace_id, named, by="U1", at=at)
            body = json.dumps({"id": "1", "text": "Please add a CSV export"}).encode()
            stamp = str(int(daybook.clock.now().timestamp()))
            signature = sign(made.secret, stamp, body)
            headers = {"x-daybook-timestamp": stamp, "x-daybook-signature": signature}
            url = f"http://127.0.0.1:{settings.health_port}/hooks/feedback/{made.id}"
            async with session.post(url, data=body, headers=headers) as answer:
                assert answer.status == 202
            async with session.post(url, data=body) as answer:
                assert answer.status == 401
    world.close()
