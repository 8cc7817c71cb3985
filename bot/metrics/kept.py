"""What this process has worked out of metrics already, kept for as long as it stays true.

At nine the same numbers are told in many channels; each is read and judged once.
"""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import date
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.metrics.queries import MetricView, Series, read_series_of
from bot.workspaces.asker import Asker

V = TypeVar("V")
# So many metrics, each about 12 kB for two years.
SERIES = 512


class Kept(Generic[V]):
    """Values by what they were worked out from; the one used longest ago goes first."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def find(self, key: Hashable) -> V | None:
        """Return what is kept under a key."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def keep(self, key: Hashable, value: V) -> V:
        """Keep a value, and return it."""
        self._values[key] = value
        if len(self._values) > self._places:
            self._values.popitem(last=False)
        return value


_SERIES: Kept[Series] = Kept(SERIES)


async def read_kept_series(
    session: AsyncSession, asker: Asker, metric: MetricView, *, until: date
) -> Series:
    """Return the series of a metric that was shown to this asker, as ``read_series_of`` does.

    Every read of a metric gives it another ``read_at``, in the unit that writes its readings
    (bot.metrics.readings): a series is read anew as soon as there may be anything new in it.
    """
    if metric.read_at is None:
        return await read_series_of(session, asker, metric, until=until)
    read = metric.version, metric.read_at, metric.read_through
    key = (asker.workspace_id, metric.id, *read, until)
    known = _SERIES.find(key)
    if known is not None:
        return known
    return _SERIES.keep(key, await read_series_of(session, asker, metric, until=until))
