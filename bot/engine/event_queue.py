"""Claim due events by lease, and record what came of them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database
from bot.engine.blame import whom_to_tell
from bot.engine.lanes import Room
from bot.engine.notices import render_event_failed
from bot.engine.presence import Presence
from bot.engine.seats import LEASE, ROOM, Moment, Seat, is_one_of, long_before
from bot.engine.tables import Inbox
from bot.engine.telling import tell_failure
from bot.engine.turns import Turns
from bot.engine.work import EventWork


class Events(Seat):
    """The queue of events, seen by one process.

    A lease that is over is not enough to take an event over: its owner must be gone. One that was
    stopped in the middle would do its unit of work when it wakes, a second time.
    """

    def __init__(self, db: Database, owner: str, presence: Presence | None = None) -> None:
        super().__init__(db, owner, presence)
        self._turns = Turns()
        self.kinds: Collection[str] = ()

    def next_statement(self) -> Select[Any]:
        """Build when the next one may be taken."""
        return (
            select(Inbox.not_before)
            .where(Inbox.state == "due", Inbox.kind.in_(self.kinds))
            .order_by(Inbox.not_before)
            .limit(1)
        )

    def is_due(self, now: Moment) -> ColumnElement[bool]:
        """Build the filter for what this process may work on, as far as time and kind go."""
        is_ours = or_(Inbox.kind.in_(self.kinds), Inbox.received_at <= long_before(now))
        return (Inbox.state == "due") & (Inbox.not_before <= now) & is_ours

    async def claim(self, now: datetime, room: Room = ROOM) -> list[EventWork]:
        """Take due events: of each workspace its oldest, of all workspaces some."""
        async with self._db.write() as session:
            is_free = self.is_due(now) & await self._has_nobody(session, now)
            keys = await self._turns.choose(session, Inbox, is_free, room)
            query = select(Inbox).where(is_one_of(Inbox, keys), is_free).order_by(Inbox.id)
            rows = list(await session.scalars(query.with_for_update(skip_locked=True)))
            for row in rows:
                row.attempts += 1
                row.not_before = now + LEASE
                row.lease_owner = self._owner
        return [
            EventWork(r.workspace_id, r.id, r.kind, r.event_id, r.payload, r.attempts, now)
            for r in rows
        ]

    async def _has_nobody(self, session: AsyncSession, now: datetime) -> ColumnElement[bool]:
        # Names whose may be taken, not whose may not: see Outbox.
        left = and_(self.is_due(now), Inbox.lease_owner.is_not(None))
        found = await session.scalars(select(Inbox.lease_owner).where(left).distinct())
        others = {owner for owner in found if owner} - {self._owner}
        gone = await self._presence.gone(session, others)
        return or_(Inbox.lease_owner.is_(None), Inbox.lease_owner.in_(sorted(gone | {self._owner})))

    async def release_gone(self, session: AsyncSession, now: datetime) -> int:
        """End the leases of those whose process is provably gone; returns how many."""
        held = (
            Inbox.state == "due",
            Inbox.lease_owner.is_not(None),
            Inbox.lease_owner != self._owner,
            Inbox.not_before > now,
        )
        found = await session.scalars(select(Inbox.lease_owner).where(*held).distinct())
        gone = await self._presence.gone(session, {owner for owner in found if owner})
        if not gone:
            return 0
        ended = await session.execute(
            update(Inbox)
            .where(*held, Inbox.lease_owner.in_(gone))
            .values(not_before=now)
            .returning(Inbox.id)
        )
        return len(ended.all())

    async def finish(self, work: EventWork, result: str) -> None:
        """Record that an event was worked on."""
        async with self._db.write() as session:
            await self._set(session, work, state="done", error=result[:200])

    async def fail(
        self, work: EventWork, reason: str, retry_at: datetime | None, *, is_told: bool = False
    ) -> None:
        """Record a failure: tried again at ``retry_at``, or given up.

        ``is_told``: whoever asked for it is told that it was given up.
        """
        state = {"not_before": retry_at} if retry_at else {"state": "failed"}
        async with self._db.write() as session:
            is_ours = await self._set(session, work, error=reason[:500], **state)
            if is_ours and is_told and retry_at is None:
                await _tell_asker(session, work, reason)

    async def _set(self, session: AsyncSession, work: EventWork, **values: Any) -> bool:
        changed = await session.execute(
            # Fenced: another process may have taken it over since.
            update(Inbox)
            .where(
                Inbox.workspace_id == work.workspace_id,
                Inbox.id == work.id,
                Inbox.state == "due",
                Inbox.attempts == work.attempts,
            )
            .values(lease_owner=None, **values)
            .returning(Inbox.id)
        )
        return changed.first() is not None


async def _tell_asker(session: AsyncSession, work: EventWork, reason: str) -> None:
    asker = str(work.payload.get("by") or work.payload.get("user") or "")
    # Nobody in their place: another would not know what is meant.
    if not asker or await whom_to_tell(session, work.workspace_id, asker) != asker:
        return
    note = render_event_failed(str(work.payload.get("channel") or ""), work.at, reason)
    await tell_failure(session, replace(work.cause, owner_id=asker), note, failed_id=work.id)
