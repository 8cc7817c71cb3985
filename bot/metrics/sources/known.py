"""From a declaration to the sources that can be read."""

from bot.metrics.connections import (
    Connection,
    CsvConnection,
    HttpConnection,
    PosthogConnection,
    PrometheusConnection,
)
from bot.metrics.definition import Declaration
from bot.metrics.sources.csv_table import CsvSource
from bot.metrics.sources.http_json import HttpSource
from bot.metrics.sources.posthog import PosthogSource
from bot.metrics.sources.prometheus import PrometheusSource
from bot.metrics.sources.protocol import Source
from bot.metrics.sources.sql import SqlSource


def open_sources(declaration: Declaration) -> dict[str, Source]:
    """Return each declared source by name. Nothing is connected before the first read."""
    return {name: open_source(declared) for name, declared in declaration.sources.items()}


def open_source(declared: Connection) -> Source:
    """Return what reads from one declared source."""
    match declared:
        case PosthogConnection():
            return PosthogSource(declared)
        case CsvConnection():
            return CsvSource(declared)
        case HttpConnection():
            return HttpSource(declared)
        case PrometheusConnection():
            return PrometheusSource(declared)
        case _:
            return SqlSource(declared)
