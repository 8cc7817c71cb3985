"""How wrong a baseline is when nothing was launched: the placebo launches before the real one."""

from dataclasses import dataclass

import numpy as np

from bot.stats.days import Floats

CLIP_QUANTILE = 0.98  # one wild placebo may not decide which baseline is used
FADING_DAYS = 365.0  # a placebo a year older counts half when baselines are chosen
POWER_OF_ERROR = -2.0  # weight of a baseline: its mean squared error to this power
SHORT_MARGIN, LONG_MARGIN = 1.15, 1.30  # widening for having chosen, at 14 and at 28 days
MIN_PLACEBOS = 2.0  # independent ones (starts divided by the horizon)


@dataclass(frozen=True)
class Placebos:
    """A weighted family of baselines, its errors at placebo launches, and what follows from them.

    `weights` by name; `errors` (m,) of the family in the scale of the forecasts, oldest first;
    `half_width` of the 95 % interval and `typical` (root mean square) error in the same scale;
    `independent`: placebo launches that do not overlap.
    """

    weights: dict[str, float]
    errors: Floats
    half_width: float
    typical: float
    independent: float


def weigh(errors: dict[str, Floats], usable: set[str], horizon: int) -> Placebos | None:
    """Weigh baselines by their placebo `errors` (m,) (NaN where undefined); None: too few placebos.

    Only `usable` ones (those that have a forecast at the launch itself) get a weight.
    """
    names = [n for n in errors if n in usable and _independent(errors[n], horizon) >= MIN_PLACEBOS]
    if not names:
        return None
    table = np.array([errors[n] for n in names])
    raw = np.array([_penalised_square(row, horizon) for row in table]) ** POWER_OF_ERROR
    weights = raw / raw.sum()
    family = _combine(table, weights)
    independent = _independent(family, horizon)
    typical = _root_mean_square(family)
    return Placebos(
        weights={n: float(w) for n, w in zip(names, weights, strict=True)},
        errors=family[~np.isnan(family)],
        half_width=_half_width(family, typical, independent, horizon),
        typical=typical,
        independent=independent,
    )


def _independent(errors: Floats, horizon: int) -> float:
    return float(np.sum(~np.isnan(errors))) / horizon


def _penalised_square(errors: Floats, horizon: int) -> float:
    known = np.flatnonzero(~np.isnan(errors))
    size = np.abs(errors[known])
    clipped = np.minimum(size, np.quantile(size, CLIP_QUANTILE))
    fading = 0.5 ** ((len(errors) - 1 - known) / FADING_DAYS)
    square = float(np.average(clipped**2, weights=fading))
    return (square + 1e-12) * (1 + 2 / _independent(errors, horizon))


def _combine(table: Floats, weights: Floats) -> Floats:
    known = ~np.isnan(table)
    total = weights @ known
    mixed = weights @ np.where(known, table, 0.0)
    return np.where(total > 0, mixed / np.where(total > 0, total, 1.0), np.nan)


def _root_mean_square(errors: Floats) -> float:
    return float(np.sqrt(np.nanmean(errors**2)))


def _half_width(errors: Floats, typical: float, independent: float, horizon: int) -> float:
    worst = float(np.nanmax(np.abs(errors)))
    few = np.sqrt(1 + 1 / independent) * (1 + 1 / independent)
    margin = np.interp(horizon, [14, 28], [SHORT_MARGIN, LONG_MARGIN])
    return float(np.sqrt(2 * typical * max(worst, 1.5 * typical)) * few * margin)
