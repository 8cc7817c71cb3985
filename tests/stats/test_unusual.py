"""Is the last day unusual? What a person is told, and what they are spared."""

from datetime import datetime, time

import numpy as np
import pytest

from bot.stats.days import Floats
from bot.stats.unusual import Judgement, band, judge
from tests.stats.series import counts, days, steady, wandering

N = 400


def judged(values: Floats, **how: object) -> Judgement:
    return judge(days(len(values)), values, **how)  # type: ignore[arg-type]


def spoken(values: Floats, since: int, **how: object) -> list[str]:
    """The channels that speak on each day from `since` on, as if judged every morning."""
    told = (judged(values[: end + 1], **how) for end in range(since, len(values)))
    return [one["channel"] for one in told]


def test_an_ordinary_day_is_inside_its_range() -> None:
    seen = judged(steady(N, 1))
    assert (seen["unusual"], seen["direction"], seen["channel"]) == (False, "", "")
    assert seen["low"] < seen["expected"] < seen["high"]


def test_a_fall_by_half_is_unusual_and_down() -> None:
    values = steady(N, 2)
    values[-1] *= 0.5
    seen = judged(values)
    assert (seen["unusual"], seen["direction"], seen["channel"]) == (True, "down", "day")
    assert values[-1] < seen["low"]
    assert seen["score"] < -3.6


def test_a_rise_by_half_is_unusual_and_up() -> None:
    values = steady(N, 3)
    values[-1] *= 1.5
    seen = judged(values)
    assert (seen["unusual"], seen["direction"]) == (True, "up")
    assert seen["high"] < values[-1]


def test_the_weekend_is_no_fall() -> None:
    saturday = 397  # the series begin on a Monday
    values = steady(N, 4, noise=0.03)
    values[np.arange(N) % 7 == 5] = np.round(values[np.arange(N) % 7 == 5] * 0.3)
    seen = judged(values[: saturday - 397 % 7 + 5 + 1])
    assert not seen["unusual"]
    assert seen["expected"] < 400


@pytest.mark.parametrize("seed", range(4))
def test_a_zero_always_speaks(seed: int) -> None:
    values = wandering(N, seed)
    values[-1] = 0
    seen = judged(values)
    assert (seen["unusual"], seen["channel"], seen["direction"]) == (True, "zero", "down")


def test_a_zero_speaks_again_the_next_day() -> None:
    values = steady(N, 5)
    values[-2:] = 0
    assert spoken(values, N - 2) == ["zero", "zero"]


def test_zeros_of_every_weekend_are_silent() -> None:
    values = steady(N - 2, 6)
    values[np.arange(N - 2) % 7 >= 5] = 0
    last_sunday = (N - 2) // 7 * 7
    assert not judged(values[:last_sunday])["unusual"]


def test_a_step_is_told_once_and_then_accepted() -> None:
    values = steady(N, 7)
    values[-30:] = np.round(values[-30:] * 0.65)
    told = [channel for channel in spoken(values, N - 30) if channel]
    assert len(told) == 1


def test_a_slow_fall_is_told_by_its_weeks() -> None:
    values = steady(N, 8)
    values[-21:] = np.round(values[-21:] * 0.98 ** np.arange(1, 22))
    told = [channel for channel in spoken(values, N - 21) if channel]
    assert told[0] in ("week", "fortnight")


def test_a_moved_level_says_its_means() -> None:
    values = steady(N, 9, noise=0.15)
    values[-7:] = np.round(values[-7:] * 0.7)
    told = [judged(values[: end + 1]) for end in range(N - 7, N)]
    level = next(one for one in told if one["channel"] == "week")
    assert level["days"] == 7
    assert level["level"] < 0.85 * level["before"]


def test_a_level_that_moves_the_wanted_way_needs_twice_as_much() -> None:
    values = steady(N, 10, noise=0.1)
    values[-7:] = np.round(values[-7:] * 1.35)
    wanted = [channel for channel in spoken(values, N - 7, good="up") if channel]
    unwanted = [channel for channel in spoken(values, N - 7, good="down") if channel]
    assert wanted == []
    assert unwanted


def test_an_unfinished_day_is_not_judged() -> None:
    values = steady(N, 11)
    values[-1] = 3
    noon = days(N)[-1].astype(datetime)
    seen = judged(values, now=datetime.combine(noon, time(12)))
    assert (seen["unusual"], seen["status"]) == (False, "incomplete")


def test_a_day_that_is_over_is_judged_whatever_the_hour() -> None:
    values = steady(N, 12)
    values[-1] = 3
    after = (days(N)[-1] + 1).astype(datetime)
    seen = judged(values, now=datetime.combine(after, time(0, 5)))
    assert (seen["unusual"], seen["status"]) == (True, "ok")


