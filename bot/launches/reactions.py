"""Read what customers said to a launch, as far as its owner said so and the asker may read it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.queries import FeedbackView, find_feedback
from bot.launches.crew_tables import LaunchReaction
from bot.workspaces.asker import Asker

# More than two weeks bring; a story shows few of them.
MOST_READ = 200


async def reactions_to(session: AsyncSession, asker: Asker, launch_id: str) -> list[FeedbackView]:
    """Return the feedback that was taken as a reaction to a launch, newest first."""
    query = select(LaunchReaction.feedback_id).where(
        LaunchReaction.workspace_id == asker.workspace_id,
        LaunchReaction.launch_id == launch_id,
        LaunchReaction.state == "taken",
    )
    ids = list(await session.scalars(query.limit(MOST_READ)))
    return await find_feedback(session, asker, ids=ids, limit=MOST_READ) if ids else []
