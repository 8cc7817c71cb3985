from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.clock import (
    WORKING_DAYS,
    Cadence,
    Clock,
    Daily,
    MonthlyDay,
    MonthlyWeekday,
    OffsetClock,
    Once,
    Rule,
    Slot,
    SystemClock,
    Weekly,
    has_date,
    local_date,
    next_slot,
    preview,
    slot_instant,
    zone_named,
)
from bot.errors import BadInput

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
APIA = ZoneInfo("Pacific/Apia")
NUUK = ZoneInfo("America/Nuuk")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def daily(hour: int, minute: int = 0) -> Rule:
    return Rule(at=time(hour, minute), on=Daily())


def dates_of(rule: Rule, zone: ZoneInfo, after: datetime, n: int) -> list[date]:
    return [slot.date for slot in preview(rule, zone, after, n)]


# --- clocks


class Stopped:
    def now(self) -> datetime:
        return utc(2026, 1, 1, 12)


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_an_offset_clock_moves_with_its_base() -> None:
    clock: Clock = OffsetClock(Stopped(), timedelta(hours=2))
    assert clock.now() == utc(2026, 1, 1, 14)


def test_an_offset_clock_can_be_set() -> None:
    clock = OffsetClock(Stopped())
    clock.set(datetime(2026, 3, 1, 9, tzinfo=BERLIN))
    assert (clock.now(), clock.now().tzinfo) == (utc(2026, 3, 1, 8), UTC)


# --- instants


def test_a_plain_wall_time_is_its_utc_instant() -> None:
    assert slot_instant(date(2026, 7, 1), time(9), BERLIN) == utc(2026, 7, 1, 7)


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), utc(2026, 3, 29, 1)),
        ("America/New_York", date(2026, 3, 8), time(2, 1), utc(2026, 3, 8, 7)),
        ("Asia/Beirut", date(2026, 3, 29), time(0), utc(2026, 3, 28, 22)),
        ("America/Santiago", date(2026, 9, 6), time(0, 15), utc(2026, 9, 6, 4)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), utc(2026, 10, 3, 15, 30)),
    ],
)
def test_a_time_in_a_gap_falls_on_the_first_instant_after_it(
    zone: str, day: date, at: time, instant: datetime
) -> None:
    assert slot_instant(day, at, ZoneInfo(zone)) == instant


def test_a_time_that_occurs_twice_takes_the_first() -> None:
    assert slot_instant(date(2026, 11, 1), time(1, 30), NEW_YORK) == utc(2026, 11, 1, 5, 30)


def test_the_fold_day_has_one_slot() -> None:
    slots = preview(daily(1, 30), NEW_YORK, utc(2026, 10, 31, 12), 2)
    assert slots == [
        Slot(date(2026, 11, 1), utc(2026, 11, 1, 5, 30)),
        Slot(date(2026, 11, 2), utc(2026, 11, 2, 6, 30)),
    ]


def test_a_midnight_gap_keeps_the_date_of_its_slot() -> None:
    slot = next_slot(daily(0), ZoneInfo("Asia/Beirut"), utc(2026, 3, 28, 12))
    assert slot == Slot(date(2026, 3, 29), utc(2026, 3, 28, 22))


def test_a_gap_that_ends_the_day_moves_the_instant_and_keeps_the_date() -> None:
    slot = next_slot(daily(23, 30), NUUK, utc(2026, 3, 28, 12))
    assert slot == Slot(date(2026, 3, 28), utc(2026, 3, 29, 1))


def test_two_dates_that_share_an_instant_both_run() -> None:
    before = next_slot(daily(23, 30), NUUK, utc(2026, 3, 28, 12))
    assert before is not None
    edited = next_slot(daily(0), NUUK, before.at, before.date)
    assert edited == Slot(date(2026, 3, 29), before.at)


