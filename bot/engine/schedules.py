"""Schedules and their occurrences: what is due, exactly once for each local date."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Rule
from bot.db.session import wake_after_commit
from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.engine.fanout import NO_FURTHER_DATE, fan_out, move_on, slot_after
from bot.engine.handing import note_due
from bot.engine.tables import Occurrence, Schedule

# How many schedules one tick takes in one transaction; bounds its length to well under a second.
TICK_BATCH = 1000


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
    query = _of(workspace_id, plan.kind, plan.subject_id).with_for_update()
    # Read anew under its lock: a tick may have moved it since this unit looked.
    schedule = await session.scalar(query.execution_options(populate_existing=True))
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
    return await session.scalar(_of(workspace_id, kind, subject_id))


def _of(workspace_id: str, kind: str, subject_id: str) -> Select[Schedule]:
    return select(Schedule).where(
        Schedule.workspace_id == workspace_id,
        Schedule.kind == kind,
        Schedule.subject_id == subject_id,
    )


async def end_schedule(
    session: AsyncSession, workspace_id: str, kind: str, subject_id: str, *, reason: str = ""
) -> None:
    """Stop a schedule for good; what ran stays known."""
    await end_schedules(session, workspace_id, [kind], [subject_id], reason=reason)


async def end_schedules(
    session: AsyncSession,
    workspace_id: str,
    kinds: Sequence[str],
    subject_ids: Sequence[str],
    *,
    reason: str = "",
) -> None:
    """Stop the schedules of these kinds about these subjects."""
    await session.execute(
        update(Schedule)
        .where(
            Schedule.workspace_id == workspace_id,
            Schedule.kind.in_(kinds),
            Schedule.subject_id.in_(subject_ids),
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
    return await fan_out(session, now=now, limit=limit)


def next_statement() -> Select[Any]:
    """Build the question for the earliest instant at which a schedule comes due."""
    return (
        select(Schedule.next_run_utc)
        .where(Schedule.state == "active", Schedule.next_run_utc.is_not(None))
        .order_by(Schedule.next_run_utc)
        .limit(1)
    )


async def _catch_up(session: AsyncSession, schedule: Schedule, *, now: datetime) -> None:
    while schedule.next_run_utc is not None and schedule.next_run_utc <= now:
        await _turn(session, schedule, schedule.next_run_utc)


async def _turn(session: AsyncSession, schedule: Schedule, due_at: datetime) -> None:
    """Make the occurrence that is due, and advance the schedule to its next."""
    slot, made = schedule.next_date, new_id()
    await insert_unless_there(
        session,
        Occurrence,
        workspace_id=schedule.workspace_id,
        id=made,
        schedule_id=schedule.id,
        slot_key=str(slot),
        slot=slot,
        kind=schedule.kind,
        subject_id=schedule.subject_id,
        due_at=due_at,
        not_before=due_at,
    )
    note_due(session, schedule.workspace_id, made)
    move = move_on(schedule.kind, schedule.rule, schedule.timezone, due_at, slot)
    schedule.last_date = slot
    schedule.next_date, schedule.next_run_utc = move.next or (None, None)
    schedule.state, schedule.state_reason = move.state, move.reason


def _advance(schedule: Schedule, *, after: datetime) -> None:
    slot = slot_after(schedule.rule, schedule.timezone, after, schedule.last_date)
    schedule.next_date = slot.date if slot else None
    schedule.next_run_utc = slot.at if slot else None
    if slot is None:
        schedule.state, schedule.state_reason = "ended", NO_FURTHER_DATE
