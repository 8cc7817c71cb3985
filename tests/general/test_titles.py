"""Titles that are longer than titles are: nothing typed is lost, and the person is told."""

import pytest

from bot.general.titles import fit_title, render_too_long
from tests.feedback.telling import words_of

LONG = "The importer reads every file that a customer has " * 10


@pytest.mark.parametrize("text", ["New importer", "x" * 150, "  two\n lines "])
def test_what_fits_is_the_title_as_it_is(text: str) -> None:
    assert fit_title(text, 150) == (" ".join(text.split()), "")


def test_what_does_not_fit_is_shortened_and_kept_whole() -> None:
    title, whole = fit_title(LONG, 150)
    assert len(title) <= 150
    assert title.endswith("…")
    assert whole == LONG.strip()


def test_what_fits_nowhere_is_refused_and_given_back_whole() -> None:
    text = "".join(f"word{n} " for n in range(700)) + "<!channel>"
    message = render_too_long(text, limit=150)
    assert "nothing was logged" in message.text
    said = words_of(message.blocks)
    assert all(f"word{n}" in said for n in (0, 350, 699))
    assert "<!channel>" not in said
