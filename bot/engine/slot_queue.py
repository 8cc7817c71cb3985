"""Claim due occurrences by lease, and record what came of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.plain import execute_plain
from bot.db.session import Database
from bot.engine.fanout import NO_FURTHER_DATE
from bot.engine.handing import note_due
from bot.engine.holding import is_weekday_named
from bot.engine.lanes import Room
from bot.engine.notices import render_job_failed, render_job_missed
from bot.engine.presence import Presence
from bot.engine.seats import LEASE, ROOM, Moment, Seat, is_one_of, moment
from bot.engine.slot_statements import DUE, NOW, is_due, is_left, left_runs, setting
from bot.engine.tables import Delivery, Occurrence, Schedule
from bot.engine.telling import tell_failure
from bot.engine.turns import Key, Turns
from bot.engine.work import SlotWork

# Runs that came due within this time of now go side by side, whatever their order.
ON_TIME = timedelta(seconds=60)


class Slots(Seat):
    """The queue of occurrences, seen by one process."""

    def __init__(self, db: Database, owner: str, presence: Presence | None = None) -> None:
        super().__init__(db, owner, presence)
        self._turns = Turns()
        self.kinds: Collection[str] = ()

    def next_statements(self) -> tuple[Select[Any], Select[Any]]:
        """Build when the next one comes due, and when the next lease ends."""
        due = select(Occurrence.not_before).where(
            Occurrence.state == "due", Occurrence.kind.in_(self.kinds)
        )
        leased = select(Occurrence.lease_until).where(Occurrence.state == "leased")
        return (
            due.order_by(Occurrence.not_before).limit(1),
            leased.order_by(Occurrence.lease_until).limit(1),
        )

    async def claim(
        self, now: datetime, room: Room = ROOM, grace: timedelta = timedelta()
    ) -> list[SlotWork]:
        """Take due occurrences, and those whose process died."""
        async with self._db.write() as session:
            left_keys, gone = await self._left(session, now, room)
            left = await self._take(session, now, left_keys, gone)
            free = room.without([(work.workspace_id, work.id) for work in left])
            may_run, values = self.is_due(DUE), moment("due", now - grace)
            keys = await self._turns.choose(session, Occurrence, may_run, free, values)
            return left + await self._take(session, now, keys)

    async def claim_handed(
        self, now: datetime, workspace_id: str, ids: Iterable[str]
    ) -> list[SlotWork]:
        """Take those of ``ids`` that may run and are known here, whoever they were handed to."""
        keys = [(workspace_id, id_) for id_ in ids]
        if not keys:
            return []
        async with self._db.write() as session:
            of_ended = is_one_of(Occurrence, keys) & self.is_left(now)
            owners = await session.scalars(
                select(Occurrence.lease_owner).where(of_ended).distinct()
            )
            return await self._take(session, now, keys, await self._gone(session, set(owners)))

    async def release_gone(self, session: AsyncSession, now: datetime) -> int:
        """End the leases of occurrences whose process is provably gone; returns how many."""
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
        self,
        session: AsyncSession,
        now: datetime,
        keys: Collection[Key],
        gone: Collection[str] = (),
    ) -> list[SlotWork]:
        """Take what is due, and of what was begun only what those who are ``gone`` left."""
        if not keys:
            return []
        # Names whose may be taken, not whose may not: see Outbox.
        is_left = self.is_left(NOW) & Occurrence.lease_owner.in_(sorted(gone))
        may_run = or_(self.is_due(NOW), is_left)
        of_run = and_(
            Schedule.workspace_id == Occurrence.workspace_id, Schedule.id == Occurrence.schedule_id
        )
        query = select(Occurrence, Schedule).join(Schedule, of_run)
        query = query.where(is_one_of(Occurrence, keys), may_run)
        query = query.order_by(Occurrence.due_at, Occurrence.id)
        locked = query.with_for_update(of=Occurrence, skip_locked=True)
        found = await session.execute(locked, moment("now", now))
        schedules = dict(found.tuples().all())
        rows = await self._in_order(session, now, list(schedules))
        for row in rows:
            row.state, row.lease_owner = "leased", self._owner
            row.lease_until = now + LEASE
            row.attempts += 1
        return [_work(row, schedules[row], now) for row in rows]

    async def _in_order(
        self, session: AsyncSession, now: datetime, rows: list[Occurrence]
    ) -> list[Occurrence]:
        """Leave out what came due after something that is late and not through.

        What comes due while nobody is there stands in its channel in the order that it was due.
        """
        if not rows:
            return []
        late = now - ON_TIME
        running = await session.execute(
            select(Occurrence.workspace_id, func.min(Occurrence.due_at))
            .where(
                Occurrence.state == "leased",
                Occurrence.due_at <= late,
                Occurrence.workspace_id.in_({row.workspace_id for row in rows}),
            )
            .group_by(Occurrence.workspace_id)
        )
        first = dict(running.tuples().all())
        for row in rows:
            if row.due_at <= late and not row.asked_by:
                first[row.workspace_id] = min(first.get(row.workspace_id, now), row.due_at)
        return [r for r in rows if r.asked_by or r.due_at <= first.get(r.workspace_id, now)]

    async def _left(
        self, session: AsyncSession, now: datetime, room: Room
    ) -> tuple[list[Key], set[str]]:
        """Return what ended processes left, and what this one could not record, and whose it is."""
        values = moment("now", now) | {"held": sorted(room.held)}
        rows = (await execute_plain(session, left_runs(tuple(self.kinds)), values)).all()
        gone = await self._gone(session, {row.lease_owner for row in rows})
        keys = [(row.workspace_id, row.id) for row in rows if row.lease_owner in gone]
        return keys[: max(room.free, 0)], gone

    async def _gone(self, session: AsyncSession, owners: set[str]) -> set[str]:
        """Return those of ``owners`` who have ended, and this process: it knows what it is at."""
        return (await self._presence.gone(session, owners - {self._owner})) | {self._owner}

    def is_due(self, now: Moment) -> ColumnElement[bool]:
        """Build the filter for what this process may run, as far as time and kind go."""
        return is_due(tuple(self.kinds), now)

    def is_left(self, now: Moment) -> ColumnElement[bool]:
        """Build the filter for what a process had begun whose lease is over."""
        return is_left(tuple(self.kinds), now)

    async def finish(self, work: SlotWork, result: str, now: datetime) -> None:
        """Record what a run did."""
        async with self._db.write() as session:
            await self._set(session, work, state="done", result=result, finished_at=now)

    async def skip(self, work: SlotWork, minutes: int, now: datetime) -> None:
        """Record that a run was not made, being ``minutes`` late; or that it was, and not recorded.

        A process may end between the commit of what a run says and the record of the run.
        """
        async with self._db.write() as session:
            said = await _count_said(session, work)
            state, result = _late_result(said, minutes, is_first=work.attempts == 1)
            is_ours = await self._set(session, work, state=state, result=result, finished_at=now)
            if is_ours and state == "skipped" and await _was_its_last(session, work):
                # Nothing shows it any more: what has no further date stands in no status.
                note = render_job_missed(work.kind, work.due_at, minutes)
                await tell_failure(session, replace(work.cause, at=now), note, failed_id=work.id)

    async def fail(
        self, work: SlotWork, reason: str, retry_at: datetime | None, now: datetime
    ) -> None:
        """Record a failure: tried again at ``retry_at``, or given up and told to the owner."""
        async with self._db.write() as session:
            if retry_at:
                values = {"state": "due", "result": reason, "not_before": retry_at}
                if await self._set(session, work, **values):
                    note_due(session, work.workspace_id, work.id, retry_at)
                return
            values = {"state": "failed", "result": reason, "finished_at": now}
            is_ours = await self._set(session, work, **values)
            if is_ours:
                note = render_job_failed(work.kind, reason, work.due_at)
                about = replace(work.cause, at=now)
                await tell_failure(session, about, note, failed_id=work.id)

    async def _set(self, session: AsyncSession, work: SlotWork, **values: Any) -> bool:
        # Fenced: a process that was paused past its lease changes nothing any more.
        fence = {
            "of": work.workspace_id,
            "which": work.id,
            "by": self._owner,
            "try": work.attempts,
        }
        changed = await execute_plain(session, setting(tuple(values)), fence | _new(values))
        return changed.first() is not None


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


def _work(row: Occurrence, schedule: Schedule, now: datetime) -> SlotWork:
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


async def _count_said(session: AsyncSession, work: SlotWork) -> int:
    query = select(func.count()).where(
        Delivery.workspace_id == work.workspace_id,
        Delivery.cause == work.cause.key,
        Delivery.method == "post",
    )
    return await session.scalar(query) or 0


async def _was_its_last(session: AsyncSession, work: SlotWork) -> bool:
    query = select(Schedule.id).where(
        Schedule.workspace_id == work.workspace_id,
        Schedule.id == work.schedule_id,
        Schedule.state == "ended",
        Schedule.state_reason == NO_FURTHER_DATE,
    )
    return await session.scalar(query) is not None


def _late_result(said: int, minutes: int, *, is_first: bool) -> tuple[str, str]:
    if said:
        messages = "1 message" if said == 1 else f"{said} messages"
        return "done", f"{messages}; recorded {minutes} minutes late, after an interruption"
    if is_first:
        return "skipped", f"skipped: {minutes} minutes late"
    return "skipped", f"skipped: interrupted, and {minutes} minutes late when it went on"
