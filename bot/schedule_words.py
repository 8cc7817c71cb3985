"""Schedules as people write them: "weekdays at 9:00 Berlin" to a rule and a zone, and back."""

import re
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.cities import find_zone
from bot.clock import (
    WORKING_DAYS,
    Cadence,
    Daily,
    MonthlyDay,
    MonthlyWeekday,
    Once,
    Rule,
    Slot,
    Weekly,
    next_slot,
)
from bot.schedule_days import (
    DAY_NAMES,
    EXAMPLES,
    WEEKEND,
    Rest,
    bad_schedule,
    coming_date,
    take_cadence,
    take_date,
)

LONGEST = 200
"""Characters; a schedule is one line."""

_NOT_SO = (
    (r"\bbi-?(week|month)ly\b", "can be twice a {0} or every second one", "Write: every 2 weeks."),
    (r"\b(hourly|every (?:\d+ )?(?:hours?|minutes?))\b", "is more than once a day", EXAMPLES),
    (r"\b(every (?:\d+|other|second) days?)\b", "is not known", "Name the weekdays instead."),
    (r"\b(quarterly|yearly|annually|every (?:\d+ )?(?:quarters?|years?))\b", "is not known",
     "Use a monthly schedule."),
    (r"\b(every (?:\d+|other|second) months?)\b", "is not known", "Use a monthly schedule."),
    (r"\b(fifth|5th) [a-z]+day\b", "is missing in most months", "Write: last ... of the month."),
    (r"\b(\d{1,2}[/.]\d{1,2}[/.]\d{2,4})\b", "has two readings", "Write a date like 2026-12-01."),
    (r"\b(except|but|not|unless|until|between)\b", "is not known", EXAMPLES),
)  # fmt: skip


class Scheduled(NamedTuple):
    """What some words mean: when, where, and the first slot of it."""

    rule: Rule
    zone: ZoneInfo
    first: Slot


def read_schedule(words: str, *, at: datetime, zone: ZoneInfo | None = None) -> Scheduled:
    """Return what ``words`` mean, seen at ``at`` (aware).

    ``zone`` stands where the words name no place. Every n-th week counts from the first slot
    after ``at``. Raises ``BadInput`` where words are unknown, missing, in the past, or could mean
    two things.
    """
    if len(words) > LONGEST:
        raise bad_schedule("That is too long for a schedule.", EXAMPLES)
    rest = Rest(_tidied(words))
    _check_one_meaning(rest.text)
    once = take_date(rest)  # first: a date has digits that look like a time
    cadence = None if once else take_cadence(rest)
    clock_time = _time(rest)
    place = _place(rest.text)
    named = find_zone(_as_typed(place, words)) if place else zone
    if named is None:
        raise bad_schedule("The place is missing.", "Add a city, such as Berlin.")
    if isinstance(once, date):
        cadence = Once(on=once)
    elif once:
        cadence = Once(on=coming_date(once, at, named))
    if cadence is None:
        raise bad_schedule(f"“{words}” does not say on which days.", EXAMPLES)
    return _scheduled(Rule(at=clock_time, on=cadence), named, at)


def say(rule: Rule, zone: ZoneInfo) -> str:
    """Return a schedule in words that ``read_schedule`` understands."""
    words = f"{_say_dates(rule.on)} at {rule.at:%H:%M} ({zone.key})"
    return words[0].upper() + words[1:]


def _scheduled(rule: Rule, zone: ZoneInfo, at: datetime) -> Scheduled:
    slot = next_slot(rule, zone, at)
    if isinstance(rule.on, Weekly) and rule.on.every > 1:
        every_week = Rule(at=rule.at, on=Weekly(days=rule.on.days))
        slot = next_slot(every_week, zone, at)
        if slot:
            rule = Rule(at=rule.at, on=rule.on.model_copy(update={"anchor": slot.date}))
    if slot is None:
        raise bad_schedule("That is in the past.", "Name a later date or time.")
    return Scheduled(rule, zone, slot)


def _tidied(words: str) -> str:
    plain = words.casefold().replace("–", "-").replace("—", "-").replace("’", "'")
    return " ".join(re.sub(r"[,;()]", " ", plain).split())


