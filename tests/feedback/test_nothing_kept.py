"""What matches nothing leaves no byte behind."""

import asyncio
from pathlib import Path

from sqlalchemy import select

from bot.db.schema import metadata
from tests.conftest import Stage

# Stands in every unrelated message, and nowhere else.
SIGN = "zanzibar"
MESSAGES = 1_000


async def _chatter(stage: Stage) -> None:
    rooms = [stage.rooms.product, stage.rooms.voice, stage.rooms.leads, stage.rooms.acme]
    for number in range(MESSAGES):
        room = rooms[number % len(rooms)]
        ts = await stage.people.post(stage.who.ana, room, f"{SIGN} {number}: anyone for lunch?")
        if number % 10 == 0:
            await stage.people.react(stage.who.ana, room, ts, "thumbsup")
            await stage.people.post(stage.who.ana, room, f"{SIGN} reply", thread_ts=ts)
            await stage.people.edit(stage.who.ana, room, ts, f"{SIGN} edited {number}")
        if number % 20 == 0:
            await stage.people.delete(stage.who.ana, room, ts)
        if number % 100 == 0:
            await stage.people.settled()
    await stage.settle()


async def test_a_thousand_unrelated_messages_leave_no_byte_of_their_text_in_the_database(
    stage: Stage, tmp_path: Path
) -> None:
    await _chatter(stage)
    seen = 0
    async with stage.deps.db.read() as session:
        for table in metadata().sorted_tables:
            for row in await session.execute(select(table)):
                seen += 1
                assert SIGN not in repr(row).lower(), table.name
    assert seen > 0
    files = await asyncio.to_thread(lambda: [f.read_bytes() for f in tmp_path.glob("daybook.db*")])
    assert not any(SIGN.encode() in content for content in files)
    assert bool(files) is stage.deps.db.is_sqlite


async def test_the_scan_would_see_a_message_that_was_logged(stage: Stage) -> None:
    ts = await stage.people.post(stage.who.ben, stage.rooms.voice, f"{SIGN} exports fail")
    await stage.people.react(stage.who.ana, stage.rooms.voice, ts, "memo")
    await stage.settle()
    async with stage.deps.db.read() as session:
        rows = [
            repr(row)
            for table in metadata().sorted_tables
            for row in await session.execute(select(table))
        ]
    assert any(SIGN in row for row in rows)
