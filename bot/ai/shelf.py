"""Vectors of items by name, each on its theme's shelf, and how near a question is to both.

They are kept at half precision: 7 MB less for 10,000 texts. The cosines of two million pairs moved
by .0001 at most.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from bot.ai.vectors import Floats

FIRST_ROWS = 64
# Rows at once at full precision: all of them would be what half precision saves.
ROWS_AT_ONCE = 1024
TINY = 1e-9


class Shelf:
    """Items with their vectors and themes. Not thread-safe."""

    def __init__(self) -> None:
        self._rows: npt.NDArray[np.float16] = np.zeros((0, 0), dtype=np.float16)
        self._items: list[str] = []
        self._themes: list[str] = []
        self._place: dict[str, int] = {}
        self._middles: tuple[np.ndarray, Floats] | None = None

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: str, theme: str, vector: Floats) -> None:
        """Put in a new item."""
        count = len(self._items)
        if count == len(self._rows):
            rows = np.zeros((max(FIRST_ROWS, 2 * count), len(vector)), dtype=np.float16)
            rows[:count] = self._rows[:count] if count else 0.0
            self._rows = rows
        self._rows[count] = vector
        self._place[item] = count
        self._items.append(item)
        self._themes.append(theme)
        self._middles = None

    def vector(self, item: str) -> Floats:
        """The vector of an item that is there."""
        row: Floats = self._rows[self._place[item]].astype(np.float32)
        return row

    def move(self, item: str, theme: str) -> None:
        """Put an item that is there on another theme's shelf."""
        place = self._place[item]
        if self._themes[place] != theme:
            self._themes[place] = theme
            self._middles = None

    def take(self, item: str) -> tuple[str, Floats] | None:
        """Take an item out; its theme and vector, or None when it is not there."""
        place = self._place.pop(item, None)
        if place is None:
            return None
        taken = self._themes[place], self._rows[place].astype(np.float32)
        last = len(self._items) - 1
        if place != last:
            self._rows[place] = self._rows[last]
            self._items[place], self._themes[place] = self._items[last], self._themes[last]
            self._place[self._items[place]] = place
        self._items.pop()
        self._themes.pop()
        self._middles = None
        return taken

    def cosines(self, vector: Floats) -> Iterator[tuple[str, float, float]]:
        """Each item with its cosine to `vector`, and that of the middle of its theme."""
        slots, middles = self._themed()
        own = np.concatenate([rows @ vector for _, rows in self._parts()])
        themes = (middles @ vector)[slots]
        return zip(self._items, own.tolist(), themes.tolist(), strict=True)

    def _themed(self) -> tuple[np.ndarray, Floats]:
        if self._middles is None:
            slot_of = {theme: slot for slot, theme in enumerate(dict.fromkeys(self._themes))}
            slots = np.array([slot_of[theme] for theme in self._themes], dtype=np.int64)
            sums = np.zeros((len(slot_of), self._rows.shape[1]), dtype=np.float32)
            for start, rows in self._parts():
                np.add.at(sums, slots[start : start + len(rows)], rows)
            lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), TINY)
            self._middles = slots, (sums / lengths).astype(np.float32)
        return self._middles

    def _parts(self) -> Iterator[tuple[int, Floats]]:
        for start in range(0, len(self._items), ROWS_AT_ONCE):
            end = min(start + ROWS_AT_ONCE, len(self._items))
            yield start, self._rows[start:end].astype(np.float32)
