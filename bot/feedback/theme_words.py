"""How themes are spoken of: names, counts, money, trend. Pure."""

from collections.abc import Mapping

from bot.feedback.ranking import RECENT_WEEKS, Tally
from bot.figures import format_minor
from bot.slack.sparkline import render_sparkline
from bot.slack.text import escape

NAME_LIMIT = 80
STATUS_WORDS = {
    "open": "open",
    "planned": "decided",
    "shipped": "live",
    "declined": "declined",
}
PLURALS = {
    "bug": "bugs",
    "request": "requests",
    "praise": "praise",
    "question": "questions",
    "competitor": "about competitors",
}


def name_of(number: int, name: str) -> str:
    """Return ``#7 “CSV export”``; one whose name its reader may not know is its number alone."""
    is_known = name not in {"", f"#{number}"}
    return f"#{number} “{escape(name, limit=NAME_LIMIT)}”" if is_known else f"#{number}"


def count(number: int, noun: str) -> str:
    """Return ``1 customer``, ``2 customers``."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def money(minor: int, currency: str) -> str:
    """Return a month's revenue, e.g. ``EUR 1 200``."""
    return format_minor(minor, currency)


def money_of(revenue: Mapping[str, int]) -> str:
    """Return revenue by currency; currencies are never added up."""
    largest_first = sorted(revenue.items(), key=lambda one: (-one[1], one[0]))
    return " + ".join(money(minor, currency) for currency, minor in largest_first)


def said_by(tally: Tally) -> str:
    """Return ``said 12 times by 9 customers``."""
    times = "once" if tally.items == 1 else f"{tally.items} times"
    return f"said {times} by {count(tally.customers, 'customer')}"


def kinds_of(tally: Tally) -> str:
    """Return ``9 requests, 1 bug``."""
    ordered = sorted(tally.kinds.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{n} {_kind_word(kind, n)}" for kind, n in ordered)


def _kind_word(kind: str, number: int) -> str:
    is_one = number == 1 and kind != "competitor"
    return kind if is_one else PLURALS.get(kind, kind)


def trend_of(tally: Tally) -> str:
    """Return the shape of the last weeks, and the last four beside the four before, in words."""
    line = render_sparkline([float(n) for n in tally.weeks])
    lately, before = tally.recent, tally.before
    if lately == before:
        told = f"{lately} in the last {RECENT_WEEKS} weeks, as many as in the {RECENT_WEEKS} before"
    else:
        told = f"{lately} in the last {RECENT_WEEKS} weeks, {before} in the {RECENT_WEEKS} before"
    return f"{line} {told}"
