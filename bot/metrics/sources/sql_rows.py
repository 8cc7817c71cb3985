"""From rows to one value a day."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.metrics.sources.protocol import DayValue
from bot.metrics.sources.sql_problems import Unreadable

_COLUMNS_FIX = "Let it begin: select ... as day, ... as value"


def day_values(
    rows: Sequence[Mapping[str, Any]], zone: ZoneInfo, since: date, until: date
) -> list[DayValue]:
    """Return rows with the columns day and value (any case) as values, oldest first.

    An instant with a zone counts for the date it has in ``zone``. Rows whose value is null are
    left out, and so are days outside [since, until). Raises ``Unreadable``.
    """
    found: dict[date, float] = {}
    for row in rows:
        named = {str(name).lower(): value for name, value in row.items()}
        if not {"day", "value"} <= named.keys():
            raise Unreadable("The query's columns are not named day and value.", _COLUMNS_FIX)
        if named["value"] is None:
            continue
        day, value = _day(named["day"], zone), _number(named["value"])
        if day in found:
            raise Unreadable(
                f"The query returns two rows for {day.isoformat()}.", "Group it by day."
            )
        found[day] = value
    return [DayValue(day, found[day]) for day in sorted(found) if since <= day < until]


def _day(written: Any, zone: ZoneInfo) -> date:
    if isinstance(written, datetime):
        return written.astimezone(zone).date() if written.tzinfo else written.date()
    if isinstance(written, date):
        return written
    try:
        return date.fromisoformat(str(written)[:10])
    except ValueError:
        raise Unreadable(
            "The column day holds something that is no date.",
            "Let it be a date, or text like 2026-11-21.",
        ) from None


def _number(written: Any) -> float:
    problem = "The column value holds something that is no number."
    if not isinstance(written, int | float | Decimal | str):
        raise Unreadable(problem, _COLUMNS_FIX)
    try:
        value = float(written)
    except (ValueError, OverflowError):
        raise Unreadable(problem, _COLUMNS_FIX) from None
    if not math.isfinite(value):
        raise Unreadable(problem, "Use nullif(..., 0) in a divisor.")
    return value
