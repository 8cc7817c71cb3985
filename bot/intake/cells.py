"""What the cells of a file of feedback say: kinds, weights, addresses and times. Pure.

Each raises ``ValueError`` with a sentence for who brought the file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.feedback.rules import ADDRESS, KINDS
from bot.slack.text import storable

# What other programs call a kind, beside the five names.
CALLED: Mapping[str, str] = {
    **{kind: kind for kind in KINDS},
    **dict.fromkeys(
        ("feature", "feature request", "idea", "improvement", "enhancement", "suggestion", "wish"),
        "request",
    ),
    **dict.fromkeys(("issue", "problem", "incident", "defect", "error", "complaint"), "bug"),
    **dict.fromkeys(("compliment", "kudos", "testimonial"), "praise"),
    **dict.fromkeys(("competition", "competitors", "competitive"), "competitor"),
}
IMPORTANCE: Mapping[str, int] = {
    **dict.fromkeys(("1", "low", "minor", "small", "trivial", "p3", "p4"), 1),
    **dict.fromkeys(("2", "usual", "normal", "medium", "p2"), 2),
    **dict.fromkeys(("3", "high", "urgent", "critical", "major", "blocker", "p0", "p1"), 3),
}
# "2026-05-18 06:00:00 UTC" and "... +0000", as support desks write it.
ZONE = re.compile(r"(?<!\s)\s+(UTC|GMT|Z|[+-]\d{2}:?\d{2})$", re.IGNORECASE)
# Seconds since 1970; milliseconds from the year 5138 on.
SECONDS, MILLISECONDS = re.compile(r"\d{9,11}"), re.compile(r"\d{12,14}")
# "18/05/2026 06:00", whichever comes first; and "18.05.2026", where the day always does.
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(.*)", re.DOTALL)
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)", re.DOTALL)
MONTHS = 12
# Before computers nobody wrote to a product team: such a time is a slip.
EARLIEST = 1970


def read_cell(cells: Mapping[str, Any], name: str) -> str:
    """Return a cell as text; an empty one where there is none."""
    value = cells.get(name)
    if isinstance(value, (dict, list)):
        raise ValueError(f"{name} is not a text.")
    return storable(str(value)).strip() if value is not None else ""


def read_kind(cells: Mapping[str, Any]) -> str:
    """Return the kind; empty where it is to be suggested.

    A column "kind" must hold one; "type" and "category" are other programs' own words.
    """
    told = read_cell(cells, "kind").lower()
    if told and told not in CALLED:
        raise ValueError(f"“{told[:40]}” is no kind: use {_listed(KINDS)}.")
    return CALLED.get(told or _words(cells, "type"), "")


def read_importance(cells: Mapping[str, Any]) -> int:
    """Return 1 to 3; 0 where it is to be suggested."""
    told = read_cell(cells, "importance").lower()
    if told and told not in IMPORTANCE:
        raise ValueError(f"importance “{told[:20]}”: use low, usual or high.")
    return IMPORTANCE.get(told or _words(cells, "priority"), 0)


def foreign_words(cells: Mapping[str, Any]) -> set[str]:
    """Return words of other programs' columns that say nothing here."""
    found = {_words(cells, "type") if _words(cells, "type") not in CALLED else ""}
    found.add(_words(cells, "priority") if _words(cells, "priority") not in IMPORTANCE else "")
    return found - {""}


def read_address(cells: Mapping[str, Any]) -> str:
    """Return the one e-mail address of a cell such as ``Ann <ann@acme.example>``."""
    told = read_cell(cells, "email").lower()
    found = {match.group() for match in ADDRESS.finditer(told)}
    if told and len(found) != 1:
        raise ValueError(f"“{told[:40]}” is not an e-mail address.")
    return found.pop() if found else ""


def has_day_first(column: Iterable[str]) -> bool | None:
    """Return whether days such as 5/18/2026 begin with the day, by all of a file's together.

    None where none of them tells, or some tell otherwise: then they are not guessed at.
    """
    found = [match for match in map(SLASHED.fullmatch, column) if match]
    is_first = any(int(match[1]) > MONTHS for match in found)
    is_second = any(int(match[2]) > MONTHS for match in found)
    return is_first if is_first != is_second else None


def read_instant(typed: str, *, is_day_first: bool | None = None) -> datetime | None:
    """Return a moment in UTC: ISO 8601, a day alone, or seconds since 1970.

    ``is_day_first`` says how 4/5/2026 is read; None: not at all.
    """
    if not typed:
        return None
    try:
        iso = _iso(typed, is_day_first=is_day_first)
        at = _epoch(iso) or datetime.fromisoformat(ZONE.sub(_zone, iso))
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"“{typed[:40]}” is not a day such as 2026-05-18.") from error
    if at.year < EARLIEST:
        raise ValueError(f"“{typed[:40]}” is before {EARLIEST}.")
    return at


def _iso(typed: str, *, is_day_first: bool | None) -> str:
    if match := DOTTED.fullmatch(typed):
        day, month, year, rest = match.groups()
    elif (match := SLASHED.fullmatch(typed)) and is_day_first is not None:
        day, month = match[1], match[2]
        day, month = (day, month) if is_day_first else (month, day)
        year, rest = match[3], match[4]
    else:
        return typed
    return f"{year}-{int(month):02}-{int(day):02}{rest}"


def _epoch(typed: str) -> datetime | None:
    if SECONDS.fullmatch(typed):
        return datetime.fromtimestamp(int(typed), UTC)
    if MILLISECONDS.fullmatch(typed):
        return datetime.fromtimestamp(int(typed) / 1000, UTC)
    return None


def _zone(match: re.Match[str]) -> str:
    return "+00:00" if match[1].upper() in {"UTC", "GMT", "Z"} else match[1]


def _words(cells: Mapping[str, Any], name: str) -> str:
    return " ".join(read_cell(cells, name).lower().replace("_", " ").split())


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}"
