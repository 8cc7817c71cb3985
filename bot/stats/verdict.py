"""Did a metric move after a launch by more than it moves anyway? See docs/verdicts.md.

The level to expect is forecast by a family of simple baselines, weighted by how well each did at
placebo launches before the real one; the interval is as wide as the family was wrong there. All of
that is fixed by the days before the launch alone; what comes after is only compared with it.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bot.stats.days import Grid, lay_on_days
from bot.stats.evidence import Evidence, Grade, evidence, grade, judge_guardrails
from bot.stats.expectation import LARGEST_LOG, MIN_SEEN_SHARE, Expectation, expect

__all__ = [
    "Estimate",
    "Evidence",
    "Grade",
    "estimate",
    "evidence",
    "foresee",
    "grade",
    "judge_guardrails",
    "smallest_visible",
]

METHOD = "placebo family"
MIN_HALF_WIDTH = 0.005  # no metric is known better than to half a percent
NORMAL_80 = 0.8416  # standard deviations beyond the interval so that four in five are seen
NAMED_BASELINES = 3


class Estimate(dict[str, Any]):
    """A relative change with its 95 % interval: a dict of these keys.

    - effect, lo, hi: relative (0.1 is +10 %) to `baseline`; of a metric that is always negative,
      relative to its size, so that up stays up.
    - smallest_visible: the smallest rise that would be told from noise four times in five; the same
      number that `smallest_visible` gave before the launch.
    - method: "placebo family" and its heaviest baselines with their weights.
    - window: days measured from the launch on; history: days before it that were used.
    - baseline: the daily level expected had nothing changed, in the metric's unit; level: the one
      measured, odd days pulled in, so that level / baseline is 1 + effect.
    - placebos: placebo launches, not overlapping, that the interval rests on.
    - status: "ok" or "too_short". Then effect, baseline and level are NaN, lo is -1, hi and
      smallest_visible are inf, and `reason` says what is missing: "history", "window" (days
      after the launch), or "level" (a relative change means nothing: zero, or changing sign).
    """


def estimate(
    dates: ArrayLike, values: ArrayLike, launch: int, controls: ArrayLike | None = None
) -> Estimate:
    """Measure the change from day `launch` on, the index of the first day after.

    `dates` (n,) days, `values` (n,) with NaN for a gap, `controls` (n, k) other metrics that the
    launch cannot have moved, or None. Raises ValueError when lengths disagree or `launch` is not
    an index.
    """
    grid, sign = _upright(lay_on_days(dates, values, launch, controls))
    after = grid.values[grid.launch :]
    if not len(after) or np.mean(~np.isnan(after)) < MIN_SEEN_SHARE:
        return _known(grid, grid.horizon, "too_short", "window")
    expected = _expect(grid, grid.horizon)
    if isinstance(expected, str):
        return _known(grid, grid.horizon, "too_short", expected)
    return _estimated(expected, grid, sign)


def foresee(
    dates: ArrayLike, values: ArrayLike, horizon_days: int, controls: ArrayLike | None = None
) -> Estimate:
    """What can be known before a launch of its first `horizon_days`: all but the change itself.

    All (n,) `dates`, `values` and (n, k) `controls` are from before the launch. Returns an
    `Estimate` without effect and level; baseline is the level expected if nothing changes and
    controls keep their course. Raises ValueError when lengths disagree.
    """
    days = np.asarray(dates).reshape(-1)
    grid, sign = _upright(lay_on_days(days, values, len(days), controls))
    expected = _expect(grid, horizon_days)
    if isinstance(expected, str):
        return _known(grid, horizon_days, "too_short", expected)
    return _known(
        grid,
        horizon_days,
        "ok",
        smallest_visible=_visible(expected),
        method=_method(expected.family.weights),
        baseline=sign * expected.course.in_unit(expected.forecast()),
        placebos=expected.family.independent,
    )


def smallest_visible(
    dates: ArrayLike, values: ArrayLike, horizon_days: int, controls: ArrayLike | None = None
) -> float:
    """Smallest relative rise that the first `horizon_days` would tell from noise, 4 times in 5.

    Arguments and errors as for `foresee`; inf when there is too little history.
    """
    return float(foresee(dates, values, horizon_days, controls)["smallest_visible"])


def _expect(grid: Grid, horizon: int) -> Expectation | str:
    with np.errstate(all="ignore"):  # NaN is a forecast out of reach, and is left out by name
        return expect(grid, horizon)


def _upright(grid: Grid) -> tuple[Grid, float]:
    """A metric that is mostly negative is judged by its size."""
    known = grid.values[: grid.launch]
    known = known[~np.isnan(known)]
    sign = -1.0 if len(known) and np.median(known) < 0 else 1.0
    return Grid(grid.weekday, sign * grid.values, grid.launch, grid.controls), sign


def _estimated(expected: Expectation, grid: Grid, sign: float) -> Estimate:
    level, course = expected.expected(), expected.course
    change, width = course.outcome() - level, _half_width(expected)
    baseline, effect = sign * course.in_unit(level), _relative(change)
    lo, hi = sorted(sign * _relative(change + way * width) for way in (-1, 1))
    return _known(
        grid,
        grid.horizon,
        "ok",
        effect=sign * effect,
        lo=lo,
        hi=hi,
        smallest_visible=_visible(expected),
        method=_method(expected.family.weights),
        baseline=baseline,
        level=baseline * (1 + effect),
        placebos=expected.family.independent,
    )


def _half_width(expected: Expectation) -> float:
    return max(expected.family.half_width, MIN_HALF_WIDTH)


def _visible(expected: Expectation) -> float:
    return _relative(_half_width(expected) + NORMAL_80 * expected.family.typical)


def _relative(log_change: float) -> float:
    return float(np.expm1(np.clip(log_change, -LARGEST_LOG, LARGEST_LOG)))


def _method(weights: dict[str, float]) -> str:
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:NAMED_BASELINES]
    named = ", ".join(f"{name} ({weight:.0%})" for name, weight in heaviest)
    return f"{METHOD} of {len(weights)}: {named}"


def _known(grid: Grid, window: int, status: str, reason: str = "", **known: Any) -> Estimate:
    """An estimate of what is known; the rest as in one that is too short."""
    return Estimate(
        {
            "effect": np.nan,
            "lo": -1.0,
            "hi": np.inf,
            "smallest_visible": np.inf,
            "method": METHOD,
            "window": window,
            "history": grid.launch,
            "baseline": np.nan,
            "level": np.nan,
            "placebos": 0.0,
            "status": status,
            "reason": reason,
            **known,
        }
    )
