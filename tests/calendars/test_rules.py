"""When a message may come: the message waits, the check does not."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.calendars.rules import (
    STATUS,
    TIME_OFF,
    Coming,
    PersonRest,
    TeamRest,
    TimeOff,
    coming_posts,
    hold,
    holidays_ahead,
    is_folded,
    keeper_of_channel,
    keeper_of_person,
    merge_time_off,
    names_weekday,
    read_quiet,
    read_time_off,
    say_coming,
    say_waited,
    team_rest,
)
from bot.calendars.statuses import away_until, is_away
from bot.clock import WORKING_DAYS, Daily, MonthlyWeekday, Once, Rule, Weekly
from bot.errors import BadInput
from bot.workdays import QuietHours

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(19), time(8))
TEAM = TeamRest(country="DE", region="BY")
CHANNEL = keeper_of_channel(TEAM, "Europe/Berlin")
NINE = time(9)


def berlin(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def person(**more: object) -> PersonRest:
    return replace(PersonRest(zone="Europe/Berlin"), **more)


# --- channels


def test_on_a_working_day_nothing_waits() -> None:
    assert hold(CHANNEL, berlin(20, 9)) == (berlin(20, 9), "")


def test_after_a_weekend_it_comes_at_the_same_time_of_day() -> None:
    assert hold(CHANNEL, berlin(21, 9, 30)) == (berlin(23, 9, 30), "weekend")


def test_after_a_weekend_it_comes_when_quiet_hours_end_if_its_own_time_is_quiet() -> None:
    keeper = keeper_of_channel(replace(TEAM, quiet=NIGHT), "Europe/Berlin")
    assert hold(keeper, berlin(21, 23)) == (berlin(23, 8), "weekend")


@pytest.mark.parametrize(("hour", "minute"), [(1, 50), (21, 20)])
def test_what_happened_at_night_on_a_day_of_rest_comes_in_the_morning(
    hour: int, minute: int
) -> None:
    assert hold(CHANNEL, berlin(21, hour, minute)) == (berlin(23, 9), "weekend")


def test_a_holiday_is_named() -> None:
    assert hold(CHANNEL, berlin(4, 9, month=6)) == (berlin(5, 9, month=6), "Corpus Christi")


def test_a_schedule_that_names_saturday_is_not_held_back_by_the_weekend() -> None:
    assert hold(CHANNEL, berlin(21, 9), keeps_weekday=True).at == berlin(21, 9)


def test_the_workspaces_zone_counts_before_the_schedules() -> None:
    tokyo = keeper_of_channel(TeamRest(zone="Asia/Tokyo"), "Europe/Berlin")
    friday_evening = berlin(20, 18)  # Saturday in Tokyo
    assert hold(tokyo, friday_evening).reason == "weekend"


@pytest.mark.parametrize(
    ("rule", "is_named"),
    [
        (Rule(at=NINE, on=Daily()), False),
        (Rule(at=NINE, on=Once(on=date(2026, 11, 21))), False),
        (Rule(at=NINE, on=Weekly(days=(5, 6))), True),
        (Rule(at=NINE, on=Weekly(days=WORKING_DAYS)), False),
        (Rule(at=NINE, on=MonthlyWeekday(nth="last", days=(5,))), True),
    ],
)
def test_only_a_rule_with_weekdays_names_one(rule: Rule, *, is_named: bool) -> None:
    assert names_weekday(rule, date(2026, 11, 21)) is is_named


# --- people


def test_time_off_holds_a_dm_back_until_the_next_working_day() -> None:
    away = person(time_off=(TimeOff(date(2026, 11, 18), date(2026, 11, 20)),))
    keeper = keeper_of_person(TEAM, away, berlin(18, 9))
    assert hold(keeper, berlin(18, 9, 30)) == (berlin(23, 9, 30), TIME_OFF)


def test_an_absence_longer_than_45_days_holds_nothing_back() -> None:
    away = person(time_off=(TimeOff(date(2026, 11, 18), date(2027, 3, 1)),))
    keeper = keeper_of_person(TEAM, away, berlin(18, 9))
    assert hold(keeper, berlin(18, 9)) == (berlin(18, 9), "")


def test_own_quiet_hours_count_in_place_of_the_workspaces() -> None:
    team = replace(TEAM, quiet=NIGHT)
    own = keeper_of_person(team, person(quiet=QuietHours(time(22), time(10))), berlin(18, 9))
    assert hold(own, berlin(18, 9)).at == berlin(18, 10)
    others = keeper_of_person(team, person(), berlin(18, 9))
    assert hold(others, berlin(18, 9)).at == berlin(18, 9)


def test_a_slack_status_holds_back_until_it_ends() -> None:
    keeper = keeper_of_person(TEAM, person(away_until=berlin(25, 0)), berlin(18, 9))
    assert hold(keeper, berlin(18, 9)) == (berlin(25, 9), STATUS)


@pytest.mark.parametrize(
    ("emoji", "text", "is_it"),
    [
        (":palm_tree:", "Vacationing", True),
        (":palm_tree:", "", True),
        ("", "OOO until Monday", True),
        (":face_with_thermometer:", "Out sick", True),
        (":baby:", "On parental leave", True),
        (":palm_tree:", "Palm oil research", False),
        ("", "Back from vacation!", False),
        (":house_with_garden:", "Working remotely", False),
        (":spiral_calendar_pad:", "In a meeting", False),
        ("", "", False),
    ],
)
def test_what_a_status_says_of_being_away(emoji: str, text: str, *, is_it: bool) -> None:
    assert is_away(emoji, text) is is_it


def test_a_status_without_an_end_counts_for_the_day_it_is_seen() -> None:
    until = away_until(":palm_tree:", "", 0, at=berlin(18, 15), zone=BERLIN)
    assert until == berlin(19, 0)


def test_a_status_that_is_over_counts_no_more() -> None:
    ended = int(berlin(18, 14).timestamp())
    assert away_until(":palm_tree:", "", ended, at=berlin(18, 15), zone=BERLIN) is None


def test_time_off_that_touches_becomes_one() -> None:
    first = TimeOff(date(2026, 12, 1), date(2026, 12, 4))
    second = TimeOff(date(2026, 12, 5), date(2026, 12, 9))
    apart = TimeOff(date(2026, 12, 24), date(2026, 12, 31))
    merged = merge_time_off((apart, second), first)
    assert merged == (TimeOff(first.since, second.until), apart)


# --- previews


def test_a_daily_schedule_tells_the_weekend_on_monday() -> None:
    posts = coming_posts(CHANNEL, Rule(at=NINE, on=Daily()), BERLIN, berlin(20, 8))
    assert [one.at for one in posts] == [berlin(20, 9), berlin(23, 9), berlin(24, 9)]
    assert not any(one.reason for one in posts)


def test_a_monthly_schedule_says_which_post_waits_and_why() -> None:
    rule = Rule(at=NINE, on=Once(on=date(2026, 11, 21)))
    posts = coming_posts(CHANNEL, rule, BERLIN, berlin(20, 10))
    assert posts == [Coming(berlin(21, 9), berlin(23, 9), "weekend")]
    assert say_coming(posts, BERLIN) == (
        "Next posts: Mon 23 Nov 09:00 (due Sat 21 Nov 09:00: weekend) (Europe/Berlin)"
    )


def test_a_slot_is_told_by_the_next_one_only_when_that_comes_no_later() -> None:
    held = hold(CHANNEL, berlin(21, 9))
    assert is_folded(held, berlin(22, 9))
    assert not is_folded(held, berlin(28, 9))
    assert not is_folded(hold(CHANNEL, berlin(20, 9)), berlin(20, 9))


def test_a_message_that_waited_says_since_when_and_why() -> None:
    assert say_waited(berlin(21, 9), BERLIN, "weekend", is_measured=True) == (
        "Due Sat 21 Nov, 09:00 (Europe/Berlin), held back: weekend. Measured on its date."
    )
    assert say_waited(berlin(21, 9), BERLIN, "weekend", is_scheduled=False) == (
        "Ready Sat 21 Nov, 09:00 (Europe/Berlin), held back: weekend."
    )


# --- what people type


def test_a_calendar_is_read_back_as_it_was_stored() -> None:
    rest = TeamRest("Asia/Tokyo", "JP", "", frozenset({6}), NIGHT)
    assert team_rest(rest.to_json()) == rest
    assert team_rest(None) == TeamRest()


@pytest.mark.parametrize("words", ["19:00-08:00", "19:00 – 8:00", "19.00 to 08.00"])
def test_quiet_hours_are_read(words: str) -> None:
    assert read_quiet(words) == NIGHT


@pytest.mark.parametrize("words", ["nights", "25:00-08:00", "19-8", "08:00-08:00"])
def test_odd_quiet_hours_name_the_fix(words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_quiet(words)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (None, date(2026, 11, 25), "since"),
        (date(2026, 11, 25), date(2026, 11, 24), "until"),
        (date(2026, 11, 1), date(2026, 11, 2), "until"),
    ],
)
def test_odd_time_off_names_its_field(since: date | None, until: date, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_time_off(since, until, date(2026, 11, 20))
    assert caught.value.field == field


def test_the_next_holidays_are_those_on_working_days() -> None:
    assert holidays_ahead(TEAM, date(2026, 12, 20)) == [
        (date(2026, 12, 25), "Christmas Day"),
        (date(2027, 1, 1), "New Year's Day"),
    ]
