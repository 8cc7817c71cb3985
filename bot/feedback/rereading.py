"""What the bot reads in new words of feedback; what a person set stays.

Inside the caller's unit of work.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entries.tables import Entry
from bot.feedback.grouping import Reading
from bot.feedback.tables import Feedback

CORRECTED = "feedback.corrected"
IMPORTANCE, MOOD = "importance", "mood"  # as a correction's line names them


async def take_reading(session: AsyncSession, row: Feedback, reading: Reading) -> None:
    """Let kind, area, importance and mood follow the words, but for those that a person set."""
    told = await _told_by_people(session, row)
    if not row.kind_chosen_by:
        row.kind = reading.kind
    if not row.area_chosen_by:
        row.area = reading.area
    if IMPORTANCE not in told:
        row.importance = reading.importance
    if MOOD not in told:
        row.sentiment = reading.sentiment


async def _told_by_people(session: AsyncSession, row: Feedback) -> set[str]:
    """Return which fields people corrected, as the log has it."""
    lines = select(Entry.facts).where(
        Entry.workspace_id == row.workspace_id,
        Entry.subject_id == row.id,
        Entry.kind == CORRECTED,
    )
    return {field for facts in await session.scalars(lines) for field in facts}
