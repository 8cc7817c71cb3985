"""How likely two feedback texts are the same one, said or pasted twice."""

from bot.ai.embedder import find_vectors
from bot.ai.vectors import Floats, Vectors
from bot.ai.wording import normalised

SAME = 1.0
# Only equal words are certain; the best likeness of different words stays visibly below.
ALMOST_SAME = 0.99


def similarity(a: str, b: str, vectors: Vectors | None = None) -> float:
    """0 to 1: exactly 1 for equal normalised texts, otherwise their cosine, at most .99.

    Case, punctuation, spacing, accents, links, mentions and invisible marks do not count.
    An empty text is like nothing, not even another empty one.
    """
    one, other = normalised(a), normalised(b)
    if not one or not other:
        return 0.0
    if one == other:
        return SAME
    rows: Floats = (vectors or find_vectors()).embed([a, b])
    return min(max(float(rows[0] @ rows[1]), 0.0), ALMOST_SAME)
