from datetime import UTC, date, datetime, timedelta

from playground.sample.timeline import SATURDAY, Day, Moment, Timeline, story_today


def test_before_nine_in_berlin_the_story_is_still_in_yesterday() -> None:
    assert story_today(datetime(2026, 7, 15, 6, 59, tzinfo=UTC)) == date(2026, 7, 14)


def test_from_nine_in_berlin_on_the_story_is_in_today() -> None:
    assert story_today(datetime(2026, 7, 15, 7, 0, tzinfo=UTC)) == date(2026, 7, 15)


def test_the_next_morning_is_the_first_working_day_after_today(any_day: date) -> None:
    morning = Timeline(any_day).next_morning
    assert any_day < morning <= any_day + timedelta(days=3)
    assert morning.weekday() < SATURDAY


def test_ten_working_days_are_two_weeks(any_day: date) -> None:
    line = Timeline(any_day)
    for back in range(20):
        assert line.on(Day(back)) - line.on(Day(back + 10)) == timedelta(days=14)


def test_days_ahead_are_working_days_too(any_day: date) -> None:
    line = Timeline(any_day)
    ahead = [line.on(Day(-n)) for n in range(12)]
    assert ahead == sorted(set(ahead))
    assert all(day.weekday() < SATURDAY for day in ahead)


def test_a_moment_is_berlin_wall_clock_on_both_sides_of_a_clock_change() -> None:
    line = Timeline(date(2026, 3, 31))
    assert line.instant(Moment(2, "09:00")) == datetime(2026, 3, 31, 7, tzinfo=UTC) - timedelta(1)
    assert line.instant(Moment(4, "09:00")) == datetime(2026, 3, 26, 8, tzinfo=UTC)
