"""Vectors of feedback that has none, or one of another model: found and stored some at a time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.inbox import Arrival, receive
from bot.feedback.grouping import count_missing, has_no_vector, is_readable
from bot.feedback.tables import Feedback

# One piece of work: a second or two of one core, so that what people do gets its turn between.
AT_ONCE = 100
EMBED = "feedback.embed"


async def texts_without(
    session: AsyncSession, workspace_id: str, model_id: str
) -> list[tuple[str, str]]:
    """Return some feedback (id, text) without a vector by this model, newest first."""
    query = (
        select(Feedback.id, Feedback.text)
        .where(*is_readable(workspace_id), has_no_vector(workspace_id, model_id))
        .order_by(Feedback.number.desc())
        .limit(AT_ONCE)
    )
    return list((await session.execute(query)).tuples())


async def ask_for_vectors(
    session: AsyncSession, workspace_id: str, model_id: str, *, at: datetime
) -> bool:
    """Have vectors made where they are missing; False when none is. Asking twice is as once."""
    missing = await count_missing(session, workspace_id, model_id)
    if missing:
        key = f"{EMBED}:{model_id}:{missing}:{at:%Y%m%d%H%M%S}"
        await receive(session, workspace_id, key, Arrival(EMBED, {}), at=at)
    return bool(missing)
