"""What customers say after a launch is offered to its owner as a reaction to it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.deliveries import Cause
from bot.entries.tables import Entry
from bot.launches.listening import offer_reactions
from bot.workspaces.asker import Asker

HEARD = ("feedback.logged",)


async def on_entries(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """Offer each new feedback to the launches of these days; only those who may read it see it."""
    for entry in entries:
        if entry.kind in HEARD and entry.subject_id:
            here = frozenset({entry.source_channel_id}) if entry.source_channel_id else frozenset()
            # Nobody reads what this asker finds: the offer is shown as far as its owner may see.
            asker = Asker(entry.workspace_id, sees_public=True, channel_ids=here)
            await offer_reactions(session, asker, entry.subject_id, at=entry.at)


CONSUMERS = {"launches.listening": on_entries}
