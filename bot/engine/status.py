"""Read what is due, what ran and what did not arrive, as its asker may know.

Schedules know nothing of what they are about. What an asker may see of that is for the rituals'
queries; here they come back as the ids of visible subjects.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.tables import Delivery, Occurrence, Schedule
from bot.workspaces.asker import Asker

# Older failures are history: what they were about has run again or is over.
KEEP_FAILURES = timedelta(days=7)
FAILED = ("failed", "uncertain")
FINISHED = ("done", "skipped", "failed")
# What people read; a reaction or a private note that did not arrive is nobody's task.
READ = ("post", "update", "picture")
SHOWN = 50


@dataclass(frozen=True)
class Failure:
    """Something that did not arrive. ``is_uncertain``: nobody knows whether it did."""

    id: str
    label: str
    target: str
    error: str
    is_uncertain: bool
    owner_id: str
    at: datetime


@dataclass(frozen=True)
class LastRun:
    """The last run of a schedule by itself. ``failures`` are its messages that did not arrive."""

    occurrence_id: str
    slot: date
    due_at: datetime
    state: str  # done, skipped, failed
    result: str
    is_sent: bool  # all that it said has arrived
    failures: tuple[Failure, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether somebody has to look at it."""
        return self.state == "failed" or bool(self.failures)


@dataclass(frozen=True)
class ScheduleStatus:
    """One schedule: when it runs next, and what came of its last run."""

    id: str
    kind: str
    subject_id: str
    owner_id: str
    state: str
    reason: str
    timezone: str
    next_at: datetime | None
    last: LastRun | None
    rule: str = ""  # bot.clock.Rule as JSON


async def scheduled_subjects(session: AsyncSession, asker: Asker) -> dict[str, list[str]]:
    """Return the ids of what is scheduled, by kind of schedule; ids only, to be looked up."""
    query = select(Schedule.kind, Schedule.subject_id).where(
        Schedule.workspace_id == asker.workspace_id, Schedule.state != "ended"
    )
    found: dict[str, list[str]] = defaultdict(list)
    for kind, subject_id in await session.execute(query):
        found[kind].append(subject_id)
    return dict(found)


async def find_schedules(
    session: AsyncSession, asker: Asker, visible_ids: Collection[str] = ()
) -> list[ScheduleStatus]:
    """Return the schedules that the asker owns or whose subject is visible, the next first."""
    query = _schedules(asker).where(
        Schedule.state != "ended",
        or_(asker.owns(Schedule.owner_id), Schedule.subject_id.in_(sorted(visible_ids))),
    )
    return await _read(session, asker, query)


async def find_all_schedules(session: AsyncSession, asker: Asker) -> list[ScheduleStatus]:
    """Return every schedule of the workspace, for whoever runs the bot: times and results."""
    return await _read(session, asker, _schedules(asker).where(Schedule.state != "ended"))


async def find_all_failures(session: AsyncSession, asker: Asker, *, at: datetime) -> list[Failure]:
    """Return what did not arrive lately, whoever owns it, newest first; without what it was."""
    since = _when() >= at - KEEP_FAILURES
    query = _failures(asker).where(since).order_by(_when().desc()).limit(SHOWN)
    return [replace(_failure(row), label="") for row in await session.scalars(query)]


async def find_broken_runs(
    session: AsyncSession, asker: Asker, *, at: datetime
) -> list[ScheduleStatus]:
    """Return the asker's own schedules whose last run failed lately, ended ones too."""
    failed = (
        select(Occurrence.schedule_id)
        .where(
            Occurrence.workspace_id == asker.workspace_id,
            Occurrence.state == "failed",
            Occurrence.due_at >= at - KEEP_FAILURES,
        )
        .distinct()
    )
    query = _schedules(asker).where(asker.owns(Schedule.owner_id), Schedule.id.in_(failed))
    found = await _read(session, asker, query)
    return [one for one in found if one.last and one.last.state == "failed"]


async def find_failures(session: AsyncSession, asker: Asker, *, at: datetime) -> list[Failure]:
    """Return what of the asker's did not arrive lately, newest first; not what was mended since.

    A later message of the same name that reached the same place mends it.
    """
    since = at - KEEP_FAILURES
    query = _failures(asker).where(
        asker.owns(Delivery.owner_id),
        _when() >= since,
        Delivery.cause.not_like("failed:%"),
        Delivery.cause.not_like("untold:%"),
    )
    rows = list(await session.scalars(query.order_by(_when().desc()).limit(SHOWN)))
    later = await _last_sent(session, asker, since)
    return [_failure(row) for row in rows if later.get((row.target, row.label), since) < _at(row)]


