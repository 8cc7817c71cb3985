"""The days of a schedule, as people write them: "first Monday of the month" to a cadence."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args
from zoneinfo import ZoneInfo

from bot.clock import (
    WORKING_DAYS,
    Cadence,
    Daily,
    MonthlyDay,
    MonthlyWeekday,
    Nth,
    Weekly,
    local_date,
)
from bot.errors import BadInput

FIELD = "schedule"
EXAMPLES = "Write it like: weekdays at 9:00 Berlin, or: first Monday of the month at 10:30."

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKEND, ALL_DAYS = (5, 6), tuple(range(7))
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?\b\.?"
_WORKDAYS = r"(?:every |all )?(?:week|working |work|business )days?\b"
_SOME_DAYS = rf"(?:{_DAY}|{_WORKDAYS}|days?\b)"
_NTH = r"(first|1st|second|2nd|third|3rd|fourth|4th|last)"
_OF_MONTH = r"(?: (?:of|in) (?:the|each|every|a) month| every month| each month| monthly)"
_NUMBERS = {"second": 2, "third": 3, "fourth": 4, "other": 2, "two": 2, "three": 3, "four": 4}
_MONTH = (  # whole names only: "at 9 Marseille" is no 9 March
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)


@dataclass
class Rest:
    """Words not yet understood."""

    text: str

    def take(self, pattern: str) -> re.Match[str] | None:
        """Find, and cut out, the first place where ``pattern`` stands as whole words."""
        found = re.search(rf"(?<![\w/]){pattern}(?![\w/])", self.text)
        if found:
            self.text = f"{self.text[: found.start()]} | {self.text[found.end() :]}"
        return found


def take_date(rest: Rest) -> date | str | None:
    """Take one date: as it is, or words that depend on the day ("tomorrow", "12-01")."""
    if found := rest.take(r"(?:on )?(\d{4})-(\d{1,2})-(\d{1,2})"):
        return _made_date(int(found[1]), int(found[2]), int(found[3]), found[0])
    if found := rest.take(r"(?:on )?(today|tomorrow)"):
        return found[1]
    ordinal = r"(\d{1,2})(?:st|nd|rd|th)?"
    if found := rest.take(rf"(?:on )?(?:the )?{ordinal}(?: of)? {_MONTH}(?: (\d{{4}}))?"):
        day, month, year = found[1], found[2], found[3]
    elif found := rest.take(rf"(?:on )?{_MONTH} (?:the )?{ordinal}(?![:.h]\d)(?: (\d{{4}}))?"):
        day, month, year = found[2], found[1], found[3]
    else:
        return None
    number = _MONTHS.index(month[:3]) + 1
    if year:
        return _made_date(int(year), number, int(day), found[0])
    _made_date(2028, number, int(day), found[0])  # a leap year: the day exists in some year
    return f"{number}-{day}"


def coming_date(words: str, at: datetime, zone: ZoneInfo) -> date:
    """Return the date that ``take_date``'s words mean when read at ``at``; raises ``BadInput``."""
    today = local_date(at, zone)
    if words in ("today", "tomorrow"):
        return date.fromordinal(today.toordinal() + (words == "tomorrow"))
    month, day = (int(part) for part in words.split("-"))
    for year in range(today.year, today.year + 9):
        try:
            coming = date(year, month, day)
        except ValueError:
            continue  # 29 February
        if coming >= today:
            return coming
    raise bad_schedule("That date does not exist.", "Write a date like 2026-12-01.")


