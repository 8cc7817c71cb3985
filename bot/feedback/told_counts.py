"""How many of those to be told of a launch were, as an asker may see it."""

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.tables import FollowUp
from bot.workspaces.asker import Asker


async def count_told(session: AsyncSession, asker: Asker, launch_id: str) -> tuple[int, int]:
    """Return how many were told, of how many; those who need not be told are neither."""
    is_told = case((FollowUp.told_at.is_not(None), 1), else_=0)
    query = select(func.coalesce(func.sum(is_told), 0), func.count()).where(
        FollowUp.workspace_id == asker.workspace_id,
        FollowUp.subject_id == launch_id,
        FollowUp.state != "not_needed",
        asker.sees(FollowUp.source_channel_id),
    )
    told, due = (await session.execute(query)).one()
    return int(told), int(due)
