"""Pause a schedule whose posts fail again and again, and let it go on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Once, Rule, next_slot, zone_named
from bot.db.session import wake_after_commit
from bot.engine.tables import Delivery, Occurrence, Schedule

# Failures in a row after which nobody is asked again and again to mend the same.
MOST_FAILURES = 5
OCCURRENCE = "occurrence:"


@dataclass(frozen=True)
class Paused:
    """A schedule that was paused, for those who are told."""

    schedule_id: str
    kind: str
    subject_id: str
    owner_id: str
    failures: int


async def pause_if_failing(
    session: AsyncSession, workspace_id: str, occurrence_id: str
) -> Paused | None:
    """Pause the schedule of a failed run when its last five runs all failed.

    Runs that were skipped, or made by hand, count neither way. A schedule of one date has no next
    run to save anybody from.
    """
    occurrence = await session.get(Occurrence, (workspace_id, occurrence_id))
    if occurrence is None or occurrence.asked_by:
        return None
    key = (workspace_id, occurrence.schedule_id)
    schedule = await session.get(Schedule, key, with_for_update=True)
    if schedule is None or schedule.state != "active":
        return None
    if isinstance(Rule.from_json(schedule.rule).on, Once):
        return None
    if not await _has_failed_often(session, schedule):
        return None
    why = f"{MOST_FAILURES} runs in a row did not arrive"
    stop(schedule, why)
    return Paused(schedule.id, schedule.kind, schedule.subject_id, schedule.owner_id, MOST_FAILURES)


def stop(schedule: Schedule, why: str) -> None:
    """Stop a schedule until somebody resumes it; its ritual stays as it is.

    Only the engine's own pauses have this state: a ritual that is paused ends its schedule.
    """
    schedule.state, schedule.state_reason = "paused", why
    schedule.next_run_utc = schedule.next_date = None


async def find_stopped(session: AsyncSession, workspace_id: str, kind: str, subject_id: str) -> str:
    """Return why the engine paused the schedule of (kind, subject); nothing when it did not."""
    query = select(Schedule.state_reason).where(
        Schedule.workspace_id == workspace_id,
        Schedule.kind == kind,
        Schedule.subject_id == subject_id,
        Schedule.state == "paused",
    )
    return await session.scalar(query) or ""


async def owner_of(session: AsyncSession, workspace_id: str, schedule_id: str) -> str:
    """Return who owns a schedule; nothing where there is none."""
    query = select(Schedule.owner_id).where(
        Schedule.workspace_id == workspace_id, Schedule.id == schedule_id
    )
    return await session.scalar(query) or ""


async def resume_schedule(
    session: AsyncSession, workspace_id: str, schedule_id: str, *, at: datetime
) -> Schedule | None:
    """Let a paused schedule go on with its next date; None when there is nothing to resume."""
    schedule = await session.get(Schedule, (workspace_id, schedule_id), with_for_update=True)
    if schedule is None or schedule.state != "paused":
        return None
    rule, zone = Rule.from_json(schedule.rule), zone_named(schedule.timezone)
    slot = next_slot(rule, zone, at, schedule.last_date)
    if slot is None:
        schedule.state, schedule.state_reason = "ended", "no further date"
        return None
    schedule.state, schedule.state_reason = "active", ""
    schedule.next_date, schedule.next_run_utc = slot.date, slot.at
    await session.flush()
    wake_after_commit(session)
    return schedule


async def _has_failed_often(session: AsyncSession, schedule: Schedule) -> bool:
    query = (
        select(Occurrence.id, Occurrence.state)
        .where(
            Occurrence.workspace_id == schedule.workspace_id,
            Occurrence.schedule_id == schedule.id,
            Occurrence.asked_by == "",
            # The one at hand may not have been recorded yet.
            Occurrence.state.in_(("done", "failed", "leased")),
        )
        .order_by(Occurrence.due_at.desc())
        .limit(MOST_FAILURES * 2)
    )
    rows = (await session.execute(query)).tuples().all()
    said = await _said(session, schedule.workspace_id, [id_ for id_, _ in rows])
    count = 0
    for id_, state in rows:
        states = said.get(id_, set())
        if state != "failed" and not states:
            continue  # it had nothing to say
        if state != "failed" and "failed" not in states:
            return False
        count += 1
        if count == MOST_FAILURES:
            return True
    return False


async def _said(
    session: AsyncSession, workspace_id: str, occurrence_ids: list[str]
) -> dict[str, set[str]]:
    query = select(Delivery.cause, Delivery.state).where(
        and_(
            Delivery.workspace_id == workspace_id,
            Delivery.cause.in_([OCCURRENCE + one for one in occurrence_ids]),
            Delivery.method == "post",
            Delivery.after_id.is_(None),
        )
    )
    found: dict[str, set[str]] = {}
    for cause, state in await session.execute(query):
        found.setdefault(cause.removeprefix(OCCURRENCE), set()).add(state)
    return found
