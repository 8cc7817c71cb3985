"""From a declaration to the sources that can be read."""

from bot.metrics.definition import Declaration
from bot.metrics.sources.protocol import Source
from bot.metrics.sources.sql import SqlSource


def open_sources(declaration: Declaration) -> dict[str, Source]:
    """Return each declared source by name. Nothing is connected before the first read."""
    return {name: SqlSource(declared) for name, declared in declaration.sources.items()}
