"""How wrong a family of baselines is when nothing was launched: placebo launches in the past.

Placebo in time: Abadie, Diamond and Hainmueller, "Comparative Politics and the Synthetic Control
Method" (2015); weights by past squared error: Bates and Granger, "The Combination of Forecasts"
(1969), here with the square of the usual weights. The width was chosen by measurement
(docs/verdicts.md), not derived.
"""

from dataclasses import dataclass

import numpy as np

from bot.stats.days import Floats

MIN_PLACEBOS = 2.0  # independent ones: with fewer a width would be a guess
CLIP_QUANTILE = 0.98  # one wild placebo may not decide which baseline is used
FADING_DAYS = 365.0  # a placebo a year older counts half when baselines are weighed
POWER = -2.0  # weight of a baseline: its mean squared error to this power
SEASON_DAYS = 28.0  # placebos this near to today, or to today a year ago, say most about today
SEASON_FLOOR = 0.2  # weight of all others, where those near count up to 1
MARGIN_DAYS, MARGINS = (14, 28), (1.15, 1.30)  # widening for having chosen from the same placebos
YEAR = 364
TINY = 1e-12


@dataclass(frozen=True)
class Family:
    """Baselines with weights (sum 1), and how wrong they were together at placebo launches.

    `half_width` of the 95 % interval and `typical` error are differences of logarithms;
    `independent`: placebo launches that do not overlap.
    """

    weights: dict[str, float]
    half_width: float
    typical: float
    independent: float


def weigh(errors: dict[str, Floats], horizon: int) -> Family | None:
    """Weigh baselines by their placebo `errors`: name to (m,), oldest first, NaN where undefined.

    None when no baseline has two placebo launches that do not overlap.
    """
    names = [n for n, error in errors.items() if independent(error, horizon) >= MIN_PLACEBOS]
    if not names:
        return None
    table = np.array([errors[name] for name in names])
    raw = np.array([_judged_square(row, horizon) for row in table]) ** POWER
    weights = raw / raw.sum()
    mixed = _mix(table, weights)
    count = independent(mixed, horizon)
    typical = _seasonal_size(mixed, horizon)
    return Family(
        weights={name: float(weight) for name, weight in zip(names, weights, strict=True)},
        half_width=_half_width(mixed, typical, horizon) * _few(count),
        typical=typical * _few(count),
        independent=count,
    )


def independent(errors: Floats, horizon: int) -> float:
    """Placebo launches that do not overlap; baselines share a week even for shorter horizons."""
    return float(np.sum(np.isfinite(errors))) / max(horizon, 7)


def _judged_square(errors: Floats, horizon: int) -> float:
    known = np.flatnonzero(np.isfinite(errors))
    size = np.abs(errors[known])
    clipped = np.minimum(size, np.quantile(size, CLIP_QUANTILE))
    fading = 0.5 ** ((len(errors) - 1 - known) / FADING_DAYS)
    square = float(np.average(clipped**2, weights=fading))
    return (square + TINY) * (1 + 2 / independent(errors, horizon))


def _mix(table: Floats, weights: Floats) -> Floats:
    """Weighted errors at each placebo, over those baselines that reach back to it."""
    known = np.isfinite(table)
    total = weights @ known
    mixed = weights @ np.where(known, table, 0.0)
    return np.where(total > 0, mixed / np.where(total > 0, total, 1.0), np.nan)


def _seasonal_size(errors: Floats, horizon: int) -> float:
    """Root mean square error, mostly of the placebos of this season: recent, or a year ago."""
    known = np.flatnonzero(np.isfinite(errors))
    before_launch = (len(errors) - 1 - known + horizon).astype(
        float
    )  # days from each start to the launch
    cycle = np.abs(before_launch - YEAR * np.clip(np.round(before_launch / YEAR), 1, None))
    near = _bell(cycle) + _bell(before_launch - horizon)
    return float(np.sqrt(np.average(errors[known] ** 2, weights=SEASON_FLOOR + near)))


def _bell(days: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * (days / SEASON_DAYS) ** 2))


def _half_width(errors: Floats, typical: float, horizon: int) -> float:
    """Between twice the typical error and the worst one: the tails are heavy, but one is one."""
    worst = max(float(np.nanmax(np.abs(errors))), 1.5 * typical)
    return float(np.sqrt(2 * typical * worst) * np.interp(horizon, MARGIN_DAYS, MARGINS))


def _few(count: float) -> float:
    return float(np.sqrt(1 + 1 / count) * (1 + 1 / count))
