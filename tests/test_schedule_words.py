from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import Cadence, Daily, MonthlyDay, MonthlyWeekday, Once, Rule, Weekly
from bot.errors import BadInput
from bot.schedule_words import read_schedule, say

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)  # a Saturday
BERLIN = ZoneInfo("Europe/Berlin")


def said(words: str) -> str:
    scheduled = read_schedule(words, at=AT, zone=BERLIN)
    return say(scheduled.rule, scheduled.zone).replace(" (Europe/Berlin)", "")


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("weekdays at 9:00 Berlin", "Weekdays at 09:00"),
        ("daily 8am", "Every day at 08:00"),
        ("every Monday 10:30 New York", "Every Monday at 10:30 (America/New_York)"),
        ("first Monday of the month at 9", "First Monday of the month at 09:00"),
        (
            "every 2 weeks on Friday 16:00 Europe/London",
            "Every 2 weeks on Friday at 16:00 (Europe/London)",
        ),
        ("on 2026-12-01 at 9:00", "On 2026-12-01 at 09:00"),
        ("9am Berlin every weekday", "Weekdays at 09:00"),
        ("At 9:00 on weekdays, in New York", "Weekdays at 09:00 (America/New_York)"),
        ("Mon–Fri at 17:00 Tokyo time", "Weekdays at 17:00 (Asia/Tokyo)"),
        ("mon, wed and fri 9.30", "Every Monday, Wednesday and Friday at 09:30"),
        ("Friday to Monday 10h30", "Every Monday, Friday, Saturday and Sunday at 10:30"),
        ("weekends at noon", "Weekends at 12:00"),
        ("every day at midnight UTC", "Every day at 00:00 (UTC)"),
        ("12am daily", "Every day at 00:00"),
        ("12pm daily", "Every day at 12:00"),
        ("weekly on Monday 9:00", "Every Monday at 09:00"),
        ("every other Friday at 16:00", "Every 2 weeks on Friday at 16:00"),
        ("fortnightly on Thursdays at 9:00", "Every 2 weeks on Thursday at 09:00"),
        ("Fri at 9:00 every 3 weeks", "Every 3 weeks on Friday at 09:00"),
        ("last working day of the month at 4pm", "Last working day of the month at 16:00"),
        ("2nd Tuesday of every month 15:00", "Second Tuesday of the month at 15:00"),
        ("monthly on the first Tuesday at 10:00", "First Tuesday of the month at 10:00"),
        ("the 15th of every month at 10:00", "Day 15 of the month at 10:00"),
        ("monthly on the 15th at 10", "Day 15 of the month at 10:00"),
        ("on the last day of the month at 18:00", "Last day of the month at 18:00"),
        ("tomorrow at 9:00", "On 2026-11-22 at 09:00"),
        ("today at 18:00", "On 2026-11-21 at 18:00"),
        ("1 December 2026 at 9:00", "On 2026-12-01 at 09:00"),
        ("Dec 1 at 9am", "On 2026-12-01 at 09:00"),
        ("March 3rd at 9:00", "On 2027-03-03 at 09:00"),
        ("29 Feb at 9:00", "On 2028-02-29 at 09:00"),
        ("weekdays at 9 Marseille", "Weekdays at 09:00 (Europe/Paris)"),
    ],
)
def test_plain_words_are_understood(words: str, meaning: str) -> None:
    assert said(words) == meaning


