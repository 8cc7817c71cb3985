"""What customers say after a launch, and what they are told of it, comes back to the launch."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.deliveries import Cause
from bot.engine.inbox import Arrival, receive
from bot.engine.queue import EventWork
from bot.entries.consumers import Consumer
from bot.entries.tables import Entry
from bot.launches.headlines import refresh_headline
from bot.launches.listening import offer_reactions
from bot.launches.service import get_launch_row
from bot.launches.tables import Launch
from bot.workspaces.asker import Asker

HEARD = ("feedback.logged",)
TOLD = ("followup.told", "followup.not_needed", "followup.undone")
HANDED = "launch.handed_over"


async def on_entries(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """Offer each new feedback to the launches of these days; only those who may read it see it."""
    for entry in entries:
        if entry.subject_id:
            here = frozenset({entry.source_channel_id}) if entry.source_channel_id else frozenset()
            # Nobody reads what this asker finds: the offer is shown as far as its owner may see.
            asker = Asker(entry.workspace_id, sees_public=True, channel_ids=here)
            await offer_reactions(session, asker, entry.subject_id, at=entry.at)


async def on_told(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """Somebody who asked was told, or it has another owner: the headline says so."""
    for entry in entries:
        launch_id = entry.subject_id if entry.kind == HANDED else entry.facts.get("launch")
        if launch_id:
            arrival = Arrival("launch.refresh", {"launch": str(launch_id)})
            await receive(session, entry.workspace_id, f"told:{entry.id}", arrival, at=cause.at)


async def refresh(work: EventWork, deps: Deps) -> str:
    """Edit a headline to what is true now."""
    async with deps.db.read() as session:
        row = await session.get(Launch, (work.workspace_id, work.payload["launch"]))
    if row is None:
        return "there is no such launch"
    directory = deps.places.of(work.workspace_id).directory
    readers = await directory.audience(row.source_channel_id, at=work.at)
    async with deps.db.write() as session:
        launch = await get_launch_row(session, work.workspace_id, row.id)
        await refresh_headline(session, work.cause, readers, launch)
    return "edited"


EVENTS = {"launch.refresh": refresh}
CONSUMERS = {
    "launches.listening": Consumer.of(on_entries, *HEARD),
    "launches.told": Consumer.of(on_told, *TOLD, HANDED),
}
