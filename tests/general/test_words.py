"""Which word of /daybook somebody meant."""

import pytest

from bot.general.rules import nearest_word


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
