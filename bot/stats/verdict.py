"""Did a metric move after a launch by more than it moves anyway? See docs/verdicts.md.

The expected level is forecast by a family of simple baselines, weighted by how well each did at
placebo launches before the real one; the interval is as wide as the family was wrong there. All of
that is fixed by the days before the launch alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bot.stats.baselines import following_mean, forecasts
from bot.stats.cleaning import clean, is_logarithmic
from bot.stats.days import Floats, Grid, lay_on_days
from bot.stats.placebo import Placebos, weigh

MIN_HALF_WIDTH = 0.005  # nobody's metric is known better than half a percent
NORMAL_80 = 0.8416  # so that four in five such changes are seen


class Estimate(dict[str, Any]):
    """Relative effect with its 95 % interval, a dict with these keys.

    effect, lo, hi: relative (0.1 is +10 %). smallest_visible: the smallest rise that would be told
    from noise four times in five, known before the launch. method: the baselines used, with weights.
    window: days measured after the launch. baseline: the expected daily level had nothing changed,
    in the metric's unit. status: "ok", or "too_short" (then lo is -1 and hi inf), with `reason`.
    """


@dataclass(frozen=True)
class _Expectation:
    scale: float
    before: Floats
    placebos: Placebos
    forecast: float


def estimate(
    dates: ArrayLike, values: ArrayLike, launch: int, controls: ArrayLike | None = None
) -> Estimate:
    """Measure the change after `launch`, the index of the first day after.

    `dates` (n,) days, `values` (n,) with NaN for a gap, `controls` (n, k) other metrics the launch
    cannot have moved, or None. Raises ValueError only when lengths disagree.
    """
    grid = lay_on_days(dates, values, launch, controls)
    log = np.log(np.where(grid.values > 0, grid.values, 0.5))
    y = clean(np.where(np.isnan(grid.values), np.nan, log), grid.weekday, grid.launch)
    before, h = y[: grid.launch], grid.horizon
    guesses = forecasts(before, h)
    post = following_mean(before, h)
    errors = {k: post - f[: len(post)] for k, f in guesses.items()}
    p = weigh(errors, {k for k, f in guesses.items() if np.isfinite(f[-1])}, h)
    if p is None:
        return Estimate(effect=np.nan, lo=-1.0, hi=np.inf, status="too_short")
    e = y[grid.launch :].mean() - sum(w * guesses[k][-1] for k, w in p.weights.items())
    hw = max(p.half_width, MIN_HALF_WIDTH)
    return Estimate(
        effect=float(np.expm1(e)),
        lo=float(np.expm1(e - hw)),
        hi=float(np.expm1(e + hw)),
        smallest_visible=float(np.expm1(hw + NORMAL_80 * p.typical)),
        status="ok",
    )
