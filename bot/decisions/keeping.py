"""Decisions as what a bet is on: its days count from when they were accepted."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.histories import Timing
from bot.bets.keeping import Kept
from bot.bets.words import named_theme
from bot.decisions.posts import post_in_thread, refresh_post
from bot.decisions.queries import get_decision
from bot.decisions.records import DecisionView
from bot.decisions.service import get_decision_row, subject_of
from bot.decisions.tables import Decision
from bot.engine.deliveries import Cause
from bot.errors import NotFound
from bot.feedback.queries import find_themes
from bot.launches.queries import launches_between
from bot.slack.blocks import Message
from bot.workspaces.asker import Asker


class DecisionKeeper:
    """Reads decisions for their bets, edits their messages and writes in their threads."""

    async def find(
        self, session: AsyncSession, workspace_id: str, subject_id: str, *, for_change: bool = False
    ) -> Kept:
        """Return a decision, whoever may see it; locked ``for_change``. Raises ``NotFound``."""
        row = await _row(session, workspace_id, subject_id, for_change=for_change)
        place = row.posted_to or row.created_by
        return Kept(subject_of(row), place, Timing(live_at=row.accepted_at))

    async def view(self, session: AsyncSession, asker: Asker, subject_id: str) -> DecisionView:
        """Return a decision as an asker may see it; raises ``NotFound``."""
        return (await get_decision(session, asker, subject_id)).decision

    async def others(
        self,
        session: AsyncSession,
        readers: Asker,
        kept: Kept,
        window: tuple[datetime, datetime],
        limit: int,
    ) -> tuple[str, ...]:
        """Return the launches that went live in the window, but for those that it led to."""
        own = (await get_decision(session, readers, kept.subject.id)).launch_ids
        found = await launches_between(session, readers, *window, limit=limit + len(own))
        return tuple(one.id for one in found if one.id not in own)[:limit]

    async def complaints(
        self, session: AsyncSession, readers: Asker, kept: Kept, *, at: datetime
    ) -> dict[str, Any] | None:
        """Nobody listens for what customers say to a decision: they meet its launches."""
        return None

    async def asked_in(self, session: AsyncSession, asker: Asker, subject_id: str) -> list[str]:
        """Return the themes that the decision answers, as the asker may see them."""
        ids = (await get_decision(session, asker, subject_id)).theme_ids
        return [named_theme(one) for one in await find_themes(session, asker, ids=list(ids))]

    async def refresh(
        self, session: AsyncSession, cause: Cause, readers: Asker, kept: Kept
    ) -> DecisionView:
        """Plan the edit of its message; returns the decision as its readers see it."""
        row = await _row(session, cause.workspace_id, kept.subject.id)
        await refresh_post(session, cause, row.id, row.post_id, readers)
        return await self.view(session, readers, row.id)

    async def post_in_thread(
        self, session: AsyncSession, cause: Cause, kept: Kept, part: str, message: Message
    ) -> str:
        """Plan a message in the thread that has its own."""
        row = await _row(session, cause.workspace_id, kept.subject.id)
        return await post_in_thread(session, cause, row, part, message)


async def _row(
    session: AsyncSession, workspace_id: str, decision_id: str, *, for_change: bool = False
) -> Decision:
    if for_change:
        return await get_decision_row(session, workspace_id, decision_id)
    row = await session.get(Decision, (workspace_id, decision_id))
    if row is None:
        raise NotFound("There is no such decision.")
    return row
