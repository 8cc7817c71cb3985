"""The completeness gate: which local days may be compared, and readings laid on a grid of days.

An unfinished day is never compared: told no clock, every detector that was tried called 31 to
100 % of half-finished days unusual.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from bot.clock import has_date, local_date, slot_instant

Missing = Literal["gap", "zero"]
Days = npt.NDArray[np.datetime64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gate:
    """What is known at one instant: local dates, both included.

    ``last_complete`` may be compared. The days from ``may_change_from`` to it are complete but a
    source may still correct them: they are read again each time.
    """

    last_complete: date
    may_change_from: date


class Grid(NamedTuple):
    """Consecutive days (datetime64[D]) and their values (float, NaN where there is none)."""

    dates: Days
    values: Values


def open_gate(now: datetime, zone: ZoneInfo, ready_after: time, late_days: int) -> Gate:
    """Return the gate at ``now`` (aware).

    A local day is complete once the next one has reached ``ready_after``. A date that the zone
    skipped is none. ``late_days`` days are read again each time, the last complete one among them.
    """
    today = local_date(now, zone)
    is_ready = now >= slot_instant(today, ready_after, zone)
    last = _day_before(today, zone)
    if not is_ready:
        last = _day_before(last, zone)
    return Gate(last, last - timedelta(days=max(late_days, 1) - 1))


def unread_from(gate: Gate, read_through: date | None, history_days: int) -> date:
    """Return the first day to read: late days again, what was missed, or the whole history."""
    if read_through is None:
        return gate.last_complete - timedelta(days=history_days - 1)
    return min(gate.may_change_from, read_through + timedelta(days=1))


def lay_on_grid(
    readings: Iterable[tuple[date, float | None]],
    since: date,
    last_complete: date,
    missing: Missing,
) -> Grid:
    """Lay readings on the days from ``since`` to ``last_complete``, both included.

    Readings outside are dropped, those of an unfinished day among them. A day without a reading
    is NaN; with ``missing`` "zero" it is 0, but only after the first reading: before it the
    metric did not exist. Of two readings for a day the later one counts.
    """
    length = max((last_complete - since).days + 1, 0)
    values = np.full(length, np.nan)
    for day, value in readings:
        place = (day - since).days
        if 0 <= place < length:
            values[place] = np.nan if value is None else value
    if missing == "zero":
        _fill_with_zero(values)
    return Grid(np.datetime64(since, "D") + np.arange(length), values)


def _fill_with_zero(values: Values) -> None:
    known = np.flatnonzero(np.isfinite(values))
    if known.size:
        after = values[known[0] :]
        after[np.isnan(after)] = 0.0


def _day_before(day: date, zone: ZoneInfo) -> date:
    day -= timedelta(days=1)
    while not has_date(day, zone):
        day -= timedelta(days=1)
    return day
