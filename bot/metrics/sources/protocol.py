"""The one protocol that every kind of source keeps."""

from datetime import date
from typing import NamedTuple, Protocol

from bot.metrics.definition import MetricDefinition


class DayValue(NamedTuple):
    """A metric's value on one local date of the metric's zone."""

    day: date
    value: float


class Source(Protocol):
    """Somewhere that daily numbers are read from, and never written to."""

    async def read(self, definition: MetricDefinition, since: date, until: date) -> list[DayValue]:
        """Return what the source has from ``since`` to the day before ``until``, oldest first.

        One value a day, finite; a day without one is left out. Unfinished days may be among them:
        the completeness gate holds them back. Raises ``MetricUnreadable``.
        """
        ...
