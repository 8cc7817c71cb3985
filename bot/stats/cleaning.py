"""A series made fit for comparing means: one scale, no weekly pattern, odd days pulled in, no gaps.

What happens after the launch never touches what is known before it: both parts are cleaned apart,
with the weekly pattern, the scale and the clipping width taken from before the launch alone.
"""

import numpy as np

from bot.stats.days import Floats, Ints

WEEKDAY_DAYS = 182  # the weekly pattern of the last half year; an older one is another product's
LEVEL_DAYS = 15  # window of the local level that odd days are pulled towards
CLIP_SCALES = 1.5  # a day further from its level than this many robust sigmas is pulled in
SIGMA_PER_MAD = 1.4826  # of a normal distribution
SMALL_COUNT = 10.0  # below it the logarithm of a count is mostly noise


def is_logarithmic(before: Floats) -> bool:
    """Whether changes of this metric are better judged on a log scale (no zeros, no tiny counts)."""
    seen = before[~np.isnan(before)]
    if not len(seen) or np.quantile(seen, 0.02) <= 0:
        return False
    is_count = bool(np.all(seen == np.round(seen)))
    return not is_count or bool(np.quantile(seen, 0.1) >= SMALL_COUNT)


def clean(y: Floats, weekday: Ints, launch: int, *, robust: bool = True) -> Floats:
    """`y` without its weekly pattern, odd days pulled in, gaps filled with the level around them.

    Robust clipping is for symmetric noise (logs); for small counts, whose median may be zero, days
    are pulled in only at twice the distance in standard deviations about a running mean.
    """
    parts = slice(None, launch), slice(launch, None)
    effect = weekday_effect(y[:launch], weekday[:launch], robust=robust)
    flat = y - effect[weekday]
    level = np.concatenate([local_level(flat[p]) if robust else _mean(flat[p]) for p in parts])
    away = flat - level
    known = away[:launch][~np.isnan(away[:launch])]
    if robust:
        width = CLIP_SCALES * SIGMA_PER_MAD * float(np.median(np.abs(known)))
    else:
        width = 2 * CLIP_SCALES * float(np.std(known))
    return level + np.clip(np.where(np.isnan(away), 0.0, away), -width, width)


def local_level(y: Floats, days: int = LEVEL_DAYS) -> Floats:
    """Running median of `y` (NaN skipped) over `days` centred days, cut off at both ends."""
    half = days // 2
    padded = np.concatenate([np.full(half, np.nan), y, np.full(half, np.nan)])
    if not len(y):
        return y
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, days), axis=1)
    count = np.sum(~np.isnan(windows), axis=1)
    row = np.arange(len(y))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, days - 1)
    return carry((windows[row, low] + windows[row, high]) / 2)


def _mean(y: Floats) -> Floats:
    return carry(local_mean(y, 2 * LEVEL_DAYS - 1))


def carry(y: Floats) -> Floats:
    """Fill NaN with the nearest value before it, else with the first one after."""
    known = np.flatnonzero(~np.isnan(y))
    if not len(known):
        return np.zeros_like(y)
    nearest = np.searchsorted(known, np.arange(len(y)), side="right") - 1
    return np.asarray(y[known[np.maximum(nearest, 0)]])


def weekday_effect(y: Floats, weekday: Ints, *, robust: bool = True) -> Floats:
    """(7,) usual deviation of each weekday from the week around it, summing to zero."""
    y, weekday = y[-WEEKDAY_DAYS:], weekday[-WEEKDAY_DAYS:]
    away = y - local_mean(y)
    effect = np.zeros(7)
    for day in range(7):
        seen = away[(weekday == day) & ~np.isnan(away)]
        if len(seen):
            effect[day] = np.median(seen) if robust else np.mean(seen)
    return effect - effect.mean()


def local_mean(y: Floats, days: int = 7) -> Floats:
    """Centred running mean of `y` (NaN skipped) over `days` days, cut off at both ends."""
    if not len(y):
        return y
    known, kernel = ~np.isnan(y), np.ones(days)
    total = np.convolve(np.where(known, y, 0.0), kernel)[days // 2 :][: len(y)]
    count = np.convolve(known.astype(float), kernel)[days // 2 :][: len(y)]
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
