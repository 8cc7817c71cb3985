"""Readings laid on a calendar: one value for each day, NaN for a gap."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

HISTORY_DAYS = 730  # two years: what the placebo launches of docs/verdicts.md were measured on
FUTURE_DAYS = 370  # a window longer than a year is no longer about the launch
MONDAY_OFFSET = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True)
class Grid:
    """(n,) weekday (0 is Monday) and values, (n, k) controls; `launch` is the first day after."""

    weekday: Ints
    values: Floats
    launch: int
    controls: Floats

    @property
    def horizon(self) -> int:
        """Days from the launch on."""
        return len(self.values) - self.launch


def lay_on_days(
    dates: ArrayLike, values: ArrayLike, launch: int, controls: ArrayLike | None = None
) -> Grid:
    """Put readings on a calendar: sorted, one a day (the last one counts), NaN where none was.

    `dates` (n,) days, `values` (n,), `controls` (n, k) or None, `launch` an index from 0 to n (n:
    not launched yet). History beyond two years, and days before the first reading, are dropped;
    infinite values become gaps. Raises ValueError when lengths disagree or `launch` is outside.
    """
    day = np.asarray(dates).astype("datetime64[D]").astype(np.int64).reshape(-1)
    table = _table(values, controls, len(day))
    if not 0 <= launch <= len(day):
        raise ValueError(f"launch {launch} is outside the {len(day)} days")
    if not len(day):
        return Grid(day, table[:, 0], 0, table[:, 1:])
    first_after = int(day[launch]) if launch < len(day) else int(day.max()) + 1
    seen = day[~np.isnan(table[:, 0])]
    first = int(seen.min()) if len(seen) else int(day.min())
    start = min(max(first, first_after - HISTORY_DAYS), first_after)
    end = min(max(int(day.max()) + 1, first_after), first_after + FUTURE_DAYS)
    laid = np.full((end - start, table.shape[1]), np.nan)
    kept = np.flatnonzero((day >= start) & (day < end))
    laid[day[kept] - start] = table[kept]
    weekday = (np.arange(start, end) + MONDAY_OFFSET) % 7
    return Grid(weekday, laid[:, 0], first_after - start, laid[:, 1:])


def _table(values: ArrayLike, controls: ArrayLike | None, n: int) -> Floats:
    columns = [np.asarray(values, dtype=np.float64).reshape(-1, 1)]
    if controls is not None:
        other = np.asarray(controls, dtype=np.float64)
        columns.append(other.reshape(len(other), -1) if other.size else np.empty((n, 0)))
    if any(len(column) != n for column in columns):
        raise ValueError("dates, values and controls must have one row for each day")
    table = np.hstack(columns)
    return np.where(np.isfinite(table), table, np.nan)
