"""What a digest says about a day: pure decisions over series of complete days.

Whether a day is unusual is judged by bot/metrics/judging.py. Units are the metric's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

import numpy as np

from bot.clock import Rule
from bot.metrics.judging import PLAIN, Days, Floats, Habits, Moved, Range, Side, Silence, judge_last

State = Literal["ok", "late", "unreadable", "unread"]

METRICS, FEEDBACK, LAUNCHES = "metrics", "feedback", "launches"  # kinds of digests
KINDS = (METRICS, FEEDBACK, LAUNCHES)
JOB = "digest.post"  # the kind of a digest's schedule
WEEK = 7
MEAN_DAYS = 4  # same weekdays in the mean that is shown
ENOUGH_MEAN_DAYS = 2
# Digests of the morning may be posted until noon; later ones within three hours.
NOON = time(12, 0)
LATEST_MINUTES = 180
# A post this much after its time says so.
LATE_AFTER = timedelta(minutes=15)
RECENT_DAYS = 14  # of the sparkline: two weeks, one line on a phone
COVERED_DAYS = 5  # the day after Easter tells of five; an ordinary Monday of three


@dataclass(frozen=True)
class Day:
    """One local day of a metric."""

    date: date
    value: float
    side: Side = ""


@dataclass(frozen=True)
class Standing:
    """How a metric stands: its last complete day beside its own past.

    ``expected`` is the day that should be there by now. ``day`` is the last day with a value (None:
    none was ever read). ``mean`` is of the last ``mean_days`` same weekdays. ``recent`` are the
    values up to ``day``, for the sparkline; NaN is a gap. ``score`` is in scales. ``silence``
    says why nothing is called usual; ``moved`` that the level was left, not the range of a day.
    """

    state: State
    expected: date
    day: Day | None = None
    last_week: float | None = None
    mean: float | None = None
    mean_days: int = 0
    usual: Range | None = None
    score: float = 0.0
    silence: Silence = ""
    moved: Moved | None = None
    covered: tuple[Day, ...] = ()
    recent: tuple[float, ...] = ()

    @property
    def side(self) -> Side:
        """On which side of its usual range the last complete day was, if outside."""
        return self.day.side if self.day and self.state == "ok" else ""

    @property
    def still(self) -> Side:
        """On which side it is outside without being told again: the days before it spoke already.

        Such a day is nothing new, but nobody may be told that it is as usual.
        """
        if self.side or self.day is None or self.state != "ok" or self.usual is None:
            return ""
        if self.day.value > self.usual.high:
            return "above"
        return "below" if self.day.value < self.usual.low else ""


def stand(
    dates: Days,
    values: Floats,
    *,
    expected: date,
    told_until: date | None = None,
    has_problem: bool = False,
    habits: Habits = PLAIN,
) -> Standing:
    """Compare a metric's last complete day with its own past.

    ``dates`` and ``values`` are consecutive complete days, oldest first. ``told_until`` is the day
    that the digest before told of: days after it are covered too.
    """
    last = _last_with_value(values)
    if last is None:
        return Standing("unreadable" if has_problem else "unread", expected)
    day = _date(dates[last])
    state = _state(day, expected, has_problem=has_problem)
    judged = judge_last(dates[: last + 1], values[: last + 1], habits)
    mean, count = same_weekday_mean(values, last)
    return Standing(
        state=state,
        expected=expected,
        day=Day(day, float(values[last]), judged.side),
        last_week=_at(values, last - WEEK),
        mean=mean,
        mean_days=count,
        usual=judged.usual,
        score=judged.score,
        silence=judged.silence,
        moved=judged.moved,
        covered=_covered(dates, values, last, told_until, habits),
        recent=tuple(float(v) for v in values[max(0, last + 1 - RECENT_DAYS) : last + 1]),
    )


def _state(day: date, expected: date, *, has_problem: bool) -> State:
    if day >= expected:
        return "ok"
    return "unreadable" if has_problem else "late"


def same_weekday_mean(values: Floats, at: int) -> tuple[float | None, int]:
    """Return the mean of the last four same weekdays that have a value, and how many they are."""
    found = [_at(values, at - WEEK * n) for n in range(1, MEAN_DAYS + 1)]
    known = [value for value in found if value is not None]
    if len(known) < ENOUGH_MEAN_DAYS:
        return None, len(known)
    return sum(known) / len(known), len(known)


def _covered(
    dates: Days, values: Floats, last: int, told_until: date | None, habits: Habits
) -> tuple[Day, ...]:
    if told_until is None:
        return ()
    days = []
    for i in range(max(0, last - COVERED_DAYS), last):
        if _date(dates[i]) > told_until and np.isfinite(values[i]):
            judged = judge_last(dates[: i + 1], values[: i + 1], habits)
            days.append(Day(_date(dates[i]), float(values[i]), judged.side))
    return tuple(days)


def _last_with_value(values: Floats) -> int | None:
    known = np.flatnonzero(np.isfinite(values))
    return int(known[-1]) if len(known) else None


def _at(values: Floats, i: int) -> float | None:
    return float(values[i]) if 0 <= i < len(values) and np.isfinite(values[i]) else None


def _date(day: np.datetime64) -> date:
    return date.fromisoformat(str(day))


def is_good(side: Side, good: str) -> bool:
    """Tell whether a day outside its range is on the side that is wanted."""
    return (side == "above") == (good == "up")


def has_reached(value: float, target: float, good: str) -> bool:
    """Tell whether ``value`` is at its target or past it."""
    return value >= target if good == "up" else value <= target


def rank(standings: Sequence[tuple[Standing, str]]) -> list[int]:
    """Return the places of those outside their range, as they matter: unwanted first, then far.

    Each comes with the side that is good ("up" or "down").
    """
    out = [i for i, (standing, _) in enumerate(standings) if standing.side]

    def weight(i: int) -> tuple[bool, float]:
        standing, good = standings[i]
        return is_good(standing.side, good), -abs(standing.score)

    return sorted(out, key=weight)


def is_quiet(standings: Sequence[Standing], happenings: int) -> bool:
    """Tell whether there is nothing to say: all as usual, nothing late, nothing happened."""
    covered = any(day.side for standing in standings for day in standing.covered)
    return not happenings and not covered and all(s.state == "ok" and not s.side for s in standings)


def latest_minutes(rule: Rule) -> int:
    """Return how many minutes late a post may be: until noon, or three hours."""
    minutes = (NOON.hour - rule.at.hour) * 60 + NOON.minute - rule.at.minute
    return minutes if minutes > 0 else LATEST_MINUTES


def is_late(due_at: datetime, at: datetime) -> bool:
    """Tell whether a post at ``at`` has to say that it comes late."""
    return at - due_at > LATE_AFTER
