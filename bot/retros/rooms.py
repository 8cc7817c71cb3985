"""Where a retro can be held: channels that the bot is in, and that only the team reads."""

from datetime import datetime

from bot.errors import BadInput, NotFound
from bot.retros import rules
from bot.workspaces.asker import Asker
from bot.workspaces.places import Place

# People looked up to find four members; a channel with more bots and guests than this is none.
LOOKED_UP = 40


async def check_room_of(
    place: Place, channel_id: str, *, is_anonymous: bool, at: datetime, is_stale: bool = False
) -> None:
    """Raise ``BadInput`` (of the field ``channel`` or ``anonymous``) where none can be held."""
    if not channel_id or channel_id.startswith("D"):
        raise _not_there("A retro needs a channel.", "Pick one.")
    try:
        channel = await place.directory.channel(channel_id, at=at, is_stale=is_stale)
    except NotFound as error:
        raise _not_there("I am not in that channel.", "Invite me with /invite first.") from error
    if channel.is_dm:
        raise _not_there("A retro needs a channel.", "Pick one.")
    if channel.is_shared:
        raise _not_there("People from outside read that channel.", "Pick one of the team's own.")
    if channel.is_archived:
        raise _not_there("That channel is archived.", "Pick another.")
    if not channel.has_bot:
        raise _not_there("I am not in that channel.", "Invite me with /invite first.")
    if is_anonymous and not await _hides_people(place, channel_id, at=at):
        raise BadInput(
            field="anonymous",
            problem=f"The channel has fewer than {rules.FEWEST_FOR_ANONYMITY} members who can "
            "answer, and everybody would guess who wrote what.",
            fix="Hold it with names, or in a larger channel.",
        )


def _not_there(problem: str, fix: str) -> BadInput:
    return BadInput(field="channel", problem=problem, fix=fix)


async def _hides_people(place: Place, channel_id: str, *, at: datetime) -> bool:
    found = 0
    for user_id in (await place.gateway.channel_members(channel_id))[:LOOKED_UP]:
        found += await can_answer(place, user_id, at=at)
        if found >= rules.FEWEST_FOR_ANONYMITY:
            return True
    return False


async def can_answer(place: Place, user_id: str, *, at: datetime) -> bool:
    """Tell whether somebody is a full member of the workspace, and a person."""
    if user_id == place.identity.user_id:
        return False
    try:
        member = await place.directory.member(user_id, at=at)
    except NotFound:
        return False
    return not (member.is_bot or member.is_guest or member.is_outsider or member.is_deleted)


def own_audience(workspace_id: str, channel_id: str) -> Asker:
    """Return those who read a retro's channel, as far as the retro's own words go."""
    return Asker(workspace_id, channel_id=channel_id, channel_ids=frozenset({channel_id}))
