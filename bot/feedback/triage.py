"""Use cases of the inbox: a person looks at what was logged, once; each can be taken back.

Inside the caller's unit of work. What somebody else has sorted meanwhile is left as it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import BadInput
from bot.feedback.lines import log_feedback
from bot.feedback.service import correct, get_feedback, leave_theme, move_to_theme
from bot.feedback.tables import Feedback, ThemeRejection

OPEN, KEPT, DISMISSED = "open", "kept", "dismissed"
KEEP, KIND, THEME, LATER, DISMISS = "keep", "kind", "theme", "later", "dismiss"
# What was put off comes back after a week; by then there is more of it, or it was a whim.
LATER_FOR = timedelta(days=7)
NEW_THEME = "new"
_SEPARATOR = "/"


@dataclass(frozen=True)
class Was:
    """How an item stood before it was sorted: what an undo needs. Times as ISO, or empty."""

    id: str
    number: int
    act: str
    kind: str
    kind_by: str
    theme_id: str
    later: str = ""

    def to_text(self) -> str:
        """Return it as one word, for a button."""
        parts = (self.id, str(self.number), self.act, self.kind, self.kind_by, self.theme_id)
        return _SEPARATOR.join((*parts, self.later))

    @classmethod
    def from_text(cls, text: str) -> "Was":
        """Read it from a button; raises ``BadInput``."""
        parts = text.split(_SEPARATOR)
        if len(parts) != 7 or not parts[1].isdecimal():
            raise BadInput(field="undo", problem="There is nothing to take back.")
        return cls(parts[0], int(parts[1]), *parts[2:])


async def sort_item(
    session: AsyncSession,
    workspace_id: str,
    feedback_id: str,
    act: str,
    *,
    by: str,
    at: datetime,
    choice: str = "",
) -> Was | None:
    """Keep an item, with another ``choice`` of kind or theme (an id or ``new``), put it off, or
    say that it is no feedback. None when somebody has sorted it already.
    """
    row = await get_feedback(session, workspace_id, feedback_id)
    if row.triage != OPEN or row.withdrawn_at:
        return None
    was = _was(row, act)
    if act == KIND:
        await correct(session, workspace_id, row.id, by=by, at=at, kind=choice)
    elif act == THEME:
        await _assign(session, row, choice, by=by, at=at)
    _settle(row, act, at)
    await log_feedback(session, row, "feedback.triaged", by, at, facts={"act": act})
    return was


async def undo_sorting(
    session: AsyncSession, workspace_id: str, was: Was, *, by: str, at: datetime
) -> Feedback:
    """Put an item back into the inbox as it was. Raises ``BadInput`` when it is there already."""
    row = await get_feedback(session, workspace_id, was.id)
    is_waiting = row.later_until is not None and row.later_until > at
    if row.triage == OPEN and not is_waiting:
        raise BadInput(field="undo", problem=f"#{row.number} is in the inbox again already.")
    if row.withdrawn_at and row.triage != DISMISSED:
        problem = f"#{row.number} is no longer logged, so there is nothing to put back."
        raise BadInput(field="undo", problem=problem)
    if was.act == KIND:
        row.kind, row.kind_chosen_by = was.kind, was.kind_by
    if was.act == THEME and was.theme_id and row.theme_id != was.theme_id:
        await _give_back(session, row, was.theme_id)
    if row.triage == DISMISSED:
        row.withdrawn_at = None
    row.triage = OPEN
    row.later_until = datetime.fromisoformat(was.later) if was.later else None
    await log_feedback(session, row, "feedback.triage_undone", by, at, facts={"act": was.act})
    return row


def _was(row: Feedback, act: str) -> Was:
    later = row.later_until.isoformat() if row.later_until else ""
    return Was(row.id, row.number, act, row.kind, row.kind_chosen_by, row.theme_id or "", later)


def _settle(row: Feedback, act: str, at: datetime) -> None:
    if act == LATER:
        row.later_until = at + LATER_FOR
        return
    row.triage = DISMISSED if act == DISMISS else KEPT
    if act == DISMISS:
        row.withdrawn_at = at


async def _assign(
    session: AsyncSession, row: Feedback, theme_id: str, *, by: str, at: datetime
) -> None:
    if theme_id == NEW_THEME and row.theme_id:
        await leave_theme(session, row.workspace_id, row.id, row.theme_id, None, by=by, at=at)
    elif theme_id != NEW_THEME:
        await move_to_theme(session, row.workspace_id, row.id, theme_id, by=by, at=at)


async def _give_back(session: AsyncSession, row: Feedback, theme_id: str) -> None:
    """The theme it had is its own again, as if nobody had said that it is about another."""
    await session.execute(
        delete(ThemeRejection).where(
            ThemeRejection.workspace_id == row.workspace_id,
            ThemeRejection.feedback_id == row.id,
            ThemeRejection.theme_id == theme_id,
        )
    )
    row.theme_id = theme_id
