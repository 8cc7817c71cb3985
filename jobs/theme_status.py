"""Themes follow what was decided and launched about them: open, decided, live."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.rules import ACCEPTED
from bot.engine.deliveries import Cause
from bot.entries.consumers import Consumer
from bot.entries.tables import Entry, Link
from bot.feedback.lines import log_theme
from bot.feedback.tables import Theme
from bot.feedback.theme_queries import DECLINED, OPEN, PLANNED, SHIPPED, what_came_of
from bot.launches.stages import ENDED, LIVE
from bot.workspaces.asker import Asker

# Lines after which a theme may stand elsewhere.
MOVES = (
    "decision.accepted", "decision.superseded", "decision.retired", "decision.edited",
    "launch.created", "launch.edited", "launch.linked", "launch.live", "launch.stage",
    "launch.rolled_back",
)  # fmt: skip


async def on_entries(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """Look again at every theme of what changed; a declined one stays declined."""
    changed = [entry.subject_id for entry in entries]
    query = (
        select(func.coalesce(Theme.merged_into, Theme.id))
        .join(
            Link,
            (Link.workspace_id == Theme.workspace_id)
            & (Link.from_kind == "theme")
            & (Link.from_id == Theme.id),
        )
        .where(Theme.workspace_id == cause.workspace_id, Link.to_id.in_(changed))
        .distinct()
    )
    for theme_id in sorted(await session.scalars(query)):
        await _follow(session, cause, theme_id)


async def _follow(session: AsyncSession, cause: Cause, theme_id: str) -> None:
    theme = await session.get_one(Theme, (cause.workspace_id, theme_id))
    if theme.status == DECLINED:
        return
    status = await _status(session, theme)
    if status == theme.status:
        return
    facts = {"from": theme.status, "to": status}
    theme.status = status
    await log_theme(session, theme, "theme.status", "", cause.at, facts=facts)


async def _status(session: AsyncSession, theme: Theme) -> str:
    """Return where it stands by what all may see who may see the theme: a status tells nobody of
    a private channel's launch.
    """
    rooms = frozenset({theme.source_channel_id} if theme.source_channel_id else ())
    everybody = Asker(theme.workspace_id, sees_public=True, channel_ids=rooms)
    decisions, launches = await what_came_of(session, everybody, theme.id)
    if any(launch.stage == LIVE for launch in launches):
        return SHIPPED
    is_going = any(launch.stage not in ENDED for launch in launches)
    return PLANNED if is_going or any(d.status == ACCEPTED for d in decisions) else OPEN


CONSUMERS = {"theme_status": Consumer.of(on_entries, *MOVES)}
