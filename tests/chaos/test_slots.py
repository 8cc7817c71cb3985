"""The calculator of slots, and the schedules that use it, beside a brute-force one."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.clock import Cadence, Daily, MonthlyDay, MonthlyWeekday, Once, Rule, Weekly, slot_instant
from bot.db.session import Database
from bot.engine.schedules import Plan, end_schedule, put_schedule, tick
from bot.engine.tables import Occurrence
from bot.slack.gateway import Identity
from bot.workspaces.directory import register
from tests.chaos.slots import Version, due_slots, first_reading

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
FIRST, LAST = date(1970, 1, 3), date(2040, 12, 31)

days = st.dates(FIRST, LAST)
hours = st.builds(
    time,
    st.sampled_from([0, 1, 2, 3, 23]) | st.integers(0, 23),
    st.sampled_from([0, 30]) | st.integers(0, 59),
)
zones = st.sampled_from(ZONES)
cadences: st.SearchStrategy[Cadence] = st.one_of(
    st.just(Daily()),
    st.builds(Weekly, days=st.sets(st.integers(0, 6), min_size=1).map(tuple)),
    st.builds(
        MonthlyWeekday,
        nth=st.sampled_from(["first", "last"]),
        days=st.sets(st.integers(0, 6), min_size=1).map(tuple),
    ),
    st.builds(MonthlyDay, day=st.integers(1, 31)),
    st.builds(Once, on=days),
)


def _changes(zone: str) -> list[tuple[date, str]]:
    """The dates on which a zone's offset changes: where calculators go wrong."""
    here, found = ZoneInfo(zone), []
    day = datetime(1970, 1, 3, 12, tzinfo=UTC)
    while day.year <= 2040:
        after = day + timedelta(days=7)
        if day.astimezone(here).utcoffset() != after.astimezone(here).utcoffset():
            while day.astimezone(here).utcoffset() != after.astimezone(here).utcoffset():
                after -= timedelta(days=1)
            found.append(((after + timedelta(days=1)).astimezone(here).date(), zone))
        day += timedelta(days=7)
    return found


CHANGES = [
    change
    for zone in (
        *("Europe/Berlin", "America/New_York", "Asia/Beirut", "America/Nuuk", "Pacific/Apia"),
        *("Australia/Lord_Howe", "Africa/Casablanca", "America/Santiago", "Africa/Monrovia"),
    )
    for change in _changes(zone)
]


@given(st.tuples(days, zones) | st.sampled_from(CHANGES), hours)
@example((date(2026, 3, 29), "Asia/Beirut"), time(0))
@example((date(2026, 11, 1), "America/New_York"), time(1, 30))
@example((date(2011, 12, 30), "Pacific/Apia"), time(9))
@settings(max_examples=150)
def test_a_slots_instant_is_what_walking_the_wall_clock_finds(
    where: tuple[date, str], at: time
) -> None:
    day, zone = where
    assert slot_instant(day, at, ZoneInfo(zone)) == first_reading(day, at, zone)


# --- schedules: any sequence of edits, pauses and late looks

Step = tuple[str, timedelta, tuple[Rule, str] | None]
rules = st.tuples(st.builds(Rule, at=hours, on=cadences), zones)
waits = st.timedeltas(timedelta(seconds=1), timedelta(days=3)).map(
    lambda wait: timedelta(seconds=int(wait.total_seconds()))
)
steps = st.lists(
    st.tuples(st.sampled_from(["edit", "edit", "look", "look", "touch"]), waits, rules),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="session")
def slot_database(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("slots") / "daybook.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite+aiosqlite:///{path}"


@given(begin=st.sampled_from(CHANGES) | st.tuples(days, zones), first=hours, then=steps)
@settings(max_examples=25, deadline=None, phases=set(Phase) - {Phase.shrink})  # else: minutes
def test_no_edits_and_late_looks_lose_double_or_hasten_a_slot(
    slot_database: str, begin: tuple[date, str], first: time, then: list[Step]
) -> None:
    day, zone = begin
    start = datetime.combine(day, time(0), UTC) - timedelta(days=1)
    lived, ran = asyncio.run(_live(slot_database, start, (Rule(at=first, on=Daily()), zone), then))
    assert [slot for slot, _, _ in ran] == [slot for slot, _ in due_slots(lived)]
    assert [due for _, due, _ in ran] == [due for _, due in due_slots(lived)]
    assert all(due <= seen for _, due, seen in ran)


async def _live(
    url: str, start: datetime, begin: tuple[Rule, str], steps: list[Step]
) -> tuple[list[Version], list[tuple[date, datetime, datetime]]]:
    """Live a schedule's life; returns what it was when, and (slot, due, when it was made)."""
    db, seen = Database(url), dict[date, tuple[datetime, datetime]]()
    subject, lived, now, current = secrets.token_hex(6), list[Version](), start, begin

    async def look() -> None:
        async with db.write() as session:
            while await tick(session, now=now):
                pass
        async with db.read() as session:
            made = select(Occurrence.slot, Occurrence.due_at).where(
                Occurrence.subject_id == subject
            )
            for slot, due in await session.execute(made):
                seen.setdefault(slot, (due, now))

    async def put() -> None:
        rule, zone = current
        async with db.write() as session:
            plan = Plan("digest.post", subject, rule, zone)
            await put_schedule(session, workspace, plan, at=now)

    workspace = await _workspace(db, start)
    await put()
    since = now
    for act, wait, other in steps:
        now += wait
        if act == "look":
            await look()
            continue
        # "touch" puts the same again, as an edit of a digest's name does.
        lived.append(_version(since, now, current))
        current, since = (other if act == "edit" and other else current), now
        await put()
    now += timedelta(days=2)
    await look()
    lived.append(_version(since, now, current))
    async with db.write() as session:
        await end_schedule(session, workspace, "digest.post", subject)
    await db.close()
    return lived, [(slot, due, at) for slot, (due, at) in sorted(seen.items())]


async def _workspace(db: Database, at: datetime) -> str:
    identity = Identity("T1", "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    return (await register(db, identity, at=at)).id


def _version(since: datetime, until: datetime, current: tuple[Rule, str]) -> Version:
    rule, zone = current
    is_due_on: Callable[[date], bool] = rule.is_due_on
    return Version(since, until, rule.at, zone, is_due_on)
