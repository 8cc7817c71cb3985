"""A command, action or submission is done once, however often Slack delivers it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.upsert import insert_unless_there
from bot.errors import AlreadyDone
from bot.workspaces.tables import Submission


async def claim(session: AsyncSession, workspace_id: str, trigger_id: str, *, at: datetime) -> None:
    """Take the trigger id in this unit of work; raises ``AlreadyDone`` when it was taken."""
    if not trigger_id:
        return
    values = {"workspace_id": workspace_id, "trigger_id": trigger_id, "at": at}
    if not await insert_unless_there(session, Submission, **values):
        raise AlreadyDone("This was done already.")
