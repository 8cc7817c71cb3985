"""Whether a metric's last day is unusual, in the words of metrics. Pure; the method is stats'."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from bot.stats.unusual import band, judge

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Side = Literal["", "above", "below"]
Silence = Literal["", "too_short", "too_few"]

SIDES: dict[str, Side] = {"up": "above", "down": "below", "": ""}


@dataclass(frozen=True)
class Habits:
    """How a metric is judged: what is good, below what nothing is said, and how much wider.

    ``holidays`` are local dates that are unlike other days. ``widen`` times all limits: people
    said "not unusual".
    """

    good: Literal["up", "down"] = "up"
    min_count: float = 0.0
    widen: float = 1.0
    holidays: tuple[date, ...] = ()


PLAIN = Habits()


@dataclass(frozen=True)
class Range:
    """What a day usually is."""

    low: float
    high: float
    expected: float


@dataclass(frozen=True)
class Moved:
    """A level that was left: the daily mean of the last ``days``, and the one before them."""

    days: int
    level: float
    before: float


@dataclass(frozen=True)
class Judged:
    """What can be said of a day. ``silence`` says why nothing can; ``score`` is in scales."""

    side: Side = ""
    usual: Range | None = None
    score: float = 0.0
    silence: Silence = ""
    moved: Moved | None = None


def judge_last(dates: Days, values: Floats, habits: Habits = PLAIN) -> Judged:
    """Judge the last of consecutive complete days, oldest first, NaN where there is no value."""
    days = np.ascontiguousarray(dates, dtype="datetime64[D]").tobytes()
    return _judged(days, np.ascontiguousarray(values, dtype=np.float64).tobytes(), habits)


# The same numbers are told in many channels at nine, and are the same in each.
@lru_cache(maxsize=256)
def _judged(days: bytes, numbers: bytes, habits: Habits) -> Judged:
    told = judge(
        np.frombuffer(days, dtype="datetime64[D]"),
        np.frombuffer(numbers, dtype=np.float64),
        holidays=np.array(habits.holidays, dtype="datetime64[D]"),
        good=habits.good,
        min_count=habits.min_count,
        widen=habits.widen,
    )
    if told["status"] != "ok":
        return Judged(silence="too_few" if told["status"] == "too_few" else "too_short")
    moved = Moved(told["days"], told["level"], told["before"]) if told["days"] else None
    usual = Range(told["low"], told["high"], told["expected"])
    return Judged(SIDES[told["direction"]], usual, told["score"], "", moved)


def usual_band(dates: Days, values: Floats, habits: Habits = PLAIN) -> tuple[Floats, Floats]:
    """Return what each of consecutive days usually is: low and high, NaN where unknown."""
    holidays = np.array(habits.holidays, dtype="datetime64[D]")
    return band(dates, values, holidays=holidays, widen=habits.widen)
