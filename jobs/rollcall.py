"""The roll call, at each start and once a day: who left and which channels closed unheard.

Slack tells of such changes by events, and does not keep them for a process that is down for long.
What is found is handled as the event would have been.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.inbox import Arrival, receive
from bot.engine.queue import EventWork
from bot.engine.tables import Delivery
from bot.errors import MethodMissing, SlackRefused
from bot.general.owned import OWNED
from bot.handover.service import GONE, find_owners
from bot.slack.gate import HOUSEKEEPING, hurrying
from bot.slack.gateway import SlackChannel
from bot.workspaces.places import Place
from bot.workspaces.tables import Channel, Member

ROLL_CALL = "rollcall.due"
# Who was asked about a moment ago is not asked about again: processes start together.
FRESH = timedelta(minutes=10)


async def roll_call_due(deps: Deps, *, at: datetime) -> None:
    """Say that the roll is to be called in every workspace; once a minute, however many say so."""
    for place in deps.places.all():
        async with deps.db.write() as session:
            event_id = f"rollcall:{at:%Y-%m-%dT%H:%M}"
            await receive(session, place.workspace_id, event_id, Arrival(ROLL_CALL, {}), at=at)


async def call_the_roll(work: EventWork, deps: Deps) -> str:
    """Ask Slack of every owner, and of every channel that Daybook knew; tell what changed."""
    place = deps.places.of(work.workspace_id)
    with hurrying(HOUSEKEEPING):
        gone = await _gone(work, deps, place)
        changed = await _changed(work, deps, place)
    async with deps.db.write() as session:
        for user in gone:
            await _arrive(session, work, "person.changed", {"user": user})
        for channel, what in changed.items():
            await _arrive(session, work, "channel.changed", {"channel": channel, "what": what})
    return f"{len(gone)} people gone, {len(changed)} channels changed"


async def _arrive(
    session: AsyncSession, work: EventWork, kind: str, payload: dict[str, str]
) -> None:
    event_id = f"{work.event_id}:{'.'.join(payload.values())}"
    await receive(session, work.workspace_id, event_id, Arrival(kind, dict(payload)), at=work.at)


async def _gone(work: EventWork, deps: Deps, place: Place) -> list[str]:
    """Return the owners who were deactivated, and of whom nobody was asked yet."""
    async with deps.db.read() as session:
        owners = await find_owners(session, work.workspace_id, OWNED)
    found = []
    for user_id in sorted(owners):
        member = await _member(work, deps, place, user_id)
        if member is None or not member.is_deleted:
            continue
        async with deps.db.read() as session:
            if not await _was_asked(session, work.workspace_id, user_id):
                found.append(user_id)
    return found


async def _member(work: EventWork, deps: Deps, place: Place, user_id: str) -> Member | None:
    async with deps.db.read() as session:
        known = await session.get(Member, (work.workspace_id, user_id))
    if known and abs(work.at - known.refreshed_at) < FRESH:
        return known
    try:
        return await place.directory.refresh_member(user_id, at=work.at)
    except SlackRefused:
        return known  # nobody of that name; what is theirs shows in a digest's failure


async def _was_asked(session: AsyncSession, workspace_id: str, user_id: str) -> bool:
    asked = exists().where(
        Delivery.workspace_id == workspace_id, Delivery.cause.like(f"{GONE}{user_id}:%")
    )
    return bool(await session.scalar(select(asked)))


async def _changed(work: EventWork, deps: Deps, place: Place) -> dict[str, str]:
    """Return what became of channels since they were looked at, as Slack's events name it."""
    here = {one.id: one for one in await _channels_here(place)}
    async with deps.db.read() as session:
        query = select(Channel).where(
            Channel.workspace_id == work.workspace_id, Channel.is_dm.is_(False)
        )
        known = list(await session.scalars(query.order_by(Channel.id)))
    found = {}
    for row in known:
        now = here.get(row.id) or await _look(place, row)
        if what := _what_changed(row, now):
            found[row.id] = what
    return found


async def _channels_here(place: Place) -> list[SlackChannel]:
    """Return the channels that Daybook is in; none where the server cannot list them."""
    try:
        return await place.gateway.channels_of(place.identity.user_id)
    except MethodMissing:
        return []


async def _look(place: Place, row: Channel) -> SlackChannel | None:
    """Return a channel that Daybook is not in; None: it may not even know of it (any more)."""
    if not row.has_bot:
        return None
    try:
        return await place.gateway.channel(row.id)
    except SlackRefused:
        return None


def _what_changed(row: Channel, now: SlackChannel | None) -> str:
    """Return the event that was missed, or nothing."""
    was_open = row.has_bot and not row.is_archived
    is_open = now is not None and now.has_bot and not now.is_archived
    if was_open and not is_open:
        return "channel_archive" if now and now.is_archived else "channel_left"
    if is_open and not was_open:
        return "channel_unarchive" if row.is_archived else "member_joined_channel"
    return ""


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {ROLL_CALL: call_the_roll}
