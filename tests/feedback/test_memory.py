"""What one workspace's feedback has taught stays cheap to know."""

from dataclasses import replace

import numpy as np

from bot.ai.vectors import Floats
from bot.feedback.memory import Answers, Item, Memory


class Counted:
    """Counts the texts that it makes vectors of; each has its own."""

    model_id = "counted"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: list[str]) -> Floats:
        self.texts += texts
        rows = np.array([[len(text), 1.0 + text.count("e"), 1.0] for text in texts])
        lengths = np.linalg.norm(rows, axis=1, keepdims=True) if texts else 1.0
        return (rows.reshape(-1, 3) / lengths).astype(np.float32)


def test_a_correction_makes_no_vector_anew() -> None:
    vectors = Counted()
    memory = Memory(vectors, stores_vectors=True)
    texts = [f"The export fails {'again ' * n}" for n in range(6)]
    items = [
        Item(f"f{n}", None, text, row, "bug", "", is_kind_told=n < 3, is_area_told=False)
        for n, (text, row) in enumerate(zip(texts, vectors.embed(texts), strict=True))
    ]
    memory.stack(items)
    memory.set_themes([], Answers())
    memory.set_areas({"Export": ["the export", "exporting"]})
    memory.read("", "x", "Please add dark mode")
    vectors.texts.clear()

    memory.put([replace(items[5], kind="request", is_kind_told=True)])
    memory.read("", "y", "Please add a night mode")
    assert vectors.texts == ["Please add a night mode"]
