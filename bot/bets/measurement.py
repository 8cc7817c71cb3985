"""Measure a bet's metric: baseline, smallest visible change, and the change since the launch.

Pure numpy over a metric's series; slow enough (tens of milliseconds) to run off the event loop.
"""

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from bot.bets.rules import relative_change, visible_change
from bot.errors import BadInput
from bot.stats.cleaning import odd_days
from bot.stats.verdict import (
    Estimate,
    estimate,
    evidence,
    grade,
    judge_guardrails,
    smallest_visible,
)

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]

# Four whole weeks, so that each weekday stands in the baseline alike.
BASELINE_DAYS = 28
WEEK = 7
# Fewer known days than a week's say nothing about a level.
MIN_BASELINE_DAYS = 7
# Later check dates that a bet which cannot be decided is tried against.
LATER_DAYS = (14, 21, 28, 42, 56)
METHOD = "placebo family"
# No metric has such an id.
COMPLAINTS = "complaints"


@dataclass(frozen=True)
class History:
    """A metric's complete days without a hole: (n,) dates and values, NaN where none was read."""

    dates: Days
    values: Floats
    last_complete: date | None = None
    as_of: datetime | None = None

    def until(self, last: date) -> "History":
        """Return the days up to ``last``, included."""
        kept = self.dates <= np.datetime64(last, "D")
        return History(self.dates[kept], self.values[kept], self.last_complete, self.as_of)

    def since(self, first: date) -> "History":
        """Return the days from ``first`` on."""
        kept = self.dates >= np.datetime64(first, "D")
        return History(self.dates[kept], self.values[kept], self.last_complete, self.as_of)


ODD_NAMED = 2  # of the days left out; more are counted


@dataclass(frozen=True)
class Baseline:
    """The daily level over some days (both included) before a launch."""

    value: float
    first: date
    last: date


@dataclass(frozen=True)
class Outlook:
    """What can be seen by a check date, said before the launch. Shares of the level, or None.

    ``decided_after`` is the number of days after which the target's change would be seen, None when
    none of those tried is enough.
    """

    visible: float | None
    change: float | None
    is_decidable: bool
    decided_after: int | None = None


@dataclass(frozen=True)
class Span:
    """Which days are compared: before ``exposed``, and from ``first`` to ``last`` (included)."""

    exposed: date
    first: date
    last: date


@dataclass(frozen=True)
class Measured:
    """What one metric did. ``change`` is ``verdict.estimate``'s answer."""

    value: float | None
    is_reached: bool | None
    kind: str
    grade: str
    grade_reason: str
    change: Estimate | None = None
    problem: str = ""

    def number(self, key: str) -> float | None:
        """Return a figure of the estimate, None where there is none."""
        found = self.change.get(key) if self.change else None
        is_known = isinstance(found, float | int) and math.isfinite(found)
        return float(found) if found is not None and is_known else None


@dataclass(frozen=True)
class Guard:
    """One guardrail with its metric's history and the harm that is still accepted (a share)."""

    metric_id: str
    label: str
    good: str
    harm: float
    history: History | None = field(default=None)
    is_redefined: bool = False  # its metric means something else than when the bet was set


def level(history: History) -> float | None:
    """Return the daily level: every weekday counts alike once each was seen; None for no day.

    Days far from all others of their weekday are left out, while they are few (``odd_days``).
    """
    values, weekday = _known(history)
    if not len(values):
        return None
    kept = ~odd_days(values, weekday)
    values, weekday = values[kept], weekday[kept]
    if len(np.unique(weekday)) < WEEK:
        return float(values.mean())
    return float(np.mean([values[weekday == day].mean() for day in range(WEEK)]))


def _without(window: History) -> str:
    """Name the measured days that ``level`` left out, for who reads the level."""
    values, weekday = _known(window)
    days = window.dates[~np.isnan(window.values)][odd_days(values, weekday)]
    if not len(days):
        return ""
    named = " and ".join(f"{day:%a} {day.day} {day:%b}" for day in map(_day, days[:ODD_NAMED]))
    more = f" and {len(days) - ODD_NAMED} more" if len(days) > ODD_NAMED else ""
    verb = "was" if len(days) == 1 else "were"
    return f"; {named}{more} {verb} left out, far from other days of that weekday"


def level_after(window: History, before: History) -> float | None:
    """Return the level of days after a launch, comparable with that of four weeks ``before`` it.

    Where some weekdays are missing from ``window``, its days count by what their weekdays were
    worth before: a weekend alone is no fall. Without such days before, their plain mean.
    """
    _, weekday = _known(window)
    plain = level(window)
    if plain is None or len(np.unique(weekday)) == WEEK:
        return plain
    past = before.since(_day(before.dates[-1]) - timedelta(days=BASELINE_DAYS - 1))
    known, weekdays = _known(past)
    base = level(past)
    kept = ~odd_days(known, weekdays)
    worth = [known[kept & (weekdays == day)] for day in weekday]
    if base is None or not all(len(one) for one in worth):
        return plain
    usual = float(np.mean([one.mean() for one in worth]))
    return plain * base / usual if usual > 0 and base > 0 else plain


def _known(history: History) -> tuple[Floats, npt.NDArray[np.int64]]:
    known = ~np.isnan(history.values)
    weekday = (history.dates[known].astype(np.int64) + 3) % WEEK
    return history.values[known], weekday