def test_the_day_that_samoa_skipped_has_no_slot_and_moves_none() -> None:
    dates = dates_of(daily(9), APIA, utc(2011, 12, 29, 0), 3)
    assert dates == [date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


def test_a_rule_for_a_date_that_its_zone_skipped_never_runs() -> None:
    rule = Rule(at=time(9), on=Once(on=date(2011, 12, 30)))
    assert next_slot(rule, APIA, utc(2011, 12, 1)) is None


def test_a_monthly_rule_on_a_skipped_date_goes_on_a_month_later() -> None:
    rule = Rule(at=time(9), on=MonthlyDay(day=30))
    dates = dates_of(rule, APIA, utc(2011, 12, 1), 2)
    assert dates == [date(2012, 1, 30), date(2012, 2, 29)]


def test_a_rule_once_a_year_on_a_skipped_date_still_finds_its_next() -> None:
    rule = Rule(at=time(9), on=Weekly(days=(4,), every=52, anchor=date(2011, 12, 30)))
    assert dates_of(rule, APIA, utc(2011, 12, 1), 1) == [date(2012, 12, 28)]


# --- cadences


def test_weekdays_skip_the_weekend() -> None:
    rule = Rule(at=time(9), on=Weekly(days=WORKING_DAYS))
    dates = dates_of(rule, BERLIN, utc(2026, 11, 20, 12), 2)
    assert dates == [date(2026, 11, 23), date(2026, 11, 24)]


def test_every_second_week_counts_from_the_anchors_week() -> None:
    rule = Rule(at=time(16), on=Weekly(days=(4,), every=2, anchor=date(2026, 11, 25)))
    dates = dates_of(rule, BERLIN, utc(2026, 11, 21), 2)
    assert dates == [date(2026, 11, 27), date(2026, 12, 11)]


@pytest.mark.parametrize(
    ("nth", "expected"),
    [
        ("first", date(2026, 12, 7)),
        ("second", date(2026, 12, 14)),
        ("third", date(2026, 12, 21)),
        ("fourth", date(2026, 12, 28)),
        ("last", date(2026, 12, 28)),
    ],
)
def test_the_nth_weekday_of_a_month(nth: str, expected: date) -> None:
    on = MonthlyWeekday.model_validate({"nth": nth, "days": (0,)})
    assert dates_of(Rule(at=time(9), on=on), BERLIN, utc(2026, 12, 1), 1) == [expected]


def test_the_last_working_day_of_a_month() -> None:
    rule = Rule(at=time(9), on=MonthlyWeekday(nth="last", days=WORKING_DAYS))
    assert dates_of(rule, BERLIN, utc(2027, 1, 1), 1) == [date(2027, 1, 29)]


def test_day_31_is_clipped_to_the_months_end() -> None:
    rule = Rule(at=time(9), on=MonthlyDay(day=31))
    dates = dates_of(rule, BERLIN, utc(2028, 1, 31, 12), 3)
    assert dates == [date(2028, 2, 29), date(2028, 3, 31), date(2028, 4, 30)]


def test_once_has_one_slot_and_then_none() -> None:
    rule = Rule(at=time(9), on=Once(on=date(2026, 12, 1)))
    assert preview(rule, BERLIN, utc(2026, 11, 21)) == [
        Slot(date(2026, 12, 1), utc(2026, 12, 1, 8))
    ]


# --- next slot


def test_a_slot_exactly_now_has_already_been() -> None:
    assert dates_of(daily(9), BERLIN, utc(2026, 11, 23, 8), 1) == [date(2026, 11, 24)]


def test_a_later_time_on_the_date_that_ran_does_not_run_it_again() -> None:
    slot = next_slot(daily(10), BERLIN, utc(2026, 11, 23, 8, 5), date(2026, 11, 23))
    assert slot is not None
    assert slot.date == date(2026, 11, 24)


def test_a_zone_further_west_does_not_repeat_the_date_that_ran() -> None:
    slot = next_slot(daily(9), NEW_YORK, utc(2026, 11, 23, 8, 5), date(2026, 11, 23))
    assert slot is not None
    assert slot.date == date(2026, 11, 24)


def test_the_end_of_the_calendar_ends_the_schedule() -> None:
    assert next_slot(daily(9), NEW_YORK, utc(9998, 12, 31)) is None


def test_an_unknown_zone_is_bad_input() -> None:
    with pytest.raises(BadInput, match="Europe/Atlantis"):
        zone_named("Europe/Atlantis")


@pytest.mark.parametrize("name", ["", "../etc/passwd", "/etc/localtime", "Europe"])
def test_a_path_is_no_zone(name: str) -> None:
    with pytest.raises(BadInput):
        zone_named(name)


def test_a_time_with_seconds_is_refused() -> None:
    with pytest.raises(ValidationError):
        Rule(at=time(9, 0, 30), on=Daily())


# --- properties

ZONES = sorted(available_timezones() - {"localtime", "Factory"})

cadences: st.SearchStrategy[Cadence] = st.one_of(
    st.just(Daily()),
    st.builds(
        Weekly,
        days=st.sets(st.integers(0, 6), min_size=1).map(tuple),
        every=st.integers(1, 5),
        anchor=st.dates(date(1970, 1, 1), date(2040, 1, 1)),
    ),
    st.builds(
        MonthlyWeekday,
        nth=st.sampled_from(["first", "second", "third", "fourth", "last"]),
        days=st.sets(st.integers(0, 6), min_size=1).map(tuple),
    ),
    st.builds(MonthlyDay, day=st.integers(1, 31)),
    st.builds(Once, on=st.dates(date(1970, 1, 1), date(2040, 1, 1))),
)
times = st.builds(
    time,
    st.sampled_from([0, 1, 2, 3, 9, 23]) | st.integers(0, 23),
    st.sampled_from([0, 1, 30, 59]) | st.integers(0, 59),
)
rules = st.builds(Rule, at=times, on=cadences)
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.integers(86_400 * 2, 2_208_988_800).map(lambda s: datetime.fromtimestamp(s, UTC))


@given(rules)
def test_a_rule_survives_json(rule: Rule) -> None:
    assert Rule.from_json(rule.to_json()) == rule


@given(st.dates(date(1970, 1, 2), date(2040, 12, 31)), times, zones)
@settings(max_examples=300)
def test_a_slot_is_the_first_instant_whose_wall_clock_has_reached_it(
    day: date, at: time, zone: ZoneInfo
) -> None:
    instant = slot_instant(day, at, zone)
    wall = datetime.combine(day, at)
    before = (instant - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
    assert instant.astimezone(zone).replace(tzinfo=None) >= wall
    assert before < wall


@given(rules, zones, instants)
@settings(max_examples=150)
def test_every_matching_date_runs_exactly_once_in_order(
    rule: Rule, zone: ZoneInfo, after: datetime
) -> None:
    slots = preview(rule, zone, after, 8)
    last = slots[-1].date if len(slots) == 8 else date(2041, 1, 1)
    start = local_date(after, zone) - timedelta(days=1)
    expected = [
        day
        for day in (start + timedelta(days=n) for n in range((last - start).days + 1))
        if rule.is_due_on(day) and has_date(day, zone) and slot_instant(day, rule.at, zone) > after
    ]
    assert [slot.date for slot in slots] == expected


@given(
    instants,
    st.lists(st.tuples(rules, zones, st.timedeltas(timedelta(0), timedelta(days=3))), min_size=1),
)
@settings(max_examples=150)
def test_no_sequence_of_edits_repeats_or_loses_a_date(
    start: datetime, edits: list[tuple[Rule, ZoneInfo, timedelta]]
) -> None:
    now, ran = start, [date(1969, 1, 1)]
    for rule, zone, lived in edits:
        edited, end, already = now, now + lived, ran[-1]
        slot = next_slot(rule, zone, edited, already)
        while slot and slot.at <= end:
            ran.append(slot.date)
            slot = next_slot(rule, zone, slot.at, slot.date)
        days = (local_date(edited, zone) + timedelta(days=n) for n in range(-2, lived.days + 3))
        for day in days:
            if day > already and rule.is_due_on(day) and has_date(day, zone):
                due = edited < slot_instant(day, rule.at, zone) <= end
                assert not due or day in ran
        now = end
    assert ran == sorted(set(ran))