async def _last_sent(
    session: AsyncSession, asker: Asker, since: datetime
) -> dict[tuple[str, str], datetime]:
    query = (
        select(Delivery.target, Delivery.label, func.max(Delivery.finished_at))
        .where(
            Delivery.workspace_id == asker.workspace_id,
            asker.owns(Delivery.owner_id),
            Delivery.state == "sent",
            Delivery.label != "",
            Delivery.method == "post",
            Delivery.finished_at >= since,
        )
        .group_by(Delivery.target, Delivery.label)
    )
    rows = await session.execute(query)
    return {(target, label): at for target, label, at in rows if at}


def _schedules(asker: Asker) -> Select[Schedule]:
    return (
        select(Schedule)
        .where(Schedule.workspace_id == asker.workspace_id)
        .order_by(Schedule.next_run_utc.is_(None), Schedule.next_run_utc, Schedule.id)
    )


def _failures(asker: Asker) -> Select[Delivery]:
    return select(Delivery).where(
        Delivery.workspace_id == asker.workspace_id,
        Delivery.state.in_(FAILED),
        Delivery.method.in_(READ),
    )


def _when() -> ColumnElement[datetime]:
    return func.coalesce(Delivery.finished_at, Delivery.planned_at)


async def _read(
    session: AsyncSession, asker: Asker, query: Select[Schedule]
) -> list[ScheduleStatus]:
    rows = list(await session.scalars(query))
    runs = await _last_runs(session, asker, [row.id for row in rows])
    return [
        ScheduleStatus(
            id=row.id,
            kind=row.kind,
            subject_id=row.subject_id,
            owner_id=row.owner_id,
            state=row.state,
            reason=row.state_reason,
            timezone=row.timezone,
            next_at=row.next_run_utc if row.state == "active" else None,
            last=runs.get(row.id),
            rule=row.rule,
        )
        for row in rows
    ]


async def _last_runs(
    session: AsyncSession, asker: Asker, schedule_ids: Sequence[str]
) -> dict[str, LastRun]:
    is_real = and_(
        Occurrence.workspace_id == asker.workspace_id,
        Occurrence.schedule_id.in_(schedule_ids),
        Occurrence.state.in_(FINISHED),
        Occurrence.asked_by == "",
    )
    last = (
        select(Occurrence.schedule_id, func.max(Occurrence.due_at).label("due_at"))
        .where(is_real)
        .group_by(Occurrence.schedule_id)
        .subquery()
    )
    query = (
        select(Occurrence)
        .join(
            last,
            and_(last.c.schedule_id == Occurrence.schedule_id, last.c.due_at == Occurrence.due_at),
        )
        .where(is_real)
    )
    rows = list(await session.scalars(query))
    said = await _said(session, asker, [row.id for row in rows])
    return {row.schedule_id: _run(row, said.get(row.id, [])) for row in rows}


async def _said(
    session: AsyncSession, asker: Asker, occurrence_ids: Sequence[str]
) -> dict[str, list[Delivery]]:
    query = select(Delivery).where(
        Delivery.workspace_id == asker.workspace_id,
        Delivery.cause.in_([f"occurrence:{one}" for one in occurrence_ids]),
        Delivery.method.in_(READ),
    )
    found: dict[str, list[Delivery]] = defaultdict(list)
    for row in await session.scalars(query):
        found[row.cause.removeprefix("occurrence:")].append(row)
    return found


def _run(row: Occurrence, said: list[Delivery]) -> LastRun:
    return LastRun(
        occurrence_id=row.id,
        slot=row.slot,
        due_at=row.due_at,
        state=row.state,
        result=row.result,
        is_sent=all(one.state in {"sent", "skipped"} for one in said),
        failures=tuple(_failure(one) for one in said if one.state in FAILED),
    )


def _failure(row: Delivery) -> Failure:
    return Failure(
        id=row.id,
        label=row.label,
        target=row.target,
        error=row.error,
        is_uncertain=row.state == "uncertain",
        owner_id=row.owner_id,
        at=_at(row),
    )


def _at(row: Delivery) -> datetime:
    return row.finished_at or row.planned_at
