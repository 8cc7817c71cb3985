"""How feedback is captured in a channel."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entries.log import Line, append
from bot.errors import NotFound
from bot.workspaces.tables import Channel


def capture_modes(channel: Channel) -> list[str]:
    """Return the modes that are on: emoji, all, mention, receipt."""
    states = {
        "emoji": channel.captures_emoji,
        "all": channel.captures_all,
        "mention": channel.captures_mention,
        "receipt": bool(channel.shows_receipt),
    }
    return [mode for mode, is_on in states.items() if is_on]


async def set_capture_modes(
    session: AsyncSession,
    workspace_id: str,
    channel_id: str,
    modes: Sequence[str],
    *,
    by: str,
    at: datetime,
) -> None:
    """Change how feedback is captured in a channel, and log it."""
    channel = await session.get(Channel, (workspace_id, channel_id))
    if channel is None:
        raise NotFound("I do not know that channel. Invite me there first.")
    channel.captures_emoji = "emoji" in modes
    channel.captures_all = "all" in modes
    channel.captures_mention = "mention" in modes
    if channel.is_shared:
        channel.shows_receipt = "receipt" in modes
    line = Line(
        kind="channel.capture",
        subject_kind="channel",
        subject_id=channel_id,
        actor=by,
        source_channel_id=channel_id,
        facts={"modes": sorted(modes)},
    )
    await append(session, workspace_id, line, at=at)


async def set_message_budget(
    session: AsyncSession,
    workspace_id: str,
    channel_id: str,
    budget: int | None,
    *,
    by: str,
    at: datetime,
) -> None:
    """Set how many messages a day a channel gets (0: no limit; None: as the workspace)."""
    channel = await session.get(Channel, (workspace_id, channel_id))
    if channel is None:
        raise NotFound("I do not know that channel. Invite me there first.")
    if channel.message_budget == budget:
        return
    facts = {"from": channel.message_budget, "to": budget}
    channel.message_budget = budget
    line = Line("channel.budget", "channel", channel_id, by, channel_id, facts)
    await append(session, workspace_id, line, at=at)


async def channels_capturing_all(session: AsyncSession) -> set[str]:
    """Return the ids of channels where every new message is feedback, in all workspaces."""
    query = select(Channel.id).where(Channel.captures_all.is_(True))
    return set(await session.scalars(query))


async def closed_channels(
    session: AsyncSession, workspace_id: str, channel_ids: Collection[str]
) -> frozenset[str]:
    """Return those of the channels that Daybook is not in (any more), or that are archived."""
    if not channel_ids:
        return frozenset()
    query = select(Channel.id).where(
        Channel.workspace_id == workspace_id,
        Channel.id.in_(sorted(channel_ids)),
        or_(Channel.has_bot.is_(False), Channel.is_archived.is_(True)),
    )
    return frozenset(await session.scalars(query))
