"""Read what waits for the calendar, as its asker may know."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.tables import Delivery
from bot.workspaces.asker import Asker

SHOWN = 20


@dataclass(frozen=True)
class Waiting:
    """A message that is held back until ``at``, and why."""

    label: str
    target: str
    at: datetime
    reason: str


async def find_waiting(session: AsyncSession, asker: Asker) -> list[Waiting]:
    """Return what of the asker's is held back, the next first; each message once."""
    query = (
        select(Delivery.label, Delivery.target, Delivery.not_before, Delivery.held_for)
        .where(
            Delivery.workspace_id == asker.workspace_id,
            asker.owns(Delivery.owner_id),
            Delivery.state == "planned",
            Delivery.held_for.is_not(None),
            Delivery.after_id.is_(None),
        )
        .order_by(Delivery.not_before, Delivery.id)
        .limit(SHOWN)
    )
    rows = await session.execute(query)
    return [Waiting(label, target, at, reason or "") for label, target, at, reason in rows]
