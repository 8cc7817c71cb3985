"""When an episode opens, holds, gets worse and closes."""

from datetime import date, time, timedelta

import numpy as np
import pytest

from bot.alerts.blind import days_behind, is_to_tell, last_known, longest_gap
from bot.alerts.rules import (
    AFTER_READY,
    LOOK_AGAIN,
    Limits,
    Open,
    Signal,
    are_together,
    find_signal,
    is_within_budget,
    look_at,
    next_step,
    read_limits,
)
from bot.metrics.judging import PLAIN, Moved
from bot.metrics.units import Unit
from tests.stats.series import days, steady

N = 200
FIRST = date(2024, 7, 15)  # day 196 of the series
PLACE = 196


def episode(calm: int = 0, *, kind: str = "unusual", usual: float = 1000.0) -> Open:
    return Open(kind, "below", FIRST, usual, -0.5, 0.5, calm)


def flat(*after: float) -> np.ndarray:
    values = np.full(PLACE, 1000.0)
    return np.concatenate([values, after])


def step(known: Open | None, *after: float, signal: Signal | None = None) -> str:
    values = flat(*after)
    return next_step(known, days(len(values)), values, len(values) - 1, signal)


def fall(value: float = 400.0) -> Signal:
    return Signal("unusual", "below", FIRST, value, 1000.0)


def test_a_signal_opens_an_episode_and_without_one_nothing_happens() -> None:
    assert step(None, 400, signal=fall()) == "open"
    assert step(None, 1000) == ""


def test_a_gap_does_nothing_to_an_episode() -> None:
    assert step(episode(), 500, np.nan) == ""


def test_it_holds_until_half_of_the_way_back_for_two_days() -> None:
    assert step(episode(), 500, 700) == "hold"
    assert step(episode(), 500, 900) == "hold"
    assert step(episode(calm=1), 500, 900, 900) == "back"


def test_beyond_where_it_was_told_by_half_it_is_worse() -> None:
    assert step(episode(), 500, 450, signal=fall()) == "hold"
    assert step(episode(), 500, 100, signal=fall()) == "worse"


def test_what_stays_for_two_weeks_is_usual_now() -> None:
    assert step(episode(), *[500.0] * 14) == "hold"
    assert step(episode(), *[500.0] * 15) == "stayed"


def test_a_bound_closes_on_its_own_side_of_it() -> None:
    assert step(episode(calm=1, kind="bound", usual=600), 500, 610) == "back"
    assert step(episode(calm=1, kind="bound", usual=600), 500, 590) == "hold"


def test_a_day_beyond_a_bound_is_a_signal_however_usual() -> None:
    values = steady(N, 1)
    found = find_signal(days(N), values, N - 1, PLAIN, Limits(above=values[-1] - 1))
    assert found is not None
    assert (found.kind, found.side) == ("bound", "above")
    assert find_signal(days(N), values, N - 1, PLAIN, Limits(above=values[-1] + 1)) is None


def test_an_unusual_day_below_the_smallest_change_is_no_signal() -> None:
    values = steady(N, 2)
    values[-1] *= 0.5
    assert find_signal(days(N), values, N - 1, PLAIN, Limits()) is not None
    assert find_signal(days(N), values, N - 1, PLAIN, Limits(min_change=0.8)) is None


def test_a_count_below_the_smallest_is_no_signal() -> None:
    values = np.random.default_rng(3).poisson(2, N).astype(float)
    values[-1] = 20
    assert find_signal(days(N), values, N - 1, PLAIN, Limits()) is not None
    assert find_signal(days(N), values, N - 1, PLAIN, Limits(min_count=30)) is None


def test_a_moved_level_counts_by_its_means() -> None:
    moved = Signal("unusual", "below", FIRST, 950.0, 1000.0, moved=Moved(7, 700.0, 1000.0))
    assert moved.change == pytest.approx(-0.3)


@pytest.mark.parametrize(
    ("days_ago", "budget", "within"),
    [((), 1, True), ((3,), 1, False), ((7,), 1, True), ((3,), 2, True), ((1, 3), 2, False),
     ((20,), 0.25, False), ((28,), 0.25, True)],
)  # fmt: skip
def test_a_budget_counts_what_was_told_in_its_week(
    days_ago: tuple[int, ...], budget: float, within: bool
) -> None:
    told = [FIRST - timedelta(days=n) for n in days_ago]
    limits = Limits(budget_per_week=budget)
    assert is_within_budget(told, FIRST, limits) is within
    assert is_within_budget(told, FIRST, limits, is_zero=True)


def test_three_of_five_are_together_and_two_or_three_of_nine_are_not() -> None:
    assert are_together([fall()] * 3, 5)
    assert not are_together([fall()] * 2, 2)
    assert not are_together([fall()] * 3, 9)


def test_what_the_file_leaves_out_is_a_tenth_and_once_a_week() -> None:
    assert read_limits({}, Unit("teams")) == Limits(0.1, 30.0, 1.0, None, None)
    read = read_limits({"above": 0, "min_change": 0.3, "min_count": 0}, Unit("teams"))
    assert read == Limits(0.3, 0.0, 1.0, 0.0, None)


@pytest.mark.parametrize("unit", [Unit(is_percent=True), Unit("ms")])
def test_a_percentage_and_a_time_are_told_however_small_they_are(unit: Unit) -> None:
    assert read_limits({}, unit).min_count == 0


@pytest.mark.parametrize(
    ("ready", "first", "again"),
    [("02:00", "07:00", "10:50"), ("06:55", "07:05", "10:55"), ("22:00", "22:10", "23:50")],
)
def test_nobody_is_woken_by_a_number_that_is_ready_at_night(
    ready: str, first: str, again: str
) -> None:
    assert look_at(ready, AFTER_READY) == time.fromisoformat(first)
    assert look_at(ready, LOOK_AGAIN) == time.fromisoformat(again)


@pytest.mark.parametrize(
    ("behind", "gap", "is_told"),
    [
        (1, 0, False), (2, 0, True), (3, 0, False), (9, 0, True),  # a daily number
        (2, 2, False), (3, 2, False), (4, 2, True), (11, 2, True),  # one without weekends
    ],
)  # fmt: skip
def test_a_number_that_stopped_is_told_after_its_own_gaps_and_then_weekly(
    behind: int, gap: int, is_told: bool
) -> None:
    assert is_to_tell(behind, gap) is is_told


def test_a_metrics_own_gaps_are_counted_without_the_one_at_its_end() -> None:
    dates = np.arange("2026-03-02", "2026-04-01", dtype="datetime64[D]")  # from a Monday on
    values = np.where(np.arange(30) % 7 < 5, 10.0, np.nan)
    values[-6:] = np.nan
    assert longest_gap(values) == 2
    assert last_known(dates, values) == date(2026, 3, 25)
    assert (longest_gap(values[:0]), last_known(dates[:0], values[:0])) == (0, None)
    assert [days_behind(None, date(2026, 3, n)) for n in (2, 3)] == [2, 3]
