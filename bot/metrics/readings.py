"""Keep what was read of metrics: values, what came out differently, and what failed.

Each inside the caller's unit of work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.metrics.due import AT_ONCE
from bot.metrics.service import log_metric
from bot.metrics.tables import Metric, Reading

# Two reads of the same float may differ in its last digits; nobody is told of that.
SAME_VALUE = 1e-9
# Days named in one line of the log; a source that rewrites its past is told by their number.
LOGGED_DAYS = 60


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


async def store_read(session: AsyncSession, workspace_id: str, read: Read) -> int:
    """Keep what was read; returns how many past values came out differently.

    A read that was made under an older definition than the present one is dropped.
    """
    metric = await session.get(Metric, (workspace_id, read.metric_id), with_for_update=True)
    if metric is None or metric.version != read.version:
        return 0
    days = sorted(read.values)
    known = await _known(session, metric, days)
    corrected: list[dict[str, Any]] = []
    for day in days:
        value, is_complete = read.values[day], day <= read.complete_through
        row = known.get(day)
        if row is None:
            session.add(_reading(metric, read, day, value, is_complete=is_complete))
        elif _overwrite(row, value, read, is_complete=is_complete):
            corrected.append({"day": day.isoformat(), "was": row.previous_value, "value": value})
    metric.read_at = _moment(metric.read_at, read.at)
    metric.problem, metric.fix, metric.failed_at = "", "", None
    complete = [day for day in days if day <= read.complete_through]
    if complete and (metric.read_through is None or complete[-1] > metric.read_through):
        metric.read_through = complete[-1]
    if corrected:
        facts = {"count": len(corrected), "days": corrected[:LOGGED_DAYS]}
        await log_metric(session, metric, "metric.corrected", facts, at=read.at)
    await session.flush()
    return len(corrected)


def _moment(before: datetime | None, at: datetime) -> datetime:
    """Return when a metric was read, another moment for each read (bot.metrics.kept).

    A backfill reads the past in pieces, all of them at one instant.
    """
    if before is not None and timedelta(0) <= before - at < AT_ONCE:
        return before + timedelta.resolution
    return at


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
