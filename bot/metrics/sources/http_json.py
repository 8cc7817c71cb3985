"""Metrics from any API that answers JSON: JSONPath says where dates and values stand."""

import asyncio
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from yarl import URL

from bot.clock import slot_instant
from bot.metrics.connections import HttpConnection
from bot.metrics.definition import MetricDefinition
from bot.metrics.sources.protocol import DayValue
from bot.metrics.sources.rows import Window, on_their_days
from bot.metrics.sources.unreadable import Unreadable, read_plainly, too_many_rows
from bot.metrics.sources.web import Ask, WebReader, bearer

MILLISECONDS_FROM = 1e11
"""As seconds this is the year 5138: a larger instant is meant in milliseconds."""

_MORE = ("has_more", "hasMore")
_PATH_FIX = "Correct the metric's rows, date and value, and compare them with an answer."


class HttpSource:
    """Reads metrics from one API. Only GET is sent."""

    def __init__(self, declared: HttpConnection, web: WebReader | None = None) -> None:
        self._declared, self._web = declared, web or WebReader(declared)

    async def read(self, definition: MetricDefinition, since: date, until: date) -> list[DayValue]:
        """Keep ``Source.read``'s contract."""
        return await read_plainly(
            self._read(definition, Window(since, until, definition.zone)),
            metric=definition.label,
            what="The source",
            seconds=self._declared.timeout_seconds,
        )

    async def _read(self, definition: MetricDefinition, window: Window) -> list[DayValue]:
        declared = self._declared
        headers = {"Accept": "application/json"} | bearer(declared.token, declared.headers)
        hidden = tuple(one.get_secret_value() for one in declared.secrets() if one)
        url = _address(declared.address(), definition.path or "", window)
        found = await self._web.fetch_json(Ask(url, headers=headers, hidden=hidden))
        pairs = await asyncio.to_thread(_pairs, found, definition)
        if len(pairs) > declared.row_limit:
            raise too_many_rows(declared.row_limit, "The source")
        if isinstance(found, dict) and any(found.get(key) is True for key in _MORE):
            raise Unreadable(
                "The answer goes on on further pages, which Daybook does not read.",
                "Ask for larger pages, or for daily sums, in the metric's path.",
            )
        return on_their_days(pairs, window, is_summed=definition.combine == "sum")


def _address(base: str, path: str, window: Window) -> URL:
    for name, value in _bounds(window).items():
        path = path.replace(f"{{{name}}}", value)
    joined = base if not path else base.rstrip("/") + "/" + path.lstrip("/")
    # A path that begins with a query goes on where the address ends.
    return URL(base + path) if path.startswith("?") else URL(joined)


def _bounds(window: Window) -> dict[str, str]:
    return {
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "since_unix": _midnight(window.since, window.zone),
        "until_unix": _midnight(window.until, window.zone),
    }


def _midnight(day: date, zone: ZoneInfo) -> str:
    return str(int(slot_instant(day, time(0), zone).timestamp()))


def _pairs(found: Any, definition: MetricDefinition) -> list[tuple[Any, Any]]:
    date_path, value_path = definition.date or "$.date", definition.value or "$.value"
    if definition.rows:
        rows = _findall(definition.rows, found)
        pairs = [(_first(date_path, row), _first(value_path, row)) for row in rows]
    else:
        days, values = _findall(date_path, found), _findall(value_path, found)
        if len(days) != len(values):
            raise Unreadable(
                f"The answer has {len(days)} dates and {len(values)} values.", _PATH_FIX
            )
        pairs = list(zip(days, values, strict=True))
    if pairs and all(day is None for day, _ in pairs):
        raise Unreadable("There is no date where the metric says it is.", _PATH_FIX)
    if pairs and all(value is None for _, value in pairs):
        raise Unreadable("There is no value where the metric says it is.", _PATH_FIX)
    return [(_instant(day), value) for day, value in pairs if day is not None]


def _findall(path: str, data: Any) -> list[Any]:
    import jsonpath

    try:
        return list(jsonpath.findall(path, data))
    except jsonpath.JSONPathError:
        raise Unreadable("The metric's JSONPath does not fit the answer.", _PATH_FIX) from None


def _first(path: str, row: Any) -> Any:
    found = _findall(path, row) if isinstance(row, dict | list) else []
    return found[0] if found else None


def _instant(written: Any) -> Any:
    """Return an instant for a Unix time; everything else as it was written."""
    if isinstance(written, bool) or not isinstance(written, int | float):
        return written
    seconds = written / 1000 if written > MILLISECONDS_FROM else written
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return written