def _made_date(year: int, month: int, day: int, words: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise bad_schedule(f"“{words}” is no date.", "Write a date like 2026-12-01.") from None


def take_cadence(rest: Rest) -> Cadence | None:
    """Take the dates that come again; None where no word names any. Raises ``BadInput``."""
    return _monthly(rest) or _weekly(rest)


def _monthly(rest: Rest) -> Cadence | None:
    if found := rest.take(rf"(?:on )?(?:the |every )?{_NTH} ({_SOME_DAYS}){_OF_MONTH}"):
        return _nth_of_month(found[1], found[2])
    ordinal = r"(?:on )?(?:the )?(?:day )?(\d{1,2})(?:st|nd|rd|th)?"
    if found := rest.take(rf"{ordinal}(?: day)?{_OF_MONTH}"):
        return _day_of_month(int(found[1]))
    every_month = r"(?:every month|each month|monthly)"
    if found := rest.take(rf"{every_month} on (?:the )?{_NTH} ({_SOME_DAYS})"):
        return _nth_of_month(found[1], found[2])
    if found := rest.take(rf"{every_month} {ordinal}(?![:.h]\d)(?! ?[ap]m)"):
        return _day_of_month(int(found[1]))
    if found := rest.take(every_month):
        raise bad_schedule(
            f"“{found[0]}” does not say on which day.", "Write: first Monday of the month at 9:00."
        )
    return None


def _nth_of_month(nth: str, days: str) -> Cadence:
    name = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth"}.get(nth, nth)
    if days.startswith("day"):
        return MonthlyDay(day={"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 31}[name])
    chosen = _days_in(days) or WORKING_DAYS
    return MonthlyWeekday(nth=next(known for known in get_args(Nth) if known == name), days=chosen)


def _day_of_month(day: int) -> Cadence:
    if not 1 <= day <= 31:
        raise bad_schedule(
            f"There is no day {day} in a month.", "Use 1 to 31; 31 is always the last."
        )
    return MonthlyDay(day=day)


def _weekly(rest: Rest) -> Cadence | None:
    weeks = _every_weeks(rest)
    days = _taken_days(rest)
    if rest.take("weekly") and weeks is None:
        weeks = 1
    if weeks is not None and days is None:
        raise bad_schedule("The weekday is missing.", "Write: every 2 weeks on Friday at 16:00.")
    if days is None:
        return None
    if days == ALL_DAYS and weeks is None:
        return Daily()
    return Weekly(days=days, every=weeks or 1)


def _every_weeks(rest: Rest) -> int | None:
    if found := rest.take(r"every (\d{1,2}|other|second|two|third|three|fourth|four) weeks?"):
        number = _NUMBERS.get(found[1]) or int(found[1])
        if not 1 <= number <= 52:
            raise bad_schedule(f"“{found[0]}” is not possible.", "Use 1 to 52 weeks.")
        return number
    if rest.take(r"(?:fortnightly|every fortnight)"):
        return 2
    if found := re.search(rf"every other (?={_DAY})", rest.text):
        rest.text = f"{rest.text[: found.start()]} | {rest.text[found.end() :]}"
        return 2
    if found := re.search(rf"(?:every )?{_NTH} {_DAY}", rest.text):
        raise bad_schedule(
            f"“{found[0]}” can be of each month, or every few weeks.",
            f"Add “of the month”, or write: every 2 weeks on {_day_name(found[0])}.",
        )
    if rest.take(r"(?:every|each) week"):
        return 1
    return None


def _taken_days(rest: Rest) -> tuple[int, ...] | None:
    every = r"(?:on |every |each )*"
    if rest.take(r"(?:daily|every ?day|each day|all days)"):
        return ALL_DAYS
    if rest.take(rf"{every}{_WORKDAYS}"):
        return WORKING_DAYS
    if rest.take(rf"{every}(?:the )?weekends?"):
        return WEEKEND
    if found := rest.take(rf"{every}(?:from )?({_DAY}) ?(?:-|to|through|till) ?({_DAY})"):
        first, last = _day_number(found[1]), _day_number(found[2])
        return tuple(sorted((first + n) % 7 for n in range((last - first) % 7 + 1)))
    several = rf"{every}({_DAY}(?:(?: and | & | \+ | |/){every}{_DAY})*)"
    found = rest.take(several)
    return _days_in(found[1]) if found else None


def _days_in(words: str) -> tuple[int, ...]:
    return tuple(sorted({_day_number(name) for name in re.findall(_DAY, words)}))


def _day_number(name: str) -> int:
    return next(n for n, day in enumerate(DAY_NAMES) if day.lower().startswith(name[:3]))


def _day_name(words: str) -> str:
    return DAY_NAMES[_days_in(words)[0]]


def bad_schedule(problem: str, fix: str) -> BadInput:
    """Return the error for words of a schedule."""
    return BadInput(field=FIELD, problem=problem, fix=fix)
