"""Launches as what a bet is on."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.histories import Timing
from bot.bets.keeping import Kept
from bot.bets.words import named_theme
from bot.engine.deliveries import Cause
from bot.errors import NotFound
from bot.feedback.queries import find_themes
from bot.launches.headlines import post_in_thread, refresh_headline
from bot.launches.listening import count_complaints
from bot.launches.queries import get_launch, launches_between
from bot.launches.records import LaunchView
from bot.launches.service import get_launch_row, subject_of
from bot.launches.tables import Launch
from bot.slack.blocks import Message
from bot.workspaces.asker import Asker


class LaunchKeeper:
    """Reads launches for their bets, edits their headlines and writes in their threads."""

    async def find(
        self, session: AsyncSession, workspace_id: str, subject_id: str, *, for_change: bool = False
    ) -> Kept:
        """Return a launch, whoever may see it; locked ``for_change``. Raises ``NotFound``."""
        row = await _row(session, workspace_id, subject_id, for_change=for_change)
        timing = Timing(row.exposed_at, row.live_at)
        return Kept(subject_of(row), row.source_channel_id, timing)

    async def view(self, session: AsyncSession, asker: Asker, subject_id: str) -> LaunchView:
        """Return a launch as an asker may see it; raises ``NotFound``."""
        return (await get_launch(session, asker, subject_id)).launch

    async def others(
        self,
        session: AsyncSession,
        readers: Asker,
        kept: Kept,
        window: tuple[datetime, datetime],
        limit: int,
    ) -> tuple[str, ...]:
        """Return the ids of other launches that went live in the window."""
        found = await launches_between(session, readers, *window, limit=limit + 1)
        return tuple(one.id for one in found if one.id != kept.subject.id)[:limit]

    async def complaints(
        self, session: AsyncSession, readers: Asker, kept: Kept, *, at: datetime
    ) -> dict[str, Any] | None:
        """Count what customers complained of, for those who read the launch's channel."""
        detail = await get_launch(session, readers, kept.subject.id)
        return await count_complaints(session, readers, detail, at=at)

    async def asked_in(self, session: AsyncSession, asker: Asker, subject_id: str) -> list[str]:
        """Return the themes that asked for the launch, as the asker may see them."""
        ids = (await get_launch(session, asker, subject_id)).theme_ids
        return [named_theme(one) for one in await find_themes(session, asker, ids=list(ids))]

    async def refresh(
        self, session: AsyncSession, cause: Cause, readers: Asker, kept: Kept
    ) -> LaunchView:
        """Plan the edit of the headline; returns the launch as its readers see it."""
        row = await _row(session, cause.workspace_id, kept.subject.id)
        return (await refresh_headline(session, cause, readers, row)).launch

    async def post_in_thread(
        self, session: AsyncSession, cause: Cause, kept: Kept, part: str, message: Message
    ) -> str:
        """Plan a message under the headline."""
        row = await _row(session, cause.workspace_id, kept.subject.id)
        return await post_in_thread(session, cause, row, part, message)


async def _row(
    session: AsyncSession, workspace_id: str, launch_id: str, *, for_change: bool = False
) -> Launch:
    if for_change:
        return await get_launch_row(session, workspace_id, launch_id)
    row = await session.get(Launch, (workspace_id, launch_id))
    if row is None:
        raise NotFound("There is no such launch.")
    return row
