"""What came in by events: written once, worked on by a job, pruned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, delete, or_, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.group import GroupCommit
from bot.db.session import Database, wake_after_commit
from bot.db.types import new_id
from bot.db.upsert import insert_all_unless_there, insert_unless_there
from bot.engine.tables import FINAL, NOT_SENT, Delivery, Inbox
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


class Intake:
    """Stores events as they come in: those that come together are committed together."""

    def __init__(self, db: Database) -> None:
        self._group = GroupCommit(db, _store)

    async def take(
        self, workspace_id: str, event_id: str, arrivals: Iterable[Arrival], *, at: datetime
    ) -> None:
        """Return when they are committed; what was here already is left as it is."""
        rows = [
            {
                "workspace_id": workspace_id,
                "id": new_id(),
                "event_id": event_id,
                "kind": arrival.kind,
                "payload": arrival.payload,
                "received_at": at,
                "not_before": at,
                "state": "due",
                "attempts": 0,
                "error": "",
            }
            for arrival in arrivals
        ]
        await self._group.commit(rows)


async def _store(session: AsyncSession, events: Sequence[list[dict[str, Any]]]) -> None:
    rows = [dict(row) for event in events for row in event]
    await insert_all_unless_there(session, Inbox, rows)
    wake_after_commit(session)


async def prune(session: AsyncSession, *, now: datetime) -> int:
    """Forget payloads and message texts that have done their work; returns how many."""
    old = now - KEEP_PAYLOADS
    await session.execute(
        update(Inbox)
        .where(Inbox.state == "due", Inbox.received_at < old)
        .values(state="failed", error="nobody came for it within a day")
    )
    count = await _empty(session, Inbox, Inbox.received_at < old)
    # What was skipped with a failed message goes with that when it is sent again.
    is_failed = or_(Delivery.state.in_(("failed", "uncertain")), Delivery.error == NOT_SENT)
    is_over = and_(Delivery.state.in_(("sent", "skipped")), Delivery.planned_at < old, ~is_failed)
    is_given_up = and_(is_failed, Delivery.planned_at < now - KEEP_FAILED)
    count += await _empty(session, Delivery, or_(is_over, is_given_up & Delivery.state.in_(FINAL)))
    await session.execute(delete(Submission).where(Submission.at < old))
    return count


async def _empty(
    session: AsyncSession, table: type[Inbox] | type[Delivery], which: ColumnElement[bool]
) -> int:
    # Only what is there to forget: the rest, years of it, would be written anew each time.
    is_full = sql_cast(table.payload, Text) != "{}"
    emptied = update(table).where(which, is_full).values(payload={}).returning(table.id)
    return len((await session.execute(emptied)).all())
