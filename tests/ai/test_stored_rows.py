"""The vectors that are kept beside the code."""

from pathlib import Path

import numpy as np

from bot.ai.embedder import Embedder
from bot.ai.lexical import Lexical
from bot.ai.prototypes import SENTENCES
from bot.ai.stored_rows import STORED, embed_known, store_rows
from bot.ai.vectors import Floats


class Refusing:
    """A model that must not be asked."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id

    def embed(self, _: list[str]) -> Floats:
        raise AssertionError("what is stored was made anew")


def test_the_prototypes_are_stored_as_the_pinned_model_makes_them(embedder: Embedder) -> None:
    stored = embed_known(Refusing(embedder.model_id), SENTENCES)
    cosines = (stored * embedder.embed(list(SENTENCES))).sum(axis=1)
    assert cosines.min() > 0.98, "run `make prototypes`"  # other processors round otherwise


def test_what_another_model_made_or_of_other_sentences_is_made_anew(tmp_path: Path) -> None:
    words, file = Lexical(), tmp_path / "rows.npz"
    store_rows(words, ["one", "two"], file)
    assert embed_known(Refusing(words.model_id), ["one", "two"], file).shape == (2, 1024)
    for texts in (["one", "three"], ["two", "one"]):
        assert np.array_equal(embed_known(words, texts, file), words.embed(texts))
    other = Lexical(64)
    assert embed_known(other, ["one", "two"], file).shape == (2, 64)


def test_a_file_that_is_missing_or_broken_is_done_without(tmp_path: Path) -> None:
    words = Lexical()
    broken = tmp_path / "broken.npz"
    broken.write_bytes(STORED.read_bytes()[:100])
    for file in (broken, tmp_path / "none.npz"):
        assert np.array_equal(embed_known(words, ["one"], file), words.embed(["one"]))
