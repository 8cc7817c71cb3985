"""Schedules and their occurrences: what is due, exactly once for each local date."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast

import structlog
from pydantic import ValidationError
from sqlalchemy import ColumnElement, Row, Table, bindparam, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Rule, Slot, next_slot, zone_named
from bot.db.bulk import execute_for_all
from bot.db.session import wake_after_commit
from bot.db.types import new_id
from bot.db.upsert import insert_all_unless_there
from bot.engine.handing import note_due
from bot.engine.tables import Occurrence, Schedule
from bot.errors import BadInput

log = structlog.get_logger()

# How many schedules one tick takes in one transaction; bounds its length to well under a second.
TICK_BATCH = 1000
NO_FURTHER_DATE = "no further date"


@dataclass(frozen=True)
class Plan:
    """When something comes due, and how late it may still run."""

    kind: str  # names the job
    subject_id: str
    rule: Rule
    timezone: str
    owner_id: str = ""
    latest_minutes: int = 180


async def put_schedule(
    session: AsyncSession, workspace_id: str, plan: Plan, *, at: datetime
) -> Schedule:
    """Create or change the one schedule of (kind, subject); a date that ran never runs again."""
    schedule = await find_schedule(session, workspace_id, plan.kind, plan.subject_id)
    if schedule is None:
        schedule = Schedule(
            workspace_id=workspace_id, id=new_id(), kind=plan.kind, subject_id=plan.subject_id
        )
        session.add(schedule)
    elif schedule.state == "active":
        # What came due before the edit, and was not seen yet, runs as it was.
        await _catch_up(session, schedule, now=at)
    schedule.rule = plan.rule.to_json()
    schedule.timezone = plan.timezone
    schedule.owner_id = plan.owner_id
    schedule.latest_minutes = plan.latest_minutes
    schedule.state, schedule.state_reason = "active", ""
    _advance(schedule, after=at)
    await session.flush()
    wake_after_commit(session)
    return schedule


async def find_schedule(
    session: AsyncSession, workspace_id: str, kind: str, subject_id: str
) -> Schedule | None:
    """Return the schedule of (kind, subject), or None."""
    return await session.scalar(
        select(Schedule).where(
            Schedule.workspace_id == workspace_id,
            Schedule.kind == kind,
            Schedule.subject_id == subject_id,
        )
    )


async def end_schedule(
    session: AsyncSession, workspace_id: str, kind: str, subject_id: str, *, reason: str = ""
) -> None:
    """Stop a schedule for good; what ran stays known."""
    await session.execute(
        update(Schedule)
        .where(
            Schedule.workspace_id == workspace_id,
            Schedule.kind == kind,
            Schedule.subject_id == subject_id,
        )
        .values(state="ended", state_reason=reason, next_run_utc=None, next_date=None)
    )


async def run_by_hand(
    session: AsyncSession,
    schedule: Schedule,
    *,
    asked_by: str,
    at: datetime,
    slot: date,
    target: str = "",
) -> Occurrence:
    """Make an occurrence of its own (a test to ``target``, a run now); the schedule stays."""
    occurrence = Occurrence(
        workspace_id=schedule.workspace_id,
        id=new_id(),
        schedule_id=schedule.id,
        slot_key=f"hand:{secrets.token_hex(8)}",
        slot=slot,
        kind=schedule.kind,
        subject_id=schedule.subject_id,
        due_at=at,
        not_before=at,
        asked_by=asked_by,
        target=target,
    )
    session.add(occurrence)
    await session.flush()
    note_due(session, occurrence.workspace_id, occurrence.id)
    wake_after_commit(session)
    return occurrence


async def tick(session: AsyncSession, *, now: datetime, limit: int = TICK_BATCH) -> int:
    """Turn due schedules into occurrences and advance them. Returns how many were due."""
    due = (
        await session.execute(
            select(*_DUE_COLUMNS)
            .where(Schedule.state == "active", Schedule.next_run_utc <= now)
            # As the index has it: any other order would sort all that is due, each time. What is
            # due in one workspace comes together, and so is handed out together.
            .order_by(Schedule.next_run_utc, Schedule.workspace_id, Schedule.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ).all()
    # Many at a time: thousands are due at nine on a Monday.
    await _occur(session, due)
    await execute_for_all(session, _MOVE, [_moved(row) for row in due])
    session.expire_all()
    return len(due)


async def next_due(session: AsyncSession) -> datetime | None:
    """Return the earliest instant at which a schedule comes due."""
    return await session.scalar(
        select(Schedule.next_run_utc)
        .where(Schedule.state == "active", Schedule.next_run_utc.is_not(None))
        .order_by(Schedule.next_run_utc)
        .limit(1)
    )


async def _catch_up(session: AsyncSession, schedule: Schedule, *, now: datetime) -> None:
    while schedule.next_run_utc is not None and schedule.next_run_utc <= now:
        await _turn(session, schedule)


async def _turn(session: AsyncSession, schedule: Schedule) -> None:
    """Make the occurrence that is due, and advance the schedule to its next."""
    await _occur(session, [schedule])
    for name, value in _moved(schedule).items():
        if name.startswith("new_"):
            setattr(schedule, name.removeprefix("new_"), value)


async def _occur(session: AsyncSession, due: "Sequence[_Due | Schedule]") -> None:
    occurrences = [_occurrence(one) for one in due]
    for made in occurrences:
        note_due(session, made["workspace_id"], made["id"])
    await insert_all_unless_there(session, Occurrence, occurrences, **_FRESH)


_DUE_COLUMNS = (
    Schedule.workspace_id,
    Schedule.id,
    Schedule.kind,
    Schedule.subject_id,
    Schedule.rule,
    Schedule.timezone,
    Schedule.next_date,
    Schedule.next_run_utc,
)
_Due = Row[*tuple[Any, ...]]
_MOVE = (
    update(cast(Table, Schedule.__table__))
    .where(Schedule.workspace_id == bindparam("of"), Schedule.id == bindparam("which"))
    .values(
        {
            column: bindparam(f"new_{column}")
            for column in ("last_date", "next_date", "next_run_utc", "state", "state_reason")
        }
    )
)


_NOTHING: ColumnElement[Any] = literal_column("''")
_FRESH: dict[str, ColumnElement[Any]] = {
    "asked_by": _NOTHING,
    "target": _NOTHING,
    "state": literal_column("'due'"),
    "result": _NOTHING,
    "attempts": literal_column("0"),
    "lease_owner": _NOTHING,
}


def _occurrence(due: _Due | Schedule) -> dict[str, Any]:
    return {
        "workspace_id": due.workspace_id,
        "id": new_id(),
        "schedule_id": due.id,
        "slot_key": str(due.next_date),
        "slot": due.next_date,
        "kind": due.kind,
        "subject_id": due.subject_id,
        "due_at": due.next_run_utc,
        "not_before": due.next_run_utc,
    }


def _moved(due: _Due | Schedule) -> dict[str, Any]:
    state, reason, slot = "active", "", None
    try:
        slot = _slot_after(due.rule, due.timezone, due.next_run_utc, due.next_date)
        if slot is None:
            state, reason = "ended", NO_FURTHER_DATE
    except (BadInput, ValidationError) as error:
        # A zone that this machine no longer knows: that one stops, all others go on.
        state, reason = "ended", str(error)
        log.error("schedule.unreadable", kind=due.kind, error=str(error))
    return {
        "of": due.workspace_id,
        "which": due.id,
        "new_last_date": due.next_date,
        "new_next_date": slot.date if slot else None,
        "new_next_run_utc": slot.at if slot else None,
        "new_state": state,
        "new_state_reason": reason,
    }


# Many schedules of one zone share a rule: each morning's answer is worked out once.
@lru_cache(maxsize=1024)
def _slot_after(rule: str, zone: str, after: datetime, last_date: date | None) -> Slot | None:
    return next_slot(Rule.from_json(rule), zone_named(zone), after, last_date)


def _advance(schedule: Schedule, *, after: datetime) -> None:
    slot = _slot_after(schedule.rule, schedule.timezone, after, schedule.last_date)
    schedule.next_date = slot.date if slot else None
    schedule.next_run_utc = slot.at if slot else None
    if slot is None:
        schedule.state, schedule.state_reason = "ended", NO_FURTHER_DATE
