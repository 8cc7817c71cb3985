"""Where a decision belongs: the channel or thread it was made in, and who reads its message."""

from dataclasses import dataclass

from bot.decisions.posts import Spot
from bot.decisions.records import DecisionView
from bot.decisions.service import Origin
from bot.errors import BadInput, DaybookError, NotFound
from bot.slack.text import plain, shorten
from bot.workspaces.places import Place
from bot.workspaces.tables import Channel
from handlers.payloads import Request

# Of a thread's first message: enough to know later what it was about.
SNAPSHOT_CHARACTERS = 3_000


@dataclass(frozen=True)
class Belonging:
    """Where a decision was made, and where its message goes."""

    origin: Origin
    spot: Spot


async def belonging_of(request: Request, channel_id: str, thread: str) -> Belonging:
    """Return where a decision belongs; raises ``BadInput`` for a channel that cannot hold it.

    Without a channel (told to the bot), in a channel shared with customers, and in a thread of a
    channel that the bot is not in, its message goes to the person who logs it.
    """
    alone = Spot(request.user_id, request.asker)
    if not channel_id or channel_id.startswith("D"):
        return Belonging(Origin(), alone)
    channel = await _channel(request, channel_id, is_picked=not thread)
    if channel is None:
        return Belonging(Origin(channel_id, thread), alone)
    origin = await _origin(request.place, channel_id, thread)
    if channel.is_shared or not channel.has_bot or channel.is_archived:
        return Belonging(origin, alone)
    audience = await request.place.directory.audience(channel_id, at=request.at)
    return Belonging(origin, Spot(channel_id, audience, thread))


async def _channel(request: Request, channel_id: str, *, is_picked: bool) -> Channel | None:
    """Return the channel, or None where it is a thread of one that the bot does not know."""
    try:
        channel = await request.place.directory.channel(channel_id, at=request.at)
    except NotFound:
        channel = None
    if channel and channel.is_private and channel_id not in request.asker.channel_ids:
        raise BadInput(field="channel", problem="You are not in that channel.", fix="Pick another.")
    if is_picked and (channel is None or not (channel.has_bot or channel.is_shared)):
        raise BadInput(
            field="channel",
            problem="I am not in that channel.",
            fix="Invite me there with /invite, or pick another.",
        )
    if is_picked and channel and channel.is_archived:
        raise BadInput(field="channel", problem="That channel is archived.", fix="Pick another.")
    return channel


async def _origin(place: Place, channel_id: str, thread: str) -> Origin:
    if not thread:
        return Origin(channel_id)
    try:
        permalink = await place.gateway.permalink(channel_id, thread)
    except DaybookError:
        permalink = ""
    try:
        first = await place.gateway.message(channel_id, thread, thread=thread)
    except DaybookError:
        first = None
    if first is None:
        return Origin(channel_id, thread, permalink)
    return Origin(
        channel_id=channel_id,
        thread_ts=thread,
        permalink=permalink,
        snapshot=shorten(plain(first.text), SNAPSHOT_CHARACTERS),
        snapshot_by=first.user,
        snapshot_at=first.at,
    )


async def spot_of(request: Request, view: DecisionView) -> Spot:
    """Return where a decision's message stands, for editing it."""
    target = view.posted_to or view.created_by
    audience = await request.place.directory.audience(target, at=request.at)
    return Spot(target, audience, view.thread_ts)
