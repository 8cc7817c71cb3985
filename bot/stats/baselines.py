"""What a metric would have been without the launch, guessed in many simple ways for every day.

Each baseline maps a cleaned series of n days before the launch to n + 1 forecasts, one for every start
`t` from 0 to n (n is the launch itself), of the mean of the `horizon` days from `t` on. A forecast
uses days before `t` only; it is NaN where its own history does not reach.
"""

import numpy as np

from bot.stats.days import Floats

WEEK = 7
YEAR = 364  # whole weeks, so that weekdays meet
MEAN_DAYS = (7, 14, 28, 56)
HALF_LIVES_WEEKS = (0.5, 1.0, 2.0, 4.0)
TREND_SHARES = (0.3, 0.6)
REVERSION_SHARES = (0.25, 0.5)
YEAR_SHARES = (0.5, 1.0)
LONG_DAYS = 182
YEAR_SMOOTHING = (-7, 0, 7)  # last year's launchless change, averaged over three starts


def window_mean(y: Floats, days: int) -> Floats:
    """(len(y) + 1,) mean of the `days` values before each start; NaN where there are fewer."""
    total = np.concatenate([[0.0], np.cumsum(y)])
    mean = np.full(len(y) + 1, np.nan)
    if days <= len(y):
        mean[days:] = (total[days:] - total[:-days]) / days
    return mean


def following_mean(y: Floats, horizon: int) -> Floats:
    """(len(y) - horizon + 1,) mean of the `horizon` values from each start on."""
    return window_mean(y, horizon)[horizon:]


def forecasts(y: Floats, horizon: int) -> dict[str, Floats]:
    """Name to (len(y) + 1,) forecasts of the mean of the `horizon` days from each start."""
    means = {p: window_mean(y, p) for p in (*MEAN_DAYS, WEEK)}
    made = {f"mean of {p} days": means[p] for p in MEAN_DAYS}
    for half_life in HALF_LIVES_WEEKS:
        made[f"weeks fading by half in {half_life:g}"] = _fading(means[WEEK], half_life)
    for share in TREND_SHARES:
        made[f"trend damped to {share:g}"] = _trend(means[28], share, horizon)
    for share in REVERSION_SHARES:
        made[f"return of {share:g} to the half-year mean"] = _reversion(means[28], y, share)
    last_year = _last_year(y, horizon)
    for share in YEAR_SHARES:
        made[f"last year's change times {share:g}"] = made["mean of 28 days"] + share * last_year
    return made


def _fading(week_mean: Floats, half_life: float, weeks: int = 8) -> Floats:
    weight = 0.5 ** (np.arange(weeks) / half_life)
    shifted = [_delay(week_mean, WEEK * k) for k in range(weeks)]
    return np.asarray(np.tensordot(weight / weight.sum(), np.array(shifted), axes=1))


def _trend(mean: Floats, share: float, horizon: int, days: int = 28) -> Floats:
    slope = (mean - _delay(mean, days)) / days
    return mean + share * slope * (days + horizon) / 2


def _reversion(mean: Floats, y: Floats, share: float) -> Floats:
    return mean + share * (window_mean(y, LONG_DAYS) - mean)


def _last_year(y: Floats, horizon: int) -> Floats:
    """Change from the 28 days before to the horizon after, at the same weeks of last year."""
    change = np.full(len(y) + 1, np.nan)
    after = following_mean(y, horizon)
    change[: len(after)] = after - window_mean(y, 28)[: len(after)]
    return np.asarray(np.mean([_delay(change, YEAR - k) for k in YEAR_SMOOTHING], axis=0))


def _delay(x: Floats, steps: int) -> Floats:
    moved = np.full(len(x), np.nan)
    if steps < len(x):
        moved[steps:] = x[: len(x) - steps]
    return moved
