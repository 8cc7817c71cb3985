"""Read every declared metric once, for ``daybook metrics check``."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.db.session import Database
from bot.errors import DatabaseBusy, MetricUnreadable
from bot.metrics.completeness import open_gate
from bot.metrics.declaration import load
from bot.metrics.definition import MetricDefinition
from bot.metrics.due import definition_of
from bot.metrics.numbers import format_value
from bot.metrics.service import FORM
from bot.metrics.sources.known import open_sources
from bot.metrics.sources.protocol import Source
from bot.metrics.tables import Metric

# Enough to see whether a metric has days at all, cheap enough for every metric.
CHECK_DAYS = 30
NOTHING_DECLARED = "docs/metrics.md shows how to declare one, under metrics: in that file."


@dataclass(frozen=True)
class Checked:
    """What one read of a metric gave: its newest value, or the problem and its fix.

    ``day`` is the newest day with a value, ``expected`` the last complete one by the clock.
    ``seconds`` is how long the source took.
    """

    name: str
    label: str
    source: str
    expected: date
    seconds: float
    rows: int = 0
    day: date | None = None
    value: str = ""
    problem: str = ""
    fix: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the metric can be read and its last complete day is there."""
        return not self.problem


async def check_metrics(
    text: str,
    env: Mapping[str, str],
    *,
    at: datetime,
    tick: Callable[[], float],
    more: Sequence[MetricDefinition] = (),
) -> list[Checked]:
    """Read the last 30 complete days of each metric of a metrics file, one after the other.

    ``tick`` is a clock in seconds, ``more`` are metrics that were set up in Slack. Raises
    ``BadSetting`` when the file itself is wrong.
    """
    declaration = load(text, env)
    sources = open_sources(declaration)
    return [
        await check_metric(one, sources.get(one.source), at=at, tick=tick)
        for one in (*declaration.metrics, *more)
    ]


async def set_up_in_slack(db: Database) -> list[MetricDefinition]:
    """Return the metrics that people set up in Slack; none where there is no database yet."""
    if db.is_sqlite and not await asyncio.to_thread(Path(db.url.database or "").is_file):
        return []
    query = select(Metric).where(Metric.origin == FORM, Metric.retired_at.is_(None))
    try:
        async with db.read() as session:
            rows = await session.scalars(query.order_by(Metric.name))
            return [definition_of(row) for row in rows]
    except (SQLAlchemyError, DatabaseBusy):
        return []


async def check_metric(
    one: MetricDefinition, source: Source | None, *, at: datetime, tick: Callable[[], float]
) -> Checked:
    """Read a metric's last 30 complete days once. ``source`` is None when nothing declares it."""
    last = open_gate(at, one.zone, one.ready_after, one.late_days).last_complete
    start = tick()
    if source is None:
        problem, fix = f"There is no source “{one.source}”.", "Declare it in the metrics file."
        return Checked(one.name, one.label, one.source, last, 0.0, problem=problem, fix=fix)
    try:
        rows = await source.read(one, last - timedelta(days=CHECK_DAYS - 1), last + timedelta(1))
    except MetricUnreadable as error:
        seconds = tick() - start
        return Checked(
            one.name, one.label, one.source, last, seconds, problem=error.problem, fix=error.fix
        )
    found = Checked(one.name, one.label, one.source, last, tick() - start, rows=len(rows))
    return _judged(one, found, rows[-1].day if rows else None, rows[-1].value if rows else None)


def _judged(
    one: MetricDefinition, found: Checked, day: date | None, value: float | None
) -> Checked:
    problem, fix = "", ""
    if day is None:
        problem = f"There is no row in the {CHECK_DAYS} days to {found.expected}."
        fix = "Check the query's dates: day is a local date of the metric's zone."
    elif day < found.expected and one.missing == "gap":
        problem = f"There is nothing for {found.expected}, the last complete day."
        fix = "If the data comes later in the morning, set ready_after to that time."
    return Checked(
        found.name,
        found.label,
        found.source,
        found.expected,
        found.seconds,
        rows=found.rows,
        day=day,
        value=format_value(value, one.counted) if day else "",
        problem=problem,
        fix=fix,
    )


def render_checked(checked: Sequence[Checked]) -> str:
    """Return the findings as lines for a terminal."""
    if not checked:
        return (
            f"!! The metrics file declares no metric, so nothing was read.\n   {NOTHING_DECLARED}"
        )
    lines = []
    for one in checked:
        if one.is_good:
            took = f"{one.rows} days in {one.seconds:.1f} s"
            lines.append(f"ok {one.name}: {one.value} on {one.day} ({took})")
        else:
            lines.append(f"!! {one.name}: {one.problem}")
            if one.fix:
                lines.append(f"   {one.fix}")
    good = sum(one.is_good for one in checked)
    return "\n".join([*lines, f"\n{good} of {len(checked)} metrics can be read."])
