"""The vectors of all texts with their themes, and how close texts and themes are.

Vectors are compared around their common mean: z = (x - mean) / |x - mean|, so that what every text
of a workspace says does not count as likeness. Only x and the lengths are kept; z is never stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.ai.vectors import Doubles, Floats

# A pseudo-count of texts at the origin, so that the mean of the first few does not centre them out.
MEAN_INERTIA = 20
# Two vectors of one text differ by rounding only.
SAME_VECTOR = 0.9999
# The array of vectors grows by doubling from this many rows.
FIRST_ROWS = 64
TINY = 1e-9


@dataclass(frozen=True)
class Near:
    """A theme near a text: its score, and the cosine to the nearest of its texts."""

    theme: int
    score: float
    largest: float


class Crowd:
    """Texts (as vectors) and the theme each belongs to."""

    def __init__(self) -> None:
        self._count = 0
        self._x: Floats = np.zeros((0, 0), dtype=np.float32)
        self._length: Doubles = np.zeros(0)
        self._slot: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._mean: Floats = np.zeros(0, dtype=np.float32)
        self._themes: list[int] = []
        self._slot_of: dict[int, int] = {}

    def __len__(self) -> int:
        return self._count

    def sizes(self) -> dict[int, int]:
        """Texts of each theme that has any."""
        counts = np.bincount(self._slot[: self._count], minlength=len(self._themes))
        return {theme: int(n) for theme, n in zip(self._themes, counts, strict=True) if n}

    def fill(self, stored: Sequence[tuple[int, Floats]]) -> None:
        """Take all texts at once, in place of what there was, and centre them."""
        self._count, self._themes, self._slot_of = len(stored), [], {}
        self._slot = np.array([self._slot_for(theme) for theme, _ in stored], dtype=np.int64)
        self._length = np.zeros(len(stored))
        if stored:
            self._x = np.array([vector for _, vector in stored], dtype=np.float32)
            self.refresh()

    def append(self, theme: int, vector: Floats) -> None:
        """Add one text; the mean stays until `refresh`."""
        self._make_room(len(vector))
        self._x[self._count] = vector
        self._length[self._count] = max(float(np.linalg.norm(vector - self._mean)), TINY)
        self._slot[self._count] = self._slot_for(theme)
        self._count += 1

    def remove(self, theme: int, vector: Floats) -> bool:
        """Take out one text of `theme` with this vector; False when there is none."""
        if not self._count or theme not in self._slot_of:
            return False
        rows = np.flatnonzero(self._slot[: self._count] == self._slot_of[theme])
        same = rows[self._x[rows] @ vector >= SAME_VECTOR * float(vector @ vector)]
        if not len(same):
            return False
        self._count -= 1
        for array in (self._x, self._length, self._slot):
            array[same[0]] = array[self._count]
        self._x[self._count] = 0.0
        return True

    def rename(self, gone: int, into: int) -> None:
        """Every text of theme `gone` belongs to `into`."""
        if gone in self._slot_of and gone != into:
            rows = self._slot[: self._count] == self._slot_of[gone]
            self._slot[: self._count][rows] = self._slot_for(into)

    def refresh(self) -> None:
        """Centre everything on the mean of all texts as they are now."""
        x = self._x[: self._count]
        if not self._count:
            return
        self._mean = x.sum(axis=0) / np.float32(self._count + MEAN_INERTIA)
        squares = np.einsum("ij,ij->i", x, x) - 2 * (x @ self._mean) + self._mean @ self._mean
        self._length[: self._count] = np.sqrt(np.maximum(squares, TINY**2))

    def ranked(self, vector: Floats, k: int) -> list["Near"]:
        """The `k` themes of best score: half the mean cosine to their texts, half the largest."""
        if not self._count:
            return []
        z = self._centred(vector)
        cosines = (self._x[: self._count] @ z - self._mean @ z) / self._length[: self._count]
        slots, themes = self._slot[: self._count], len(self._themes)
        counts = np.bincount(slots, minlength=themes)
        means = np.bincount(slots, weights=cosines, minlength=themes) / np.maximum(counts, 1)
        largest = np.full(themes, -np.inf)
        np.maximum.at(largest, slots, cosines)
        scores = 0.5 * means + 0.5 * largest
        order = [int(i) for i in np.argsort(-scores, kind="stable")[:k]]
        return [
            Near(self._themes[i], float(scores[i]), float(largest[i])) for i in order if counts[i]
        ]

    def cosine(self, one: Floats, other: Floats) -> float:
        """How close two vectors are around the common mean, -1 to 1."""
        if not self._count:
            return float(one @ other)
        return float(self._centred(one) @ self._centred(other))

    def centred(self, rows: Floats) -> Floats:
        """Rows around the common mean, at length 1."""
        z = rows - self._mean if self._count else rows
        length = np.maximum(np.linalg.norm(z, axis=1, keepdims=True), TINY)
        centred: Floats = (z / length).astype(np.float32)
        return centred

    def _centred(self, vector: Floats) -> Floats:
        z = vector - self._mean
        centred: Floats = z / max(float(np.linalg.norm(z)), TINY)
        return centred

    def links(self, pinned: set[int], apart: Iterable[frozenset[int]]) -> "Links":
        """The average links of all themes; those of pinned and kept-apart ones are barred."""
        sizes = np.bincount(self._slot[: self._count], minlength=len(self._themes))
        kept = np.flatnonzero(sizes)
        place = np.full(len(self._themes), -1)
        place[kept] = np.arange(len(kept))
        sums = np.zeros((len(kept), self._x.shape[1]), dtype=np.float32)
        for row in range(self._count):
            sums[place[self._slot[row]]] += (self._x[row] - self._mean) / self._length[row]
        counts = sizes[kept].astype(np.float64)
        values = (sums @ sums.T).astype(np.float64) / np.outer(counts, counts)
        links = Links([self._themes[i] for i in kept], counts, values)
        links.bar(pinned, apart)
        return links

    def _slot_for(self, theme: int) -> int:
        if theme not in self._slot_of:
            self._slot_of[theme] = len(self._themes)
            self._themes.append(theme)
        return self._slot_of[theme]

    def _make_room(self, width: int) -> None:
        if not self._x.shape[1]:
            self._x = np.zeros((0, width), dtype=np.float32)
            self._mean = np.zeros(width, dtype=np.float32)
        if self._count < len(self._x):
            return
        rows = max(FIRST_ROWS, 2 * len(self._x))
        # Untouched zeros take no memory, joined ones would: 15 MB with 10,000 texts.
        wider = np.zeros((rows, width), dtype=np.float32)
        wider[: self._count] = self._x[: self._count]
        self._x = wider
        self._length = np.resize(self._length, rows) if self._count else np.zeros(rows)
        self._slot = np.resize(self._slot, rows) if self._count else np.zeros(rows, np.int64)


class Links:
    """Average cosines between themes, kept right while themes are absorbed."""

    def __init__(self, themes: list[int], sizes: Doubles, values: Doubles) -> None:
        self.themes, self.sizes, self.values = themes, sizes, values
        np.fill_diagonal(self.values, -np.inf)

    def bar(self, pinned: set[int], apart: Iterable[frozenset[int]]) -> None:
        """Never offer pairs with a pinned theme, nor those kept apart."""
        place = {theme: i for i, theme in enumerate(self.themes)}
        for theme in pinned & place.keys():
            self.values[place[theme], :] = self.values[:, place[theme]] = -np.inf
        for pair in apart:
            if pair <= place.keys():
                one, other = (place[theme] for theme in pair)
                self.values[one, other] = self.values[other, one] = -np.inf

    def by_size(self, i: int, j: int) -> tuple[int, int]:
        """The themes at two places, the larger first; of equals the older, that of lower id."""
        larger, smaller = sorted((i, j), key=lambda p: (-self.sizes[p], self.themes[p]))
        return self.themes[larger], self.themes[smaller]

    def closest(self, threshold: float, movable: int) -> tuple[int, int] | None:
        """The places of the closest pair at or over `threshold` whose smaller side may move.

        Expects `movable` only to fall from call to call: what is too large now is barred for good.
        """
        if not self.themes:
            return None
        while True:
            i, j = divmod(int(self.values.argmax()), len(self.themes))
            if self.values[i, j] < threshold:
                return None
            if min(self.sizes[i], self.sizes[j]) <= movable:
                return i, j
            self.values[i, j] = self.values[j, i] = -np.inf

    def absorb(self, i: int, j: int) -> int:
        """Let the smaller of two themes join the larger; how many texts moved."""
        into, gone = sorted((i, j), key=lambda p: (-self.sizes[p], self.themes[p]))
        n, m = self.sizes[into], self.sizes[gone]
        joined = (n * self.values[into] + m * self.values[gone]) / (n + m)
        self.values[into, :] = self.values[:, into] = joined
        self.values[gone, :] = self.values[:, gone] = self.values[into, into] = -np.inf
        self.sizes[into], self.sizes[gone] = n + m, 0
        return int(m)
