from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from bot.bets.measurement import (
    Guard,
    History,
    Span,
    foresee,
    level,
    measure_change,
    measure_count,
    measure_guards,
    read_baseline,
)
from bot.errors import BadInput

FIRST = date(2025, 1, 6)
LAUNCH = date(2026, 3, 2)
SPAN = Span(exposed=LAUNCH, first=LAUNCH, last=LAUNCH + timedelta(days=13))


def history(*, effect=0.0, noise=0.02, seed=1, days=434, base=400.0):
    """Weekday-patterned days from FIRST to 13 days after LAUNCH."""
    rng = np.random.default_rng(seed)
    dates = np.datetime64(FIRST, "D") + np.arange(days)
    weekday = (dates.astype(int) + 3) % 7
    values = base * np.where(weekday < 5, 1.1, 0.75) * np.exp(noise * rng.standard_normal(days))
    values[dates >= np.datetime64(LAUNCH, "D")] *= 1 + effect
    return History(dates, values, FIRST + timedelta(days=days - 1))


def test_the_baseline_is_four_whole_weeks_before_the_launch():
    baseline = read_baseline(history(noise=0.0), LAUNCH)
    assert baseline.value == pytest.approx(400)
    assert (baseline.first, baseline.last) == (date(2026, 2, 2), date(2026, 3, 1))


def test_the_baseline_never_looks_at_days_after_the_launch():
    assert read_baseline(history(effect=5.0), LAUNCH) == read_baseline(history(), LAUNCH)


def test_a_metric_without_readings_has_no_baseline():
    empty = History(np.empty(0, "datetime64[D]"), np.empty(0))
    with pytest.raises(BadInput) as raised:
        read_baseline(empty, LAUNCH)
    assert raised.value.field == "metric"


def test_a_metric_with_five_days_of_readings_has_no_baseline():
    few = history().since(LAUNCH - timedelta(days=5))
    with pytest.raises(BadInput, match="5 days"):
        read_baseline(few, LAUNCH)


def test_a_missing_weekend_does_not_lift_the_level():
    whole = history(noise=0.0).since(LAUNCH - timedelta(days=28)).until(LAUNCH - timedelta(days=1))
    values = whole.values.copy()
    values[5:7] = np.nan
    assert level(History(whole.dates, values)) == pytest.approx(400)


def test_a_clear_move_past_the_target_is_beyond_it():
    measured = measure_change(history(effect=0.3), SPAN, 440.0, "up")
    assert (measured.kind, measured.is_reached, measured.grade) == ("beyond_target", True, "C")
    assert measured.value == pytest.approx(520, rel=0.03)


def test_no_move_falls_short_of_a_far_target():
    measured = measure_change(history(), SPAN, 560.0, "up")
    assert (measured.kind, measured.is_reached) == ("below_target", False)


def test_no_move_of_a_noisy_metric_is_within_noise():
    measured = measure_change(history(noise=0.5), SPAN, 420.0, "up")
    assert measured.kind == "within_noise"
    assert measured.grade == "D"


def test_a_fall_is_a_move_where_down_is_good():
    measured = measure_change(history(effect=-0.3), SPAN, 360.0, "down")
    assert (measured.kind, measured.is_reached) == ("beyond_target", True)


def test_too_little_history_is_said_and_the_target_still_answered():
    short = history(effect=0.3).since(LAUNCH - timedelta(days=9))
    measured = measure_change(short, SPAN, 440.0, "up")
    assert (measured.kind, measured.is_reached, measured.grade) == (
        "too_little_history",
        True,
        "D",
    )


def test_a_window_without_readings_is_too_little():
    past = history().until(LAUNCH - timedelta(days=1))
    measured = measure_change(past, SPAN, 440.0, "up")
    assert (measured.kind, measured.value, measured.is_reached) == (
        "too_little_history",
        None,
        None,
    )


def test_days_of_rolling_out_count_for_neither_side():
    mixed = history(effect=0.3)
    values = mixed.values.copy()
    index = int(np.searchsorted(mixed.dates, np.datetime64(LAUNCH, "D")))
    values[index - 3 : index] *= 50
    span = Span(LAUNCH - timedelta(days=3), SPAN.first, SPAN.last)
    spoiled = measure_change(History(mixed.dates, values), span, 440.0, "up")
    assert spoiled.kind == "beyond_target"


