"""The world by itself: persistence, ts and story time, the change feed, typed text."""

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from playground.server.answers import PersonRefusedError
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings
from playground.server.world import World

DIES = """
import os, signal, sys
from playground.server.world import World
world = World.open(sys.argv[1])
ana = world.users.add("ana", "Ana Lima", user_id="U0ANA")
room = world.channels.add("product", [ana.id], channel_id="C0PRODUCT")
for number in range(100):
    world.messages.add(room.id, ana.id, f"m{number}")
    world.record("chat.postMessage", {"n": number}, room.id)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_everything_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "play.sqlite3"
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": root}
    died = subprocess.run([sys.executable, "-c", DIES, str(path)], env=env, check=False)
    assert died.returncode == -signal.SIGKILL
    world = World.open(path)
    texts = [message.text for message in world.messages.history("C0PRODUCT")]
    assert texts == [f"m{number}" for number in reversed(range(100))]
    assert [row.args["n"] for row in world.ledger.rows()] == list(range(100))
    assert world.users.get("U0ANA") is not None
    world.close()


def test_identity_and_clock_survive_a_restart(tmp_path: Path) -> None:
    first = World.open(tmp_path / "play.sqlite3")
    first.set_offset(timedelta(hours=5))
    app, team = first.app, first.team
    first.close()
    second = World.open(tmp_path / "play.sqlite3")
    assert (second.app, second.team) == (app, team)
    assert second.offset == timedelta(hours=5)
    second.close()


async def test_events_not_yet_delivered_go_on_after_a_restart(
    tmp_path: Path, manifest: Any
) -> None:
    world = World.open(tmp_path / "play.sqlite3")
    ana = world.users.add("ana", "Ana")
    room = world.channels.add("product", [ana.id, world.bot.id])
    people = People(world, manifest)
    await people.post(ana.id, room.id, "Hello")
    await people.workspace.stop()
    world.close()
    again = World.open(tmp_path / "play.sqlite3")
    outbox = People(again, manifest).workspace.outbox
    assert [row["state"] for row in outbox.events()] == ["pending"]
    assert outbox.resume() == 1
    await outbox.stop()
    again.close()


def test_the_ledger_cannot_be_edited_or_deleted(play_world: World) -> None:
    play_world.record("chat.postMessage", {"text": "x"})
    for statement in ("UPDATE ledger SET args = '{}'", "DELETE FROM ledger"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            play_world.store.run(statement)


def test_ts_grow_and_never_repeat_while_story_time_moves(play_world: World) -> None:
    play_world.set_offset(timedelta(days=1))
    room = play_world.channels.add("product")
    sent = [play_world.messages.add(room.id, "U1", "x") for _ in range(50)]
    stamps = [message.ts for message in sent]
    assert stamps == sorted(set(stamps))
    real = play_world.real_now()
    assert abs(float(sent[0].ts) - real.timestamp()) < 60
    assert sent[0].shown_at - real > timedelta(hours=23)


def test_history_at_one_moment_gets_ts_of_its_own(play_world: World) -> None:
    room = play_world.channels.add("product")
    at = play_world.real_now() - timedelta(days=20)
    first = play_world.messages.add(room.id, "U1", "one", at=at)
    second = play_world.messages.add(room.id, "U1", "two", at=at)
    assert first.ts < second.ts
    assert first.shown_at == second.shown_at == at


async def test_the_change_feed_tells_what_is_new_and_when_to_reload(play_world: World) -> None:
    before = play_world.version
    assert await play_world.changes(before, timeout_seconds=0.01) == []
    play_world.notify("message", channel="C1", ts="1.1")
    (change,) = await play_world.changes(before)
    assert (change.kind, change.channel, change.version) == ("message", "C1", before + 1)
    (stale,) = await play_world.changes(before - 1_000)
    assert stale.kind == "reload"


async def test_typed_text_gets_slacks_marks_and_nothing_else_passes(play: Any) -> None:
    text = "@ben see #random & https://x.test/a?b=1&c=2, <script> mail@ana.test"
    ts = await play.people.post(play.ana, play.product, text)
    assert play.world.messages.get(play.product, ts).text == (
        f"<@{play.ben}> see <#{play.random}|random> &amp; <https://x.test/a?b=1&amp;c=2>,"
        " &lt;script&gt; mail@ana.test"
    )


async def test_people_cannot_do_what_slack_does_not_offer_them(play: Any) -> None:
    people, ts = play.people, await play.people.post(play.ana, play.product, "Mine")
    attempts = [
        (people.post(play.guest, play.product, "x"), "not_in_channel"),
        (people.post(play.ana, play.product, "  "), "no_text"),
        (people.post(play.ana, "C0NOWHERE", "x"), "channel_not_found"),
        (people.edit(play.ben, play.product, ts, "x"), "cant_update_message"),
        (people.react(play.guest, play.product, ts, "eyes"), "not_in_channel"),
        (people.join(play.guest, play.random), "channel_not_found"),
        (people.join(play.outsider, play.random), "channel_not_found"),
        (people.invite(play.ana, play.product, play.outsider), "cant_invite"),
        (people.create_channel(play.ana, "product"), "name_taken"),
        (people.create_channel(play.ana, "Bad Name"), "invalid_name"),
        (people.submit(play.ana, "V0GONE", {}), "view_not_found"),
    ]
    for attempt, expected in attempts:
        with pytest.raises(PersonRefusedError) as caught:
            await attempt
        assert caught.value.code == expected


async def test_files_of_a_person_are_kept_and_named_in_the_message(play: Any) -> None:
    ts = await play.people.post(play.ana, play.product, "", files=[("a.csv", b"x,y\n1,2\n")])
    (file_id,) = play.world.messages.get(play.product, ts).files
    assert play.world.files.content(file_id) == b"x,y\n1,2\n"
    assert play.world.files.get(file_id).mimetype == "text/csv"


async def test_a_taken_port_is_an_error_at_once(play: Any, manifest: Any) -> None:
    world = World.open(":memory:")
    settings = Settings(port=play.settings.port)
    app = build_app(world, People(world, manifest, settings), manifest, settings)
    with pytest.raises(OSError, match="in use"):
        async with serving(app, settings):
            pass
    world.close()
