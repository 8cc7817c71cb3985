"""The tripwire: a metric that stays beyond a bound for some days reopens a decision, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Daily, Rule, local_date, zone_named
from bot.decisions.changes import log_change
from bot.decisions.rules import ACCEPTED
from bot.decisions.tables import Decision
from bot.engine.schedules import Plan, end_schedule, put_schedule
from bot.errors import NotFound
from bot.metrics.due import metric_gate
from bot.metrics.queries import MetricView, Series, find_metric, read_series
from bot.workspaces.asker import Asker

TRIPWIRE = "decision.tripwire"
# After the usual hour at which sources are ready and digests are out.
TRIPWIRE_AT = time(10, 0)
# A look that a sleeping process missed is still wanted that day; the next morning looks again.
TRIPWIRE_LATEST_MINUTES = 12 * 60
# A source may lag by so many days; older figures say nothing about now.
LAG_DAYS = 7


@dataclass(frozen=True)
class Streak:
    """Days running on which a metric was beyond a tripwire's bound, the oldest first."""

    metric: MetricView
    side: str  # above, below
    bound: float
    days: tuple[tuple[date, float], ...]
    read_at: datetime | None


def is_watched(row: Decision) -> bool:
    """Tell whether a tripwire of this decision may still reopen it."""
    has_wire = row.tripwire_metric_id is not None and row.tripwire_bound is not None
    return has_wire and row.status == ACCEPTED and row.tripped_at is None


async def plan_tripwire(
    session: AsyncSession, row: Decision, timezone: str, *, at: datetime
) -> None:
    """Look at the metric each day at 10:00 in the owner's zone; nothing without a tripwire."""
    if is_watched(row):
        plan = Plan(
            kind=TRIPWIRE,
            subject_id=row.id,
            rule=Rule(at=TRIPWIRE_AT, on=Daily()),
            timezone=timezone,
            owner_id=row.owner_id,
            latest_minutes=TRIPWIRE_LATEST_MINUTES,
        )
        await put_schedule(session, row.workspace_id, plan, at=at)


async def read_streak(
    session: AsyncSession, asker: Asker | None, row: Decision, *, at: datetime
) -> Streak | None:
    """Return the days that trip a decision's tripwire, as ``asker`` may see them.

    None: not tripped, the figures are not there yet, or the metric is not for this asker.
    """
    if asker is None or row.tripwire_metric_id is None or row.tripwire_bound is None:
        return None
    try:
        metric = await find_metric(session, asker, row.tripwire_metric_id)
    except NotFound:
        return None
    until = metric_gate(metric.timezone, metric.definition, at).last_complete
    length = row.tripwire_days + LAG_DAYS
    series = await read_series(session, asker, metric.id, until=until, days=length)
    decided_on = local_date(row.accepted_at or row.created_at, zone_named(metric.timezone))
    days = days_beyond(
        series, row.tripwire_side, row.tripwire_bound, row.tripwire_days, after=decided_on
    )
    if not days:
        return None
    return Streak(metric, row.tripwire_side, row.tripwire_bound, days, series.as_of)


def days_beyond(
    series: Series, side: str, bound: float, length: int, *, after: date
) -> tuple[tuple[date, float], ...]:
    """Return the last ``length`` days with their values if all are beyond the bound, else nothing.

    They end on the last day that has a figure. A day without one among them is never beyond.
    Days up to ``after`` do not count: they were known when it was decided.
    """
    known = np.flatnonzero(np.isfinite(series.values))
    start = int(known[-1]) + 1 - length if known.size else -1
    if start < 0 or series.dates[start] <= np.datetime64(after, "D"):
        return ()
    values = series.values[start : start + length]
    is_beyond = values > bound if side == "above" else values < bound
    if not is_beyond.all():
        return ()
    first: date = series.dates[start].item()
    return tuple((first + timedelta(days=n), float(value)) for n, value in enumerate(values))


async def note_trip(
    session: AsyncSession, row: Decision, days: Sequence[date], *, at: datetime
) -> None:
    """Open the decision for another look; it stands until its people decide again."""
    row.tripped_at = at
    await session.flush()
    told = [day.isoformat() for day in days]
    metric = row.tripwire_metric_id
    await log_change(session, row, "decision.tripped", by="", at=at, metric=metric, days=told)
    await end_schedule(session, row.workspace_id, TRIPWIRE, row.id, reason="tripped")
