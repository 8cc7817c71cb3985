"""What an interval says about a bet: evidence, grade, guardrails. Words shown are the caller's.

An estimate is any mapping with `status`, `lo` and `hi` (relative, 95 %), as `verdict.estimate` or
an experiment's result gives it.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

Good: TypeAlias = Literal["up", "down"]
Design: TypeAlias = Literal["experiment", "holdout", "before_after"]
Evidence: TypeAlias = Literal[
    "beyond_target", "moved", "within_noise", "below_target", "too_little_history"
]

ONE_SIDED = 0.025  # what a 95 % interval leaves on the side of harm
NORMAL_95 = 1.96


class Grade(NamedTuple):
    """How far a result can be trusted: a letter from A to D, and the reason in words."""

    letter: Literal["A", "B", "C", "D"]
    reason: str


class Guardrail(NamedTuple):
    """Whether harm was seen, and the largest harm the interval leaves open (relative, 0 or more).

    `largest_harm` is inf when it cannot be told.
    """

    is_harmed: bool
    largest_harm: float


def evidence(
    estimate: Mapping[str, Any], target_change: float | None, good: Good = "up"
) -> Evidence:
    """Place the interval between no change and the target.

    `target_change` is relative to the expected level, with its own sign (-0.1 where 10 % less is
    the bet and down is good), or None for a bet without a number. In the good direction:

    - beyond_target: the whole interval lies past no change and past the target.
    - below_target: the whole interval falls short of the target. It wins over the two below: an
      interval that also holds no change still rules the target out. Whether the move is more than
      noise is the other question: `is_beyond_noise`.
    - moved: clear of no change on the good side, astride the target (or no target was set).
    - within_noise: holds no change and does not rule out the target.

    Without a target a move in the bad direction is "below_target".
    """
    if estimate["status"] != "ok":
        return "too_little_history"
    lo, hi = _in_good_direction(estimate, good)
    target = 0.0 if target_change is None else (target_change if good == "up" else -target_change)
    if hi < target:
        return "below_target"
    if target_change is not None and lo > max(target, 0.0):
        return "beyond_target"
    return "moved" if lo > 0 else "within_noise"


def is_beyond_noise(estimate: Mapping[str, Any]) -> bool:
    """Whether the interval is clear of no change, on either side."""
    return estimate["status"] == "ok" and bool(estimate["lo"] > 0 or estimate["hi"] < 0)


def grade(estimate: Mapping[str, Any], design: Design = "before_after") -> Grade:
    """Grade a result by how it was compared; a result that is not an estimate yet is a D."""
    if estimate["status"] != "ok":
        return Grade("D", "there are too few complete days to compare with")
    if design == "experiment":
        return Grade("A", "an experiment: chance decided who got it")
    if design == "holdout":
        return Grade("B", "a staged rollout or holdout: some had it while others did not")
    if is_beyond_noise(estimate):
        return Grade("C", "before and after only, outside the noise of launch-free times")
    return Grade("D", "before and after only, inside the noise of launch-free times")


def judge_guardrails(
    estimates: Mapping[str, Mapping[str, Any]],
    good: Mapping[str, Good],
    *,
    chances: Mapping[str, float] | None = None,
) -> dict[str, Guardrail]:
    """Judge every guardrail by name, one-sided, at 2.5 % for all of them together (Holm 1979).

    `chances` are one-sided p-values of harms that were tested otherwise, such as counts; of these
    the largest harm is not a number.

    `good` says the direction that is good for each. One guardrail alone is harmed exactly when its
    whole interval lies on the bad side.
    """
    tested = dict(chances or {})
    own = {name: _chance_of_no_harm(estimates[name], good[name]) for name in estimates}
    harmed = _holm(own | tested)
    judged = {
        name: Guardrail(name in harmed, _largest_harm(estimates[name], good[name]))
        for name in estimates
    }
    return judged | {name: Guardrail(name in harmed, math.nan) for name in tested}


def _holm(chances: dict[str, float]) -> set[str]:
    harmed: set[str] = set()
    for name, chance in sorted(chances.items(), key=lambda item: item[1]):
        if chance > ONE_SIDED / (len(chances) - len(harmed)):
            break
        harmed.add(name)
    return harmed


def _chance_of_no_harm(estimate: Mapping[str, Any], good: Good) -> float:
    """One-sided p-value, as if the interval were a normal one on the log scale."""
    if estimate["status"] != "ok":
        return 1.0
    lo, hi = estimate["lo"], estimate["hi"]
    if lo > -1:
        lo, hi = math.log1p(lo), math.log1p(hi)
    score = (lo + hi) / max(hi - lo, 1e-12) * NORMAL_95
    harm = -score if good == "up" else score
    return 0.5 * math.erfc(harm / math.sqrt(2))


def _largest_harm(estimate: Mapping[str, Any], good: Good) -> float:
    if estimate["status"] != "ok":
        return math.inf
    return max(-_in_good_direction(estimate, good)[0], 0.0)


def _in_good_direction(estimate: Mapping[str, Any], good: Good) -> tuple[float, float]:
    lo, hi = float(estimate["lo"]), float(estimate["hi"])
    return (lo, hi) if good == "up" else (-hi, -lo)
