"""Metrics from Prometheus, by ``query_range`` (prometheus.io/docs/prometheus/latest/querying/api).

A day's value is that of the query at the day's end in the metric's zone: ask for what happened in
the 24 hours before, such as ``sum(increase(sign_ups_total[1d]))``.
"""

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from yarl import URL

from bot.clock import slot_instant
from bot.metrics.connections import PrometheusConnection
from bot.metrics.definition import MetricDefinition
from bot.metrics.sources.protocol import DayValue
from bot.metrics.sources.rows import Window, on_their_days
from bot.metrics.sources.unreadable import Unreadable, read_plainly, too_many_rows
from bot.metrics.sources.web import Ask, WebReader, bearer

DAY = timedelta(days=1)
DAY_SECONDS = 86_400


class PrometheusSource:
    """Reads metrics from one server."""

    def __init__(self, declared: PrometheusConnection, web: WebReader | None = None) -> None:
        self._declared, self._web = declared, web or WebReader(declared)

    async def read(self, definition: MetricDefinition, since: date, until: date) -> list[DayValue]:
        """Keep ``Source.read``'s contract."""
        return await read_plainly(
            self._read(definition, Window(since, until, definition.zone)),
            metric=definition.label,
            what="Prometheus",
            seconds=self._declared.timeout_seconds,
        )

    async def _read(self, definition: MetricDefinition, window: Window) -> list[DayValue]:
        days = (window.until - window.since).days
        if days > self._declared.row_limit:
            raise too_many_rows(self._declared.row_limit, "The query")
        pairs: list[tuple[Any, Any]] = []
        for first, last in even_stretches(window):
            samples = await self._samples(definition.promql or "", first, last)
            pairs += [(_day_of(at, window.zone), value) for at, value in samples]
        return on_their_days(pairs, window)

    async def _samples(self, promql: str, first: datetime, last: datetime) -> list[Any]:
        declared = self._declared
        query = {
            "query": promql,
            "start": str(int(first.timestamp())),
            "end": str(int(last.timestamp())),
            "step": str(DAY_SECONDS),
            "timeout": f"{declared.timeout_seconds:g}s",
        }
        url = URL(declared.address().rstrip("/") + "/api/v1/query_range").with_query(query)
        hidden = tuple(one.get_secret_value() for one in declared.secrets() if one)
        headers = bearer(declared.token, declared.headers)
        return _only_series(await self._web.fetch_json(Ask(url, headers=headers, hidden=hidden)))


def even_stretches(window: Window) -> Iterator[tuple[datetime, datetime]]:
    """Yield first and last end of the window's days, split where a day is not 24 hours long.

    ``query_range`` steps evenly, and the clocks go forward and back.
    """
    ends = [
        slot_instant(window.since + timedelta(days=n + 1), time(0), window.zone)
        for n in range((window.until - window.since).days)
    ]
    start = 0
    for n in range(1, len(ends) + 1):
        if n == len(ends) or ends[n] - ends[n - 1] != DAY:
            yield ends[start], ends[n - 1]
            start = n


def _day_of(at: float, zone: ZoneInfo) -> date:
    # A sample at a day's end belongs to the day before that midnight.
    try:
        return datetime.fromtimestamp(at - 1, zone).date()
    except (OverflowError, ValueError, OSError):
        raise Unreadable(*_OTHER) from None


def _only_series(found: Any) -> list[tuple[float, float]]:
    data = found.get("data") if isinstance(found, dict) else None
    is_matrix = isinstance(data, dict) and data.get("resultType") == "matrix"
    series = data.get("result", []) if isinstance(data, dict) and is_matrix else None
    if not isinstance(series, list):
        raise Unreadable(*_OTHER)
    if len(series) > 1:
        raise Unreadable(
            f"The query gives {len(series)} series.", "Let it give one: wrap it in sum(...)."
        )
    try:
        samples = series[0].get("values", []) if series else []
        known = [(float(at), float(value)) for at, value in samples]
    except (AttributeError, TypeError, ValueError):
        raise Unreadable(*_OTHER) from None
    return [(at, value) for at, value in known if math.isfinite(value)]


_OTHER = ("The source does not answer as Prometheus does.", "Check the source's address.")
