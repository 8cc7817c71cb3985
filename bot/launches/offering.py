"""Use cases of offers, each inside the caller's unit of work: made once, taken or declined."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.errors import NotFound
from bot.launches.tables import Launch, LaunchOffer


async def make_offer(
    session: AsyncSession,
    workspace_id: str,
    channel_id: str,
    message_ts: str,
    author_id: str,
    title: str,
    *,
    at: datetime,
) -> str | None:
    """Note that a message is offered as a launch; None when it was before."""
    offer_id = new_id()
    is_new = await insert_unless_there(
        session,
        LaunchOffer,
        workspace_id=workspace_id,
        id=offer_id,
        channel_id=channel_id,
        message_ts=message_ts,
        author_id=author_id,
        title=title,
        at=at,
    )
    return offer_id if is_new else None


async def get_offer(
    session: AsyncSession, workspace_id: str, offer_id: str, author_id: str
) -> LaunchOffer:
    """Return an offer made to this person; raises ``NotFound``."""
    offer = await session.get(LaunchOffer, (workspace_id, offer_id))
    if offer is None or offer.author_id != author_id:
        raise NotFound("This offer is gone. Type /launch to log a launch.")
    return offer


async def close_offer(session: AsyncSession, launch: Launch) -> None:
    """Note that a message became a launch, so that nobody is asked about it any more."""
    query = select(LaunchOffer).where(
        LaunchOffer.workspace_id == launch.workspace_id,
        LaunchOffer.channel_id == launch.origin_channel_id,
        LaunchOffer.message_ts == launch.origin_ts,
    )
    offer = await session.scalar(query.with_for_update())
    if offer:
        offer.state, offer.launch_id = "taken", launch.id


def decline_offer(offer: LaunchOffer) -> None:
    """Forget what the message said: its author does not call it a launch."""
    offer.state, offer.title = "declined", ""
