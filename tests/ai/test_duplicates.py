import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ai import duplicates
from bot.ai.embedder import Embedder
from bot.ai.lexical import Lexical


def similarity(one: str, other: str) -> float:
    return duplicates.similarity(one, other, Lexical())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The export is broken!", "the  EXPORT is\nbroken"),
        ("Café export", "cafe\u0301 export"),
        ("ex\u200bport fails", "export fails"),
        ("<@U1> export fails", "export fails"),
        ("👍", "👍"),
    ],
)
def test_texts_that_differ_only_in_dress_are_the_same(one: str, other: str) -> None:
    assert similarity(one, other) == 1.0


def test_the_same_thing_in_other_words_is_closer_than_another_thing() -> None:
    report = "The CSV export stops at 1,000 rows"
    near = similarity(report, "CSV exports stop after 1,000 rows")
    far = similarity(report, "Please add dark mode")
    assert far < 0.3 < near < 1.0


def test_a_text_without_content_is_like_nothing() -> None:
    assert similarity("", "") == 0.0
    assert similarity("", "export") == 0.0


@given(st.text(max_size=80), st.text(max_size=80))
def test_similarity_has_no_direction_and_stays_between_zero_and_one(one: str, other: str) -> None:
    score = similarity(one, other)
    assert 0.0 <= score <= 1.0
    assert score == pytest.approx(similarity(other, one))


def test_with_the_model_other_words_for_one_thing_are_near_too(embedder: Embedder) -> None:
    near = duplicates.similarity("I cannot sign in", "Logging on to my account fails", embedder)
    far = duplicates.similarity("I cannot sign in", "Please add dark mode", embedder)
    assert far < 0.3 < near < 1.0
