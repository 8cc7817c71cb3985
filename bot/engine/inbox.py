"""What came in by events: written once, worked on by a job, pruned."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import wake_after_commit
from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.engine.tables import Delivery, Inbox
from bot.workspaces.tables import Submission

# What people wrote elsewhere is ours only while we work on it: gone within 24 hours, although
# pruning comes round only every half hour.
KEEP_PAYLOADS = timedelta(hours=23)
# A failed message may be sent again by its owner's button for so long.
KEEP_FAILED = timedelta(days=7)


@dataclass(frozen=True)
class Arrival:
    """One event that matched: ``kind`` names the job, ``payload`` is all that the job needs."""

    kind: str
    payload: dict[str, Any]


async def receive(
    session: AsyncSession, workspace_id: str, event_id: str, arrival: Arrival, *, at: datetime
) -> bool:
    """Store an event once; False when it was here already (Slack delivers at least once)."""
    is_new = await insert_unless_there(
        session,
        Inbox,
        workspace_id=workspace_id,
        id=new_id(),
        event_id=event_id,
        kind=arrival.kind,
        payload=arrival.payload,
        received_at=at,
        not_before=at,
    )
    wake_after_commit(session)
    return is_new


async def prune(session: AsyncSession, *, now: datetime) -> None:
    """Forget payloads and message texts that have done their work."""
    old = now - KEEP_PAYLOADS
    await session.execute(
        update(Inbox)
        .where(Inbox.state == "due", Inbox.received_at < old)
        .values(state="failed", error="nobody came for it within a day")
    )
    await session.execute(update(Inbox).where(Inbox.received_at < old).values(payload={}))
    await session.execute(
        update(Delivery)
        .where(Delivery.state.in_(("sent", "skipped")), Delivery.planned_at < old)
        .values(payload={})
    )
    await session.execute(
        update(Delivery)
        .where(Delivery.state.in_(("failed", "uncertain")), Delivery.planned_at < now - KEEP_FAILED)
        .values(payload={})
    )
    await session.execute(delete(Submission).where(Submission.at < old))