def test_a_missing_day_is_no_drop_and_nor_is_the_day_after_it() -> None:
    values = steady(N, 13)
    values[-2] = np.nan
    assert judged(values[:-1])["status"] == "missing"
    assert not judged(values[:-1])["unusual"]
    assert not judged(values)["unusual"]


def test_under_ninety_days_with_a_value_nothing_is_said() -> None:
    values = steady(89, 14)
    values[-1] = 0
    assert judged(values)["status"] == "too_short"


def test_the_same_day_a_year_ago_explains_a_day() -> None:
    values = steady(N, 15)
    values[-1] *= 0.4
    assert judged(values)["unusual"]
    values[-1 - 364] *= 0.4
    assert not judged(values)["unusual"]


def test_a_metric_that_is_often_far_out_is_judged_by_its_own_habit() -> None:
    values = steady(N, 16)
    wild = np.random.default_rng(1).choice(np.arange(60, N - 30), 12, replace=False)
    values[-1] *= 0.72
    assert judged(values)["unusual"]
    values[wild] *= 0.55
    assert not judged(values)["unusual"]


def test_a_holiday_needs_twice_as_much() -> None:
    values = steady(N, 17, noise=0.06)
    values[-1] *= 0.7
    assert judged(values)["unusual"]
    assert not judged(values, holidays=days(N)[-1:])["unusual"]


def test_a_holiday_teaches_nothing_about_the_day_after() -> None:
    values = steady(N, 18)
    plain = judged(values, holidays=days(N)[-2:-1])["expected"]
    values[-2] *= 0.2
    told = judged(values, holidays=days(N)[-2:-1])["expected"]
    assert told == pytest.approx(plain, rel=1e-3)


def test_wider_limits_are_wider() -> None:
    values = steady(N, 19)
    values[-1] *= 0.7
    near, wide = judged(values), judged(values, widen=3)
    assert (near["unusual"], wide["unusual"]) == (True, False)
    assert wide["low"] < near["low"]


def test_a_day_below_the_smallest_count_is_too_few() -> None:
    values = steady(N, 20, level=60)
    values[-1] = 5
    assert judged(values)["unusual"]
    assert judged(values, min_count=100)["status"] == "too_few"


def test_a_quiet_counter_says_its_range_in_whole_numbers() -> None:
    seen = judged(counts(N, 21, 3))
    assert (seen["status"], seen["unusual"], seen["low"]) == ("ok", False, 0)
    assert 6 < seen["high"] == int(seen["high"]) < 14


def test_a_burst_of_a_rare_thing_is_unusual() -> None:
    values = counts(N, 22, 2)
    values[-1] = 14
    seen = judged(values)
    assert (seen["unusual"], seen["direction"], seen["channel"]) == (True, "up", "day")


def test_a_silent_week_of_a_rare_thing_is_told_once() -> None:
    values = counts(N, 23, 2)
    values[-10:] = 0
    told = [channel for channel in spoken(values, N - 10) if channel]
    assert told == ["week"]


def test_what_hardly_ever_happens_is_too_few_to_say() -> None:
    assert judged(counts(N, 24, 0.05))["status"] == "too_few"
    assert judged(np.zeros(N))["status"] == "too_few"


@pytest.mark.parametrize("unit", [1e-6, 0.01, 1e9])
def test_the_unit_of_a_measured_number_does_not_matter(unit: float) -> None:
    values = steady(N, 25) / 7 + 0.001
    values[-1] *= 0.5
    plain, scaled = judged(values), judged(values * unit)
    assert scaled["unusual"]
    assert scaled["expected"] == pytest.approx(plain["expected"] * unit)


def test_a_year_of_ordinary_days_speaks_seldom() -> None:
    told = [c for seed in (1, 2, 3) for c in spoken(steady(N, seed, noise=0.1), 280) if c]
    assert len(told) <= 2  # of 360 days


@pytest.mark.parametrize("values", [steady(N, 26), counts(N, 27, 3), counts(N, 28, 20)])
def test_the_band_ends_with_the_range_of_the_last_day(values: Floats) -> None:
    low, high = band(days(N), values)
    seen = judged(values)
    assert (low[-1], high[-1]) == (seen["low"], seen["high"])
    assert len(low) == len(high) == N
    assert (low[-90:] < high[-90:]).all()


def test_there_is_no_band_where_there_is_too_little_history() -> None:
    low, high = band(days(500), steady(500, 29))
    assert np.isnan(low[:100]).all()
    assert np.isfinite(high[-90:]).all()
    assert np.isnan(band(days(50), steady(50, 30))[0]).all()
