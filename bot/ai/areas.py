"""Product areas, learnt from three to five examples each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.ai.embedder import find_vectors
from bot.ai.learned import TINY, Learner, centred, likeness
from bot.ai.vectors import Doubles, Floats, Vectors

# The middle of an area's examples counts this much beside what tells it from the others.
MIDDLE_SHARE = 0.3
# A guess further from the middle of its area than this is none: the text is about something else.
# With four to twelve areas some 4 % of foreign texts come as near, and 93 % of their own.
NEAR_ENOUGH = 0.25


@dataclass(frozen=True)
class AreaGuess:
    """The best area, and how near (-1 to 1) the text is to the middle of its examples."""

    area: str
    nearness: float

    @property
    def is_near(self) -> bool:
        """Whether the text is about this area at all, as far as the examples tell."""
        return self.nearness >= NEAR_ENOUGH


class Areas:
    """Areas by example. Empty until `fit`; it may be fitted anew at any time."""

    def __init__(self, vectors: Vectors | None = None) -> None:
        self._vectors = vectors or find_vectors()
        self._learner: Learner | None = None

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> "Areas":
        """Learn from one label for each text; three to five texts a label are enough."""
        return self.fit_rows(self._vectors.embed(list(texts)), labels)

    def fit_rows(self, rows: Floats, labels: Sequence[str]) -> "Areas":
        """As `fit`, for texts whose vectors are known."""
        self._learner = None
        if not len(labels):
            return self
        self._mean = _middle_of_classes(rows, labels)
        self._examples = centred(rows, self._mean)
        self._learner = Learner(likeness(self._examples, self._examples), labels)
        found = np.array(labels)
        middles = np.stack([self._examples[found == c].mean(0) for c in self._learner.classes])
        lengths = np.linalg.norm(middles, axis=1, keepdims=True)
        self._middles: Doubles = middles / np.maximum(lengths, TINY)
        return self

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The best area for each text; "" before anything was learnt."""
        return [guess.area for guess in self.guess_rows(self._vectors.embed(list(texts)))]

    def guess_rows(self, rows: Floats) -> list[AreaGuess]:
        """The best area for each vector, with how near it is."""
        if self._learner is None or not len(rows):
            return [AreaGuess("", -1.0) for _ in rows]
        z = centred(rows, self._mean)
        near = z @ self._middles.T
        scores = self._learner.scores(likeness(z, self._examples)) + MIDDLE_SHARE * near
        best = scores.argmax(axis=1)
        return [
            AreaGuess(self._learner.classes[int(place)], float(near[row, place]))
            for row, place in enumerate(best)
        ]


def _middle_of_classes(rows: Floats, labels: Sequence[str]) -> Floats:
    """The mean of the areas' means, so that a much-taught area does not pull it; 0 if too few."""
    found, classes = np.array(labels), sorted(set(labels))
    means = np.stack([rows[found == one].mean(axis=0) for one in classes])
    # The mean of two areas lies between them: centring on it would make them opposites.
    share = len(classes) / (len(classes) + 3.0)
    middle: Floats = (share * means.mean(axis=0)).astype(np.float32)
    return middle
