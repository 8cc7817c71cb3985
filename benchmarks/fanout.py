"""100,000 schedules due at one instant become occurrences.

Bare: the same rows written by the driver alone, in transactions of the same size.
"""

import asyncio
import json
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.databases import KINDS, fresh_database
from benchmarks.table import Row
from bot.clock import Daily, Rule, Weekly
from bot.db.session import Database
from bot.db.types import new_id
from bot.engine.schedules import TICK_BATCH, tick
from bot.engine.tables import Occurrence, Schedule
from bot.workspaces.tables import Workspace

SCHEDULES, QUICK_SCHEDULES = 100_000, 5_000
WORKSPACES = 300
TARGET_SECONDS = {"sqlite": 5.0, "postgres": 12.0}
DUE = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)  # a Monday
# Where it is a full hour at DUE; each zone with a daily and a weekly rule at that hour.
ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo",
    "America/Los_Angeles", "Asia/Tokyo", "Asia/Singapore", "Africa/Nairobi",
)  # fmt: skip


async def measure(kind: str, *, quick: bool) -> Row:
    """Fan out, then write the same rows bare."""
    count = QUICK_SCHEDULES if quick else SCHEDULES
    async with fresh_database(kind) as db:
        await _plan(db, count)
        began = time.perf_counter()
        await _fan_out(db)
        seconds = time.perf_counter() - began
        async with db.read() as session:
            made = await session.scalar(select(func.count()).select_from(Occurrence))
        if made != count:
            raise AssertionError(f"{made} occurrences for {count} schedules")
        bare = await _bare(db, count)
    target = TARGET_SECONDS[kind]
    return Row(
        f"fan out {count:,} schedules due at once, {kind}",
        f"{seconds:.2f} s",
        f"{bare:.2f} s",
        f"{seconds / bare:.2f}",
        f"<= {target:.0f} s" if not quick else "",
        None if quick else seconds <= target,
    )


async def _plan(db: Database, count: int) -> None:
    rules = [_rule(zone, n) for zone in ZONES for n in range(2)]
    workspaces = [new_id() for _ in range(WORKSPACES)]
    async with db.write() as session:
        await session.execute(
            insert(Workspace),
            [
                {"id": w, "team_id": f"T{n}", "enterprise_id": "", "created_at": DUE}
                for n, w in enumerate(workspaces)
            ],
        )
    rows = [
        {
            "workspace_id": workspaces[n % WORKSPACES],
            "id": new_id(),
            "kind": "digest.post",
            "subject_id": new_id(),
            "rule": rules[n % len(rules)][1],
            "timezone": rules[n % len(rules)][0],
            "next_date": DUE.date(),
            "next_run_utc": DUE,
        }
        for n in range(count)
    ]
    async with db.write() as session:
        connection = await session.connection()
        await connection.execute(insert(Schedule.__table__), rows)
    async with db.write() as session:
        await session.execute(text("analyze"))


def _rule(zone: str, n: int) -> tuple[str, str]:
    from zoneinfo import ZoneInfo

    hour = DUE.astimezone(ZoneInfo(zone)).hour
    cadence: Any = Weekly(days=(0, 3)) if n else Daily()
    return zone, Rule(at=wall_time(hour), on=cadence).to_json()


async def _fan_out(db: Database) -> None:
    taken = TICK_BATCH
    while taken:
        async with db.write() as session:
            taken = await tick(session, now=DUE)


async def _bare(db: Database, count: int) -> float:
    """Insert and update as many rows by the driver; seconds."""
    async with db.write() as session:
        connection = await session.connection()
        for statement in BARE_TABLES:
            await connection.exec_driver_sql(statement)
        await connection.execute(
            text("insert into bare_schedule select id, next_run_utc from schedule")
        )
        ids = [row[0] for row in await connection.execute(text("select id from bare_schedule"))]
    mark = "?" if db.is_sqlite else "%s"
    began = time.perf_counter()
    for first in range(0, count, TICK_BATCH):
        async with db.write() as session:
            await _bare_batch(await session.connection(), ids[first : first + TICK_BATCH], mark)
    return time.perf_counter() - began


BARE_TABLES = (
    "create table bare_schedule (id varchar(36) primary key, next_run_utc timestamp)",
    "create table bare_occurrence (id varchar(36) primary key, schedule_id varchar(36), "
    "slot_key varchar(64), facts text, unique (schedule_id, slot_key))",
)


async def _bare_batch(connection: AsyncConnection, ids: list[str], mark: str) -> None:
    facts = json.dumps({"kind": "digest.post", "subject": new_id(), "state": "due"})
    rows = [(new_id(), one, date(2026, 5, 18).isoformat(), facts) for one in ids]
    await connection.exec_driver_sql(
        f"insert into bare_occurrence values ({mark}, {mark}, {mark}, {mark}) "
        "on conflict do nothing",
        rows,
    )
    later = (DUE + timedelta(days=1)).replace(tzinfo=None)
    if mark == "?":
        moved: list[tuple[Any, str]] = [(later.isoformat(" "), one) for one in ids]
    else:
        moved = [(later, one) for one in ids]
    await connection.exec_driver_sql(
        f"update bare_schedule set next_run_utc = {mark} where id = {mark}", moved
    )


def run(*, quick: bool) -> list[Row]:
    """Measure on both databases."""
    return [asyncio.run(measure(kind, quick=quick)) for kind in KINDS]