def test_a_quiet_metric_can_decide_a_bet_of_ten_percent():
    outlook = foresee(history(), 440.0, "up", before=LAUNCH, days=14)
    assert outlook.is_decidable
    assert outlook.visible < 0.1


def test_a_noisy_metric_cannot_decide_a_small_bet():
    outlook = foresee(history(noise=0.5), 408.0, "up", before=LAUNCH, days=14)
    assert not outlook.is_decidable
    assert outlook.visible > 0.02


def test_nothing_is_foreseen_without_history():
    few = history().since(LAUNCH - timedelta(days=8))
    outlook = foresee(few, 440.0, "up", before=LAUNCH, days=14)
    assert (outlook.visible, outlook.is_decidable) == (None, False)


def test_a_count_is_the_total_since_the_launch():
    dates = np.datetime64(LAUNCH, "D") + np.arange(14)
    values = np.arange(14.0)
    values[3] = np.nan
    counted = measure_count(History(dates, values), SPAN, 80)
    assert (counted.value, counted.is_reached, counted.kind) == (88, True, "counted")


def test_a_guardrail_that_fell_far_is_harmed_and_a_still_one_is_not():
    guards = [
        Guard("m1", "Sign-ups", "up", 0.05, history(effect=-0.3)),
        Guard("m2", "Errors", "down", 0.05, history(seed=3)),
        Guard("m3", "Gone", "up", 0.05, None),
    ]
    (harmed, still, gone), _ = measure_guards(guards, SPAN)
    assert harmed["is_harmed"] is True
    assert still["is_harmed"] is False
    assert 0 <= still["largest_harm"] < 0.2
    assert (gone["is_harmed"], gone["largest_harm"]) == (False, None)


def test_complaints_are_one_guardrail_among_the_others():
    still = [Guard("m2", "Errors", "down", 0.05, history(seed=3))]
    assert measure_guards([], None, complaints=0.02) == ([], True)
    assert measure_guards(still, SPAN, complaints=0.02)[1] is False
    assert measure_guards(still, SPAN)[1] is False


def _with(whole, day, times):
    values = whole.values.copy()
    values[whole.dates == np.datetime64(day, "D")] *= times
    return History(whole.dates, values, whole.last_complete)


def test_a_weekend_alone_is_compared_with_weekends_and_is_no_fall():
    weekend = Span(
        LAUNCH + timedelta(days=5), LAUNCH + timedelta(days=5), LAUNCH + timedelta(days=6)
    )
    measured = measure_change(history(noise=0.0), weekend, 400.0, "up")
    assert measured.value == pytest.approx(400)
    assert measured.is_reached is True
    fallen = measure_change(history(noise=0.0, effect=-0.2), weekend, 400.0, "up")
    assert fallen.value < 400


@pytest.mark.parametrize("times", [10.0, 0.0])
def test_one_odd_day_moves_neither_the_baseline_nor_what_is_expected(times):
    odd = _with(history(), LAUNCH - timedelta(days=9), times)
    usual = read_baseline(history(), LAUNCH).value
    assert read_baseline(odd, LAUNCH).value == pytest.approx(usual, rel=0.02)
    expected = measure_change(history(), SPAN, 440.0, "up").number("baseline")
    assert measure_change(odd, SPAN, 440.0, "up").number("baseline") == pytest.approx(
        expected, rel=0.02
    )


def test_a_measured_day_that_was_left_out_is_named_to_the_reader():
    span, day = replace(SPAN, last=SPAN.first + timedelta(days=27)), SPAN.first + timedelta(days=3)
    odd = _with(history(noise=0.01, days=448), day, 0.1)
    reason = measure_change(odd, span, 440.0, "up").grade_reason
    assert reason.endswith(
        f"; {day:%a} {day.day} {day:%b} was left out, far from other days of that weekday"
    )
    assert "left out" not in measure_change(history(), SPAN, 440.0, "up").grade_reason


def test_a_level_that_lasts_a_week_is_no_oddity():
    shifted = history(noise=0.01)
    for day in range(1, 8):
        shifted = _with(shifted, LAUNCH - timedelta(days=day), 3.0)
    assert read_baseline(shifted, LAUNCH).value == pytest.approx(600, rel=0.02)
