"""The shared log: a chain that shows tampering, and words that can be erased from it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.db.session import Database
from bot.engine.deliveries import Cause, plan_post
from bot.engine.tables import Delivery
from bot.entries.consumers import BATCH, Consumer, consume
from bot.entries.links import Node, chain, linked, put_link
from bot.entries.log import Line, append, check_chain, erase_prose
from bot.entries.queries import find_entries
from bot.entries.tables import Entry, EntryProse
from bot.slack.blocks import Message
from bot.slack.gateway import Identity
from bot.workspaces.asker import Asker
from bot.workspaces.directory import register
from bot.workspaces.tables import Channel

NOW = datetime(2026, 5, 18, 6, 0, 0, 123456, tzinfo=UTC)
LINE = Line("launch.created", "launch", "l1", "U0ANA", "C0OPEN", {"number": 1, "ok": True})


@pytest.fixture
async def workspace_id(db: Database) -> str:
    identity = Identity("T1", "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    return (await register(db, identity, at=NOW)).id


async def _write(db: Database, workspace_id: str, *lines: Line) -> list[str]:
    async with db.write() as session:
        return [
            (await append(session, workspace_id, line, at=NOW + timedelta(minutes=n))).id
            for n, line in enumerate(lines)
        ]


async def _broken_at(db: Database, workspace_id: str) -> int | None:
    async with db.read() as session:
        return await check_chain(session, workspace_id)


ODD = replace(
    LINE,
    facts={"float": 0.1 + 0.2, "none": None, "nested": {"b": [1, 2], "a": "ünïcödé 🚀"}},
    prose="What people wrote: \u2028 “quotes” & <tags>",
)


async def test_a_chain_that_nobody_touched_holds(db: Database, workspace_id: str) -> None:
    await _write(db, workspace_id, LINE, ODD, LINE)
    assert await _broken_at(db, workspace_id) is None


async def test_lines_written_at_once_are_one_chain_without_gaps(
    db: Database, database_url: str, workspace_id: str
) -> None:
    other = Database(database_url)
    units = (_write(each, workspace_id, LINE) for _ in range(8) for each in (db, other))
    await asyncio.gather(*units)
    await other.close()
    assert await _broken_at(db, workspace_id) is None
    async with db.read() as session:
        assert list(await session.scalars(select(Entry.seq).order_by(Entry.seq))) == list(
            range(1, 17)
        )


@pytest.mark.parametrize(
    "change",
    [
        update(Entry).where(Entry.seq == 2).values(actor="U0BEN"),
        update(Entry).where(Entry.seq == 2).values(facts={"number": 2}),
        update(Entry).where(Entry.seq == 2).values(at=NOW),
        update(Entry).where(Entry.seq == 2).values(source_channel_id=None),
        update(EntryProse).values(text="Other words"),
        delete(EntryProse),
        delete(Entry).where(Entry.seq == 2),
    ],
    ids=["actor", "facts", "time", "source", "words", "words gone", "line gone"],
)
async def test_a_changed_line_is_found(db: Database, workspace_id: str, change: Any) -> None:
    await _write(db, workspace_id, LINE, ODD, LINE)
    async with db.write() as session:
        await session.execute(change)
    assert await _broken_at(db, workspace_id) == 2


async def test_a_line_cut_off_the_end_is_found(db: Database, workspace_id: str) -> None:
    await _write(db, workspace_id, LINE, LINE)
    async with db.write() as session:
        await session.execute(delete(Entry).where(Entry.seq == 2))
    assert await _broken_at(db, workspace_id) == 2


async def test_erased_words_are_gone_for_good_and_the_chain_holds(
    db: Database, workspace_id: str
) -> None:
    [first, _] = await _write(db, workspace_id, ODD, replace(ODD, prose="Others' words"))
    async with db.write() as session:
        assert await erase_prose(session, workspace_id, [first], at=NOW) == 1
        assert await erase_prose(session, workspace_id, [first], at=NOW) == 0
    assert await _broken_at(db, workspace_id) is None
    async with db.read() as session:
        left = list(await session.execute(select(EntryProse.text, EntryProse.salt)))
    assert sorted(row.text for row in left) == ["", "Others' words"]
    assert [row.salt for row in left if not row.text] == [""]


async def test_the_log_is_read_as_its_asker_may_see_it(db: Database, workspace_id: str) -> None:
    async with db.write() as session:
        for channel_id, is_private in (("C0OPEN", False), ("C0LOCKED", True)):
            session.add(
                Channel(
                    workspace_id=workspace_id,
                    id=channel_id,
                    is_private=is_private,
                    refreshed_at=NOW,
                )
            )
    await _write(
        db,
        workspace_id,
        replace(LINE, prose="open words"),
        replace(LINE, source_channel_id="C0LOCKED", prose="locked words"),
        replace(LINE, source_channel_id=None, prose="everybody's words"),
        replace(LINE, source_channel_id="C0UNKNOWN", prose="unknown words", actor="U0BEN"),
    )
    member = Asker(workspace_id, "U0CARL", sees_public=True)
    inside = replace(member, channel_ids=frozenset({"C0LOCKED"}))
    guest = Asker(workspace_id, "U0GIL", channel_ids=frozenset({"C0OPEN"}), is_guest=True)
    outsider = replace(inside, is_outsider=True)
    author = Asker(workspace_id, "U0BEN", sees_public=True)
    elsewhere = Asker("another", "U0CARL", sees_public=True)

    async def seen(asker: Asker, **narrow: Any) -> list[str]:
        async with db.read() as session:
            return [found.prose for found in await find_entries(session, asker, **narrow)]

    assert await seen(member) == ["everybody's words", "open words"]
    assert await seen(inside) == ["everybody's words", "locked words", "open words"]
    assert await seen(guest) == ["open words"]
    assert await seen(outsider) == await seen(elsewhere) == []
    assert await seen(author) == ["unknown words", "everybody's words", "open words"]
    assert await seen(inside, words=["LOCKED", "words"]) == ["locked words"]
    assert await seen(inside, words=["%"]) == []
    assert await seen(inside, since=NOW + timedelta(minutes=2)) == ["everybody's words"]
    assert await seen(inside, until=NOW + timedelta(minutes=1)) == ["open words"]
    assert await seen(inside, kinds=["decision.made"]) == []
    assert await seen(inside, limit=1) == ["everybody's words"]


class Reader:
    """A consumer that notes what it read, and breaks where it is told to."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.breaks_at = 0

    async def __call__(self, session: Any, entries: Any, cause: Cause) -> None:
        for entry in entries:
            if entry.seq == self.breaks_at:
                raise ZeroDivisionError
        await plan_post(session, cause, "C0OPEN", "note", Message("read"))
        self.seen += [entry.seq for entry in entries]


