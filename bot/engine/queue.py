"""Claim due events and occurrences by lease, and record what came of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database
from bot.engine.deliveries import Cause, Waits
from bot.engine.handing import note_due
from bot.engine.holding import is_weekday_named
from bot.engine.lanes import Room
from bot.engine.notices import render_job_failed
from bot.engine.outbox import has_due
from bot.engine.presence import Alone, Presence
from bot.engine.tables import Delivery, Inbox, Occurrence, Schedule
from bot.engine.telling import tell_failure
from bot.engine.turns import Key, Turns
from bot.workspaces.tables import Counter

# Longer than any job may take (bot.engine.attempts); a dead process's work is taken over after it.
LEASE = timedelta(seconds=120)
# A kind that this program does not know is another version's, which runs beside it during an
# upgrade. After so long nobody else has come for it, and it is given up with that reason.
NOBODYS = timedelta(hours=12)


@dataclass(frozen=True)
class EventWork:
    """One event to work on. Its deliveries' cause is ``cause``."""

    workspace_id: str
    id: str
    kind: str
    event_id: str
    payload: dict[str, Any]
    attempts: int
    at: datetime

    @property
    def cause(self) -> Cause:
        """Why this job says something: answers to people go first."""
        return Cause(self.workspace_id, f"event:{self.id}", self.at, priority=1)


@dataclass(frozen=True)
class SlotWork:
    """One occurrence to run. ``slot`` is the local date it stands for."""

    workspace_id: str
    id: str
    kind: str
    subject_id: str
    schedule_id: str
    slot: date
    due_at: datetime
    at: datetime
    attempts: int
    asked_by: str
    target: str
    owner_id: str
    timezone: str
    latest_minutes: int
    keeps_weekday: bool = False

    @property
    def cause(self) -> Cause:
        """Why this job says something. What nobody asked for now waits for the calendar."""
        waits = Waits(self.due_at, self.timezone, self.keeps_weekday)
        return Cause(
            self.workspace_id,
            f"occurrence:{self.id}",
            self.at,
            self.asked_by or self.owner_id,
            waits=None if self.is_by_hand else waits,
        )

    @property
    def is_by_hand(self) -> bool:
        """Whether a person asked for this run."""
        return bool(self.asked_by)

    def is_too_late(self, now: datetime) -> bool:
        """Whether the slot is past its lateness limit; a run by hand never is."""
        late = now - self.due_at
        return not self.is_by_hand and late > timedelta(minutes=self.latest_minutes)


@dataclass(frozen=True)
class Due:
    """What there is to do now; ``logged`` grows with every line of the shared log."""

    schedules: bool
    events: bool
    slots: bool
    deliveries: bool
    logged: int


# A moment, or its place in a statement that is built once.
Moment = datetime | BindParameter[datetime]


def _long_before(at: Moment) -> Moment:
    return at - NOBODYS if isinstance(at, datetime) else bindparam(f"{at.key}_long_before")


def _moment(name: str, at: datetime) -> dict[str, datetime]:
    """Return what fills the places of ``name`` and of what was long before it."""
    return {name: at, f"{name}_long_before": at - NOBODYS}


# What a process takes that has nothing under way; for those who work alone.
ROOM = Room(50, 50, {}, frozenset())


