"""What a metric would have been without the launch, guessed in many simple ways for every day.

Each baseline maps a cleaned series of n days before the launch to n + 1 forecasts, one for every
start `t` from 0 to n (n is the launch itself), of the mean of the `horizon` days from `t` on. A
forecast uses days before `t` only; it is NaN where its own history does not reach.
"""

import numpy as np

from bot.stats.days import Floats

WEEK = 7
MONTH = 28
HALF_YEAR = 182
YEAR = 364  # whole weeks, so that weekdays meet
MEAN_DAYS = (7, 14, 28, 56)
HALF_LIVES_WEEKS = (0.5, 1.0, 2.0, 4.0)
FADING_WEEKS = 8
TREND_SHARES = (0.3, 0.6)
RETURN_SHARES = (0.25, 0.5)
YEAR_SHARES = (0.5, 1.0)
YEAR_SHIFTS = (-7, 0, 7)  # one start a year ago is a noisy guide; three weeks of them are averaged


def mean_of(days: int) -> str:
    """Name of the baseline that expects the mean of the last `days` days."""
    return f"mean of {days} days"


def fading_by(weeks: float) -> str:
    """Name of the baseline that halves a week's weight every `weeks` weeks."""
    return f"weeks fading by half in {weeks:g}"


def return_of(share: float) -> str:
    """Name of the baseline that expects a `share` of the way back to the half-year mean."""
    return f"return of {share:g} to the half-year mean"


def year_times(share: float) -> str:
    """Name of the baseline that expects a `share` of last year's change at the same weeks."""
    return f"last year's change times {share:g}"


def preceding_mean(y: Floats, days: int) -> Floats:
    """(n + 1,) mean of the `days` values before each start; NaN where there are fewer."""
    total = np.concatenate([[0.0], np.cumsum(y)])
    mean = np.full(len(y) + 1, np.nan)
    if days <= len(y):
        mean[days:] = (total[days:] - total[: len(total) - days]) / days
    return mean


def following_mean(y: Floats, horizon: int) -> Floats:
    """(n - horizon + 1,) mean of the `horizon` values from each start on."""
    return preceding_mean(y, horizon)[horizon:]


def forecasts(y: Floats, horizon: int) -> dict[str, Floats]:
    """Name to (n + 1,) forecasts of the mean of the `horizon` days from each start."""
    means = {days: preceding_mean(y, days) for days in MEAN_DAYS}
    month = means[MONTH]
    away = preceding_mean(y, HALF_YEAR) - month
    slope = (month - _delay(month, MONTH)) / MONTH
    last_year = _last_year(y, month, horizon)
    return {
        **{mean_of(days): mean for days, mean in means.items()},
        **{fading_by(weeks): _fading(means[WEEK], weeks) for weeks in HALF_LIVES_WEEKS},
        **{
            f"trend damped to {s:g}": month + s * slope * (MONTH + horizon) / 2
            for s in TREND_SHARES
        },
        **{return_of(share): month + share * away for share in RETURN_SHARES},
        **{year_times(share): month + share * last_year for share in YEAR_SHARES},
    }


def _fading(week_mean: Floats, half_life: float) -> Floats:
    weight = 0.5 ** (np.arange(FADING_WEEKS) / half_life)
    shifted = np.array([_delay(week_mean, WEEK * back) for back in range(FADING_WEEKS)])
    return np.asarray(np.tensordot(weight / weight.sum(), shifted, axes=1))


def _last_year(y: Floats, month: Floats, horizon: int) -> Floats:
    """Change from the month before to the horizon after, at the same weeks of last year."""
    change = np.full(len(y) + 1, np.nan)
    after = following_mean(y, horizon)
    change[: len(after)] = after - month[: len(after)]
    return np.asarray(np.mean([_delay(change, YEAR + shift) for shift in YEAR_SHIFTS], axis=0))


def _delay(x: Floats, steps: int) -> Floats:
    moved = np.full(len(x), np.nan)
    if steps < len(x):
        moved[steps:] = x[: len(x) - steps]
    return moved
