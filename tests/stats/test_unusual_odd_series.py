"""Series nobody would draw on a whiteboard: never an exception, and an honest status."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.stats.unusual import judge
from tests.stats.series import days, steady

N = 400
STATUSES = {"ok", "incomplete", "missing", "too_short", "too_few"}


def test_no_days_at_all_are_too_short() -> None:
    assert judge(days(0), np.array([]))["status"] == "too_short"


def test_days_in_any_order_are_sorted_and_days_left_out_are_gaps() -> None:
    values, order = steady(N, 1), np.random.default_rng(2).permutation(N)
    assert judge(days(N)[order], values[order]) == judge(days(N), values)
    gap = values.copy()
    gap[100:110] = np.nan
    kept = np.delete(np.arange(N), slice(100, 110))
    assert judge(days(N)[kept], values[kept])["low"] == judge(days(N), gap)["low"]


def test_what_was_two_years_ago_does_not_matter() -> None:
    values = steady(800, 3)
    assert judge(days(800), values)["low"] == judge(days(800)[-400:], values[-400:])["low"]


def test_workdays_alone_are_enough() -> None:
    values = steady(N - 1, 4)
    values[np.arange(N - 1) % 7 >= 5] = np.nan
    seen = judge(days(N - 1)[:397], values[:397])
    assert (seen["status"], seen["unusual"]) == ("ok", False)


def test_a_quarter_of_gaps_is_no_alarm() -> None:
    values = steady(N, 5)
    values[:-1][np.random.default_rng(6).random(N - 1) < 0.25] = np.nan
    seen = judge(days(N), values)
    assert (seen["status"], seen["unusual"]) == ("ok", False)


def test_a_constant_metric_has_a_range_and_speaks_when_it_moves() -> None:
    values = np.full(N, 80.0)
    assert not judge(days(N), values)["unusual"]
    values[-1] = 20
    assert judge(days(N), values)["unusual"]


def test_a_metric_that_changes_sign_is_judged() -> None:
    values = 10 * np.random.default_rng(7).normal(0, 1, N)
    assert not judge(days(N), values)["unusual"]
    values[-1] = 500
    assert judge(days(N), values)["direction"] == "up"


def test_a_negative_metric_falls_downwards() -> None:
    values = -steady(N, 8)
    values[-1] *= 2
    assert judge(days(N), values)["direction"] == "down"


def test_infinite_values_are_gaps() -> None:
    values = steady(N, 9)
    values[-1] = np.inf
    assert judge(days(N), values)["status"] == "missing"


def test_one_event_of_a_rare_thing_is_never_a_burst() -> None:
    values = np.random.default_rng(2).poisson(0.2, N).astype(float)
    values[[40, 120, 200, 280]] = 56
    values[-1] = 1
    seen = judge(days(N), values)
    assert not seen["unusual"]
    assert seen["status"] == "too_few" or seen["high"] >= 1


def test_lengths_that_disagree_are_refused() -> None:
    with pytest.raises(ValueError, match="one row for each day"):
        judge(days(N), steady(N - 1, 10))


@settings(max_examples=120)
@given(
    values=st.lists(
        st.one_of(
            st.sampled_from([0.0, 1.0, -1.0, 1e308, -1e308, 5e-324]), st.floats(), st.integers(0, 9)
        ),
        max_size=150,
    ),
    repeats=st.integers(1, 4),
    good=st.sampled_from(["up", "down"]),
    least=st.sampled_from([0, 30]),
)
def test_whatever_the_values_the_answer_is_honest(
    values: list[float], repeats: int, good: str, least: float
) -> None:
    series = np.tile(np.array(values, dtype=float), repeats)
    seen = judge(days(len(series)), series, good=good, min_count=least)  # type: ignore[arg-type]
    assert seen["status"] in STATUSES
    assert seen["unusual"] == bool(seen["direction"]) == bool(seen["channel"])
    if seen["status"] == "ok":
        assert seen["low"] <= seen["expected"] <= seen["high"]
    else:
        assert not seen["unusual"]


@settings(max_examples=60)
@given(
    mean=st.floats(0, 12), wild=st.floats(0, 1e300), seed=st.integers(0, 99), gaps=st.floats(0, 0.9)
)
@example(mean=0.1953125, wild=56.0, seed=2, gaps=0.0)
def test_counts_of_any_kind_have_an_honest_answer(
    mean: float, wild: float, seed: int, gaps: float
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.poisson(mean, N).astype(float)
    values[rng.integers(0, N, 5)] = np.round(wild)
    values[rng.random(N) < gaps] = np.nan
    seen = judge(days(N), values)
    assert seen["status"] in STATUSES
    if seen["status"] == "ok":
        assert seen["low"] <= seen["expected"] <= seen["high"]
