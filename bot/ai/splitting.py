"""Whether one theme holds two things: two clear groups of texts, told apart by their vectors.

Two means on the sphere, begun at the text least like the others and the one least like that. A
theme is worth asking about when the two parts are far from each other and each is close in itself.
Measured with 12 texts a class around their common mean: of 75 themes made of two near classes of
BANKING77 and CLINC150 it asks about 62, of 36 themes of one class about 3; of the texts of those
that it asks about, .92 and .98 lie on the right side.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.ai.vectors import Doubles, Floats

# Fewer texts are two people's words, not two things.
LEAST_TEXTS, LEAST_PART = 8, 3
ROUNDS = 15
# Mean cosines: between the parts at most, and inside the looser of them so much more.
BETWEEN_AT_MOST, CLEARER_BY = 0.30, 0.15
TINY = 1e-9


@dataclass(frozen=True)
class Parts:
    """Two parts of a theme: which texts are in the smaller one, and the mean cosines."""

    smaller: npt.NDArray[np.bool_]
    between: float
    within: float


def find_parts(z: Floats) -> Parts | None:
    """Part a theme's texts (rows of length 1, around the common mean); None: it is one thing."""
    if len(z) < LEAST_TEXTS:
        return None
    side = _two_means(z)
    if side is None or min(int(side.sum()), int((~side).sum())) < LEAST_PART:
        return None
    smaller = side if side.sum() * 2 <= len(z) else ~side
    one, other = z[smaller], z[~smaller]
    between = float((one @ other.T).mean())
    within = min(_inner(one), _inner(other))
    if between > BETWEEN_AT_MOST or within - between < CLEARER_BY:
        return None
    return Parts(smaller, between, within)


def _two_means(z: Floats) -> npt.NDArray[np.bool_] | None:
    likeness: Doubles = (z @ z.T).astype(np.float64)
    first = int(likeness.mean(axis=1).argmin())
    one, other = z[first], z[int(likeness[first].argmin())]
    side: npt.NDArray[np.bool_] = np.zeros(len(z), dtype=bool)
    for _ in range(ROUNDS):
        now = (z @ one) < (z @ other)
        if now.all() or not now.any():
            return None
        if (now == side).all():
            break
        side, one, other = now, _centre(z[~now]), _centre(z[now])
    return side


def _centre(z: Floats) -> Floats:
    mean: Floats = z.mean(axis=0)
    return mean / np.float32(max(float(np.linalg.norm(mean)), TINY))


def _inner(z: Floats) -> float:
    """The mean cosine between different texts."""
    n = len(z)
    return (float((z @ z.T).sum()) - n) / (n * (n - 1))
