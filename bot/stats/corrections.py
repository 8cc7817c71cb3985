"""A baseline corrected by what goes with its errors: other metrics' moves, or other baselines.

The errors of a corrected baseline are taken out of sample: each eighth of the history is judged by
a ridge regression on the rest, without the placebo launches that overlap it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bot.stats.days import Floats

FOLDS = 8
MIN_PLACEBOS = 4.0  # independent ones; with fewer nothing can be learned and checked
PENALTY = 1.0  # in placebos: a coefficient is halved when it was seen in one independent placebo


@dataclass(frozen=True)
class Correction:
    """(m,) errors left after it, out of sample, and the (k,) coefficients for the launch itself."""

    errors: Floats
    coefficients: Floats


def correct(errors: Floats, features: Floats, horizon: int) -> Correction | None:
    """Explain `errors` (m,) by `features` (k, m), NaN where unknown; None: too few to learn."""
    known = np.flatnonzero(np.isfinite(errors) & np.isfinite(features).all(axis=0))
    if len(known) < MIN_PLACEBOS * horizon or not len(features):
        return None
    x, y = features[:, known].T, errors[known]
    ridge = (np.mean(x**2, axis=0) + 1e-12) * PENALTY * horizon
    left = np.full(len(errors), np.nan)
    edges = np.linspace(known[0], known[-1] + 1, FOLDS + 1)
    for start, end in pairwise(edges):
        test = (known >= start) & (known < end)
        train = (known < start - horizon) | (known >= end + horizon)
        left[known[test]] = y[test] - x[test] @ _solve(x[train], y[train], ridge)
    return Correction(left, _solve(x, y, ridge))


def _solve(x: Floats, y: Floats, ridge: Floats) -> Floats:
    return np.asarray(np.linalg.solve(x.T @ x + np.diag(ridge), x.T @ y))
