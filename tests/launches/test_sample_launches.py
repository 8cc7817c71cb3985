"""The sample's three launches end as their true effects allow."""

from datetime import date

import pytest

from benchmarks.sample_verdicts import Ended, end_launches
from playground.sample.story.importer import IMPORTER
from playground.sample.story.launches import ANNUAL_OFFER, CHECKLIST


@pytest.mark.parametrize(("seed", "today"), [(1, date(2026, 5, 18)), (2, date(2026, 12, 30))])
def test_no_launch_of_the_sample_is_called_what_it_was_not(seed: int, today: date) -> None:
    ended = end_launches(seed, today)
    assert [one.launch for one in ended] == [IMPORTER, CHECKLIST, ANNUAL_OFFER]
    assert [one for one in ended if one.is_wrong] == []


def test_a_launch_that_did_nothing_is_wrong_when_called_a_move() -> None:
    assert Ended(CHECKLIST, "moved").is_wrong
    assert Ended(ANNUAL_OFFER, "beyond_target").is_false_beyond
    assert not Ended(IMPORTER, "beyond_target").is_false_beyond
