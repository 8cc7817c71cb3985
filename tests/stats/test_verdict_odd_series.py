"""Series nobody would draw on a whiteboard: never an exception, and an honest status."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stats.verdict import estimate, smallest_visible
from tests.stats.series import counts, days, steady

N, LAUNCH = 300, 272


def check_is_too_short(seen: dict[str, object], reason: str) -> None:
    assert (seen["status"], seen["reason"]) == ("too_short", reason)
    assert (seen["lo"], seen["hi"], seen["smallest_visible"]) == (-1.0, np.inf, np.inf)


def test_a_month_of_history_is_too_short() -> None:
    check_is_too_short(estimate(days(45), steady(45, 1), 31), "history")


def test_a_window_longer_than_the_history_is_too_short() -> None:
    check_is_too_short(estimate(days(300), steady(300, 1), 100), "history")


def test_a_metric_silent_in_the_last_month_is_too_short() -> None:
    values = steady(N, 2)
    values[LAUNCH - 20 : LAUNCH] = np.nan
    check_is_too_short(estimate(days(N), values, LAUNCH), "history")


def test_a_launch_with_no_days_after_it_has_no_window() -> None:
    check_is_too_short(estimate(days(N), steady(N, 3), N), "window")


def test_mostly_missing_days_after_the_launch_are_no_window() -> None:
    values = steady(N, 4)
    values[LAUNCH + 5 :] = np.nan
    check_is_too_short(estimate(days(N), values, LAUNCH), "window")


def test_no_days_at_all_are_too_short() -> None:
    assert estimate(days(0), np.array([]), 0)["status"] == "too_short"
    assert smallest_visible(days(0), np.array([]), 14) == np.inf


@pytest.mark.parametrize("after", [0.0, 5.0])
def test_a_metric_that_was_always_zero_has_no_level(after: float) -> None:
    values = np.zeros(N)
    values[LAUNCH:] = after
    check_is_too_short(estimate(days(N), values, LAUNCH), "level")


def test_a_metric_that_changes_sign_has_no_level() -> None:
    values = np.random.default_rng(5).normal(0, 10, N)
    check_is_too_short(estimate(days(N), values, LAUNCH), "level")


def test_a_constant_metric_has_no_effect_and_a_narrow_interval() -> None:
    seen = estimate(days(N), np.full(N, 100.0), LAUNCH)
    assert seen["lo"] < seen["effect"] == 0 < seen["hi"] < 0.01


def test_gaps_are_neither_a_drop_nor_an_error() -> None:
    values = steady(N, 6)
    values[np.random.default_rng(7).random(N) < 0.25] = np.nan
    seen = estimate(days(N), values, LAUNCH)
    assert seen["lo"] < 0 < seen["hi"] < 0.2


def test_days_left_out_are_gaps() -> None:
    values = steady(N, 8)
    kept = np.delete(np.arange(N), slice(100, 120))
    gap = values.copy()
    gap[100:120] = np.nan
    left_out = estimate(days(N)[kept], values[kept], LAUNCH - 20)
    assert left_out == estimate(days(N), gap, LAUNCH)


def test_days_in_any_order_are_sorted() -> None:
    values, order = steady(N, 9), np.random.default_rng(10).permutation(N)
    launch = int(np.flatnonzero(order == LAUNCH)[0])
    shuffled = estimate(days(N)[order], values[order], launch)
    assert shuffled == estimate(days(N), values, LAUNCH)


def test_an_outage_after_the_launch_is_nearly_the_whole_metric() -> None:
    values = steady(N, 11)
    values[LAUNCH:] = 0
    assert estimate(days(N), values, LAUNCH)["hi"] < -0.95


def test_a_negative_metric_is_judged_by_its_size_with_up_still_up() -> None:
    values = -steady(N, 12)
    values[LAUNCH:] *= 0.7
    seen = estimate(days(N), values, LAUNCH)
    assert 0 < seen["lo"] < 0.3 < seen["hi"]
    assert seen["baseline"] < seen["level"] < 0


@pytest.mark.parametrize("unit", [1e-300, 1e-9, 1e9, 1e300])
def test_the_unit_does_not_matter(unit: float) -> None:
    values = steady(N, 13) / 7
    plain, scaled = (estimate(days(N), values * u, LAUNCH) for u in (1.0, unit))
    assert scaled["lo"] == pytest.approx(plain["lo"])
    assert scaled["baseline"] == pytest.approx(plain["baseline"] * unit)


def test_infinite_values_are_gaps() -> None:
    values, gaps = steady(N, 14), steady(N, 14)
    values[[40, 90, LAUNCH + 3]] = np.inf
    gaps[[40, 90, LAUNCH + 3]] = np.nan
    assert estimate(days(N), values, LAUNCH) == estimate(days(N), gaps, LAUNCH)


def test_useless_controls_are_left_out() -> None:
    values = steady(N, 15)
    useless = np.column_stack([np.zeros(N), np.full(N, np.nan), -np.ones(N)])
    assert estimate(days(N), values, LAUNCH, useless) == estimate(days(N), values, LAUNCH)


def test_lengths_that_disagree_are_refused() -> None:
    with pytest.raises(ValueError, match="one row for each day"):
        estimate(days(N), steady(N - 1, 16), LAUNCH)


def test_a_launch_outside_the_days_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        estimate(days(N), steady(N, 17), N + 1)


@settings(max_examples=120)
@given(
    values=st.lists(
        st.one_of(
            st.sampled_from([0.0, 1.0, -1.0, 1e308, -1e308, 5e-324]), st.floats(), st.integers(0, 9)
        ),
        min_size=0,
        max_size=150,
    ),
    share=st.floats(0, 1),
    repeats=st.integers(1, 3),
)
def test_whatever_the_values_the_answer_is_ordered(
    values: list[float], share: float, repeats: int
) -> None:
    series = np.tile(np.array(values, dtype=float), repeats)
    seen = estimate(days(len(series)), series, int(share * len(series)), counts(len(series), 1, 4))
    assert seen["lo"] <= seen["hi"]
    assert seen["smallest_visible"] > 0
    if seen["status"] == "ok":
        assert seen["lo"] <= seen["effect"] <= seen["hi"]
        assert np.isfinite([seen["effect"], seen["lo"], seen["hi"]]).all()
