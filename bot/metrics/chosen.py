"""What became of the metrics that somebody chose once, as their asker may see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.metrics.queries import MetricView, view_of
from bot.metrics.tables import Metric
from bot.workspaces.asker import Asker


@dataclass(frozen=True)
class Retired:
    """A metric that is read no more."""

    id: str
    label: str
    retired_at: datetime


@dataclass(frozen=True)
class Chosen:
    """What became of some metrics: those to show, how many the asker may not see, and the gone."""

    shown: list[MetricView]
    hidden: int
    retired: list[Retired]


async def choose_metrics(session: AsyncSession, asker: Asker, ids: Sequence[str]) -> Chosen:
    """Return those of some metrics that ``asker`` may see, in the order of ``ids``."""
    query = select(Metric, asker.sees(Metric.source_channel_id)).where(
        Metric.workspace_id == asker.workspace_id, Metric.id.in_(ids)
    )
    found = {row.id: (row, is_seen) for row, is_seen in await session.execute(query)}
    ordered = [found[one] for one in ids if one in found]
    live = [(row, is_seen) for row, is_seen in ordered if row.retired_at is None]
    return Chosen(
        shown=[view_of(row) for row, is_seen in live if is_seen],
        hidden=sum(not is_seen for _, is_seen in live),
        retired=[
            Retired(row.id, row.label, row.retired_at)
            for row, is_seen in ordered
            if row.retired_at is not None and is_seen
        ],
    )


async def retired_metrics(
    session: AsyncSession, asker: Asker, ids: Collection[str]
) -> list[Retired]:
    """Return those of some metrics that were retired, as far as the asker may see them."""
    query = select(Metric.id, Metric.label, Metric.retired_at).where(
        Metric.workspace_id == asker.workspace_id,
        Metric.id.in_(ids),
        Metric.retired_at.is_not(None),
        asker.sees(Metric.source_channel_id),
    )
    rows = await session.execute(query)
    return [Retired(id_, label, at) for id_, label, at in rows if at is not None]
