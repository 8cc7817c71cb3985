"""A question about a number, as it was asked in a digest's thread: which one, which day. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Way = Literal["", "up", "down"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
          "october", "november", "december")  # fmt: skip
DOWN = _words("""
drop drops dropped fall fell fallen falls down decline declined decrease decreased dip dipped
low lower less fewer lost lose sink sank worse
""")
UP = _words("""
rise rose risen rises up jump jumped jumps spike spiked grow grew grown increase increased high
higher more peak peaked climb climbed soar soared better
""")
# Words of a question that name no number, beside days and ways.
COMMON = _words("""
why did do does the a an of on in at so was were is are what happened to with has have our we it
that this there last yesterday today number numbers metric
""")

# Fewer letters without their spaces would be found inside other words.
SQUEEZED_LETTERS = 6

_WORD = re.compile(r"[a-z0-9]+")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + "|sept"
_NTH = r"(\d{1,2})(?:st|nd|rd|th)?"
_NAMED = re.compile(rf"\b{_NTH}\.?\s+(?:of\s+)?({_MONTH})\b|\b({_MONTH})\.?\s+(?:the\s+)?{_NTH}\b")


@dataclass(frozen=True)
class Question:
    """What was asked. ``metric_id`` is empty when no number was named, ``way`` when no move."""

    metric_id: str
    day: date
    way: Way


def read_question(
    text: str, labels: Mapping[str, str], *, last: date, asked_of: str = ""
) -> Question:
    """Read a question. ``labels`` are the digest's, by metric id, ``last`` the day it told of.

    A weekday is the latest one up to ``last``; without a day ``last`` is meant. Without a name it
    is about ``asked_of``.
    """
    lower = text.lower()
    words = _WORD.findall(lower)
    way: Way = "down" if DOWN & set(words) else "up" if UP & set(words) else ""
    return Question(_named_metric(lower, words, labels) or asked_of, _day(lower, last), way)


def is_about_number(text: str) -> bool:
    """Tell whether words with no digest around them ask why a number moved on a day.

    "Why did we drop the Tuesday report?" asks about a choice.
    """
    lower = text.lower()
    words = set(_WORD.findall(lower))
    has_day = bool(words & {*WEEKDAYS, "yesterday", "today"} or _ISO.search(lower))
    has_day = has_day or _NAMED.search(lower) is not None
    return has_day and bool(words & (DOWN | UP)) and "we" not in words


def _named_metric(lower: str, words: Sequence[str], labels: Mapping[str, str]) -> str:
    asked_squeezed = _squeezed(lower)
    whole = [
        one
        for one, label in labels.items()
        if label.lower() in lower or _is_written_otherwise(label, asked_squeezed)
    ]
    if whole:
        return max(whole, key=lambda one: len(labels[one]))
    asked = {_stem(word) for word in words if word not in COMMON | DOWN | UP}
    scored = {
        one: len(asked & {_stem(word) for word in _WORD.findall(label.lower())})
        for one, label in labels.items()
    }
    best = max(scored.values(), default=0)
    found = [one for one, score in scored.items() if score == best]
    return found[0] if best and len(found) == 1 else ""


def _is_written_otherwise(label: str, squeezed: str) -> bool:
    """Tell whether a label stands there with other spaces and hyphens: "signups", "sign ups"."""
    letters = _squeezed(label.lower())
    return len(letters) >= SQUEEZED_LETTERS and letters in squeezed


def _squeezed(text: str) -> str:
    return "".join(_WORD.findall(text))


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "s"):
        if len(word) > len(ending) + 2 and word.endswith(ending):
            return word.removesuffix(ending)
    return word


def _day(lower: str, last: date) -> date:
    iso = _ISO.search(lower)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3])) or last
    for number, name in enumerate(WEEKDAYS):
        if re.search(rf"\b{name[:3]}({name[3:]})?s?\b", lower):
            return last - timedelta(days=(last.weekday() - number) % 7)
    named = _NAMED.search(lower)
    if named:
        day, month = (named[1], named[2]) if named[1] else (named[4], named[3])
        return _latest(_month(month), int(day), last) or last
    return last


def _month(name: str) -> int:
    return next(n for n, month in enumerate(MONTHS, start=1) if month[:3] == name[:3])


def _latest(month: int, day: int, last: date) -> date | None:
    """Return the latest such date up to ``last``."""
    found = (_date(year, month, day) for year in (last.year, last.year - 1))
    return next((one for one in found if one is not None and one <= last), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
