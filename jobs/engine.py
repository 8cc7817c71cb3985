"""What the engine itself does with events: keeps what is known of channels fresh."""

from collections.abc import Awaitable, Callable

from bot.deps import Deps
from bot.engine.holding import hold_anew
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


async def on_person_changed(work: EventWork, deps: Deps) -> str:
    """Somebody is away, or gone: ask Slack, and look again at what waits for them."""
    user_id = str(work.payload["user"])
    member = await deps.places.of(work.workspace_id).directory.refresh_member(user_id, at=work.at)
    async with deps.db.write() as session:
        moved = await hold_anew(session, work.workspace_id, at=work.at, target=member.id)
    return f"looked at again: {moved} messages moved"


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {
    "channel.changed": on_channel_changed,
    "person.changed": on_person_changed,
}