@pytest.mark.parametrize(
    ("words", "problem", "fix"),
    [
        ("weekdays at 5", "morning or afternoon", "5:00 or 17:00"),
        ("weekdays at 9:00 CET", "“CET” is no place", "Berlin"),
        ("weekdays at 9:00 UTC+2", "ignores summer time", "city"),
        ("weekdays at 9:00 Portland", "more than one Portland", "Oregon"),
        ("weekdays at 9:00 Berlinn", "no city", "“Berlin”"),
        ("weekdays at 9:00 Paris Berlin", "no city", "such as"),
        ("Paris weekdays at 9:00 Berlin", "not clear together", "Write it like"),
        ("biweekly on Friday at 9", "twice a week", "every 2 weeks"),
        ("every second Friday at 9:00", "of each month, or every few weeks", "of the month"),
        ("first Friday at 9:00", "of each month", "2 weeks on Friday"),
        ("weekdays 25:00", "no time of day", "17:30"),
        ("weekdays 13pm", "no time of day", "17:30"),
        ("weekdays", "time is missing", "at 9:00"),
        ("weekdays at 9:00 and 17:00", "two times", "two schedules"),
        ("weekdays 9-10am", "“9-” is not clear", "Write it like"),
        ("9:00", "on which days", "weekdays"),
        ("", "time is missing", "at 9:00"),
        ("hourly", "more than once a day", "Write it like"),
        ("every 3 days at 9:00", "not known", "weekdays"),
        ("every 2 months at 9:00", "not known", "monthly"),
        ("quarterly at 9:00", "not known", "monthly"),
        ("weekdays at 9:00 except Friday", "“except” is not known", "Write it like"),
        ("fifth Monday of the month at 9:00", "missing in most months", "last"),
        ("every 2 weeks at 9:00", "weekday is missing", "Friday"),
        ("every 99 weeks on Friday 9:00", "not possible", "52"),
        ("monthly at 9:00", "on which day", "first Monday"),
        ("day 32 of the month at 9:00", "no day 32", "31"),
        ("01/12/2026 9:00", "two readings", "2026-12-01"),
        ("on 2026-02-30 at 9:00", "no date", "2026-12-01"),
        ("on 2026-11-20 at 9:00", "in the past", "later"),
        ("today at 9:00", "in the past", "later"),
        ("weekdays at 9:00 " + "x" * 200, "too long", "Write it like"),
    ],
)
def test_words_that_are_unclear_say_why_and_what_to_write(
    words: str, problem: str, fix: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_schedule(words, at=AT, zone=BERLIN)
    assert problem in caught.value.problem
    assert fix in caught.value.fix


def test_without_a_place_in_words_or_default_the_place_is_asked_for() -> None:
    with pytest.raises(BadInput, match="place is missing"):
        read_schedule("weekdays at 9:00", at=AT)


def test_every_second_week_begins_with_the_first_slot_that_is_left() -> None:
    friday_evening = datetime(2026, 11, 20, 18, tzinfo=UTC)
    scheduled = read_schedule("every 2 weeks on Friday 16:00", at=friday_evening, zone=BERLIN)
    assert scheduled.first.date == date(2026, 11, 27)
    assert scheduled.rule.is_due_on(date(2026, 11, 27))


def test_today_is_the_date_of_the_named_place() -> None:
    scheduled = read_schedule("tomorrow at 9:00 Auckland", at=AT)
    assert scheduled.first.date == date(2026, 11, 23)


ANCHOR = date(1970, 1, 5)
PLACES = sorted(
    name
    for name in available_timezones()
    if name.split("/")[0] in ("Africa", "America", "Asia", "Australia", "Europe", "Pacific", "US")
)
cadences: st.SearchStrategy[Cadence] = st.one_of(
    st.just(Daily()),
    st.builds(
        Weekly,
        days=st.sets(st.integers(0, 6), min_size=1).map(tuple),
        every=st.integers(1, 5),
        anchor=st.just(ANCHOR),
    ),
    st.builds(
        MonthlyWeekday,
        nth=st.sampled_from(["first", "second", "third", "fourth", "last"]),
        days=st.integers(0, 6).map(lambda day: (day,)) | st.just((0, 1, 2, 3, 4)),
    ),
    st.builds(MonthlyDay, day=st.integers(1, 31)),
    st.builds(Once, on=st.dates(date(2026, 11, 24), date(2040, 1, 1))),
)


@given(
    st.builds(Rule, at=st.builds(time, st.integers(0, 23), st.integers(0, 59)), on=cadences),
    st.sampled_from([*PLACES, "UTC"]).map(ZoneInfo),
)
@settings(max_examples=300)
def test_what_is_said_is_understood_again(rule: Rule, zone: ZoneInfo) -> None:
    scheduled = read_schedule(say(rule, zone), at=AT)
    understood = scheduled.rule
    if isinstance(understood.on, Weekly):
        understood = Rule(at=understood.at, on=understood.on.model_copy(update={"anchor": ANCHOR}))
    expected = rule
    if isinstance(rule.on, Weekly) and rule.on.every == 1 and len(rule.on.days) == 7:
        expected = Rule(at=rule.at, on=Daily())
    assert (understood, scheduled.zone) == (expected, zone)


@given(st.text(max_size=60) | st.text("0123456789:-apm ofnthewkdysri", max_size=60))
@settings(max_examples=500)
def test_any_text_is_a_schedule_or_bad_input(words: str) -> None:
    try:
        scheduled = read_schedule(words, at=AT, zone=BERLIN)
    except BadInput:
        return
    assert scheduled.first.at > AT
