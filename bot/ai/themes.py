"""Themes: feedback about the same thing, grouped as it comes in, under ids that never change.

A text joins the theme that scores best, or opens a new one; now and then `consolidate` lets the
smaller of two close themes join the larger. Nothing is split and no single text is moved: those are
for people, who also answer which pairs are the same (`pairs_to_ask`, `merge`, `keep_apart`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from bot.ai.crowd import Crowd, Links, Near
from bot.ai.embedder import find_vectors
from bot.ai.lexical import LEXICAL_PREFIX
from bot.ai.naming import medoid, name_theme
from bot.ai.vectors import Doubles, Floats, Vectors

__all__ = ["Grouping", "Pair", "Thresholds", "medoid", "name_theme", "thresholds_of"]


# While texts are few the mean still moves: everything is centred anew this often, until that many.
EARLY_REFRESH_EVERY, EARLY_UNTIL = 20, 100
REFRESH_EVERY = 100
# At most this share of all texts may change their theme in one consolidation.
MAX_MOVED_SHARE = 0.02
# How fast the doubt about a pair fades with the distance of its link from the merging threshold.
DOUBT_WIDTH = 0.04
# Below this likelihood a question would only teach people to click "no".
WORTH_ASKING = 0.25
# Themes looked at for one text before a new one is opened: people ruled out the better ones.
CONSIDERED = 20


@dataclass(frozen=True)
class Thresholds:
    """From which score a text joins a theme, and from which average link two themes are one.

    They belong to a kind of vectors: cosines of sentences and of words live on different scales.
    """

    join: float
    merge: float


# Both flat optima, chosen over two public streams at once: +-.05 moved neither's adjusted Rand
# index by more than .04.
MEANING = Thresholds(join=0.45, merge=0.38)
WORDS = Thresholds(join=0.33, merge=0.27)


def thresholds_of(model_id: str) -> Thresholds:
    """The thresholds that go with the vectors of a model."""
    return WORDS if model_id.startswith(LEXICAL_PREFIX) else MEANING


@dataclass(frozen=True)
class Pair:
    """Two themes that may be one: the larger, the smaller, and their average link."""

    larger: int
    smaller: int
    link: float


class Grouping:
    """All themes of one workspace, in memory; rebuilt from stored items by `restore`.

    Without `vectors` it takes the local model, or words where that is not installed. Not safe for
    use from several threads at once.
    """

    def __init__(
        self, vectors: Vectors | None = None, thresholds: Thresholds | None = None
    ) -> None:
        self._vectors: Vectors = vectors or find_vectors()
        self._thresholds = thresholds or thresholds_of(self._vectors.model_id)
        self._crowd = Crowd()
        self._next_id = 1
        self._pinned: set[int] = set()
        self._apart: set[frozenset[int]] = set()
        self._rejected: dict[int, list[Floats]] = {}

    @classmethod
    def restore(
        cls,
        items: Iterable[tuple[int, Floats]],
        *,
        vectors: Vectors | None = None,
        thresholds: Thresholds | None = None,
        pinned: Iterable[int] = (),
        apart: Iterable[tuple[int, int]] = (),
        rejected: Iterable[tuple[int, Floats]] = (),
        next_id: int = 1,
    ) -> Self:
        """The grouping of stored `items` (theme id, vector), without grouping anything anew.

        `next_id` is the lowest id that was never given out: ids of emptied themes stay used.
        """
        grouping, stored = cls(vectors, thresholds), list(items)
        grouping._crowd.fill(stored)
        grouping._pinned = set(pinned)
        grouping._apart = {frozenset(pair) for pair in apart}
        for theme, vector in rejected:
            grouping.reject(theme, vector)
        used = max((theme for theme, _ in stored), default=0)
        grouping._next_id = max(next_id, used + 1, *(each + 1 for each in grouping._pinned), 1)
        return grouping

    @property
    def sizes(self) -> dict[int, int]:
        """How many texts each theme holds."""
        return self._crowd.sizes()

    def add(self, text: str) -> int:
        """The id of the theme that `text` joins: the best one at the threshold, or a new one."""
        return self.place(self._vectors.embed([text])[0])

    def place(self, vector: Floats) -> int:
        """As `add`, for a text whose vector is known."""
        theme = self.best(vector)
        if theme is None:
            theme, self._next_id = self._next_id, self._next_id + 1
        self.keep(theme, vector)
        return theme

    def best(self, vector: Floats) -> int | None:
        """The theme that a text joins, or None for a new one; nothing is added."""
        for near in self._crowd.ranked(vector, CONSIDERED if self._rejected else 1):
            if near.score < self._thresholds.join:
                break
            if not self._is_ruled_out(near, vector):
                return near.theme
        return None

    def keep(self, theme: int, vector: Floats) -> None:
        """Add a text whose theme is known."""
        self._next_id = max(self._next_id, theme + 1)
        self._crowd.append(theme, vector)
        count = len(self._crowd)
        if count % (EARLY_REFRESH_EVERY if count <= EARLY_UNTIL else REFRESH_EVERY) == 0:
            self._crowd.refresh()

    def are_one(self, one: Floats, other: Floats) -> bool:
        """Whether the second of two texts would join a theme of the first alone."""
        return self._crowd.cosine(one, other) >= self._thresholds.join

    def centre_anew(self) -> None:
        """Take all texts as they are now for the common mean."""
        self._crowd.refresh()

    def similar(self, text: str, k: int = 5) -> list[tuple[int, float]]:
        """Up to `k` themes nearest to `text` with their scores (1 at most), best first."""
        near = self._crowd.ranked(self._vectors.embed([text])[0], k)
        return [(one.theme, one.score) for one in near]

    def near(self, vector: Floats, k: int) -> list[int]:
        """Up to `k` themes nearest to a text, best first, however far."""
        return [one.theme for one in self._crowd.ranked(vector, k)]

    def centred(self, rows: Floats) -> Floats:
        """Vectors around the common mean of all texts, at length 1."""
        return self._crowd.centred(rows)

    def forget(self, theme: int, vector: Floats) -> bool:
        """Take one text out of its theme; False when it is not there."""
        return self._crowd.remove(theme, vector)

    def reject(self, theme: int, vector: Floats) -> None:
        """A person says that this text is not about `theme`: nor is what is nearer to it than to
        any text of the theme.
        """
        self._rejected.setdefault(theme, []).append(vector)

    def pin(self, theme: int) -> None:
        """From now on `theme` never merges by itself; texts may still join it."""
        self._pinned.add(theme)

    def unpin(self, theme: int) -> None:
        """`theme` may merge again."""
        self._pinned.discard(theme)

    def merge(self, gone: int, into: int) -> None:
        """A person says that two themes are one: every text of `gone` belongs to `into`."""
        self._crowd.rename(gone, into)
        self._pinned.discard(gone)
        self._inherit(gone, into)

    def keep_apart(self, one: int, other: int) -> None:
        """A person says that two themes differ: they never merge by themselves."""
        self._apart.add(frozenset((one, other)))

    def pairs_to_ask(self, count: int) -> list[Pair]:
        """The pairs of which it helps most to know whether they are one theme, best first."""
        links = self._links()
        doubt = np.minimum.outer(links.sizes, links.sizes) * _likely(
            links.values, self._thresholds.merge
        )
        return [
            Pair(*links.by_size(i, j), float(links.values[i, j]))
            for i, j in _best_pairs(doubt, count)
        ]

    def consolidate(self) -> dict[int, int]:
        """Merge close themes, the smaller into the larger; {old id: new id} of those that moved.

        At most `MAX_MOVED_SHARE` of all texts move; pinned themes and pairs kept apart do not.
        """
        self._crowd.refresh()
        links, moved = self._links(), dict[int, int]()
        budget = int(MAX_MOVED_SHARE * len(self._crowd))
        while (pair := links.closest(self._thresholds.merge, budget)) is not None:
            into, gone = links.by_size(*pair)
            budget -= links.absorb(*pair)
            moved = {old: into if new == gone else new for old, new in moved.items()}
            moved[gone] = into
            self._crowd.rename(gone, into)
            self._inherit(gone, into)
        return moved

    def _is_ruled_out(self, near: Near, vector: Floats) -> bool:
        others = self._rejected.get(near.theme, ())
        return any(self._crowd.cosine(vector, other) >= near.largest for other in others)

    def _links(self) -> Links:
        return self._crowd.links(self._pinned, self._apart)

    def _inherit(self, gone: int, into: int) -> None:
        renamed = {frozenset(into if t == gone else t for t in pair) for pair in self._apart}
        self._apart = {pair for pair in renamed if len(pair) > 1}
        if gone in self._rejected:
            self._rejected.setdefault(into, []).extend(self._rejected.pop(gone))


def _likely(links: Doubles, threshold: float) -> Doubles:
    """How likely pairs of these average links are one theme: 1/2 at the threshold, 0 if barred."""
    likely = 1.0 / (1.0 + np.exp(np.clip((threshold - links) / DOUBT_WIDTH, -50, 50)))
    return np.where(likely >= WORTH_ASKING, likely, 0.0)


def _best_pairs(values: Doubles, count: int) -> list[tuple[int, int]]:
    rows, columns = np.triu_indices(len(values), 1)
    worth = values[rows, columns]
    order = np.argsort(-worth, kind="stable")[:count]
    return [(int(rows[o]), int(columns[o])) for o in order if worth[o] > 0]
