"""One message, several feedback; two feedback, one message twice: split, joined, and undone.

Each inside the caller's unit of work.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.entries.tables import Entry, EntryProse
from bot.errors import BadInput, NotFound
from bot.feedback import service
from bot.feedback.grouping import Reading
from bot.feedback.lines import log_feedback
from bot.feedback.rereading import take_reading
from bot.feedback.tables import Feedback, Report

SPLIT, WHOLE = "feedback.split", "feedback.whole"
JOINED, PARTED = "feedback.joined", "feedback.parted"
NOT_SPLIT = "There is nothing to put together (any more)."
SAME = "same"  # how a report came about


async def find_pieces(session: AsyncSession, row: Feedback) -> list[Feedback]:
    """Return what was split off, in the order of the message. The bot's own look-up."""
    query = select(Feedback).where(
        Feedback.workspace_id == row.workspace_id,
        Feedback.split_of == row.id,
        Feedback.withdrawn_at.is_(None),
    )
    return list(await session.scalars(query.order_by(Feedback.number)))


async def split_item(
    session: AsyncSession,
    row: Feedback,
    pieces: Sequence[tuple[str, Reading]],
    *,
    by: str,
    at: datetime,
) -> list[str]:
    """Make one feedback of each piece; the first one keeps the number. Returns all ids."""
    if row.redacted_at or row.split_of or await find_pieces(session, row):
        raise BadInput(field="item", problem="That is split already, or has no words.")
    await log_feedback(session, row, SPLIT, by, at, prose=row.text)
    first, *others = pieces
    row.text = first[0]
    await take_reading(session, row, first[1])
    await service.store_vector(
        session, row.workspace_id, row.id, first[1].model_id, first[1].vector
    )
    said = service.Said(
        id="",
        text="",
        source_channel_id=row.source_channel_id,
        message_ts=None,
        permalink=row.permalink,
        author_id=row.author_id,
        reporter_id=row.reporter_id,
        means="split",
        said_at=row.said_at,
        customer_id=row.customer_id,
        person=row.person,
        split_of=row.id,
    )
    scope = await _scope(session, row)
    ids = [row.id]
    for text, reading in others:
        piece = replace(said, id=new_id(), text=text, scope=scope)
        done = await service.capture(session, row.workspace_id, piece, reading, at=at)
        ids.append(done.feedback_id)
    return ids


async def _scope(session: AsyncSession, row: Feedback) -> str:
    theme = await service.get_theme(session, row.workspace_id, row.theme_id or "")
    return theme.scope


async def find_whole(session: AsyncSession, row: Feedback) -> str:
    """Return the words as they were before the split; raises ``NotFound``."""
    query = (
        select(EntryProse.text)
        .join(
            Entry,
            (Entry.workspace_id == EntryProse.workspace_id) & (Entry.id == EntryProse.entry_id),
        )
        .where(
            Entry.workspace_id == row.workspace_id,
            Entry.subject_id == row.id,
            Entry.kind == SPLIT,
            EntryProse.erased_at.is_(None),
        )
        .order_by(Entry.seq.desc())
        .limit(1)
    )
    words = await session.scalar(query)
    if not words or row.redacted_at:
        raise NotFound(NOT_SPLIT)
    return words


async def make_whole(
    session: AsyncSession, row: Feedback, words: str, *, by: str, at: datetime
) -> None:
    """Undo a split: the pieces go, the words are as they were."""
    pieces = await find_pieces(session, row)
    if not pieces or row.redacted_at:
        raise NotFound(NOT_SPLIT)
    for piece in pieces:
        await service.withdraw_all(session, piece, at=at)
    row.text = words
    await log_feedback(session, row, WHOLE, by, at)


async def join_same(
    session: AsyncSession, row: Feedback, into: Feedback, *, by: str, at: datetime
) -> None:
    """Say that one feedback is another once more: it is counted there, and is none of its own."""
    is_narrower = into.source_channel_id != row.source_channel_id and (
        await _scope(session, row) != await _scope(session, into)
    )
    if row.id == into.id or into.withdrawn_at or row.withdrawn_at or is_narrower:
        raise NotFound("They cannot be joined (any more).")
    await service.withdraw_all(session, row, at=at)
    row.duplicate_of = into.id
    key = (row.workspace_id, into.id, row.reporter_id)
    if row.reporter_id and await session.get(Report, key) is None:
        session.add(
            Report(
                workspace_id=row.workspace_id,
                feedback_id=into.id,
                user_id=row.reporter_id,
                means=SAME,
                at=at,
            )
        )
    await log_feedback(session, row, JOINED, by, at, facts={"into": into.id})


async def part_again(session: AsyncSession, row: Feedback, *, by: str, at: datetime) -> None:
    """Undo a join."""
    if row.duplicate_of is None:
        gone = "Its message is gone, and what was logged from it with it."
        raise NotFound(gone if row.withdrawn_at else "They are apart already.")
    into, row.duplicate_of, row.withdrawn_at = row.duplicate_of, None, None
    reports = update(Report).where(
        Report.workspace_id == row.workspace_id, Report.user_id == row.reporter_id
    )
    await session.execute(reports.where(Report.feedback_id == row.id).values(withdrawn_at=None))
    await take_back_same(session, row, into, at=at)
    await log_feedback(session, row, PARTED, by, at, facts={"from": into})


async def take_back_same(
    session: AsyncSession, row: Feedback, into_id: str, *, at: datetime
) -> None:
    """Count the reporter of ``row`` no longer among those of what it was said to repeat."""
    await session.execute(
        update(Report)
        .where(
            Report.workspace_id == row.workspace_id,
            Report.user_id == row.reporter_id,
            Report.feedback_id == into_id,
            Report.means == SAME,
        )
        .values(withdrawn_at=at)
    )


async def release_joined(session: AsyncSession, row: Feedback, *, at: datetime) -> None:
    """Let what was counted with ``row`` speak for itself again: ``row`` is no longer logged."""
    joined = select(Feedback).where(
        Feedback.workspace_id == row.workspace_id, Feedback.duplicate_of == row.id
    )
    for one in list(await session.scalars(joined)):
        await part_again(session, one, by="", at=at)
