from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.workdays import (
    Calendar,
    QuietHours,
    check_country,
    covered_days,
    holiday_name,
    is_quiet,
    is_workday,
    next_permitted,
)

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(19), time(8))
OFFICE = Calendar(BERLIN, quiet=NIGHT, country="DE", region="BY")


def berlin(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


# --- messages


def test_a_message_in_working_hours_does_not_wait() -> None:
    at = berlin(23, 9)
    assert next_permitted(OFFICE, at) == (at, "")


def test_a_message_in_the_evening_waits_for_the_morning() -> None:
    assert next_permitted(OFFICE, berlin(23, 19)) == (berlin(24, 8), "quiet hours")


def test_a_message_before_the_morning_waits_for_it() -> None:
    assert next_permitted(OFFICE, berlin(23, 7, 59)) == (berlin(23, 8), "quiet hours")


def test_quiet_hours_end_with_their_last_minute() -> None:
    assert next_permitted(OFFICE, berlin(23, 8)).at == berlin(23, 8)


def test_quiet_hours_may_lie_within_a_day() -> None:
    lunch = Calendar(BERLIN, quiet=QuietHours(time(12), time(13)))
    assert next_permitted(lunch, berlin(23, 12, 30)).at == berlin(23, 13)
    assert next_permitted(lunch, berlin(23, 23)).at == berlin(23, 23)


def test_a_message_on_friday_night_waits_for_monday_morning() -> None:
    permitted = next_permitted(OFFICE, berlin(20, 20))
    assert permitted == (berlin(23, 8), "quiet hours")


def test_a_message_on_a_weekend_waits_for_monday_and_says_weekend() -> None:
    assert next_permitted(OFFICE, berlin(21, 9)) == (berlin(23, 8), "weekend")


def test_without_quiet_hours_a_weekend_ends_at_midnight() -> None:
    assert next_permitted(Calendar(BERLIN), berlin(21, 9)).at == berlin(23, 0)


def test_a_public_holiday_is_named_as_the_reason() -> None:
    permitted = next_permitted(OFFICE, berlin(4, 9, month=6))
    assert permitted == (berlin(5, 8, month=6), "Corpus Christi")


def test_another_weekend_is_kept() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    friday = datetime(2026, 11, 20, 9, tzinfo=cairo).astimezone(UTC)
    calendar = Calendar(cairo, rest_days=frozenset({4, 5}))
    assert next_permitted(calendar, friday).at.astimezone(cairo).date() == date(2026, 11, 22)


def test_a_day_off_of_the_team_is_kept() -> None:
    calendar = Calendar(BERLIN, days_off=frozenset({date(2026, 11, 23)}))
    assert next_permitted(calendar, berlin(23, 9)) == (berlin(24, 0), "day off")


def test_quiet_hours_that_end_in_a_gap_end_after_it() -> None:
    calendar = Calendar(BERLIN, quiet=QuietHours(time(22), time(2, 30)), rest_days=frozenset())
    permitted = next_permitted(calendar, berlin(28, 23, month=3))
    assert permitted.at == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_quiet_hours_that_end_in_a_doubled_hour_end_in_its_second_round_too() -> None:
    calendar = Calendar(BERLIN, quiet=QuietHours(time(22), time(2, 30)), rest_days=frozenset())
    second_round = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15, again
    assert next_permitted(calendar, second_round).at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_day_of_rest_that_begins_to_end_twice_ends_at_the_second_midnight() -> None:
    st_johns = ZoneInfo("America/St_Johns")  # on 2010-11-07 it went from 00:01 back to 23:01
    calendar = Calendar(st_johns, rest_days=frozenset({5}))
    second_round = datetime(2010, 11, 7, 3, 0, tzinfo=UTC)  # Saturday 23:30, again
    assert next_permitted(calendar, second_round).at == datetime(2010, 11, 7, 3, 30, tzinfo=UTC)


def test_a_calendar_without_a_free_day_is_refused() -> None:
    with pytest.raises(BadInput, match="no day left"):
        Calendar(BERLIN, rest_days=frozenset(range(7)))


def test_days_off_without_end_are_told_as_a_mistake() -> None:
    off = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(300))
    with pytest.raises(BadInput, match="60 days"):
        next_permitted(Calendar(BERLIN, days_off=off), berlin(2, 9, month=2))


def test_quiet_hours_of_a_whole_day_are_refused() -> None:
    with pytest.raises(BadInput, match="same time"):
        QuietHours(time(8), time(8))


# --- days


def test_monday_covers_friday_and_the_weekend() -> None:
    assert covered_days(OFFICE, date(2026, 11, 23)) == [
        date(2026, 11, 20),
        date(2026, 11, 21),
        date(2026, 11, 22),
    ]


def test_a_plain_tuesday_covers_monday() -> None:
    assert covered_days(OFFICE, date(2026, 11, 24)) == [date(2026, 11, 23)]


def test_the_day_after_easter_covers_from_maundy_thursday_on() -> None:
    days = covered_days(OFFICE, date(2026, 4, 7))
    assert (days[0], days[-1], len(days)) == (date(2026, 4, 2), date(2026, 4, 6), 5)


# --- public holidays


@pytest.mark.parametrize(
    ("day", "country", "region", "name"),
    [
        (date(2026, 10, 3), "DE", "", "German Unity Day"),
        (date(2026, 6, 4), "DE", "BY", "Corpus Christi"),
        (date(2026, 6, 4), "DE", "BE", ""),
        (date(2026, 11, 26), "US", "", "Thanksgiving Day"),
        (date(2026, 11, 30), "GB", "SCT", "Saint Andrew's Day"),
        (date(2026, 11, 30), "", "", ""),
    ],
)
def test_public_holidays_are_known_by_country_and_region(
    day: date, country: str, region: str, name: str
) -> None:
    assert holiday_name(day, country, region) == name


@pytest.mark.parametrize(
    ("country", "region", "says"), [("XX", "", "XX"), ("de", "", "de"), ("DE", "TX", "TX")]
)
def test_an_unknown_country_or_region_is_bad_input(country: str, region: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_country(country, region)
    assert f"“{says}”" in caught.value.problem
    assert caught.value.fix


def test_no_country_needs_no_check() -> None:
    check_country("")


# --- properties

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
quiet_hours = st.none() | st.lists(
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    min_size=2,
    max_size=2,
    unique=True,
).map(lambda ends: QuietHours(*ends))


@given(
    st.builds(
        Calendar,
        zone=st.sampled_from(ZONES).map(ZoneInfo),
        quiet=quiet_hours,
        rest_days=st.frozensets(st.integers(0, 6), max_size=6),
    ),
    st.integers(0, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
@settings(max_examples=300)
def test_a_message_waits_for_the_first_permitted_instant(calendar: Calendar, at: datetime) -> None:
    def is_free(instant: datetime) -> bool:
        day = instant.astimezone(calendar.zone).date()
        return is_workday(calendar, day) and not is_quiet(calendar, instant)

    permitted = next_permitted(calendar, at)
    assert is_free(permitted.at)
    assert bool(permitted.reason) == (permitted.at > at)
    between = int((permitted.at - at) / timedelta(minutes=15))
    assert not any(is_free(at + timedelta(minutes=15 * n)) for n in range(between))
