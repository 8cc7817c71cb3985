"""Metrics' days for bets, read for somebody, and what was known of them before."""

import asyncio
import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.betting import Frozen
from bot.bets.measurement import Baseline, History, Outlook, foresee, read_baseline
from bot.bets.records import BetView
from bot.bets.rules import first_measured_day, read_target
from bot.bets.words import a_day, outlook_note, window_phrase
from bot.clock import zone_named
from bot.db.session import Database
from bot.errors import BadInput, NotFound
from bot.metrics.numbers import format_value
from bot.metrics.queries import MetricView, find_metric, list_metrics, read_series
from bot.metrics.tables import Reading
from bot.slack.text import escape
from bot.workspaces.asker import Asker

# A metric whose newest complete day is older cannot be read: weekends and late loads are shorter.
STALE_DAYS = 5


@dataclass(frozen=True)
class Known:
    """What is known of a metric before its days count."""

    baseline: Baseline
    outlook: Outlook
    days: int

    def frozen(self, first_day: date | None) -> Frozen:
        """Return what a bet keeps of it."""
        base = self.baseline
        return Frozen(base.value, base.first, base.last, self.outlook.visible, first_day)


@dataclass(frozen=True)
class Timing:
    """When it came to those whom it should move: both None while it has not."""

    exposed_at: datetime | None = None
    live_at: datetime | None = None

    def exposed_on(self, zone: ZoneInfo, at: datetime) -> date:
        """Return the first local day that is not "before"."""
        return (self.exposed_at or self.live_at or at).astimezone(zone).date()

    def first_day(self, zone: ZoneInfo) -> date | None:
        """Return the first day measured, None until live."""
        return first_measured_day(self.live_at, zone) if self.live_at else None


async def read_history(
    session: AsyncSession, asker: Asker, metric: MetricView, *, until: date
) -> History:
    """Return a metric's complete days up to ``until``. Raises ``NotFound``."""
    series = await read_series(session, asker, metric.id, until=until)
    return History(series.dates, series.values, series.last_complete, series.as_of)


def check_readable(metric: MetricView, history: History, today: date) -> None:
    """Raise ``BadInput`` (metric) when a metric cannot be read now."""
    is_old = history.last_complete is None or (today - history.last_complete).days > STALE_DAYS
    if is_old and metric.problem:
        raise BadInput(
            field="metric",
            problem=f"I cannot read this metric. {metric.problem}",
            fix=metric.fix,
        )
    if metric.read_through is None:
        raise BadInput(
            field="metric",
            problem="I have not read this metric yet and am doing so now.",
            fix="Try again in a minute, or pick another one.",
        )


async def know(
    history: History,
    metric: MetricView,
    wanted: str | float | None,
    timing: Timing,
    check_date: date,
    *,
    at: datetime,
) -> tuple[Known, float | None]:
    """Read baseline and outlook for a target, as typed or as a level. Raises ``BadInput``."""
    zone = zone_named(metric.timezone)
    exposed = timing.exposed_on(zone, at)
    baseline = read_baseline(history, exposed)
    target = wanted if isinstance(wanted, float) else None
    if wanted and isinstance(wanted, str):
        target = read_target(wanted, baseline.value, is_percent=metric.unit.is_percent)
    days = (check_date - (timing.first_day(zone) or exposed)).days
    outlook = await asyncio.to_thread(
        foresee, history, target, metric.good, before=exposed, days=days
    )
    return Known(baseline, outlook, days), target


def known_notes(metric: MetricView, known: Known, target: float | None) -> list[str]:
    """Say the baseline, the target as it was understood, and what can be seen by the date."""
    unit, base = metric.unit, known.baseline
    better = "higher" if metric.good == "up" else "lower"
    days = window_phrase(base.first, base.last)
    now = f"*{escape(metric.label, limit=80)}: {a_day(base.value, unit)}*, the mean {days}"
    aim = f" Target: {a_day(target, unit)}." if target is not None else ""
    return [f"{now}; {better} is better.{aim}", outlook_note(known.outlook, known.days)]


async def freeze_now(
    db: Database, readers: Asker, bet: BetView | None, timing: Timing, *, at: datetime
) -> Frozen | None:
    """Read a bet's metric as it begins to count; None when it cannot be read: the old stands."""
    if bet is None or bet.metric_id is None:
        return None
    try:
        async with db.read() as session:
            metric = await find_metric(session, readers, bet.metric_id)
            history = await read_history(session, readers, metric, until=at.date())
        known, _ = await know(history, metric, bet.target, timing, bet.check_date, at=at)
    except (NotFound, BadInput):
        return None
    return known.frozen(timing.first_day(zone_named(metric.timezone)))


async def metric_options(session: AsyncSession, asker: Asker) -> list[tuple[str, str]]:
    """Return the metrics that the asker may see as (label with its last figure, id).

    Those with figures come first.
    """
    metrics = await list_metrics(session, asker)
    latest = await _latest(session, asker, [metric.id for metric in metrics])
    known = [
        (f"{metric.label}, last {format_value(latest[metric.id], metric.unit)}", metric.id)
        for metric in metrics
        if metric.id in latest
    ]
    return known + [(metric.label, metric.id) for metric in metrics if metric.id not in latest]


async def _latest(session: AsyncSession, asker: Asker, ids: list[str]) -> dict[str, float]:
    newest = select(Reading.day).where(
        Reading.workspace_id == asker.workspace_id, Reading.metric_id.in_(ids)
    )
    last = await session.scalar(newest.order_by(Reading.day.desc()).limit(1))
    if last is None:
        return {}
    query = (
        select(Reading.metric_id, Reading.value)
        .where(
            Reading.workspace_id == asker.workspace_id,
            Reading.metric_id.in_(ids),
            Reading.is_complete.is_(True),
            Reading.value.is_not(None),
            Reading.day > last - timedelta(days=STALE_DAYS),
        )
        .order_by(Reading.day)
    )
    rows = await session.execute(query)
    return {id_: value for id_, value in rows if value is not None and math.isfinite(value)}
