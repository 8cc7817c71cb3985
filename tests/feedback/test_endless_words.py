"""Texts without an end of a word or line: read in one pass, so that nobody waits for the next.

A pattern that begins anew at every letter would need minutes for these, not an instant.
"""

import pytest

from bot.feedback import rules
from bot.launches.offers import launch_title, title_of
from bot.slack.text import escape
from bot.why.rules import asked_number

ENDLESS = 100_000


@pytest.mark.parametrize("one", ["x", " ", "\n", " \n", "@", "1", "a."])
def test_a_text_of_any_length_is_read_at_once(one: str) -> None:
    text = one * (ENDLESS // len(one))
    assert rules.named_person(text) == ""
    assert rules.find_customer([], channel_id="C1", email="", text=text) is None
    assert launch_title(text) is None
    assert launch_title("a" + text[:6_000]) is None
    assert len(title_of("Import " + text)) <= 100
    assert asked_number(text) is None
    assert escape(text, limit=10)


def test_an_address_in_the_midst_of_a_long_word_is_still_found() -> None:
    assert rules.named_person("x" * 100 + " <ann@acme.example> said") == "ann@acme.example"
