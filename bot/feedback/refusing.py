"""Use cases of an honest no, and of a question to those who asked; each a line of the log."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Daily, Once, Rule
from bot.db.types import new_id
from bot.engine.schedules import Plan, end_schedule, put_schedule
from bot.errors import BadInput, NotAllowed, NotFound
from bot.feedback.lines import log_theme
from bot.feedback.refusal_records import DATE, REARMED, STANDING, TAKEN_BACK
from bot.feedback.service import get_theme
from bot.feedback.tables import FollowUp, Question, Refusal
from bot.feedback.told_records import DRAFTED, NOT_NEEDED, TO_TELL
from bot.workspaces.asker import Asker

REARM = "theme.rearm"
# With the tripwires of decisions: sources are ready, the morning's messages are out.
LOOK_AT = time(10, 0)
LATEST_MINUTES = 12 * 60
# One date has no next day on which it could be looked at.
ONE_DATE_LATEST_MINUTES = 30 * 24 * 60
DECLINED, OPEN = "declined", "open"


@dataclass(frozen=True)
class Condition:
    """What makes a no a question again; ``kind`` is empty (nothing), metric, customers or date."""

    kind: str = ""
    metric_id: str | None = None
    side: str = ""
    bound: float | None = None
    days: int = 1
    customers: int | None = None
    on_date: date | None = None


async def decline_theme(
    session: AsyncSession,
    workspace_id: str,
    theme_id: str,
    reason: str,
    condition: Condition,
    *,
    by: str,
    timezone: str,
    at: datetime,
) -> Refusal:
    """Say no to a theme, and look each morning (in ``timezone``) whether its condition holds.

    Raises ``BadInput`` when it is declined already.
    """
    theme = await get_theme(session, workspace_id, theme_id)
    if theme.status == DECLINED:
        raise BadInput(field="reason", problem="This theme is declined already.")
    row = Refusal(
        workspace_id=workspace_id,
        id=new_id(),
        theme_id=theme.id,
        reason=reason,
        owner_id=by,
        declined_at=at,
        condition=condition.kind,
        metric_id=condition.metric_id,
        side=condition.side,
        bound=condition.bound,
        days=condition.days,
        customers=condition.customers,
        on_date=condition.on_date,
        timezone=timezone,
        state=STANDING,
        source_channel_id=theme.source_channel_id,
    )
    session.add(row)
    theme.status = DECLINED
    await session.flush()
    if condition.kind:
        await _watch(session, row, at=at)
    await log_theme(session, theme, "theme.declined", by, at, facts=_about(row), prose=reason)
    return row


async def _watch(session: AsyncSession, row: Refusal, *, at: datetime) -> None:
    on = Once(on=row.on_date) if row.condition == DATE and row.on_date else Daily()
    plan = Plan(
        kind=REARM,
        subject_id=row.id,
        rule=Rule(at=LOOK_AT, on=on),
        timezone=row.timezone,
        owner_id=row.owner_id,
        latest_minutes=ONE_DATE_LATEST_MINUTES if isinstance(on, Once) else LATEST_MINUTES,
    )
    await put_schedule(session, row.workspace_id, plan, at=at)


async def reopen_theme(
    session: AsyncSession, workspace_id: str, theme_id: str, *, by: str, at: datetime
) -> None:
    """Take a no back. Raises ``NotFound`` when none stands."""
    row = await session.scalar(
        select(Refusal).where(
            Refusal.workspace_id == workspace_id,
            Refusal.theme_id == theme_id,
            Refusal.state == STANDING,
        )
    )
    if row is None:
        raise NotFound("This theme is open already.")
    await _end(session, row, TAKEN_BACK, "theme.reopened", by=by, at=at)


async def rearm(session: AsyncSession, row: Refusal, *, at: datetime) -> None:
    """The condition holds: the theme is a question again."""
    await _end(session, row, REARMED, "theme.rearmed", by="", at=at)


async def _end(
    session: AsyncSession, row: Refusal, state: str, kind: str, *, by: str, at: datetime
) -> None:
    theme = await get_theme(session, row.workspace_id, row.theme_id)
    row.state, row.ended_at = state, at
    theme.status = OPEN
    await end_schedule(session, row.workspace_id, REARM, row.id, reason=state)
    await session.flush()
    await log_theme(session, theme, kind, by, at, facts=_about(row))


async def ask_askers(
    session: AsyncSession, workspace_id: str, theme_id: str, text: str, *, by: str, at: datetime
) -> Question:
    """Want to know something of all who asked for a theme; drafts go to who looks after them."""
    theme = await get_theme(session, workspace_id, theme_id)
    row = Question(
        workspace_id=workspace_id,
        id=new_id(),
        theme_id=theme.id,
        text=text,
        asked_by=by,
        asked_at=at,
        source_channel_id=theme.source_channel_id,
    )
    session.add(row)
    await session.flush()
    await log_theme(session, theme, "theme.asked", by, at, facts=_about(row), prose=text)
    return row


async def take_question_back(
    session: AsyncSession, asker: Asker, question_id: str, *, at: datetime
) -> Question:
    """Nobody needs to be asked any more; who was asked already stays so.

    Raises ``NotAllowed`` for all but who asked and admins.
    """
    row = await session.get(Question, (asker.workspace_id, question_id))
    if row is None:
        raise NotFound("There is no such question (any more).")
    if not (asker.is_admin or asker.user_id == row.asked_by):
        raise NotAllowed("Only who asked it or an admin may take a question back.")
    await session.execute(
        update(FollowUp)
        .where(
            FollowUp.workspace_id == asker.workspace_id,
            FollowUp.subject_id == row.id,
            FollowUp.state.in_((TO_TELL, DRAFTED)),
        )
        .values(state=NOT_NEEDED)
    )
    theme = await get_theme(session, asker.workspace_id, row.theme_id)
    await log_theme(session, theme, "theme.unasked", asker.user_id, at, facts=_about(row))
    return row


def _about(row: Refusal | Question) -> dict[str, Any]:
    return {"about": row.id}
