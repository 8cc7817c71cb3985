"""Whether a watched metric has stopped coming: so that silence is not taken for calm. Pure."""

from datetime import date

import numpy as np

from bot.metrics.judging import Days, Floats

# One day late is told by the digest, or comes by the second look.
BLIND_DAYS = 2
# How far back a metric's own gaps are looked for: one without weekends has two days every week.
HABIT_DAYS = 90
TELL_AGAIN_DAYS = 7


def last_known(dates: Days, values: Floats) -> date | None:
    """Return the last day with a value."""
    known = np.flatnonzero(np.isfinite(values))
    return None if not known.size else date.fromisoformat(str(dates[known[-1]]))


def days_behind(last: date | None, expected: date) -> int:
    """Return how many days are not there; of a metric never read, so that it is told weekly."""
    return BLIND_DAYS + expected.weekday() if last is None else (expected - last).days


def longest_gap(values: Floats) -> int:
    """Return the longest run of days without a value between two with one, lately."""
    known = np.flatnonzero(np.isfinite(values[-HABIT_DAYS:]))
    return int(np.diff(known).max()) - 1 if known.size > 1 else 0


def is_to_tell(behind: int, gap: int) -> bool:
    """Tell whether this is the day to say that nothing has come for ``behind`` days.

    Once it is longer than the metric's own ``gap``, and then once a week.
    """
    late = behind - gap - BLIND_DAYS
    return late >= 0 and late % TELL_AGAIN_DAYS == 0
