"""Take the words of feedback away, everywhere, for good. That it was said stays: number, kind,
customer, theme, and a line of the log.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.ai.themes import name_theme
from bot.engine.deliveries import Cause
from bot.engine.scrubbing import Words, scrub
from bot.entries.log import erase_prose
from bot.entries.tables import Entry, EntryProse
from bot.errors import NotAllowed
from bot.feedback.lines import log_feedback
from bot.feedback.memory import NAMED_FROM
from bot.feedback.queries import FeedbackView
from bot.feedback.tables import Feedback, FollowUp, TextVector, Theme
from bot.workspaces.asker import Asker

ASKED, ERASED, RETENTION = "asked", "erased", "retention"
# At once: well under the most variables that a query may have on any database.
CHUNK = 200


@dataclass(frozen=True)
class Removed:
    """How much went: feedback texts, lines of the log, drafts, and messages that quoted them."""

    items: int = 0
    lines: int = 0
    drafts: int = 0
    messages: int = 0

    def __add__(self, other: "Removed") -> "Removed":
        return Removed(
            self.items + other.items,
            self.lines + other.lines,
            self.drafts + other.drafts,
            self.messages + other.messages,
        )


def check_may_redact(asker: Asker, item: FeedbackView) -> None:
    """Raise ``NotAllowed`` for all but admins, who reported it and who wrote it."""
    if not (asker.is_admin or asker.user_id in {item.reporter_id, item.author_id}):
        raise NotAllowed("Only who logged it, who wrote it or an admin may remove its words.")


async def redact(
    session: AsyncSession, cause: Cause, feedback_ids: Sequence[str], *, by: str, why: str
) -> Removed:
    """Remove the words of these; what was removed before is left out. At most ``CHUNK`` ids."""
    workspace_id, some = cause.workspace_id, feedback_ids[:CHUNK]
    query = select(Feedback).where(
        Feedback.workspace_id == workspace_id,
        # What was said there once more says the same words.
        or_(Feedback.id.in_(some), Feedback.duplicate_of.in_(some)),
        Feedback.redacted_at.is_(None),
    )
    rows = list(await session.scalars(query.order_by(Feedback.number)))
    if not rows:
        return Removed()
    ids = [row.id for row in rows]
    words = [Words(row.text, f"#{row.number}") for row in rows]
    drafts = list(
        await session.scalars(
            select(FollowUp).where(
                FollowUp.workspace_id == workspace_id, FollowUp.feedback_id.in_(ids)
            )
        )
    )
    # The lines of a message that was split hold the words of all its pieces.
    subjects = [*ids, *(one.id for one in drafts), *(row.split_of for row in rows if row.split_of)]
    lines = await _lines_about(session, workspace_id, subjects)
    erased = await erase_prose(session, workspace_id, lines, at=cause.at)
    await session.execute(
        delete(TextVector).where(
            TextVector.workspace_id == workspace_id, TextVector.subject_id.in_(ids)
        )
    )
    for row in rows:
        row.text, row.redacted_at = "", cause.at
    await session.flush()
    for one in drafts:
        one.draft = ""
    themes = {row.theme_id for row in rows if row.theme_id}
    words += await _rename_themes(session, workspace_id, themes)
    messages = await scrub(session, cause, words)
    for row in rows:
        await log_feedback(session, row, "feedback.redacted", by, cause.at, facts={"why": why})
    return Removed(len(rows), erased, len(drafts), messages)


async def _lines_about(
    session: AsyncSession, workspace_id: str, subject_ids: Sequence[str]
) -> list[str]:
    query = (
        select(Entry.id)
        .join(
            EntryProse,
            (EntryProse.workspace_id == Entry.workspace_id) & (EntryProse.entry_id == Entry.id),
        )
        .where(
            Entry.workspace_id == workspace_id,
            Entry.subject_id.in_(subject_ids),
            EntryProse.erased_at.is_(None),
        )
    )
    return list(await session.scalars(query))


async def _rename_themes(
    session: AsyncSession, workspace_id: str, theme_ids: Iterable[str]
) -> list[Words]:
    """A name taken from texts may be made of the words that go; one that a person gave is not.

    Returns the names that were given up: they may stand in messages.
    """
    gone = []
    for theme_id in sorted(theme_ids):
        theme = await session.get(Theme, (workspace_id, theme_id))
        if theme is None or theme.is_named or theme.is_pinned:
            continue
        query = (
            select(Feedback.text)
            .where(
                Feedback.workspace_id == workspace_id,
                Feedback.theme_id == theme_id,
                Feedback.redacted_at.is_(None),
                Feedback.withdrawn_at.is_(None),
            )
            .order_by(Feedback.number.desc())
            .limit(NAMED_FROM)
        )
        left = list(await session.scalars(query))
        name = (name_theme(left) if left else "") or f"Theme {theme.number}"
        if name != theme.name:
            gone.append(Words(theme.name, f"#{theme.number}"))
            theme.name = name
    return gone
