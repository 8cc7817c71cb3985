"""Which word of /daybook somebody meant."""

import pytest

from bot.general.rules import nearest_word, unknown_mention


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("lunch", "launch"),
        ("dijest", "digest"),
        ("retrospective", "retro"),
        ("Setings", "settings"),
        ("cust", "customers"),
        ("theme", "themes"),
        ("Areas", "settings areas"),
        ("webhook", "settings webhooks"),
        ("nonsense", ""),
        ("d", ""),
    ],
)
def test_a_word_is_the_known_one_that_it_is_most_like_or_none(typed: str, nearest: str) -> None:
    assert nearest_word(typed) == nearest


def test_a_command_that_cannot_be_said_to_daybook_is_named_as_what_it_is() -> None:
    assert unknown_mention("status") == (
        "It is a command: type `/daybook status` in the message field."
    )
    assert unknown_mention("statsu") == "Did you mean `/daybook status`?"
    assert unknown_mention("lanch") == "Did you mean `@Daybook launch`?"
    assert unknown_mention("xyz") == ""
