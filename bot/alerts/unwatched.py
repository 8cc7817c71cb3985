"""What becomes of an alert whose metric is watched no more. Inside the caller's unit of work."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alerts.service import close_episode
from bot.alerts.watching import open_episode
from bot.metrics.queries import view_of
from bot.metrics.tables import Metric

ENDING = "unwatched"


async def end_unwatched(
    session: AsyncSession, workspace_id: str, metric_ids: Collection[str], *, at: datetime
) -> None:
    """Close what is open of metrics that were retired, or have no alerts any more."""
    query = select(Metric).where(
        Metric.workspace_id == workspace_id, Metric.id.in_(list(metric_ids))
    )
    for metric in list(await session.scalars(query)):
        if metric.definition.get("alert") and metric.retired_at is None:
            continue
        row = await open_episode(session, workspace_id, metric.id)
        if row is not None:
            await close_episode(session, row, view_of(metric), ENDING, by="", at=at)
