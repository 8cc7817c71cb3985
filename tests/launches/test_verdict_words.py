"""What a check's finding says about the verdict, in words."""

from dataclasses import replace

import pytest

from bot.bets.words import fitting_phrase
from tests.feedback.test_told_drafts import EVIDENCE


@pytest.mark.parametrize(
    ("kind", "is_reached", "said"),
    [
        ("below_target", False, "target not reached; below the target. Missed fits that"),
        ("beyond_target", True, "target reached; beyond the target. Hit fits that"),
        (
            "moved",
            True,
            "target reached; more than usual noise, but by how much stays open. "
            "Hit or Inconclusive fit that",
        ),
    ],
)
def test_the_owner_is_told_which_verdict_the_measurement_says(
    kind: str, is_reached: bool, said: str
) -> None:
    told = fitting_phrase(replace(EVIDENCE, kind=kind, is_reached=is_reached))
    assert told == f"Measured: {said}"


def test_nothing_is_said_where_nothing_was_measured() -> None:
    assert fitting_phrase(replace(EVIDENCE, kind="by_hand", is_reached=None)) == ""
