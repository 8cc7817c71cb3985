"""Which day is unusual, and what is compared with what."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Daily, Rule
from bot.digests import rules

LAST = date(2026, 5, 14)  # a Thursday
WEEKDAYS = np.array([120, 118, 122, 119, 116, 60, 55], dtype=float)  # Monday to Sunday


def _series(days: int = 140, *, noise: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    dates = np.arange(np.datetime64(LAST) - days + 1, np.datetime64(LAST) + 1)
    weekday = (dates.astype("datetime64[D]").view("int64") + 3) % 7
    wave = noise * np.sin(np.arange(days) * 2.399)  # no rhythm of a week
    return dates, np.round(WEEKDAYS[weekday] + wave)


def _stand(values: np.ndarray, dates: np.ndarray, **more: object) -> rules.Standing:
    return rules.stand(dates, values, **({"expected": LAST} | more))  # type: ignore[arg-type]


def test_an_ordinary_day_is_not_unusual() -> None:
    dates, values = _series()
    standing = _stand(values, dates)
    assert (standing.state, standing.side) == ("ok", "")


def test_a_third_less_than_its_weekday_stands_out_below() -> None:
    dates, values = _series()
    values[-1] = 78
    standing = _stand(values, dates)
    assert standing.side == "below"
    assert standing.usual is not None
    assert standing.usual.low > 78


def test_a_weekend_is_compared_with_weekends_and_never_with_working_days() -> None:
    dates, values = _series()
    dates, values = dates[:-4], values[:-4]  # ends on Sunday, at half of a working day
    standing = rules.stand(dates, values, expected=date(2026, 5, 10))
    assert standing.side == ""
    assert standing.usual is not None
    assert standing.usual.high < 100


def test_nothing_is_called_unusual_with_five_weeks_of_history() -> None:
    dates, values = _series(days=36)
    values[-1] = 1
    standing = _stand(values, dates)
    assert standing.usual is None
    assert standing.side == ""


def test_a_change_below_a_tenth_is_never_unusual_however_steady_the_metric() -> None:
    dates, _ = _series()
    values = np.full(len(dates), 1000.5)
    values[-1] = 1090
    assert _stand(values, dates).side == ""


def test_a_rare_count_may_vary_by_its_root_without_being_unusual() -> None:
    dates, values = _series()
    values[:] = 4.0
    values[-1] = 9.0
    assert _stand(values, dates).side == ""


def test_the_mean_is_of_the_last_four_same_weekdays() -> None:
    dates, values = _series()
    standing = _stand(values, dates)
    expected = (values[-8] + values[-15] + values[-22] + values[-29]) / 4
    assert standing.mean == pytest.approx(expected)
    assert (standing.mean_days, standing.last_week) == (4, values[-8])


def test_the_mean_says_of_how_many_days_it_is_when_some_are_gaps() -> None:
    dates, values = _series()
    values[-8] = values[-15] = np.nan
    standing = _stand(values, dates)
    assert (standing.last_week, standing.mean_days) == (None, 2)


def test_a_missing_last_day_is_late_and_shows_the_day_before_it() -> None:
    dates, values = _series()
    values[-1] = np.nan
    standing = _stand(values, dates)
    assert standing.state == "late"
    assert standing.side == ""
    assert standing.day is not None
    assert standing.day.date == LAST - timedelta(days=1)


def test_a_metric_that_cannot_be_read_keeps_its_last_day_and_says_so() -> None:
    dates, values = _series()
    standing = rules.stand(
        dates[:-3], values[:-3], expected=LAST, has_problem=True, told_until=None
    )
    assert standing.state == "unreadable"
    assert standing.day is not None


def test_without_any_day_nothing_is_claimed() -> None:
    empty = np.empty(0, dtype="datetime64[D]")
    standing = rules.stand(empty, np.empty(0), expected=LAST)
    assert (standing.state, standing.day) == ("unread", None)


def test_monday_covers_friday_and_the_weekend() -> None:
    dates, values = _series()
    dates, values = dates[:-4], values[:-4]  # ends on Sunday
    values[-2] = 5  # Saturday
    standing = rules.stand(dates, values, expected=date(2026, 5, 10), told_until=date(2026, 5, 7))
    assert [(day.date.isoformat(), day.side) for day in standing.covered] == [
        ("2026-05-08", ""), ("2026-05-09", "below"),
    ]  # fmt: skip


def test_what_is_unwanted_and_far_out_comes_first() -> None:
    dates, values = _series()
    up, down, far = values.copy(), values.copy(), values.copy()
    up[-1], down[-1], far[-1] = 190, 80, 20
    standings = [_stand(one, dates) for one in (values, up, down, far)]
    assert rules.rank([(one, "up") for one in standings]) == [3, 2, 1]


def test_a_day_is_quiet_only_when_nothing_is_late_out_of_range_or_happened() -> None:
    dates, values = _series()
    calm = _stand(values, dates)
    low = values.copy()
    low[-1] = 10
    late = values.copy()
    late[-1] = np.nan
    assert rules.is_quiet([calm, calm], 0)
    assert not rules.is_quiet([calm], 1)
    assert not rules.is_quiet([calm, _stand(low, dates)], 0)
    assert not rules.is_quiet([calm, _stand(late, dates)], 0)


@pytest.mark.parametrize(
    ("at", "minutes"),
    [(time(9, 0), 180), (time(11, 45), 15), (time(12, 0), 180), (time(7, 30), 270)],
)
def test_a_morning_digest_may_be_late_until_noon(at: time, minutes: int) -> None:
    assert rules.latest_minutes(Rule(at=at, on=Daily())) == minutes


def test_a_post_a_quarter_of_an_hour_late_is_not_called_late_yet() -> None:
    due = datetime(2026, 5, 18, 7, tzinfo=UTC)
    assert not rules.is_late(due, due + timedelta(minutes=15))
    assert rules.is_late(due, due + timedelta(minutes=16))


@pytest.mark.parametrize(
    ("value", "target", "good", "reached"),
    [(10, 10, "up", True), (9, 10, "up", False), (0.3, 0.3, "down", True), (1, 0.3, "down", False)],
)
def test_a_target_is_reached_from_its_good_side(
    value: float, target: float, good: str, reached: bool
) -> None:
    assert rules.has_reached(value, target, good) is reached


@given(st.lists(st.one_of(st.just(float("nan")), st.floats(-1e9, 1e9)), min_size=1, max_size=150))
def test_any_series_has_a_standing_and_its_range_holds_its_middle(values: list[float]) -> None:
    dates = np.datetime64("2026-01-01") + np.arange(len(values))
    standing = rules.stand(dates, np.array(values), expected=date(2026, 1, 1))
    if standing.usual:
        assert standing.usual.low <= standing.usual.middle <= standing.usual.high
