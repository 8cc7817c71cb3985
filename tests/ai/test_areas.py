"""Areas by example: told apart, left open where nothing is near, and measured on an invented set."""

import numpy as np
import pytest

from bot.ai.areas import Areas
from bot.ai.embedder import Embedder
from bot.ai.learned import Learner, likeness, macro_f1
from bot.ai.lexical import Lexical
from tests.ai.labelled_areas import ASKED, ELSEWHERE, TAUGHT


@pytest.fixture(scope="module")
def areas(embedder: Embedder) -> Areas:
    rows = [(text, area) for area, texts in TAUGHT.items() for text in texts]
    return Areas(embedder).fit([text for text, _ in rows], [area for _, area in rows])


def test_five_examples_an_area_are_enough_to_tell_areas_apart(areas: Areas) -> None:
    said = areas.predict([text for text, _ in ASKED])
    assert np.mean([one == area for one, (_, area) in zip(said, ASKED, strict=True)]) >= 0.88


def test_a_text_about_something_else_is_near_no_area(areas: Areas, embedder: Embedder) -> None:
    near = [guess.is_near for guess in areas.guess_rows(embedder.embed(list(ELSEWHERE)))]
    assert sum(near) == 0
    asked = areas.guess_rows(embedder.embed([text for text, _ in ASKED]))
    assert sum(guess.is_near for guess in asked) >= 0.65 * len(asked)


def test_nothing_taught_is_no_area() -> None:
    areas = Areas(Lexical())
    assert areas.predict(["anything"]) == [""]
    assert areas.fit([], []).predict(["anything"]) == [""]


def test_one_area_alone_is_near_or_not(embedder: Embedder) -> None:
    areas = Areas(embedder).fit(list(TAUGHT["Billing"]), ["Billing"] * 5)
    near, far = areas.guess_rows(embedder.embed(["Our invoice is wrong", "The map has no lakes"]))
    assert near.area == far.area == "Billing"
    assert near.is_near
    assert not far.is_near


def test_areas_are_told_apart_by_words_where_the_model_is_missing() -> None:
    areas = Areas(Lexical()).fit(["csv import", "import a file", "the invoice", "invoice address"],
                                 ["Import", "Import", "Billing", "Billing"])  # fmt: skip
    assert areas.predict(["importing csv files", "where are my invoices"]) == ["Import", "Billing"]


def test_leaving_one_out_is_what_fitting_without_it_says() -> None:
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(30, 6))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    labels = [
        "a" if row[0] + 0.3 * noise > 0 else "b"
        for row, noise in zip(rows, rng.normal(size=30), strict=True)
    ]
    kernel = likeness(rows, rows)
    truth = np.array([[label == c for c in ("a", "b")] for label in labels], dtype=float)
    share = truth.mean(axis=0)
    refitted = []
    for out in range(30):
        kept = [place for place in range(30) if place != out]
        kernel_kept = kernel[np.ix_(kept, kept)] + 0.1 * np.eye(29)
        weights = np.linalg.solve(kernel_kept, truth[kept] - share)
        refitted.append("ab"[int((kernel[out, kept] @ weights + share).argmax())])
    assert Learner(kernel, labels, 0.1).left_out() == refitted


def test_macro_f1_is_the_mean_over_the_true_classes() -> None:
    assert macro_f1(["a", "a", "b"], ["a", "a", "b"]) == 1.0
    assert macro_f1(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx(0.4)
    assert macro_f1([], []) == 0.0
