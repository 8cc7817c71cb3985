"""What an edit or a deletion of a message does to the feedback that was logged from it.

Each but the reading inside the caller's unit of work.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entries.tables import Entry
from bot.feedback import pieces, service
from bot.feedback.grouping import Reader, Reading
from bot.feedback.lines import log_feedback
from bot.feedback.rereading import take_reading
from bot.feedback.tables import Feedback, TextVector
from bot.feedback.triage import DISMISSED, KEPT
from bot.workspaces.numbers import take_turn

MOVED = "feedback.moved"


@dataclass(frozen=True)
class Edit:
    """The new words of one feedback, and what the bot reads in them."""

    feedback_id: str
    text: str
    reading: Reading
    model_id: str
    vector: bytes  # empty where no model made one


async def read_edit(reader: Reader, row: Feedback, text: str, scope: str) -> Edit:
    """Read the new words of ``row``, outside a unit; ``scope`` is that of its theme."""
    reading = await reader.read(row.workspace_id, scope, row.id, text)
    [vector] = [reading.vector] if reading.vector else await reader.embed([text])
    return Edit(row.id, text, reading, reader.vectors.model_id, vector)


async def follow_edit(
    session: AsyncSession, row: Feedback, edit: Edit, *, by: str, at: datetime
) -> None:
    """Take the new words, and read anew in them what no person has set."""
    if row.redacted_at or edit.text == row.text:
        return
    await take_reading(session, row, edit.reading)
    await service.set_text(session, row, edit.text, by=by, at=at)
    await _take_vector(session, row, edit)
    await _place(session, row, edit.reading, at=at)


async def make_whole(
    session: AsyncSession, row: Feedback, edit: Edit, *, by: str, at: datetime
) -> None:
    """Put the pieces of a message together again, and read the whole anew."""
    await pieces.make_whole(session, row, edit.text, by=by, at=at)
    await take_reading(session, row, edit.reading)
    await _take_vector(session, row, edit)


async def _take_vector(session: AsyncSession, row: Feedback, edit: Edit) -> None:
    # That of the earlier words would speak for them still.
    await session.execute(
        delete(TextVector).where(
            TextVector.workspace_id == row.workspace_id,
            TextVector.subject_kind == "feedback",
            TextVector.subject_id == row.id,
        )
    )
    await service.store_vector(session, row.workspace_id, row.id, edit.model_id, edit.vector)


async def _place(session: AsyncSession, row: Feedback, reading: Reading, *, at: datetime) -> None:
    """Let the new words join the theme that they fit, unless a person said where they belong."""
    if row.theme_id is None or await _was_moved_by_a_person(session, row):
        return
    held = await service.get_theme(session, row.workspace_id, row.theme_id)
    await take_turn(session, row.workspace_id)
    theme = await service.find_or_open_theme(session, row.workspace_id, held.scope, reading, at)
    if theme.id in {held.id, held.merged_into}:
        return
    row.theme_id = theme.id
    facts = {"theme": theme.id, "left": held.id}
    await log_feedback(session, row, MOVED, "", at, facts=facts)


async def _was_moved_by_a_person(session: AsyncSession, row: Feedback) -> bool:
    line = select(Entry.id).where(
        Entry.workspace_id == row.workspace_id,
        Entry.subject_id == row.id,
        Entry.kind == MOVED,
        Entry.actor != "",
    )
    return await session.scalar(line.limit(1)) is not None


async def follow_deletion(session: AsyncSession, row: Feedback, *, at: datetime) -> bool:
    """Withdraw what was logged from a message for good; False where there was nothing to do.

    What people had set aside (as no feedback, or as said before) does not come back by undoing
    that; what was counted here as said once more speaks for itself again.
    """
    pieces_of = select(Feedback).where(
        Feedback.workspace_id == row.workspace_id, Feedback.split_of == row.id
    )
    done = [
        await _withdraw_for_good(session, one, at=at)
        for one in [row, *await session.scalars(pieces_of)]
    ]
    return any(done)


async def _withdraw_for_good(session: AsyncSession, row: Feedback, *, at: datetime) -> bool:
    is_set_aside = row.duplicate_of is not None or row.triage == DISMISSED
    if row.withdrawn_at and not is_set_aside:
        return False
    if row.duplicate_of:
        await pieces.take_back_same(session, row, row.duplicate_of, at=at)
    row.duplicate_of = None
    row.triage = KEPT if row.triage == DISMISSED else row.triage
    await service.withdraw_all(session, row, at=at)
    await pieces.release_joined(session, row, at=at)
    return True
