"""What the engine itself does with events: keeps what is known of channels fresh."""

from collections.abc import Awaitable, Callable

from bot.deps import Deps
from bot.engine.queue import EventWork
from bot.errors import DaybookError


async def on_channel_changed(work: EventWork, deps: Deps) -> str:
    """A channel was renamed, archived, shared, left or joined: ask Slack what it is now."""
    place = deps.places.of(work.workspace_id)
    await place.directory.forget_channel(work.payload["channel"], at=work.at)
    try:
        await place.directory.channel(work.payload["channel"], at=work.at)
    except DaybookError as error:
        return f"unknown now: {error}"
    return "refreshed"


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {
    "channel.changed": on_channel_changed
}
