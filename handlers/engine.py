"""The engine's own buttons, and what it follows of Slack's changes."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.rules import say_moment
from bot.clock import zone_named
from bot.deps import Deps
from bot.engine.inbox import Arrival
from bot.engine.outbox import resend
from bot.engine.pauses import owner_of, resume_schedule
from bot.errors import NotAllowed
from bot.slack.blocks import Message
from bot.slack.ids import Action
from bot.workspaces.asker import Asker
from bot.workspaces.watch import Watch
from handlers.answers import Answer, Private, RefreshHome
from handlers.boundary import Route
from handlers.events import Event
from handlers.payloads import Request

# Slack's changes after which what is known of a channel is old.
CHANNEL_EVENTS = (
    "channel_rename", "channel_archive", "channel_unarchive", "channel_left", "group_left",
    "channel_deleted", "group_deleted", "channel_shared", "channel_unshared", "group_rename",
    "group_archive", "group_unarchive", "member_joined_channel", "member_left_channel",
)  # fmt: skip


async def send_again(request: Request, deps: Deps) -> Answer:
    """The button in a failure's note, in ``/daybook status`` and in the App Home."""
    is_planned = await resend(deps.db, request.workspace_id, request.value, at=request.at)
    if request.view_type == "home":
        return RefreshHome()
    text = "Sending it again now." if is_planned else "It was sent again already."
    return Private(Message(text), replaces=True)


async def resume(request: Request, deps: Deps) -> Answer:
    """The button beside what was paused: only its owner or an admin may."""
    async with deps.act(request) as session:
        await check_may_resume(session, request.asker, request.value)
        schedule = await resume_schedule(
            session, request.workspace_id, request.value, at=request.at
        )
    if request.view_type == "home":
        return RefreshHome()
    if schedule is None or schedule.next_run_utc is None:
        return Private(Message("There is nothing to resume here (any more)."))
    moment = say_moment(schedule.next_run_utc, zone_named(schedule.timezone))
    return Private(Message(f"It goes on: next {moment} ({schedule.timezone})."))


async def check_may_resume(session: AsyncSession, asker: Asker, schedule_id: str) -> None:
    """Raise ``NotAllowed`` for others than the owner and admins."""
    owner = await owner_of(session, asker.workspace_id, schedule_id)
    if not asker.is_admin and owner != asker.user_id:
        raise NotAllowed("Only its owner or an admin may resume it.")


def match_channel_change(event: Event, watch: Watch) -> Arrival | None:
    """A channel changed, or its members did: ids only."""
    payload = {"channel": event.channel, "what": event.kind}
    if event.kind.startswith("member_"):
        payload["is_bot"] = "yes" if event.user in watch.bot_users else ""
    return Arrival("channel.changed", payload)


ACTIONS = {
    Action.ENGINE_RESEND.value: Route(send_again),
    Action.ENGINE_RESUME.value: Route(resume),
}
MATCHERS = {kind: [match_channel_change] for kind in CHANNEL_EVENTS}
