"""The two queues of one process: due events and due occurrences, and what there is to do now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, exists, func, or_, select

from bot.db.plain import execute_plain
from bot.db.session import Database
from bot.engine import schedules
from bot.engine.event_queue import Events
from bot.engine.lineup import has_due, next_statements
from bot.engine.presence import Presence
from bot.engine.seats import LEASE, NOBODYS, moment
from bot.engine.slot_queue import Slots
from bot.engine.tables import Schedule
from bot.engine.work import EventWork, SlotWork
from bot.workspaces.tables import Counter

__all__ = ["LEASE", "NOBODYS", "Due", "EventWork", "Queue", "SlotWork"]


@dataclass(frozen=True)
class Due:
    """What there is to do now; ``logged`` grows with every line of the shared log."""

    schedules: bool
    events: bool
    slots: bool
    deliveries: bool
    logged: int


class Queue:
    """The two queues of this database, seen by one process (``owner``)."""

    def __init__(self, db: Database, owner: str, presence: Presence | None = None) -> None:
        self._db = db
        self.events, self.slots = Events(db, owner, presence), Slots(db, owner, presence)
        self._look: Select[Any] | None = None
        self._next: Select[Any] | None = None

    def serve(self, *, events: Collection[str], slots: Collection[str]) -> None:
        """Say which kinds this process has jobs for; others are left to who knows them."""
        self.events.kinds, self.slots.kinds = events, slots
        self._look = self._next = None

    def _look_statement(self) -> Select[Any]:
        now: BindParameter[datetime] = bindparam("now")
        due: BindParameter[datetime] = bindparam("due")
        logged = select(func.coalesce(func.sum(Counter.value), 0)).where(Counter.name == "entry")
        return select(
            exists().where(Schedule.state == "active", Schedule.next_run_utc <= now),
            exists().where(self.events.is_due(now)),
            or_(exists().where(self.slots.is_due(due)), exists().where(self.slots.is_left(now))),
            has_due(now),
            logged.scalar_subquery(),
        )

    def _next_statement(self) -> Select[Any]:
        slot, *others = self.slots.next_statements()
        others += [schedules.next_statement(), self.events.next_statement()]
        return select(*(one.scalar_subquery() for one in (slot, *others, *next_statements())))

    async def next_due(self, grace: timedelta = timedelta()) -> datetime | None:
        """Return the earliest instant at which anything comes due, in one statement too."""
        if self._next is None:
            self._next = self._next_statement()
        async with self._db.read() as session:
            slot, *others = (await session.execute(self._next)).one()
        at = [slot + grace] if slot else []
        return min([*at, *(other for other in others if other)], default=None)

    async def look(self, now: datetime, grace: timedelta = timedelta()) -> Due:
        """Return what there is to do now, in one statement: the engine asks often.

        ``grace`` is how long an occurrence is left to the worker that it was handed to.
        """
        if self._look is None:  # built once: to build it takes longer than to run it
            self._look = self._look_statement()
        values = moment("now", now) | moment("due", now - grace)
        async with self._db.read() as session:
            row = (await execute_plain(session, self._look, values)).one()
        return Due(bool(row[0]), bool(row[1]), bool(row[2]), bool(row[3]), int(row[4]))

    async def release_gone(self, now: datetime) -> int:
        """End the leases of those whose process is provably gone; returns how many."""
        async with self._db.write() as session:
            ran = await self.slots.release_gone(session, now)
            return ran + await self.events.release_gone(session, now)
