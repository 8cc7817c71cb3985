"""What comes due, once for each local date, whatever is edited meanwhile."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from bot.clock import Daily, Once, Rule
from bot.db.session import Database
from bot.engine.pauses import find_stopped
from bot.engine.schedules import (
    Plan,
    end_schedule,
    find_schedule,
    next_statement,
    put_schedule,
    run_by_hand,
    tick,
)
from bot.engine.tables import Occurrence, Schedule
from bot.slack.gateway import Identity
from bot.workspaces.directory import register

MONDAY = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
PLAN = Plan("digest.post", "d1", Rule(at=time(9), on=Daily()), "Europe/Berlin", "U0ANA")


@pytest.fixture
async def workspace_id(db: Database) -> str:
    identity = Identity("T1", "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    return (await register(db, identity, at=MONDAY)).id


async def _put(db: Database, workspace_id: str, plan: Plan, at: datetime) -> Schedule:
    async with db.write() as session:
        return await put_schedule(session, workspace_id, plan, at=at)


async def _tick(db: Database, now: datetime) -> int:
    async with db.write() as session:
        return await tick(session, now=now)


async def _slots(db: Database) -> list[str]:
    async with db.read() as session:
        return list(await session.scalars(select(Occurrence.slot_key).order_by(Occurrence.due_at)))


async def test_a_slot_comes_due_at_its_local_time_and_not_before(
    db: Database, workspace_id: str
) -> None:
    schedule = await _put(db, workspace_id, PLAN, MONDAY)
    assert schedule.next_run_utc == datetime(2026, 5, 18, 7, 0, tzinfo=UTC)
    assert await _tick(db, datetime(2026, 5, 18, 6, 59, 59, tzinfo=UTC)) == 0
    assert await _tick(db, datetime(2026, 5, 18, 7, 0, tzinfo=UTC)) == 1
    assert await _tick(db, datetime(2026, 5, 18, 7, 0, tzinfo=UTC)) == 0
    assert await _slots(db) == ["2026-05-18"]


async def test_an_edit_after_the_days_run_does_not_run_that_day_again(
    db: Database, workspace_id: str
) -> None:
    await _put(db, workspace_id, PLAN, MONDAY)
    await _tick(db, MONDAY + timedelta(hours=1))
    later = replace(PLAN, rule=Rule(at=time(10), on=Daily()))
    await _put(db, workspace_id, later, MONDAY + timedelta(hours=1, minutes=5))
    await _tick(db, MONDAY + timedelta(hours=6))
    assert await _slots(db) == ["2026-05-18"]
    await _tick(db, MONDAY + timedelta(days=1, hours=2))
    assert await _slots(db) == ["2026-05-18", "2026-05-19"]


async def test_an_edit_to_another_zone_does_not_run_that_day_again(
    db: Database, workspace_id: str
) -> None:
    await _put(db, workspace_id, PLAN, MONDAY)
    await _tick(db, MONDAY + timedelta(hours=1))
    moved = replace(PLAN, timezone="America/New_York")
    schedule = await _put(db, workspace_id, moved, MONDAY + timedelta(hours=2))
    assert schedule.next_date == date(2026, 5, 19)


async def test_an_edit_between_a_slots_time_and_its_tick_does_not_lose_it(
    db: Database, workspace_id: str
) -> None:
    await _put(db, workspace_id, PLAN, MONDAY)
    later = replace(PLAN, rule=Rule(at=time(10), on=Daily()))
    schedule = await _put(db, workspace_id, later, MONDAY + timedelta(hours=1, seconds=1))
    assert await _slots(db) == ["2026-05-18"]
    assert schedule.next_date == date(2026, 5, 19)


async def test_an_edit_before_the_days_run_moves_it(db: Database, workspace_id: str) -> None:
    await _put(db, workspace_id, PLAN, MONDAY)
    await _put(db, workspace_id, replace(PLAN, rule=Rule(at=time(17), on=Daily())), MONDAY)
    assert await _tick(db, MONDAY + timedelta(hours=1)) == 0
    assert await _tick(db, MONDAY + timedelta(hours=9)) == 1
    assert await _slots(db) == ["2026-05-18"]


async def test_a_date_in_the_past_never_comes_due(db: Database, workspace_id: str) -> None:
    past = Rule(at=time(9), on=Once(on=date(2026, 5, 1)))
    schedule = await _put(db, workspace_id, replace(PLAN, rule=past), MONDAY)
    assert (schedule.state, schedule.state_reason) == ("ended", "no further date")
    assert await _tick(db, MONDAY + timedelta(days=400)) == 0


async def test_a_single_date_comes_due_once_and_ends(db: Database, workspace_id: str) -> None:
    once = Rule(at=time(9), on=Once(on=date(2026, 5, 20)))
    await _put(db, workspace_id, replace(PLAN, rule=once), MONDAY)
    assert await _tick(db, MONDAY + timedelta(days=3)) == 1
    assert await _tick(db, MONDAY + timedelta(days=30)) == 0
    async with db.read() as session:
        found = await find_schedule(session, workspace_id, "digest.post", "d1")
    assert found is not None
    assert found.state == "ended"


async def test_each_day_that_was_missed_has_its_own_slot_in_order(
    db: Database, workspace_id: str
) -> None:
    await _put(db, workspace_id, PLAN, MONDAY)
    while await _tick(db, MONDAY + timedelta(days=2, hours=3)):
        pass
    assert await _slots(db) == ["2026-05-18", "2026-05-19", "2026-05-20"]


async def test_an_ended_schedule_comes_due_no_more_and_can_be_put_again(
    db: Database, workspace_id: str
) -> None:
    await _put(db, workspace_id, PLAN, MONDAY)
    async with db.write() as session:
        await end_schedule(session, workspace_id, "digest.post", "d1", reason="removed")
    async with db.read() as session:
        assert await session.scalar(next_statement()) is None
    assert await _tick(db, MONDAY + timedelta(days=5)) == 0
    schedule = await _put(db, workspace_id, PLAN, MONDAY + timedelta(days=5))
    assert (schedule.state, schedule.next_date) == ("active", date(2026, 5, 23))


async def test_a_run_by_hand_leaves_the_schedule_as_it_is(db: Database, workspace_id: str) -> None:
    schedule = await _put(db, workspace_id, PLAN, MONDAY)
    async with db.write() as session:
        for _ in range(2):
            await run_by_hand(
                session, schedule, asked_by="U0ANA", at=MONDAY, slot=MONDAY.date(), target="U0ANA"
            )
    await _tick(db, MONDAY + timedelta(hours=1))
    slots = await _slots(db)
    assert len(slots) == 3
    assert "2026-05-18" in slots


async def test_a_schedule_that_cannot_be_read_stops_alone_and_says_why(
    db: Database, workspace_id: str
) -> None:
    await _put(db, workspace_id, PLAN, MONDAY)
    await _put(db, workspace_id, replace(PLAN, subject_id="d2"), MONDAY)
    async with db.write() as session:
        await session.execute(
            update(Schedule).where(Schedule.subject_id == "d1").values(timezone="Mars/Olympus")
        )
    assert await _tick(db, MONDAY + timedelta(hours=1)) == 2
    async with db.read() as session:
        states = dict(
            (await session.execute(select(Schedule.subject_id, Schedule.state))).tuples().all()
        )
        why = await find_stopped(session, workspace_id, "digest.post", "d1")
    assert states == {"d1": "paused", "d2": "active"}
    assert "Mars/Olympus" in why


async def test_two_processes_that_tick_at_once_make_one_slot(
    db: Database, database_url: str, workspace_id: str
) -> None:
    await _put(db, workspace_id, PLAN, MONDAY)
    other = Database(database_url)
    now = MONDAY + timedelta(hours=1)
    await asyncio.gather(*(_tick(each, now) for each in (db, other, db, other)))
    await other.close()
    assert await _slots(db) == ["2026-05-18"]


async def test_an_edit_sees_what_a_tick_moved_since_its_unit_looked(
    db: Database, workspace_id: str
) -> None:
    await _put(db, workspace_id, PLAN, MONDAY)
    nine = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)
    async with db.write() as session:
        held = await find_schedule(session, workspace_id, PLAN.kind, PLAN.subject_id)
        assert held
        moved = {"last_date": date(2026, 5, 18), "next_date": date(2026, 5, 19)}
        query = update(Schedule).values(**moved, next_run_utc=nine + timedelta(days=1))
        await session.execute(query, execution_options={"synchronize_session": False})
        later = replace(PLAN, rule=Rule(at=time(14), on=Daily()))
        await put_schedule(session, workspace_id, later, at=nine - timedelta(seconds=1))
    await _tick(db, nine + timedelta(days=1, hours=5))
    assert await _slots(db) == ["2026-05-19"]
