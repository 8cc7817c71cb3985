"""Classes learnt from a few examples each, with an exact cross-validation at no further cost.

Kernel ridge regression on one column a class (Rifkin and Lippert 2007, "Notes on Regularized Least
Squares": leaving one example out needs no second fit). Same examples, same answer.
"""

from collections.abc import Sequence

import numpy as np

from bot.ai.vectors import Doubles, Floats

# How much an example may be wrong; from .05 to .3 two sets answered alike.
RIDGE = 0.1
# How fast likeness fades with the angle between two texts.
SHARPNESS = 2.0
TINY = 1e-9


def centred(rows: Floats, mean: Floats) -> Doubles:
    """Rows around a mean, scaled to length one."""
    z = rows.astype(np.float64) - mean
    unit: Doubles = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), TINY)
    return unit


def likeness(one: Doubles, other: Doubles) -> Doubles:
    """Kernel of two sets of unit rows: 1 for equal directions, falling with their angle."""
    kernel: Doubles = np.exp(SHARPNESS * (one @ other.T - 1.0))
    return kernel


class Learner:
    """Classes by their examples: `kernel` (n, n) of the examples, and the label of each."""

    def __init__(self, kernel: Doubles, labels: Sequence[str], ridge: float = RIDGE) -> None:
        self.classes = tuple(sorted(set(labels)))
        truth = np.array([[label == one for one in self.classes] for label in labels], dtype=float)
        self._share = truth.mean(axis=0)
        inverse = np.linalg.inv(kernel + ridge * np.eye(len(labels)))
        self._weights: Doubles = inverse @ (truth - self._share)
        self._left_out: Doubles = truth - self._weights / np.diag(inverse)[:, None]

    def scores(self, kernel: Doubles) -> Doubles:
        """Array (m, classes): about 1 for the right class; `kernel` (m, n) to the examples."""
        found: Doubles = kernel @ self._weights + self._share
        return found

    def left_out(self) -> list[str]:
        """What each example would be called by all the others."""
        return [self.classes[int(place)] for place in self._left_out.argmax(axis=1)]


def macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """The mean over the true classes of the harmonic mean of precision and recall, 0 to 1."""
    pairs = list(zip(truth, said, strict=True))
    scores = []
    for name in sorted(set(truth)):
        hits = sum(t == s == name for t, s in pairs)
        misses = sum((t == name) != (s == name) for t, s in pairs)
        scores.append(2 * hits / (2 * hits + misses))
    return sum(scores) / len(scores) if scores else 0.0
