"""From rows to one value a day."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.metrics.sources.protocol import DayValue
from bot.metrics.sources.unreadable import Unreadable

_COLUMNS_FIX = "Let it begin: select ... as day, ... as value"


@dataclass(frozen=True)
class Window:
    """Which days are wanted, from ``since`` to the one before ``until``, and in which zone."""

    since: date
    until: date
    zone: ZoneInfo


def day_values(
    rows: Sequence[Mapping[str, Any]], zone: ZoneInfo, since: date, until: date
) -> list[DayValue]:
    """Return a query's rows with the columns day and value (any case), oldest first.

    An instant with a zone counts for the date it has in ``zone``. Rows whose value is null are
    left out, and so are days outside [since, until). Raises ``Unreadable``.
    """
    pairs = []
    for row in rows:
        named = {str(name).lower(): value for name, value in row.items()}
        if not {"day", "value"} <= named.keys():
            raise Unreadable("The query's columns are not named day and value.", _COLUMNS_FIX)
        pairs.append((named["day"], named["value"]))
    return on_their_days(pairs, Window(since, until, zone))


def on_their_days(
    pairs: Sequence[tuple[Any, Any]], window: Window, *, is_summed: bool = False
) -> list[DayValue]:
    """Return pairs of a day and a value, each as its source wrote it, as one value a day.

    Two pairs of one day are refused, or added up with ``is_summed``. Raises ``Unreadable``.
    """
    found: dict[date, float] = {}
    for written_day, written in pairs:
        if written is None:
            continue
        day, value = _day(written_day, window.zone), _number(written)
        if day in found and not is_summed:
            raise Unreadable(
                f"There are two rows for {day.isoformat()}.",
                "Let there be one row a day: group them by day.",
            )
        found[day] = found.get(day, 0.0) + value
    wanted = (day for day in sorted(found) if window.since <= day < window.until)
    return [DayValue(day, found[day]) for day in wanted]


def _day(written: Any, zone: ZoneInfo) -> date:
    if isinstance(written, datetime):
        return written.astimezone(zone).date() if written.tzinfo else written.date()
    if isinstance(written, date):
        return written
    text = str(written).strip()
    try:
        # Longer than a date: an instant, which may lie in another day of the metric's zone.
        return _day(datetime.fromisoformat(text), zone) if len(text) > 10 else _date(text)
    except ValueError:
        raise Unreadable(
            "Something that should be a day is no date.",
            "Let it be a date, or text like 2026-11-21.",
        ) from None


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _number(written: Any) -> float:
    problem = "Something that should be a value is no number."
    fix = "Let it be a plain number such as 1234.5, without signs of thousands or units."
    if isinstance(written, bool) or not isinstance(written, int | float | Decimal | str):
        raise Unreadable(problem, fix)
    try:
        value = float(written)
    except (ValueError, OverflowError):
        raise Unreadable(problem, fix) from None
    if not math.isfinite(value):
        raise Unreadable(problem, "Use nullif(..., 0) in a divisor.")
    return value