async def _read(db: Database, consumers: dict[str, Consumer], *, at: datetime) -> int:
    return (await consume(db, consumers, at=at)).lines


def told(reader: Reader) -> Consumer:
    return Consumer.of(reader, LINE.kind)


async def test_a_consumer_reads_each_line_once_in_order(db: Database, workspace_id: str) -> None:
    reader = Reader()
    await _write(db, workspace_id, *[LINE] * 3)
    assert await _read(db, {"r": told(reader)}, at=NOW) == 3
    assert await _read(db, {"r": told(reader)}, at=NOW) == 0
    await _write(db, workspace_id, LINE)
    assert await _read(db, {"r": told(reader)}, at=NOW) == 1
    assert reader.seen == [1, 2, 3, 4]


async def test_a_consumer_catches_up_a_batch_at_a_time(db: Database, workspace_id: str) -> None:
    reader = Reader()
    await _write(db, workspace_id, *[LINE] * (BATCH + 5))
    assert [await _read(db, {"r": told(reader)}, at=NOW) for _ in range(3)] == [BATCH, 5, 0]


async def test_a_consumer_gets_the_lines_of_its_kinds_and_passes_the_others_by(
    db: Database, workspace_id: str
) -> None:
    reader, other = Reader(), Reader()
    await _write(db, workspace_id, LINE, replace(LINE, kind="theme.named"), LINE)
    consumers = {"r": told(reader), "other": Consumer.of(other, "decision.made")}
    assert await _read(db, consumers, at=NOW) == 6
    assert (reader.seen, other.seen) == ([1, 3], [])
    await _write(db, workspace_id, replace(LINE, kind="decision.made"))
    assert await _read(db, consumers, at=NOW) == 2
    assert (reader.seen, other.seen) == ([1, 3], [4])
    assert await _read(db, consumers, at=NOW) == 0


async def test_a_consumer_that_broke_meets_its_lines_again_and_stops_no_other(
    db: Database, workspace_id: str
) -> None:
    broken, well = Reader(), Reader()
    broken.breaks_at = 2
    await _write(db, workspace_id, *[LINE] * 3)
    assert await _read(db, {"broken": told(broken), "well": told(well)}, at=NOW) == 3
    assert (broken.seen, well.seen) == ([], [1, 2, 3])
    async with db.read() as session:
        assert len(list(await session.scalars(select(Delivery.id)))) == 1
    broken.breaks_at = 0
    assert await _read(db, {"broken": told(broken), "well": told(well)}, at=NOW) == 3
    assert broken.seen == [1, 2, 3]


async def test_two_processes_that_read_at_once_act_on_each_line_once(
    db: Database, database_url: str, workspace_id: str
) -> None:
    reader, other = Reader(), Database(database_url)
    await _write(db, workspace_id, *[LINE] * 5)
    await asyncio.gather(*(consume(each, {"r": told(reader)}, at=NOW) for each in (db, other)))
    await other.close()
    assert reader.seen == [1, 2, 3, 4, 5]


async def test_links_lead_from_any_end_to_the_whole_story(db: Database, workspace_id: str) -> None:
    theme, decision, launch = Node("theme", "t"), Node("decision", "d"), Node("launch", "l")
    async with db.write() as session:
        for _ in range(2):
            await put_link(session, workspace_id, theme, "decided_by", decision, at=NOW)
        await put_link(session, workspace_id, decision, "launched_as", launch, at=NOW)
        await put_link(
            session, workspace_id, Node("theme", "x"), "asked_for", Node("launch", "y"), at=NOW
        )
    async with db.read() as session:
        assert await linked(session, workspace_id, {decision}) == {theme, launch}
        assert await chain(session, workspace_id, {launch}) == {theme, decision, launch}
        assert await chain(session, "another", {launch}) == {launch}