def _check_one_meaning(text: str) -> None:
    for pattern, why, fix in _NOT_SO:
        found = re.search(pattern, text)
        if found:
            raise bad_schedule(f"“{found[0]}” {why.format(found[1])}.", fix)


# --- time of day


def _time(rest: Rest) -> time:
    found = _taken_time(rest)
    if found is None:
        raise bad_schedule("The time is missing.", "Add one, such as: at 9:00.")
    another = _taken_time(rest)
    if another is not None:
        raise bad_schedule("There are two times.", "Make two schedules, one for each time.")
    return found


def _taken_time(rest: Rest) -> time | None:
    if found := rest.take(r"(?:at )?(noon|midnight)"):
        return time(12 if found[1] == "noon" else 0)
    if found := rest.take(r"(?:at )?(\d{1,2})(?:[:.h](\d{2}))? ?([ap])\.?m\b\.?"):
        return _half_day_time(int(found[1]), int(found[2] or 0), found[3], found[0])
    if found := rest.take(r"(?:at )?(\d{1,2})[:.h](\d{2})(?: ?h| o'clock| uhr)?"):
        return _made_time(int(found[1]), int(found[2]), found[0])
    if found := rest.take(r"at (\d{1,2})(?: o'clock|h)?"):
        hour = int(found[1])
        if 1 <= hour <= 6:
            raise bad_schedule(
                f"“{found[0]}” can be morning or afternoon.",
                f"Write {hour}:00 or {hour + 12}:00.",
            )
        return _made_time(hour, 0, found[0])
    return None


def _half_day_time(hour: int, minute: int, half: str, words: str) -> time:
    if not 1 <= hour <= 12:
        raise bad_schedule(f"“{words}” is no time of day.", "Write it like 9am or 17:30.")
    return _made_time(hour % 12 + (12 if half == "p" else 0), minute, words)


def _made_time(hour: int, minute: int, words: str) -> time:
    if hour > 23 or minute > 59:
        raise bad_schedule(f"“{words}” is no time of day.", "Write it like 9am or 17:30.")
    return time(hour, minute)


# --- place

_BEFORE = re.compile(r"^(?:(?:in|at|on|for|and|the|time|local|o'clock)(?: |$))+")
_AFTER = re.compile(r"(?: local)? time$")
_ODD_REST = re.compile(r"[^a-z]*")


def _place(text: str) -> str:
    """Return the place among what is left; a second stretch of words is not understood."""
    parts = [_AFTER.sub("", _BEFORE.sub("", part.strip())) for part in text.split("|")]
    parts = [part for part in parts if part not in ("", "every", "and")]
    for part in parts:
        if _ODD_REST.fullmatch(part):
            raise bad_schedule(f"“{part}” is not clear there.", EXAMPLES)
    if len(parts) > 1:
        raise bad_schedule(f"“{parts[0]}” and “{parts[1]}” are not clear together.", EXAMPLES)
    return parts[0] if parts else ""


def _as_typed(part: str, words: str) -> str:
    start = words.casefold().find(part)
    return words[start : start + len(part)] if start >= 0 else part


# --- back into words


def _say_dates(on: Cadence) -> str:
    match on:
        case Daily():
            return "every day"
        case MonthlyDay(day=31):
            return "last day of the month"
        case MonthlyDay():
            return f"day {on.day} of the month"
        case Once():
            return f"on {on.on.isoformat()}"
        case MonthlyWeekday():
            return f"{on.nth} {_say_days(on.days, one='working day')} of the month"
        case Weekly():
            return _say_weekly(on)


def _say_weekly(on: Weekly) -> str:
    if on.every > 1:
        return f"every {on.every} weeks on {_say_days(on.days, one='weekdays')}"
    if on.days in (WORKING_DAYS, WEEKEND):
        return _say_days(on.days, one="weekdays")
    return f"every {_say_days(on.days, one='weekdays')}"


def _say_days(days: tuple[int, ...], *, one: str) -> str:
    if days == WORKING_DAYS:
        return one
    if days == WEEKEND and one == "weekdays":
        return "weekends"
    names = [DAY_NAMES[day] for day in days]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
