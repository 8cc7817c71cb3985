"""Readings laid on a calendar: one value for each day, NaN for a gap."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

HISTORY_DAYS = 730  # two years: what the placebo launches of docs/verdicts.md were measured on


@dataclass(frozen=True)
class Grid:
    """One value for each calendar day, NaN for a gap; `launch` is the first day after."""

    weekday: Ints
    values: Floats
    launch: int
    controls: Floats  # (n, k), k may be 0

    @property
    def horizon(self) -> int:
        return len(self.values) - self.launch


def lay_on_days(
    dates: ArrayLike, values: ArrayLike, launch: int, controls: ArrayLike | None = None
) -> Grid:
    """Put readings on a calendar: sorted, one a day (the last one counts), NaN where none was.

    `dates` (n,) days, `values` (n,), `controls` (n, k) or None. History beyond two years is
    dropped. Infinite values become gaps. Raises ValueError when the lengths disagree.
    """
    day = np.asarray(dates).astype("datetime64[D]").astype(np.int64).reshape(-1)
    table = _table(values, controls, len(day))
    if not 0 <= launch <= len(day):
        raise ValueError(f"launch {launch} is outside the {len(day)} days")
    if len(day) == 0:
        return Grid(day, table[:, 0], 0, table[:, 1:])
    first_after = int(day[launch]) if launch < len(day) else int(day.max()) + 1
    start = max(int(day.min()), first_after - HISTORY_DAYS)
    end = max(int(day.max()) + 1, first_after)
    laid = np.full((end - start, table.shape[1]), np.nan)
    kept = np.flatnonzero(day >= start)
    laid[day[kept] - start] = table[kept]
    weekday = (np.arange(start, end) + 3) % 7
    return Grid(weekday, laid[:, 0], first_after - start, laid[:, 1:])


def _table(values: ArrayLike, controls: ArrayLike | None, n: int) -> Floats:
    columns = [np.asarray(values, dtype=np.float64).reshape(-1, 1)]
    if controls is not None:
        other = np.asarray(controls, dtype=np.float64)
        columns.append(other.reshape(len(other), -1))
    if any(len(column) != n for column in columns):
        raise ValueError("dates, values and controls must have one row for each day")
    table = np.hstack(columns)
    return np.where(np.isfinite(table), table, np.nan)
