"""What the engine itself does with events: channels that come and go, people who come and go."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.digests.queries import find_digests
from bot.digests.rules import JOB as DIGEST_JOB
from bot.engine.blame import find_admin, whom_to_tell
from bot.engine.deliveries import Cause, plan_post
from bot.engine.holding import hold_anew
from bot.engine.notices import render_channel_back, render_channel_stopped
from bot.engine.pauses import stop
from bot.engine.queue import EventWork
from bot.engine.schedules import find_schedule
from bot.engine.tables import Schedule
from bot.errors import DaybookError
from bot.general.owned import OWNED
from bot.handover.service import GONE, count_owned
from bot.handover.views import render_deactivated
from bot.retros.queries import find_series
from bot.retros.rules import OPEN_JOB as RETRO_JOB
from bot.slack.text import escape
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Channel

# What Slack says, and what it means for what is posted there.
STOPS = {
    "channel_archive": "archive",
    "group_archive": "archive",
    "channel_deleted": "deleted",
    "group_deleted": "deleted",
    "channel_left": "left",
    "group_left": "left",
}
RETURNS = ("channel_unarchive", "group_unarchive", "member_joined_channel")
WHY = {"archive": "its channel was archived", "deleted": "its channel was deleted"}
NAME_LIMIT = 80


@dataclass(frozen=True)
class _Posting:
    """A schedule that posts to a channel, and its name, escaped."""

    schedule: Schedule
    name: str


async def on_channel_changed(work: EventWork, deps: Deps) -> str:
    """A channel was renamed, archived, shared, left or joined: ask Slack what it is now.

    Whoever owns what is posted there is told, once, what happens to it.
    """
    place = deps.places.of(work.workspace_id)
    channel_id, what = str(work.payload["channel"]), str(work.payload.get("what") or "")
    await place.directory.forget_channel(channel_id, at=work.at)
    try:
        room = await place.directory.channel(channel_id, at=work.at)
    except DaybookError as error:
        told = f"unknown now: {error}"
    else:
        told = "refreshed"
        if room.refreshed_at == work.at and _is_over(what, room):
            return f"{told}; no longer so"
    if what in STOPS:
        return f"{told}; {await _stop_posting(work, deps, channel_id, STOPS[what])}"
    is_bot = work.payload.get("is_bot", "yes") == "yes"
    if what == "member_left_channel" and is_bot and told != "refreshed":
        async with deps.db.write() as session:
            await _note_left(session, work.workspace_id, channel_id)
    is_back = what in RETURNS and is_bot
    return f"{told}; {await _offer_resuming(work, deps, channel_id)}" if is_back else told


def _is_over(what: str, room: Channel) -> bool:
    """Tell whether an event is older than what Slack says now: they come in any order."""
    match STOPS.get(what, what):
        case "archive":
            return not room.is_archived
        case "left":
            return room.has_bot
        case "channel_unarchive" | "group_unarchive":
            return room.is_archived
    return False


async def _stop_posting(work: EventWork, deps: Deps, channel_id: str, how: str) -> str:
    async with deps.db.write() as session:
        active = [
            one
            for one in await _postings(session, work.workspace_id, channel_id)
            if one.schedule.state == "active"
        ]
        names = defaultdict(list)
        for one in active:
            names[one.schedule.owner_id].append(one.name)
            # Out of the channel only: an invitation in time, and nothing was missed.
            if how in WHY:
                stop(one.schedule, WHY[how])
        for owner, mine in names.items():
            message = render_channel_stopped(channel_id, how, mine)
            reader = await whom_to_tell(session, work.workspace_id, owner)
            if reader:
                await plan_post(session, work.cause, reader, f"stopped.{owner}", message)
        if how != "archive":
            await _note_left(session, work.workspace_id, channel_id)
    return f"{how}: {len(active)} schedules"


async def _note_left(session: AsyncSession, workspace_id: str, channel_id: str) -> None:
    """Of a private channel Slack does not even say that Daybook is no longer in it."""
    room = await session.get(Channel, (workspace_id, channel_id))
    if room:
        room.has_bot = False


async def _offer_resuming(work: EventWork, deps: Deps, channel_id: str) -> str:
    async with deps.db.write() as session:
        paused = [
            one
            for one in await _postings(session, work.workspace_id, channel_id)
            if one.schedule.state == "paused"
        ]
        rows = defaultdict(list)
        for one in paused:
            rows[one.schedule.owner_id].append((one.schedule.id, one.name))
        for owner, mine in rows.items():
            message = render_channel_back(channel_id, mine)
            reader = await whom_to_tell(session, work.workspace_id, owner)
            if reader:
                await plan_post(session, work.cause, reader, f"back.{owner}", message)
    return f"offered to resume {len(paused)} schedules"


async def _postings(session: AsyncSession, workspace_id: str, channel_id: str) -> list[_Posting]:
    readers = Asker(workspace_id, channel_id=channel_id, channel_ids=frozenset({channel_id}))
    named = [
        (DIGEST_JOB, one.id, f"Digest #{one.number} {escape(one.name, limit=NAME_LIMIT)}")
        for one in await find_digests(session, readers)
    ]
    named += [
        (RETRO_JOB, one.id, f"Retro #{one.number} {escape(one.name, limit=NAME_LIMIT)}")
        for one in await find_series(session, readers)
    ]
    found = []
    for kind, subject_id, name in named:
        schedule = await find_schedule(session, workspace_id, kind, subject_id)
        if schedule:
            found.append(_Posting(schedule, name))
    return found


async def on_person_changed(work: EventWork, deps: Deps) -> str:
    """Somebody is away, or gone: ask Slack; look again at what waits for them, and what is theirs.

    Of a deactivated person's things an admin is told, once.
    """
    user_id = str(work.payload["user"])
    directory = deps.places.of(work.workspace_id).directory
    member = await directory.refresh_member(user_id, at=work.at)
    async with deps.db.write() as session:
        if not member.is_deleted:
            moved = await hold_anew(session, work.workspace_id, at=work.at, target=user_id)
            return f"looked at again: {moved} messages moved"
        counts = await count_owned(session, work.workspace_id, user_id, OWNED)
        admin = await find_admin(session, work.workspace_id, besides=[user_id])
        if not (counts and admin):
            return "deactivated"
        message = render_deactivated(user_id, counts)
        # Keyed by the person: of several events about one leaving, only the first is told.
        cause = Cause(work.workspace_id, f"{GONE}{user_id}:{work.at:%Y-%m-%d}", work.at)
        await plan_post(session, cause, admin, "deactivated", message)
    return f"deactivated: asked {admin} who takes over"


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {
    "channel.changed": on_channel_changed,
    "person.changed": on_person_changed,
}