class Queue:
    """The two queues of this database, seen by one process (``owner``)."""

    def __init__(self, db: Database, owner: str, presence: Presence | None = None) -> None:
        self._db, self._owner = db, owner
        self._presence = presence or Alone()
        self._event_turns, self._slot_turns = Turns(), Turns()
        self._events: Collection[str] = ()
        self._slots: Collection[str] = ()
        self._look: Select[Any] | None = None

    def serve(self, *, events: Collection[str], slots: Collection[str]) -> None:
        """Say which kinds this process has jobs for; others are left to who knows them."""
        self._events, self._slots = events, slots
        self._look = None

    def _look_statement(self) -> Select[Any]:
        now: BindParameter[datetime] = bindparam("now")
        due: BindParameter[datetime] = bindparam("due")
        logged = select(func.coalesce(func.sum(Counter.value), 0)).where(Counter.name == "entry")
        return select(
            exists().where(Schedule.state == "active", Schedule.next_run_utc <= now),
            exists().where(self._due_events(now)),
            or_(exists().where(self._due_slots(due)), exists().where(self._is_left(now))),
            has_due(now),
            logged.scalar_subquery(),
        )

    async def next_due(
        self, session: AsyncSession, grace: timedelta = timedelta()
    ) -> datetime | None:
        """Return when the next event or occurrence may be taken."""
        leased = select(Occurrence.lease_until).where(Occurrence.state == "leased")
        event = await session.scalar(
            select(Inbox.not_before)
            .where(Inbox.state == "due", Inbox.kind.in_(self._events))
            .order_by(Inbox.not_before)
            .limit(1)
        )
        slot = await session.scalar(
            select(Occurrence.not_before)
            .where(Occurrence.state == "due", Occurrence.kind.in_(self._slots))
            .order_by(Occurrence.not_before)
            .limit(1)
        )
        left = await session.scalar(leased.order_by(Occurrence.lease_until).limit(1))
        found = [event, slot + grace if slot else None, left]
        return min((at for at in found if at is not None), default=None)

    async def look(self, now: datetime, grace: timedelta = timedelta()) -> Due:
        """Return what there is to do now, in one statement: the engine asks often.

        ``grace`` is how long an occurrence is left to the worker that it was handed to.
        """
        if self._look is None:  # built once: to build it takes longer than to run it
            self._look = self._look_statement()
        values = _moment("now", now) | _moment("due", now - grace)
        async with self._db.read() as session:
            row = (await session.execute(self._look, values)).one()
        return Due(bool(row[0]), bool(row[1]), bool(row[2]), bool(row[3]), int(row[4]))

    async def claim_events(self, now: datetime, room: Room = ROOM) -> list[EventWork]:
        """Take due events: of each workspace its oldest, of all workspaces some."""
        async with self._db.write() as session:
            is_due = self._due_events(now)
            keys = await self._event_turns.choose(session, Inbox, is_due, room)
            query = select(Inbox).where(_is_one_of(Inbox, keys), is_due).order_by(Inbox.id)
            rows = list(await session.scalars(query.with_for_update(skip_locked=True)))
            for row in rows:
                row.attempts += 1
                row.not_before = now + LEASE
        return [
            EventWork(r.workspace_id, r.id, r.kind, r.event_id, r.payload, r.attempts, now)
            for r in rows
        ]

    async def finish_event(self, work: EventWork, result: str) -> None:
        """Record that an event was worked on."""
        await self._set_event(work, state="done", error=result[:200])

    async def fail_event(self, work: EventWork, reason: str, retry_at: datetime | None) -> None:
        """Record a failure: tried again at ``retry_at``, or given up."""
        state = {"not_before": retry_at} if retry_at else {"state": "failed"}
        await self._set_event(work, error=reason[:500], **state)

    async def _set_event(self, work: EventWork, **values: Any) -> None:
        async with self._db.write() as session:
            await session.execute(
                # Fenced: another process may have taken it over since.
                update(Inbox)
                .where(
                    Inbox.workspace_id == work.workspace_id,
                    Inbox.id == work.id,
                    Inbox.state == "due",
                    Inbox.attempts == work.attempts,
                )
                .values(**values)
            )

    async def claim_slots(
        self, now: datetime, room: Room = ROOM, grace: timedelta = timedelta()
    ) -> list[SlotWork]:
        """Take due occurrences, and those whose process died."""
        async with self._db.write() as session:
            left = await self._take(session, now, await self._left(session, now, room))
            free = room.without([(work.workspace_id, work.id) for work in left])
            is_due = self._due_slots(now - grace)
            keys = await self._slot_turns.choose(session, Occurrence, is_due, free)
            return left + await self._take(session, now, keys)

    async def claim_handed(
        self, now: datetime, workspace_id: str, ids: Iterable[str]
    ) -> list[SlotWork]:
        """Take those of ``ids`` that may run and are known here, whoever they were handed to."""
        async with self._db.write() as session:
            return await self._take(session, now, [(workspace_id, id_) for id_ in ids])

    async def release_gone(self, now: datetime) -> int:
        """End the leases of occurrences whose process is provably gone; returns how many."""
        async with self._db.write() as session:
            held = Occurrence.state == "leased", Occurrence.lease_owner != self._owner
            owners = await session.scalars(select(Occurrence.lease_owner).where(*held).distinct())
            gone = await self._presence.gone(session, set(owners))
            if not gone:
                return 0
            ended = await session.execute(
                update(Occurrence)
                .where(*held, Occurrence.lease_owner.in_(gone), Occurrence.lease_until > now)
                .values(lease_until=now)
                .returning(Occurrence.id)
            )
            return len(ended.all())

    async def _take(
        self, session: AsyncSession, now: datetime, keys: Collection[Key]
    ) -> list[SlotWork]:
        if not keys:
            return []
        may_run = or_(self._due_slots(now), self._is_left(now))
        query = select(Occurrence).where(_is_one_of(Occurrence, keys), may_run)
        query = query.order_by(Occurrence.due_at, Occurrence.id)
        rows = list(await session.scalars(query.with_for_update(skip_locked=True)))
        for row in rows:
            row.state, row.lease_owner = "leased", self._owner
            row.lease_until = now + LEASE
            row.attempts += 1
        return [await self._work(session, row, now) for row in rows]

    async def _left(self, session: AsyncSession, now: datetime, room: Room) -> list[Key]:
        """Return what ended processes left, and what this one could not record."""
        query = select(Occurrence.workspace_id, Occurrence.id, Occurrence.lease_owner).where(
            self._is_left(now), Occurrence.id.not_in(sorted(room.held))
        )
        rows = (await session.execute(query.order_by(Occurrence.lease_until))).all()
        others = {row.lease_owner for row in rows} - {self._owner}
        gone = (await self._presence.gone(session, others)) | {self._owner}
        keys = [(row.workspace_id, row.id) for row in rows if row.lease_owner in gone]
        return keys[: max(room.free, 0)]

    def _due_events(self, now: Moment) -> ColumnElement[bool]:
        is_ours = or_(Inbox.kind.in_(self._events), Inbox.received_at <= _long_before(now))
        return (Inbox.state == "due") & (Inbox.not_before <= now) & is_ours

    def _due_slots(self, now: Moment) -> ColumnElement[bool]:
        is_ours = or_(Occurrence.kind.in_(self._slots), Occurrence.due_at <= _long_before(now))
        return (Occurrence.state == "due") & (Occurrence.not_before <= now) & is_ours

    def _is_left(self, now: Moment) -> ColumnElement[bool]:
        is_ours = or_(Occurrence.kind.in_(self._slots), Occurrence.due_at <= _long_before(now))
        return (Occurrence.state == "leased") & (Occurrence.lease_until <= now) & is_ours

    async def _work(self, session: AsyncSession, row: Occurrence, now: datetime) -> SlotWork:
        schedule = await session.get_one(Schedule, (row.workspace_id, row.schedule_id))
        return SlotWork(
            workspace_id=row.workspace_id,
            id=row.id,
            kind=row.kind,
            subject_id=row.subject_id,
            schedule_id=row.schedule_id,
            slot=row.slot,
            due_at=row.due_at,
            at=now,
            attempts=row.attempts,
            asked_by=row.asked_by,
            target=row.target,
            owner_id=schedule.owner_id,
            timezone=schedule.timezone,
            latest_minutes=schedule.latest_minutes,
            keeps_weekday=is_weekday_named(schedule.rule, row.slot),
        )

    async def finish_slot(self, work: SlotWork, result: str, now: datetime) -> None:
        """Record what a run did."""
        async with self._db.write() as session:
            await self._set_slot(session, work, state="done", result=result, finished_at=now)

    async def skip_slot(self, work: SlotWork, minutes: int, now: datetime) -> None:
        """Record that a run was not made, being ``minutes`` late; or that it was, and not recorded.

        A process may end between the commit of what a run says and the record of the run.
        """
        async with self._db.write() as session:
            said = await _count_said(session, work)
            state, result = _late_result(said, minutes, is_first=work.attempts == 1)
            await self._set_slot(session, work, state=state, result=result, finished_at=now)

    async def fail_slot(
        self, work: SlotWork, reason: str, retry_at: datetime | None, now: datetime
    ) -> None:
        """Record a failure: tried again at ``retry_at``, or given up and told to the owner."""
        async with self._db.write() as session:
            if retry_at:
                values = {"state": "due", "result": reason, "not_before": retry_at}
                if await self._set_slot(session, work, **values):
                    note_due(session, work.workspace_id, work.id, retry_at)
                return
            values = {"state": "failed", "result": reason, "finished_at": now}
            is_ours = await self._set_slot(session, work, **values)
            if is_ours:
                note = render_job_failed(work.kind, reason, work.due_at)
                about = replace(work.cause, at=now)
                await tell_failure(session, about, note, failed_id=work.id)

    async def _set_slot(self, session: AsyncSession, work: SlotWork, **values: Any) -> bool:
        # Fenced: a process that was paused past its lease changes nothing any more.
        changed = await session.execute(
            update(Occurrence)
            .where(
                Occurrence.workspace_id == work.workspace_id,
                Occurrence.id == work.id,
                Occurrence.lease_owner == self._owner,
                Occurrence.attempts == work.attempts,
            )
            .values(**values)
            .returning(Occurrence.id)
        )
        return changed.first() is not None


async def _count_said(session: AsyncSession, work: SlotWork) -> int:
    query = select(func.count()).where(
        Delivery.workspace_id == work.workspace_id,
        Delivery.cause == work.cause.key,
        Delivery.method == "post",
    )
    return await session.scalar(query) or 0


def _late_result(said: int, minutes: int, *, is_first: bool) -> tuple[str, str]:
    if said:
        messages = "1 message" if said == 1 else f"{said} messages"
        return "done", f"{messages}; recorded {minutes} minutes late, after an interruption"
    if is_first:
        return "skipped", f"skipped: {minutes} minutes late"
    return "skipped", f"skipped: interrupted, and {minutes} minutes late when it went on"


def _is_one_of(table: type[Inbox] | type[Occurrence], keys: Collection[Key]) -> ColumnElement[bool]:
    return tuple_(table.workspace_id, table.id).in_(keys)
