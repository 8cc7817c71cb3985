import numpy as np
import pytest

from bot.stats.verdict import estimate, foresee, smallest_visible
from tests.stats.series import counts, days, steady, wandering

N, LAUNCH = 400, 372


def lifted(values: np.ndarray, share: float) -> np.ndarray:
    after = values.copy()
    after[LAUNCH:] *= 1 + share
    return after


def test_a_change_well_above_the_noise_is_found_and_covered() -> None:
    seen = estimate(days(N), lifted(steady(N, 1), 0.2), LAUNCH)
    assert seen["status"] == "ok"
    assert 0 < seen["lo"] < 0.2 < seen["hi"]


def test_a_fall_is_found_like_a_rise() -> None:
    seen = estimate(days(N), lifted(steady(N, 2), -0.25), LAUNCH)
    assert seen["lo"] < -0.25 < seen["hi"] < 0


def test_launches_that_did_nothing_are_seldom_called_a_rise() -> None:
    hits = [estimate(days(N), wandering(N, seed), LAUNCH)["lo"] > 0 for seed in range(120)]
    assert np.mean(hits) <= 0.025


def test_the_interval_holds_the_true_change_nearly_always() -> None:
    covered = []
    for seed in range(120):
        seen = estimate(days(N), lifted(wandering(N, seed), 0.1), LAUNCH)
        covered.append(seen["lo"] <= 0.1 <= seen["hi"])
    assert np.mean(covered) >= 0.93


def test_a_change_said_to_be_visible_is_seen_four_times_in_five() -> None:
    found = []
    for seed in range(80):
        values = wandering(N, seed, step=0.006)
        size = smallest_visible(days(LAUNCH), values[:LAUNCH], N - LAUNCH)
        found.append(estimate(days(N), lifted(values, size), LAUNCH)["lo"] > 0)
    assert np.mean(found) >= 0.8


def test_the_smallest_visible_change_is_the_same_before_and_after_the_launch() -> None:
    values = wandering(N, 3)
    controls = np.column_stack([wandering(N, 4), steady(N, 5)])
    before = smallest_visible(days(LAUNCH), values[:LAUNCH], N - LAUNCH, controls[:LAUNCH])
    values[LAUNCH:] *= 3
    controls[LAUNCH:] *= 0.5
    assert estimate(days(N), values, LAUNCH, controls)["smallest_visible"] == before


def test_the_method_is_the_same_whatever_happens_after_the_launch() -> None:
    values = wandering(N, 6)
    expected = foresee(days(LAUNCH), values[:LAUNCH], N - LAUNCH)
    values[LAUNCH:] *= np.linspace(0.5, 4, N - LAUNCH)
    seen = estimate(days(N), values, LAUNCH)
    assert seen["method"] == expected["method"]
    assert seen["baseline"] == pytest.approx(expected["baseline"])


def test_a_noisier_metric_shows_only_larger_changes() -> None:
    quiet = smallest_visible(days(LAUNCH), steady(LAUNCH, 7, noise=0.03), 28)
    noisy = smallest_visible(days(LAUNCH), steady(LAUNCH, 7, noise=0.3), 28)
    assert quiet < 0.1 < noisy


def test_the_level_is_the_baseline_with_the_effect() -> None:
    seen = estimate(days(N), lifted(steady(N, 8, level=500.0), 0.3), LAUNCH)
    assert seen["level"] == pytest.approx(seen["baseline"] * (1 + seen["effect"]))
    assert seen["baseline"] == pytest.approx(500, rel=0.1)


def test_one_wild_day_after_the_launch_is_no_effect() -> None:
    values = steady(N, 9)
    values[LAUNCH + 5] *= 40
    seen = estimate(days(N), values, LAUNCH)
    assert seen["lo"] < 0 < seen["hi"]


def test_a_metric_that_shares_the_noise_narrows_the_interval() -> None:
    rng = np.random.default_rng(10)
    shared = np.exp(np.cumsum(rng.normal(0, 0.03, N)))
    values, control = steady(N, 11) * shared, steady(N, 12) * shared
    alone = estimate(days(N), values, LAUNCH)
    helped = estimate(days(N), values, LAUNCH, control.reshape(-1, 1))
    assert helped["hi"] - helped["lo"] < 0.6 * (alone["hi"] - alone["lo"])


def test_a_metric_that_shares_nothing_does_little_harm() -> None:
    values = wandering(N, 13)
    controls = np.column_stack([wandering(N, seed) for seed in range(20, 29)])
    alone = estimate(days(N), values, LAUNCH)
    crowded = estimate(days(N), values, LAUNCH, controls)
    assert crowded["hi"] - crowded["lo"] < 1.3 * (alone["hi"] - alone["lo"])


def test_a_yearly_season_is_not_an_effect() -> None:
    count, launch = 760, 732
    season = 1 + 0.5 * np.sin(2 * np.pi * np.arange(count) / 364)
    seen = estimate(days(count), steady(count, 14) * season, launch)
    assert seen["lo"] < 0 < seen["hi"]
    assert "last year" in seen["method"]


def test_the_same_series_gives_the_same_answer() -> None:
    values = wandering(N, 15)
    assert estimate(days(N), values, LAUNCH) == estimate(days(N), values.copy(), LAUNCH)


def test_the_values_given_are_left_alone() -> None:
    values = steady(N, 16)
    values[50] = np.nan
    kept = values.copy()
    estimate(days(N), values, LAUNCH)
    np.testing.assert_array_equal(values, kept)


def test_more_of_a_small_count_is_found() -> None:
    values = counts(N, 17, 6)
    values[LAUNCH:] = counts(N - LAUNCH, 18, 18)
    seen = estimate(days(N), values, LAUNCH)
    assert seen["lo"] > 0
    assert seen["hi"] > 2


def test_small_counts_that_do_not_change_are_seldom_called_a_rise() -> None:
    hits = [estimate(days(N), counts(N, seed, 1.5), LAUNCH)["lo"] > 0 for seed in range(80)]
    assert np.mean(hits) <= 0.025


def test_a_metric_asleep_at_weekends_is_still_judged() -> None:
    values = np.where(np.arange(N) % 7 < 5, steady(N, 19), counts(N, 20, 0.3))
    seen = estimate(days(N), lifted(values, 0.3), LAUNCH)
    assert 0 < seen["lo"] < 0.3 < seen["hi"]
