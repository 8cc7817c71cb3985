"""Several asks in one message, by its shape."""

import pytest

from bot.feedback.several import split_asks


@pytest.mark.parametrize(
    "text",
    [
        "Three things:\n- Export stops at 1,000 rows\n- We need dark mode\n- SSO is missing here",
        "1. Export stops at 1,000 rows\n2. We need dark mode\n3) SSO is missing here",
        "• Export stops at 1,000\n  rows\n• We need dark mode\n\n• SSO is missing here",
    ],
)
def test_each_item_of_a_list_is_an_ask_and_its_heading_is_none(text: str) -> None:
    pieces = split_asks(text)
    assert len(pieces) == 3
    assert pieces[0] in {"Export stops at 1,000 rows"}
    assert pieces[-1] == "SSO is missing here"


def test_paragraphs_are_asks() -> None:
    text = "The export stops at 1,000 rows.\n\n \nAlso we would love\na dark mode."
    assert split_asks(text) == [
        "The export stops at 1,000 rows.",
        "Also we would love a dark mode.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "One ask - with a dash in it, and 1. a number",
        "- only one item here",
        "- yes\n- no\n- maybe",
        "Hi there,\n\nthe export stops at 1,000 rows.\n\nThanks",
        "\n".join(f"- item number {n} of many" for n in range(9)),
    ],
)
def test_what_holds_one_ask_is_not_split(text: str) -> None:
    assert split_asks(text) == []
