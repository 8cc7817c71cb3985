"""Metrics from PostHog, by HogQL over its query API (posthog.com/docs/api/queries)."""

from datetime import date
from typing import Any

from yarl import URL

from bot.metrics.connections import PosthogConnection
from bot.metrics.definition import MetricDefinition
from bot.metrics.parts import PLACEHOLDER
from bot.metrics.sources.protocol import DayValue
from bot.metrics.sources.rows import day_values
from bot.metrics.sources.unreadable import Unreadable, read_plainly, too_many_rows
from bot.metrics.sources.web import Ask, WebReader, bearer

_COUNTS = {"events": "count()", "people": "count(distinct person_id)"}


class PosthogSource:
    """Reads metrics from one project."""

    def __init__(self, declared: PosthogConnection, web: WebReader | None = None) -> None:
        self._declared, self._web = declared, web or WebReader(declared)

    async def read(self, definition: MetricDefinition, since: date, until: date) -> list[DayValue]:
        """Keep ``Source.read``'s contract."""
        return await read_plainly(
            self._read(definition, since, until),
            metric=definition.label,
            what="PostHog",
            seconds=self._declared.timeout_seconds,
        )

    async def _read(self, definition: MetricDefinition, since: date, until: date) -> list[DayValue]:
        key = self._declared.key
        path = f"api/projects/{self._declared.project}/query/"
        found = await self._web.fetch_json(
            Ask(
                URL(self._declared.host.get_secret_value().rstrip("/") + "/") / path,
                headers=bearer(key),
                body={"query": self._query(definition, since, until), "refresh": "blocking"},
                hidden=(key.get_secret_value(),),
            )
        )
        return day_values(self._rows(found), definition.zone, since, until)

    def _query(self, definition: MetricDefinition, since: date, until: date) -> dict[str, Any]:
        values: dict[str, str] = {"since": since.isoformat(), "until": until.isoformat()}
        if definition.event is not None:
            values |= {"event": definition.event, "zone": definition.timezone}
            inner = _count_of(definition.count or "events")
        else:
            inner = PLACEHOLDER.sub(r"{\1}", definition.sql or "")
        # Without a limit of its own an answer ends after 100 rows.
        limit = self._declared.row_limit + 1
        query = f"select * from ({inner}) order by day limit {limit}"  # noqa: S608  not of people
        return {"kind": "HogQLQuery", "query": query, "values": values}

    def _rows(self, found: Any) -> list[dict[str, Any]]:
        columns = found.get("columns") if isinstance(found, dict) else None
        results = found.get("results") if isinstance(found, dict) else None
        if not isinstance(columns, list) or not isinstance(results, list):
            raise Unreadable("PostHog answers in a form that Daybook does not know.", _HOST_FIX)
        if len(results) > self._declared.row_limit:
            raise too_many_rows(self._declared.row_limit, "The query")
        if not all(isinstance(row, list) and len(row) == len(columns) for row in results):
            raise Unreadable("PostHog answers in a form that Daybook does not know.", _HOST_FIX)
        return [dict(zip(columns, row, strict=True)) for row in results]


_HOST_FIX = "Check the source's host and project."


def _count_of(what: str) -> str:
    return (
        f"select toDate(toTimeZone(timestamp, {{zone}})) as day, {_COUNTS[what]} as value "  # noqa: S608
        "from events where event = {event} "
        "and timestamp >= toDateTime({since}, {zone}) and timestamp < toDateTime({until}, {zone}) "
        "group by day"
    )
