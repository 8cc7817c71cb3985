"""A series made fit for comparing means: one scale, no weekly pattern, odd days pulled in, no gaps.

What happens after the launch never touches what is known before it: both parts are cleaned apart,
with the weekly pattern, the scale and the clipping width taken from before the launch alone.
"""

import numpy as np
from numpy.typing import NDArray

from bot.stats.days import Floats, Ints

WEEKDAY_DAYS = 182  # the weekly pattern of the last half year; an older one is another product's
LEVEL_DAYS = 15  # window of the local level that odd days are pulled towards
CLIP_SCALES = 1.5  # a day further from its level than this many robust sigmas is pulled in
COUNT_CLIP_SIGMAS = 3.0  # small counts are skewed and may have no MAD; only wild days are pulled in
SIGMA_PER_MAD = 1.4826  # of a normal distribution
NOTHING = 1e-3  # of the smallest value seen: what a day without any counts as in logarithms
LEAST_FLOAT = 1e-300
SMALL_COUNT = 10.0  # below it the logarithm of a count is mostly noise
# How far from its weekday an odd day is, and what share of the days may be odd.
ODD_DEVIATIONS, ODD_SHARE, LEAST_SPREAD = 6.0, 0.1, 0.01
WEEK = 7


def is_logarithmic(values: Floats) -> bool:
    """Whether changes are better judged day by day on a log scale: no zeros and no tiny counts."""
    seen = values[~np.isnan(values)]
    if not len(seen) or np.quantile(seen, 0.02) <= 0:
        return False
    is_count = bool(np.all(seen == np.round(seen)))
    return not is_count or bool(np.quantile(seen, 0.1) >= SMALL_COUNT)


def log_of(values: Floats) -> Floats:
    """Natural logarithm; what is not positive lies far below: one such day is pulled in later."""
    positive = values[values > 0]
    least = max(float(positive.min()) * NOTHING, LEAST_FLOAT) if len(positive) else 1.0
    return np.asarray(
        np.log(np.where(values > 0, values, np.where(np.isnan(values), values, least)))
    )


def odd_days(values: Floats, weekday: Ints) -> NDArray[np.bool_]:
    """Tell which of (n,) days are far from the median of their weekday: an outage, a double import.

    Far is six robust standard deviations (1.4826 times the median absolute deviation), and 6 % of
    the level at least. More than one day in ten is how the metric is: then none is odd.
    """
    if len(values) < 2 * WEEK:  # a weekday's only day is its own median
        return np.zeros(len(values), dtype=bool)
    middle = {day: np.median(values[weekday == day]) for day in np.unique(weekday)}
    away = np.abs(values - np.array([middle[day] for day in weekday]))
    spread = max(
        SIGMA_PER_MAD * float(np.median(away)), LEAST_SPREAD * abs(float(np.median(values)))
    )
    odd = away > ODD_DEVIATIONS * spread
    return odd if odd.mean() <= ODD_SHARE else np.zeros(len(values), dtype=bool)


def clean_log(y: Floats, weekday: Ints, launch: int) -> Floats:
    """Logarithms `y` without weekly pattern; days far from the 15-day median pulled in to it."""
    flat = y - weekday_effect(y[:launch], weekday[:launch])[weekday]
    level = np.concatenate([local_median(flat[:launch]), local_median(flat[launch:])])
    away = np.abs(flat - level)[:launch]
    width = CLIP_SCALES * SIGMA_PER_MAD * float(np.nanmedian(away))
    return _pull_in(flat, level, width)


def clean_count(y: Floats, weekday: Ints, launch: int) -> Floats:
    """The same for values kept as they are, about a 29-day mean: means of counts must not bend."""
    flat = y - weekday_effect(y[:launch], weekday[:launch])[weekday]
    parts = flat[:launch], flat[launch:]
    level = np.concatenate([carry(running_mean(part, 2 * LEVEL_DAYS - 1)) for part in parts])
    away = (flat - level)[:launch]
    return _pull_in(flat, level, COUNT_CLIP_SIGMAS * float(np.nanstd(away)))


def _pull_in(flat: Floats, level: Floats, width: float) -> Floats:
    away = np.where(np.isnan(flat), 0.0, flat - level)
    return np.asarray(level + np.clip(away, -width, width))


def weekday_effect(y: Floats, weekday: Ints) -> Floats:
    """(7,) usual (median) deviation of each weekday from the week around it, summing to zero."""
    y, weekday = y[-WEEKDAY_DAYS:], weekday[-WEEKDAY_DAYS:]
    away = y - running_mean(y)
    effect = np.zeros(7)
    for day in range(7):
        seen = away[(weekday == day) & ~np.isnan(away)]
        if len(seen):
            effect[day] = np.median(seen)
    return np.asarray(effect - effect.mean())


def local_median(y: Floats, days: int = LEVEL_DAYS) -> Floats:
    """Running median of `y` (NaN skipped) over `days` centred days, cut off at both ends."""
    if not len(y):
        return y
    half = np.full(days // 2, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([half, y, half]), days)
    ordered = np.sort(windows, axis=1)  # NaN last
    count = np.sum(~np.isnan(ordered), axis=1)
    row = np.arange(len(y))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, days - 1)
    return carry((ordered[row, low] + ordered[row, high]) / 2)


def running_mean(y: Floats, days: int = 7) -> Floats:
    """Centred running mean of `y` (NaN skipped) over `days` days, cut off at both ends."""
    if not len(y):
        return y
    known, kernel = ~np.isnan(y), np.ones(days)
    total = np.convolve(np.where(known, y, 0.0), kernel)[days // 2 :][: len(y)]
    count = np.convolve(known.astype(float), kernel)[days // 2 :][: len(y)]
    return np.where(count > 0.5, total / np.maximum(count, 1), np.nan)


def carry(y: Floats) -> Floats:
    """Fill NaN with the nearest value before it, else with the first one after, else with 0."""
    known = np.flatnonzero(~np.isnan(y))
    if not len(known):
        return np.zeros_like(y)
    nearest = np.searchsorted(known, np.arange(len(y)), side="right") - 1
    return np.asarray(y[known[np.maximum(nearest, 0)]])
