"""Vectors of sentences that never change, made once by the pinned model and kept beside the code.

Making them at each start would take .7 s, for which the first receipt would wait. `make prototypes`
writes them anew; what was made by another model, or of other sentences, is not used.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from bot.ai.vectors import Floats, Vectors

STORED = Path(__file__).with_name("prototypes.npz")


def embed_known(vectors: Vectors, texts: Sequence[str], stored: Path = STORED) -> Floats:
    """Array (len(texts), dimensions) of float32: from the file, or made where that does not fit."""
    known = _read(stored, _sign(vectors.model_id, texts))
    return vectors.embed(list(texts)) if known is None else known


def store_rows(vectors: Vectors, texts: Sequence[str], stored: Path = STORED) -> None:
    """Write the file; half precision moves a cosine by .0001 at most."""
    rows = vectors.embed(list(texts)).astype(np.float16)
    np.savez(stored, of=np.array(_sign(vectors.model_id, texts)), rows=rows)


def _read(stored: Path, sign: str) -> Floats | None:
    try:
        with np.load(stored) as found:
            rows: Floats = found["rows"].astype(np.float32)
            return rows if str(found["of"]) == sign else None
    except (OSError, KeyError, ValueError, BadZipFile):
        return None


def _sign(model_id: str, texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join([model_id, *texts]).encode()).hexdigest()


def main() -> None:
    """Make the vectors of the kinds' prototypes anew."""
    from bot.ai.embedder import Embedder
    from bot.ai.prototypes import SENTENCES

    store_rows(Embedder(), SENTENCES)


if __name__ == "__main__":
    main()