def _day(day: np.datetime64) -> date:
    found: date = day.astype(object)
    return found


def read_baseline(history: History, before: date) -> Baseline:
    """Return the level of the last four weeks before ``before``. Raises ``BadInput`` (metric)."""
    past = history.until(before - timedelta(days=1))
    last = _last_day(past)
    if last is None:
        raise BadInput(
            field="metric",
            problem="I have no reading of this metric.",
            fix="Ask its owner, or pick another one.",
        )
    window = past.since(last - timedelta(days=BASELINE_DAYS - 1))
    value = level(window)
    seen = int(np.sum(~np.isnan(window.values)))
    if value is None or seen < MIN_BASELINE_DAYS:
        raise BadInput(
            field="metric",
            problem=f"This metric has {seen} days of readings; a level needs {MIN_BASELINE_DAYS}.",
            fix="Pick another metric, or a bet that is judged by hand.",
        )
    first = window.dates[0].astype(object)
    return Baseline(value, first, last)


def _last_day(history: History) -> date | None:
    known = np.flatnonzero(~np.isnan(history.values))
    return history.dates[known[-1]].astype(object) if len(known) else None


def foresee(
    history: History, target: float | None, good: str, *, before: date, days: int
) -> Outlook:
    """Say what could be told from noise ``days`` days after a launch on ``before``."""
    past = history.until(before - timedelta(days=1))
    base = level(past.since(before - timedelta(days=BASELINE_DAYS)))
    change = relative_change(target, base)
    visible = _visible(past, days, good)
    if change is None or (visible is not None and abs(change) >= visible):
        return Outlook(visible, change, is_decidable=change is not None)
    later = (n for n in LATER_DAYS if n > days)
    enough = (n for n in later if (seen := _visible(past, n, good)) and abs(change) >= seen)
    return Outlook(visible, change, is_decidable=False, decided_after=next(enough, None))


def _visible(past: History, days: int, good: str) -> float | None:
    if not len(past.dates) or days < 1:
        return None
    return visible_change(float(smallest_visible(past.dates, past.values, days)), good)


def measure_change(history: History, span: Span, target: float | None, good: str) -> Measured:
    """Compare the days of ``span`` with what the days before it led to expect."""
    seen = history.until(span.last)
    before = seen.until(span.exposed - timedelta(days=1))
    window = seen.since(span.first)
    value = level_after(window, before) if len(before.dates) else level(window)
    is_reached = None if value is None or target is None else _reaches(value, target, good)
    change = _estimate(seen, span) or _nothing()
    kind = evidence(change, relative_change(target, change["baseline"]), _way(good))
    graded = grade(change)
    reason = graded.reason + _without(window)
    return Measured(value, is_reached, kind, graded.letter, reason, change)


def measure_count(history: History, span: Span, target: float) -> Measured:
    """Count from nothing: the total of the days of ``span``."""
    window = history.until(span.last).since(span.first)
    total = float(np.nansum(window.values)) if len(window.values) else 0.0
    return Measured(
        total,
        total >= target,
        "counted",
        "D",
        "a count from nothing has no earlier days to compare with",
    )


def measure_guards(
    guards: list[Guard], span: Span | None, *, complaints: float | None = None
) -> tuple[list[dict[str, object]], bool]:
    """Judge the guardrails together: one plain mapping each, ready to be kept.

    ``complaints`` is the chance of as many complaints if nothing had changed: one harm among the
    others, so that it is told from chance no easier than they. Also returns whether it is one.
    """
    changes = {
        g.metric_id: (_estimate(g.history.until(span.last), span) if g.history and span else None)
        or _nothing()
        for g in guards
    }
    chances = {} if complaints is None else {COMPLAINTS: complaints}
    ways = {g.metric_id: _way(g.good) for g in guards}
    judged = judge_guardrails(changes, ways, chances=chances)
    return [
        {
            "metric_id": g.metric_id,
            "label": g.label,
            "harm": g.harm,
            "is_redefined": g.is_redefined,
            "is_harmed": judged[g.metric_id].is_harmed,
            "largest_harm": _finite(judged[g.metric_id].largest_harm),
            "lo": _finite(changes[g.metric_id]["lo"]),
            "hi": _finite(changes[g.metric_id]["hi"]),
            "method": changes[g.metric_id].get("method", METHOD),
        }
        for g in guards
    ], COMPLAINTS in judged and judged[COMPLAINTS].is_harmed


def _nothing() -> Estimate:
    return Estimate(
        status="too_short", reason="window", effect=math.nan, baseline=math.nan,
        lo=-1.0, hi=math.inf, smallest_visible=math.inf, method=METHOD,
    )  # fmt: skip


def _way(good: str) -> Literal["up", "down"]:
    return "up" if good == "up" else "down"


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def _reaches(value: float, target: float, good: str) -> bool:
    return value >= target if good == "up" else value <= target


def _estimate(seen: History, span: Span) -> Estimate | None:
    """Estimate with the days between exposure and the first measured one left out as mixed."""
    first = np.datetime64(span.first, "D")
    if not len(seen.dates) or seen.dates[-1] < first or seen.dates[0] >= first:
        return None
    mixed = (seen.dates >= np.datetime64(span.exposed, "D")) & (seen.dates < first)
    values = np.where(mixed, np.nan, seen.values)
    return estimate(seen.dates, values, int(np.searchsorted(seen.dates, first)))
