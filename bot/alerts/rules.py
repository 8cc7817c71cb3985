"""When an alert opens, is told, and closes: pure decisions over one metric's days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any, Literal

import numpy as np

from bot.metrics.judging import Days, Floats, Habits, Judged, Moved, Range, judge_last
from bot.metrics.units import Unit

Kind = Literal["unusual", "bound"]
Step = Literal["", "open", "worse", "hold", "back", "stayed"]

WATCH, AGAIN = "alert.watch", "alert.again"
# Alerts need a day to be read first; sources are rarely ready to the minute.
AFTER_READY = timedelta(minutes=10)
# Whose metric is ready at two in the morning still sleeps then.
EARLIEST = time(7, 0)
# Data that was late is looked at once more on the same day.
LOOK_AGAIN = timedelta(hours=4)
LAST_MINUTE = 23 * 60 + 50  # of its day: a second look stays on it
# Days that a watch which was down catches up on; older ones are history.
CATCH_UP_DAYS = 7
# An episode opens at the limit and closes at half of the way back, for two days: no flicker.
BACK_SHARE = 0.5
CALM_DAYS = 2
# What stays so long is what is usual now.
STAYED_DAYS = 14
WORSE_SHARE = 1.5  # times as far from usual as what was told
SAME_WEEKDAYS = 4
# Of a count below this, days differ too much to wake somebody, unless a team says otherwise.
LEAST_COUNT = 30
# At least three, and most of those judged: then it is one event.
TOGETHER = 3
TOGETHER_SHARE = 0.6
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Limits:
    """What a team declared under ``alert:``; ``min_change`` is a share, bounds are values."""

    min_change: float = 0.1
    min_count: float = 0.0
    budget_per_week: float = 1.0
    above: float | None = None
    below: float | None = None


@dataclass(frozen=True)
class Signal:
    """A day that is worth an alert. ``usual`` is what was expected, or the bound."""

    kind: Kind
    side: str
    day: date
    value: float
    usual: float
    range: Range | None = None
    moved: Moved | None = None

    @property
    def change(self) -> float:
        """How far it is from usual, as a share: of its level where that moved."""
        return share_of(self.moved.level if self.moved else self.value, self.usual)


@dataclass(frozen=True)
class Open:
    """An episode that has not ended."""

    kind: str
    side: str
    first_day: date
    usual: float
    change: float  # of its first day, as a share of usual
    worst: float  # the largest that was told, without its sign
    calm_days: int


def read_limits(alert: dict[str, Any], unit: Unit) -> Limits:
    """Read what the metrics file says under ``alert:``; percent and times have no least count."""
    least = alert.get("min_count")
    if least is None:
        least = 0 if unit.is_percent or unit.word == "ms" else LEAST_COUNT
    return Limits(
        min_change=float(alert.get("min_change") or 0.1),
        min_count=float(least),
        budget_per_week=float(alert.get("budget_per_week") or 1),
        above=_number(alert.get("above")),
        below=_number(alert.get("below")),
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def look_at(ready_after: str, delay: timedelta) -> time:
    """Return when a metric is looked at, ``delay`` after it is ready and not before the morning."""
    ready = time.fromisoformat(ready_after)
    minutes = ready.hour * 60 + ready.minute
    morning = EARLIEST.hour * 60 + EARLIEST.minute
    earliest = max(minutes + _minutes(AFTER_READY), morning)
    return time(*divmod(min(earliest + _minutes(delay - AFTER_READY), LAST_MINUTE), 60))


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def first_new(dates: Days, judged_through: date) -> int:
    """Return the place of the first day that was not judged yet, a week back at most."""
    first = int(np.searchsorted(dates, np.datetime64(judged_through, "D"), side="right"))
    return max(first, len(dates) - CATCH_UP_DAYS)


def find_signal(
    dates: Days, values: Floats, place: int, habits: Habits, limits: Limits
) -> Signal | None:
    """Return what is worth an alert on the day at ``place``; a gap never is."""
    value, day = float(values[place]), _date(dates[place])
    if not np.isfinite(value):
        return None
    side, bound = _beyond(value, limits)
    if bound is not None:
        return Signal("bound", side, day, value, bound)
    habits = replace(habits, min_count=limits.min_count)
    judged = judge_last(dates[: place + 1], values[: place + 1], habits)
    return _unusual(judged, day, value, limits)


def _unusual(judged: Judged, day: date, value: float, limits: Limits) -> Signal | None:
    if not judged.side or judged.usual is None:
        return None
    usual, told = judged.usual.expected, value
    if judged.moved:
        usual, told = judged.moved.before, judged.moved.level
    if abs(share_of(told, usual)) < limits.min_change:
        return None
    return Signal("unusual", judged.side, day, value, usual, judged.usual, judged.moved)


def _beyond(value: float, limits: Limits) -> tuple[str, float | None]:
    if limits.above is not None and value > limits.above:
        return "above", limits.above
    if limits.below is not None and value < limits.below:
        return "below", limits.below
    return "", None


def next_step(
    known: Open | None, dates: Days, values: Floats, place: int, signal: Signal | None
) -> Step:
    """Decide what a day does to an episode. A gap does nothing."""
    value = float(values[place])
    if not np.isfinite(value):
        return ""
    if known is None:
        return "open" if signal else ""
    change = change_of(known, dates, values, place)
    is_out = bool(signal and signal.side == known.side) or not _is_back(known, value, change)
    if is_out and signal and abs(change) > WORSE_SHARE * known.worst:
        return "worse"
    if not is_out and known.calm_days + 1 >= CALM_DAYS:
        return "back"
    if (_date(dates[place]) - known.first_day).days >= STAYED_DAYS and known.kind == "unusual":
        return "stayed"
    return "hold"


def is_calm(known: Open, dates: Days, values: Floats, place: int) -> bool:
    """Tell whether a day is back at what was usual before the episode."""
    return _is_back(known, float(values[place]), change_of(known, dates, values, place))


def _is_back(known: Open, value: float, change: float) -> bool:
    if known.kind == "bound":
        return value <= known.usual if known.side == "above" else value >= known.usual
    return bool(change * np.sign(known.change) < BACK_SHARE * abs(known.change))


def change_of(known: Open, dates: Days, values: Floats, place: int) -> float:
    """Return how far a day is, as a share, from its weekday in the weeks before the episode."""
    first = int(np.searchsorted(dates, np.datetime64(known.first_day, "D")))
    if known.kind == "bound":
        return share_of(float(values[place]), known.usual)
    same = [values[i] for i in range(place % 7, first, 7) if i >= first - 7 * SAME_WEEKDAYS]
    before = [float(one) for one in same if np.isfinite(one)]
    usual = float(np.mean(before)) if before else known.usual
    return share_of(float(values[place]), usual)


def share_of(value: float, usual: float) -> float:
    """Return the change from usual to a value as a share."""
    return (value - usual) / max(abs(usual), 1e-9)


def is_within_budget(
    told: Sequence[date], day: date, limits: Limits, *, is_zero: bool = False
) -> bool:
    """Tell whether an episode may be told, by when earlier ones were; a zero always may."""
    window = WEEK / min(limits.budget_per_week, 1)
    recent = [one for one in told if day - one < window]
    return is_zero or len(recent) < max(limits.budget_per_week, 1)


def are_together(signals: Sequence[Signal], judged: int) -> bool:
    """Tell whether signals of one morning and side, among ``judged`` metrics, are one event."""
    return len(signals) >= TOGETHER and len(signals) >= TOGETHER_SHARE * judged


def _date(day: np.datetime64) -> date:
    return date.fromisoformat(str(day))
