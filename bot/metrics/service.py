"""Declare metrics and keep their readings. Each inside the caller's unit of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.entries.log import Line, append
from bot.metrics.definition import ASKS
from bot.metrics.tables import Metric, MetricVersion, Reading

# Two reads of the same float may differ in its last digits; nobody is told of that.
SAME_VALUE = 1e-9
# What changes the meaning of past readings: a new version, and everything is read again.
MEANING = ("source", "unit", "currency", "is_minor", "is_percent", "timezone")
MEANING_OF_DEFINITION = (*(key for key in ASKS if key != "query"), "missing", "meaning")


@dataclass(frozen=True)
class Declared:
    """A metric as somebody declares it. ``definition`` is plain JSON and holds no secret."""

    name: str
    label: str
    source: str
    definition: dict[str, Any]
    unit: str = ""
    currency: str = ""
    is_minor: bool = False
    is_percent: bool = False
    good: str = "up"
    owner_id: str = ""
    timezone: str = "UTC"
    target: float | None = None
    source_channel_id: str | None = None  # its audience

    def columns(self) -> dict[str, Any]:
        """Return what a row takes from it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Read:
    """What a source said of one metric: complete days first, maybe one that is not yet."""

    metric_id: str
    version: int
    values: Mapping[date, float | None]
    complete_through: date
    at: datetime


@dataclass(frozen=True)
class Failure:
    """A metric that could not be read, in words fit for its owner."""

    metric_id: str
    problem: str
    fix: str


async def sync_metrics(
    session: AsyncSession,
    workspace_id: str,
    origin: str,
    declared: Sequence[Declared],
    *,
    at: datetime,
) -> int:
    """Make the metrics of one origin what is declared there. Returns how many were changed.

    What is no longer declared is retired and keeps its readings; a change is an entry, and one of
    its meaning a new version too.
    """
    query = select(Metric).where(Metric.workspace_id == workspace_id)
    known = {row.name: row for row in await session.scalars(query)}
    changed = 0
    for wanted in declared:
        row = known.get(wanted.name)
        if row is None:
            await _declare(session, workspace_id, origin, wanted, at)
            changed += 1
        elif row.origin == origin:
            changed += await _change(session, row, wanted, at)
    names = {wanted.name for wanted in declared}
    for row in known.values():
        if row.origin == origin and row.name not in names and row.retired_at is None:
            row.retired_at = at
            await _log(session, row, "metric.retired", {}, at)
            changed += 1
    return changed


async def _declare(
    session: AsyncSession, workspace_id: str, origin: str, wanted: Declared, at: datetime
) -> None:
    row = Metric(
        workspace_id=workspace_id,
        id=new_id(),
        origin=origin,
        version=1,
        declared_at=at,
        **wanted.columns(),
    )
    session.add(row)
    await session.flush()
    await _new_version(session, row, at)
    await _log(session, row, "metric.declared", {"version": 1}, at)


async def _change(session: AsyncSession, row: Metric, wanted: Declared, at: datetime) -> bool:
    columns = wanted.columns()
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    is_back = row.retired_at is not None
    if not changed and not is_back:
        return False
    is_other = has_other_meaning(row, wanted)
    for name in changed:
        setattr(row, name, columns[name])
    row.retired_at = None
    if is_other:
        row.version += 1
        row.read_through = None
        await _new_version(session, row, at)
    await _log(session, row, "metric.changed", {"version": row.version, "changed": changed}, at)
    return True


def has_other_meaning(row: Metric, wanted: Declared) -> bool:
    """Tell whether past readings were counted in another way than is wanted now."""
    if any(getattr(row, name) != getattr(wanted, name) for name in MEANING):
        return True
    before, after = row.definition, wanted.definition
    return any(before.get(key) != after.get(key) for key in MEANING_OF_DEFINITION)


async def _new_version(session: AsyncSession, row: Metric, at: datetime) -> None:
    session.add(
        MetricVersion(
            workspace_id=row.workspace_id,
            metric_id=row.id,
            version=row.version,
            definition=row.definition,
            at=at,
        )
    )
    await session.flush()


async def _log(
    session: AsyncSession, row: Metric, kind: str, facts: dict[str, Any], at: datetime
) -> None:
    line = Line(
        kind=kind,
        subject_kind="metric",
        subject_id=row.id,
        source_channel_id=row.source_channel_id,
        facts={"name": row.name, **facts},
        prose=row.label,
    )
    await append(session, row.workspace_id, line, at=at)


async def store_read(session: AsyncSession, workspace_id: str, read: Read) -> int:
    """Keep what was read; returns how many past values came out differently.

    A read that was made under an older definition than the present one is dropped.
    """
    metric = await session.get(Metric, (workspace_id, read.metric_id), with_for_update=True)
    if metric is None or metric.version != read.version:
        return 0
    days = sorted(read.values)
    known = await _known(session, metric, days)
    corrected = 0
    for day in days:
        value, is_complete = read.values[day], day <= read.complete_through
        row = known.get(day)
        if row is None:
            session.add(_reading(metric, read, day, value, is_complete=is_complete))
        else:
            corrected += _overwrite(row, value, read, is_complete=is_complete)
    metric.read_at, metric.problem, metric.fix, metric.failed_at = read.at, "", "", None
    complete = [day for day in days if day <= read.complete_through]
    if complete and (metric.read_through is None or complete[-1] > metric.read_through):
        metric.read_through = complete[-1]
    await session.flush()
    return corrected


async def _known(
    session: AsyncSession, metric: Metric, days: Sequence[date]
) -> dict[date, Reading]:
    if not days:
        return {}
    query = select(Reading).where(
        Reading.workspace_id == metric.workspace_id,
        Reading.metric_id == metric.id,
        Reading.day.between(days[0], days[-1]),
    )
    return {row.day: row for row in await session.scalars(query)}


def _reading(
    metric: Metric, read: Read, day: date, value: float | None, *, is_complete: bool
) -> Reading:
    return Reading(
        workspace_id=metric.workspace_id,
        metric_id=metric.id,
        day=day,
        value=value,
        is_complete=is_complete,
        version=read.version,
        read_at=read.at,
    )


def _overwrite(row: Reading, value: float | None, read: Read, *, is_complete: bool) -> bool:
    # A day that was not over, a gap that is filled and a new definition correct nothing.
    was_told = row.is_complete and row.value is not None and row.version == read.version
    is_corrected = was_told and not _is_same(row.value, value)
    if is_corrected:
        row.previous_value, row.corrected_at = row.value, read.at
    row.value, row.is_complete = value, is_complete
    row.version, row.read_at = read.version, read.at
    return is_corrected


def _is_same(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return abs(first - second) <= SAME_VALUE * max(abs(first), abs(second), 1.0)


async def note_failure(
    session: AsyncSession, workspace_id: str, failure: Failure, *, at: datetime
) -> None:
    """Note that a metric could not be read, for its owner and its readers; readings stay."""
    metric = await session.get(Metric, (workspace_id, failure.metric_id))
    if metric is not None:
        metric.problem, metric.fix, metric.failed_at = failure.problem, failure.fix, at
