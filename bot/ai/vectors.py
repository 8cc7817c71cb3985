"""Texts as vectors: what every maker of vectors offers, whichever model is behind it."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


class Vectors(Protocol):
    """Turns texts into vectors; the same text always gives the same vector."""

    @property
    def model_id(self) -> str:
        """What made the vectors: those of two ids are never compared."""

    def embed(self, texts: list[str]) -> Floats:
        """Array (len(texts), d) of float32, unit rows; a row is zero for a text of no words."""
        ...
