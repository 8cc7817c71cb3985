"""The picture of a check: the metric before and after, with the day from which it counts marked."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from bot.bets.checks import Material
from bot.bets.records import Judged
from bot.bets.rules import MOVE_METRIC
from bot.clock import zone_named
from bot.digests.chart import ChartSpec, Mark, chart_of

# Where the picture stands among the blocks of a check: after the two answers.
PICTURE_INDEX = 3
WEEK = 7
MARKS: dict[str, Literal["launch", "decision"]] = {"launch": "launch", "decision": "decision"}


def picture_of_check(one: Judged, material: Material) -> ChartSpec | None:
    """Return what the check's readers see drawn; None where there is nothing to draw."""
    bet, evidence = one.bet, one.evidence
    metric, history, span = material.metric, material.history, material.span
    if bet is None or bet.is_hidden or evidence is None or bet.kind != MOVE_METRIC:
        return None
    if metric is None or history is None or span is None or evidence.kind == "not_measured":
        return None
    seen = history.until(span.last)
    zone = zone_named(metric.timezone)
    marks = [Mark(day=span.exposed, kind=MARKS[one.kind], text=one.title)]
    marks += [
        Mark(day=_day(other.live_at, zone), kind="launch", text=other.title)
        for other in evidence.others
    ]
    spec = chart_of(
        metric.label, metric.unit, seen.dates, seen.values, target=bet.target, marks=marks
    )
    return _with_frozen_band(spec, span.exposed) if spec else None


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _with_frozen_band(spec: ChartSpec, launched: date) -> ChartSpec:
    """Go on with the last week's band from the launch on, lest it follow the days it judges."""
    start = (launched - spec.first).days
    if start < WEEK:
        return spec
    return spec.model_copy(
        update={"low": _frozen(spec.low, start), "high": _frozen(spec.high, start)}
    )


def _frozen(bounds: Sequence[float | None], start: int) -> tuple[float | None, ...]:
    days = np.arange(len(bounds))
    source = np.where(days < start, days, start - WEEK + (days - start) % WEEK)
    return tuple(bounds[n] for n in source)
