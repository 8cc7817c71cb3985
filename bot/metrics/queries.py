"""Read metrics and their series, as their asker may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.metrics.tables import Metric, Reading
from bot.metrics.units import Unit
from bot.workspaces.asker import Asker

# What a verdict's baselines and a picture's year-ago band look back over.
SERIES_DAYS = 730


@dataclass(frozen=True)
class MetricView:
    """One metric, as shown. ``source_channel_id`` is its audience (None: all members)."""

    id: str
    name: str
    label: str
    unit: Unit
    good: str
    owner_id: str
    timezone: str
    target: float | None
    source: str
    version: int
    definition: dict[str, Any]
    source_channel_id: str | None
    read_through: date | None
    read_at: datetime | None
    problem: str
    fix: str
    origin: str = "file"  # who declared it: file, daybook, form


@dataclass(frozen=True, eq=False)
class Series:
    """A metric's complete days, one after the other.

    ``dates`` are datetime64[D] without a hole, oldest first; ``values`` are floats, NaN where the
    source had nothing. Incomplete days are left out: the last date is ``last_complete``. ``as_of``
    is when the last day was read.
    """

    dates: npt.NDArray[np.datetime64]
    values: npt.NDArray[np.float64]
    last_complete: date | None = None
    as_of: datetime | None = None
    corrected: tuple[date, ...] = field(default=())  # days whose past value came out differently


async def list_metrics(session: AsyncSession, asker: Asker) -> list[MetricView]:
    """Return the metrics that ``asker`` may see, by label."""
    query = _visible(asker).order_by(func.lower(Metric.label), Metric.id)
    return [view_of(row) for row in await session.scalars(query)]


async def find_metric(session: AsyncSession, asker: Asker, id_or_name: str) -> MetricView:
    """Return a metric by id, name, or label in any case. Raises ``NotFound``."""
    wanted = id_or_name.strip()
    query = _visible(asker).where(
        or_(
            Metric.id == wanted,
            Metric.name == wanted,
            func.lower(Metric.label) == wanted.lower(),
        )
    )
    row = (await session.scalars(query.order_by(Metric.id).limit(1))).first()
    if row is None:
        raise NotFound(f"There is no metric “{wanted}” that you may see.")
    return view_of(row)


async def read_series(
    session: AsyncSession,
    asker: Asker,
    metric_id: str,
    *,
    until: date,
    days: int = SERIES_DAYS,
) -> Series:
    """Return the complete days of a metric up to ``until`` (included), at most ``days`` of them.

    Raises ``NotFound`` when the asker may not see the metric.
    """
    metric = await find_metric(session, asker, metric_id)
    return await read_series_of(session, asker, metric, until=until, days=days)


async def read_series_of(
    session: AsyncSession,
    asker: Asker,
    metric: MetricView,
    *,
    until: date,
    days: int = SERIES_DAYS,
) -> Series:
    """Return the series of a metric that was shown to this asker already."""
    of_metric = Reading.workspace_id == asker.workspace_id, Reading.metric_id == metric.id
    # Columns, not objects, and no instants but one: there are hundreds of days, and a thousand
    # channels read them at nine.
    query = (
        select(Reading.day, Reading.value, Reading.corrected_at.is_not(None).label("is_corrected"))
        .where(
            *of_metric,
            Reading.is_complete.is_(True),
            Reading.day > until - timedelta(days=days),
            Reading.day <= until,
        )
        .order_by(Reading.day)
    )
    rows = (await session.execute(query)).all()
    if not rows:
        return lay_out(rows, None)
    newest = select(Reading.read_at).where(*of_metric, Reading.day == rows[-1].day)
    return lay_out(rows, await session.scalar(newest))


@dataclass(frozen=True)
class Correction:
    """A past value that came out differently at a later read."""

    day: date
    was: float | None
    value: float | None
    at: datetime | None


async def find_corrections(
    session: AsyncSession, asker: Asker, metric_id: str, *, since: datetime, limit: int = 3
) -> list[Correction]:
    """Return what was corrected since an instant, newest day first. Raises ``NotFound``."""
    metric = await find_metric(session, asker, metric_id)
    found = await find_corrections_of(session, asker, [metric], since=since, limit=limit)
    return found.get(metric.id, [])


async def find_corrections_of(
    session: AsyncSession,
    asker: Asker,
    metrics: Sequence[MetricView],
    *,
    since: datetime,
    limit: int = 3,
) -> dict[str, list[Correction]]:
    """Return what was corrected of metrics that were shown to this asker already, by their id."""
    query = (
        select(
            Reading.metric_id,
            Reading.version,
            Reading.day,
            Reading.previous_value,
            Reading.value,
            Reading.corrected_at,
        )
        .where(
            Reading.workspace_id == asker.workspace_id,
            Reading.metric_id.in_([metric.id for metric in metrics]),
            Reading.corrected_at > since,
        )
        .order_by(Reading.day.desc())
    )
    versions = {metric.id: metric.version for metric in metrics}
    found: dict[str, list[Correction]] = {}
    for row in await session.execute(query):
        told = found.setdefault(row.metric_id, [])
        if row.version == versions[row.metric_id] and len(told) < limit:
            told.append(Correction(row.day, row.previous_value, row.value, row.corrected_at))
    return found


def lay_out(rows: Sequence[Any], as_of: datetime | None) -> Series:
    """Lay readings, oldest first, on consecutive days."""
    if not rows:
        return Series(np.empty(0, "datetime64[D]"), np.empty(0))
    first, last = rows[0].day, rows[-1].day
    dates = np.datetime64(first, "D") + np.arange((last - first).days + 1)
    values = np.full(len(dates), np.nan)
    for row in rows:
        if row.value is not None:
            values[(row.day - first).days] = row.value
    corrected = tuple(row.day for row in rows if row.is_corrected)
    return Series(dates, values, last, as_of, corrected)


def _visible(asker: Asker) -> Select[Metric]:
    return select(Metric).where(
        Metric.workspace_id == asker.workspace_id,
        Metric.retired_at.is_(None),
        asker.sees(Metric.source_channel_id),
    )


def view_of(row: Metric) -> MetricView:
    """Return a row as it is shown; the caller has checked that it may be seen."""
    return MetricView(
        id=row.id,
        name=row.name,
        label=row.label,
        unit=Unit(row.unit, row.currency, row.is_percent, row.is_minor),
        good=row.good,
        owner_id=row.owner_id,
        timezone=row.timezone,
        target=row.target,
        source=row.source,
        version=row.version,
        definition=dict(row.definition),
        source_channel_id=row.source_channel_id,
        read_through=row.read_through,
        read_at=row.read_at,
        problem=row.problem,
        fix=row.fix,
        origin=row.origin,
    )


async def latest_values(session: AsyncSession, asker: Asker) -> dict[str, tuple[date, float]]:
    """Return the newest day with a value of each metric, by id, as the asker may see."""
    newest = (
        select(Reading.metric_id, func.max(Reading.day).label("day"))
        .where(
            Reading.workspace_id == asker.workspace_id,
            Reading.value.is_not(None),
            Reading.is_complete.is_(True),
        )
        .group_by(Reading.metric_id)
        .subquery()
    )
    query = (
        select(Reading.metric_id, Reading.day, Reading.value)
        .join(newest, (newest.c.metric_id == Reading.metric_id) & (newest.c.day == Reading.day))
        .join(
            Metric,
            (Metric.workspace_id == Reading.workspace_id) & (Metric.id == Reading.metric_id),
        )
        .where(Reading.workspace_id == asker.workspace_id, asker.sees(Metric.source_channel_id))
    )
    rows = await session.execute(query)
    return {id_: (day, value) for id_, day, value in rows if value is not None}
