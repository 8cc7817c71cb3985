from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.bets import rules as bets
from bot.errors import BadInput
from bot.launches.stages import check_move, stage_named

TODAY = date(2026, 3, 2)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("450", 450),
        ("+10 %", 440),
        ("+10%", 440),
        ("-5 %", 380),
        ("\u22125 %", 380),
        ("+40", 440),
        ("1,200", 1200),
        ("1 200", 1200),
        ("1\u202f200.5", 1200.5),
        ("4,5", 4.5),
        ("1.5k", 1500),
    ],
)
def test_a_target_is_read_as_a_level_or_as_a_change_from_the_baseline(text, level):
    assert bets.read_target(text, 400) == pytest.approx(level)


def test_a_percentage_is_a_level_for_a_metric_in_percent():
    assert bets.read_target("44 %", 40, is_percent=True) == 44
    assert bets.read_target("+10 %", 40, is_percent=True) == pytest.approx(44)


@pytest.mark.parametrize("text", ["", "more", "10 %", "1.2.3", "++4", "4 5 % up", "nan", "inf"])
def test_what_is_no_target_is_refused_under_its_field(text):
    with pytest.raises(BadInput) as raised:
        bets.read_target(text, 400)
    assert raised.value.field == "target"


def test_a_change_without_a_baseline_asks_for_the_level():
    with pytest.raises(BadInput, match="level"):
        bets.read_target("+10 %", None)


@pytest.mark.parametrize(("target", "good"), [(380, "up"), (420, "down"), (400, "up")])
def test_a_target_on_the_wrong_side_of_the_baseline_is_refused(target, good):
    with pytest.raises(BadInput) as raised:
        bets.check_target(target, 400, good)
    assert raised.value.field == "target"


def test_a_target_on_the_good_side_is_taken():
    bets.check_target(440, 400, "up")
    bets.check_target(380, 400, "down")


@pytest.mark.parametrize("day", [date(2026, 3, 1), TODAY, date(2029, 1, 1)])
def test_a_check_date_in_the_past_or_beyond_memory_is_refused(day):
    with pytest.raises(BadInput) as raised:
        bets.check_date_of(day, TODAY)
    assert raised.value.field == "check_date"


def test_a_bet_is_checked_two_weeks_on_unless_said_otherwise():
    assert bets.check_date_of(None, TODAY) == date(2026, 3, 16)
    assert bets.check_date_of(date(2026, 4, 1), TODAY) == date(2026, 4, 1)


def test_the_launch_day_counts_when_it_was_live_before_noon_there():
    assert bets.first_measured_day(datetime(2026, 3, 2, 9, tzinfo=UTC), BERLIN) == TODAY
    late = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
    assert bets.first_measured_day(late, BERLIN) == date(2026, 3, 3)


def test_day_n_of_m_counts_the_days_that_are_measured():
    first, check = date(2026, 3, 3), date(2026, 3, 17)
    assert bets.day_of(first, check, date(2026, 3, 2)) == (0, 14)
    assert bets.day_of(first, check, date(2026, 3, 3)) == (1, 14)
    assert bets.day_of(first, check, date(2026, 3, 16)) == (14, 14)
    assert bets.day_of(first, check, date(2026, 3, 20)) == (14, 14)
    assert bets.day_of(None, check, TODAY) == (0, 0)


def test_harm_is_read_as_a_share_and_has_a_default():
    assert bets.read_harm("") == 0.05
    assert bets.read_harm("10 %") == pytest.approx(0.1)
    assert bets.read_harm("-2,5") == pytest.approx(0.025)
    with pytest.raises(BadInput):
        bets.read_harm("a lot")


def test_a_fall_needs_a_smaller_share_than_a_rise_of_the_same_size():
    assert bets.visible_change(0.25, "up") == 0.25
    assert bets.visible_change(0.25, "down") == pytest.approx(0.2)
    assert bets.visible_change(float("inf"), "up") is None


@pytest.mark.parametrize(
    ("verdict", "evidence", "is_reached", "is_against"),
    [
        ("hit", "beyond_target", True, False),
        ("hit", "moved", True, False),
        ("hit", "moved", False, True),
        ("hit", "within_noise", True, True),
        ("hit", "below_target", False, True),
        ("hit", "by_hand", None, False),
        ("missed", "beyond_target", True, True),
        ("missed", "counted", True, True),
        ("missed", "below_target", False, False),
        ("missed", "within_noise", False, False),
        ("inconclusive", "within_noise", False, False),
        ("inconclusive", "beyond_target", True, True),
        ("invalid", "beyond_target", True, False),
        ("too_early", "below_target", False, False),
    ],
)
def test_a_verdict_other_than_the_evidence_needs_a_reason(
    verdict, evidence, is_reached, is_against
):
    assert bets.is_against(verdict, evidence, is_reached) is is_against


def test_a_live_launch_cannot_become_planned_again():
    with pytest.raises(BadInput, match="rolled back or retired"):
        check_move("live", "planned")
    check_move("live", "rolled_back")


def test_stages_are_named_as_people_type_them():
    assert stage_named("Rolled back") == "rolled_back"
    assert stage_named("rolling-out") == "rolling_out"
    assert stage_named("importer") is None
