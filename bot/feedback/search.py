"""Search feedback by meaning and words, among what its asker may see and nothing else."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.ai.search import parse_question
from bot.feedback.grouping import Reader
from bot.feedback.queries import FeedbackView, find_feedback, visible_ids
from bot.workspaces.asker import Asker

# So many texts near a question name the themes that it may be about.
NEAREST = 5


async def search_feedback(
    session: AsyncSession, asker: Asker, reader: Reader, question: str, *, limit: int
) -> list[FeedbackView]:
    """Return up to ``limit`` of what the asker may see, best first.

    ``kind:``, ``area:``, ``after:`` and ``before:`` in the question narrow it down.
    """
    asked = parse_question(question)
    ids = await visible_ids(
        session,
        asker,
        kind=asked.filters.get("kind", ""),
        area=asked.filters.get("area", ""),
        since=asked.after,
        until=asked.before,
    )
    if not ids:
        return []
    best = await reader.search(asker.workspace_id, question, ids, limit)
    found = {item.id: item for item in await find_feedback(session, asker, ids=best, limit=limit)}
    return [found[feedback_id] for feedback_id in best if feedback_id in found]


async def themes_near(
    session: AsyncSession, asker: Asker, reader: Reader, question: str
) -> list[str]:
    """Return the themes of the feedback nearest to a question, for /why; best first."""
    items = await search_feedback(session, asker, reader, question, limit=NEAREST)
    return list(dict.fromkeys(item.theme_id for item in items if item.theme_id))
