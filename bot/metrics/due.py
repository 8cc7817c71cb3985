"""Which days of a metric are to be read, and what was read laid on them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from bot.clock import zone_named
from bot.metrics.completeness import Gate, Missing, lay_on_grid, open_gate, unread_from
from bot.metrics.definition import MetricDefinition
from bot.metrics.tables import Metric

# Two years: what a verdict's year-ago baselines and their placebo launches need.
HISTORY_DAYS = 730
# Digests at the same minute share one read.
FRESH = timedelta(minutes=10)
# A source that failed, or had nothing new, is asked once for all that wants it in that minute: at
# nine many digests do, and each would wait for its time-out anew.
PATIENCE = timedelta(minutes=1)
# Reads of a metric so near each other are told apart by a microsecond.
AT_ONCE = timedelta(seconds=1)


@dataclass(frozen=True)
class Due:
    """One metric with what is to be read of it."""

    id: str
    name: str
    label: str
    source: str
    version: int
    definition: MetricDefinition
    gate: Gate
    since: date
    has_history: bool


def definition_of(row: Metric) -> MetricDefinition:
    """Return what a metric's newest definition says, whoever declared it."""
    known = MetricDefinition.model_fields
    said = {key: value for key, value in row.definition.items() if key in known}
    columns = {
        "name": row.name,
        "label": row.label,
        "source": row.source,
        "unit": row.unit,
        "currency": row.currency or None,
        "minor_units": row.is_minor,
        "percent": row.is_percent,
        "good": row.good,
        "timezone": row.timezone,
        "target": row.target,
    }
    return MetricDefinition.model_validate(columns | said)


def metric_gate(timezone: str, definition: Mapping[str, object], at: datetime) -> Gate:
    """Return which days of a metric may be compared at ``at``."""
    ready_after = time.fromisoformat(str(definition.get("ready_after") or "00:00"))
    late_days = int(str(definition.get("late_days") or 0))
    return open_gate(at, zone_named(timezone), ready_after, late_days)


def has_just_failed(row: Metric, at: datetime) -> bool:
    """Tell whether a metric could not be read moments before ``at``."""
    return bool(row.problem) and row.failed_at is not None and _is_within(at - row.failed_at)


def _is_within(since: timedelta) -> bool:
    return -AT_ONCE <= since < PATIENCE


def due_of(
    row: Metric, first_gap: date | None, at: datetime, *, is_asked: bool = False
) -> Due | None:
    """Return what is to be read of a metric at ``at``; None when it was read minutes ago.

    ``first_gap`` is the oldest recent day without a value: it may have come since. ``is_asked``: a
    person wants it read now, whatever came of it a moment ago.
    """
    if not is_asked and has_just_failed(row, at):
        return None
    gate = metric_gate(row.timezone, row.definition, at)
    is_whole = row.read_through is not None and row.read_through >= gate.last_complete
    is_fresh = row.read_at is not None and -AT_ONCE <= at - row.read_at < FRESH
    if is_whole and is_fresh and not row.problem:
        return None
    has_just_come = row.read_at is not None and _is_within(at - row.read_at)
    if has_just_come and not row.problem and not is_asked:
        return None
    since = unread_from(gate, row.read_through, HISTORY_DAYS)
    if first_gap is not None and row.read_through is not None:
        since = min(since, first_gap)
    return Due(
        id=row.id,
        name=row.name,
        label=row.label,
        source=row.source,
        version=row.version,
        definition=definition_of(row),
        gate=gate,
        since=since,
        has_history=row.read_through is not None,
    )


def on_days(
    rows: list[tuple[date, float | None]],
    missing: Missing,
    *,
    since: date,
    last: date,
    has_history: bool,
) -> dict[date, float | None]:
    """Lay a source's rows on the days from ``since`` to ``last``, both included.

    Without history, days before the first row are left out: the metric did not exist.
    """
    start = since
    if has_history:
        # The day before is known: with missing "zero" nothing after it is a gap.
        start = since - timedelta(days=1)
        rows = [(start, 0.0), *rows]
    grid = lay_on_grid(rows, start, last, missing)
    known = np.flatnonzero(np.isfinite(grid.values))
    if not len(known):
        return {}
    days = {
        start + timedelta(days=i): float(value) if np.isfinite(value) else None
        for i, value in enumerate(grid.values)
        if i >= known[0]
    }
    return {day: value for day, value in days.items() if day >= since}
