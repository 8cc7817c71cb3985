"""The engine's own buttons, and what it follows of Slack's changes."""

from bot.deps import Deps
from bot.engine.inbox import Arrival
from bot.engine.outbox import resend
from bot.slack.blocks import Message
from bot.slack.ids import Action
from bot.workspaces.watch import Watch
from handlers.answers import Answer, Private, RefreshHome
from handlers.boundary import Route
from handlers.events import Event
from handlers.payloads import Request

# Slack's changes after which what is known of a channel is old.
CHANNEL_EVENTS = (
    "channel_rename", "channel_archive", "channel_unarchive", "channel_left", "group_left",
    "channel_deleted", "channel_shared", "channel_unshared", "group_rename", "group_archive",
    "group_unarchive", "member_joined_channel", "member_left_channel",
)  # fmt: skip


async def send_again(request: Request, deps: Deps) -> Answer:
    """The button in a failure's note, in ``/daybook status`` and in the App Home."""
    is_planned = await resend(deps.db, request.workspace_id, request.value, at=request.at)
    if request.view_type == "home":
        return RefreshHome()
    text = "Sending it again now." if is_planned else "It was sent again already."
    return Private(Message(text), replaces=True)


def match_channel_change(event: Event, _watch: Watch) -> Arrival | None:
    """A channel changed, or its members did: ids only."""
    return Arrival("channel.changed", {"channel": event.channel, "what": event.kind})


ACTIONS = {Action.ENGINE_RESEND.value: Route(send_again)}
MATCHERS = {kind: [match_channel_change] for kind in CHANNEL_EVENTS}
