"""The table of deliveries as one process works on it: what may be taken, claimed and recorded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.bulk import execute_for_all
from bot.db.group import GroupCommit
from bot.db.session import Database, wake_after_commit
from bot.engine.deliveries import ANSWER, Cause
from bot.engine.holding import with_note
from bot.engine.presence import Alone, Presence
from bot.engine.tables import FINAL, Delivery, may_send
from bot.engine.telling import tell_failure
from bot.slack.blocks import Message

LEASE = timedelta(seconds=60)
# So long after its intent a call of an ended process may be on its way to Slack: a look-up and the
# call, each up to its time-out of 10 s. Looked up earlier, it would be missed and sent twice.
SETTLED = timedelta(seconds=25)
# How many due deliveries are looked at, for each that can be taken.
WINDOW = 8
# What people read in the order it was planned. Reactions and private notes wait for nothing.
ORDERED = ("post", "update", "picture")
METHODS = (*ORDERED, "ephemeral", "react", "unreact")
NOT_SENT = "the message it belongs to was not sent"
PACED = "it waits its turn: Slack takes only so many messages a second"

_first = aliased(Delivery)
_earlier = aliased(Delivery)
# Fenced as Outbox._own is.
_SENT = (
    update(cast(Table, Delivery.__table__))
    .where(
        Delivery.workspace_id == bindparam("of"),
        Delivery.id == bindparam("which"),
        Delivery.lease_owner == bindparam("by"),
        Delivery.attempts == bindparam("try"),
    )
    .values(
        state="sent",
        error="",
        finished_at=bindparam("at"),
        channel=bindparam("arrived_in"),
        ts=bindparam("arrived_as"),
    )
)
_WAIT = (
    update(cast(Table, Delivery.__table__))
    .where(
        Delivery.workspace_id == bindparam("of"),
        Delivery.id == bindparam("which"),
        Delivery.state == "planned",
    )
    .values(not_before=bindparam("turn"), error=bindparam("said"))
)


@dataclass(frozen=True)
class Item:
    """A claimed delivery: plain values, no session behind it."""

    workspace_id: str
    id: str
    target: str
    method: str
    payload: dict[str, Any]
    key: str
    attempts: int
    was_sending: bool
    after_state: str
    after_channel: str
    after_ts: str
    owner_id: str
    label: str
    planned_at: datetime
    cause: str

    @property
    def message(self) -> Message:
        """What is said."""
        told = self.payload["message"]
        message = Message(told["text"], told["blocks"])
        return with_note(message, self.payload.get("held"))

    @property
    def where(self) -> str:
        """The channel or person it goes to."""
        return self.after_channel or str(self.payload.get("channel") or "") or self.target


@dataclass(frozen=True)
class Candidate:
    """A delivery that may be taken now, as far as the tables know."""

    workspace_id: str
    id: str
    method: str
    channel: str
    priority: int
    is_left: bool  # by a process that ended: it may have been sent


class Outbox:
    """The deliveries of this database, seen by one process (``owner``)."""

    def __init__(self, db: Database, owner: str, presence: Presence | None = None) -> None:
        self._db, self._owner = db, owner
        self._presence = presence or Alone()
        self._sent = GroupCommit(db, _write_sent)

    async def candidates(
        self,
        now: datetime,
        *,
        limit: int,
        but: Collection[str] = (),
        held: Collection[str] = (),
    ) -> list[Candidate]:
        """Return what may be taken: answers to people first, then of each workspace some.

        ``but`` are workspaces that have enough under way, ``held`` what this process is at: a clock
        that jumped past their leases gives them to nobody.
        """
        async with self._db.read() as session:
            values = {
                "now": now,
                "may_take": await self._may_take(session, now),
                "held": sorted(held),
                "but": sorted(but),
                "window": limit * WINDOW,
                "many": limit,
            }
            urgent, rest = _waiting_statements()
            rows = list(await session.execute(urgent, values))
            if len(rows) < limit:
                rows += await session.execute(rest, values)
        return [Candidate(*row) for row in rows]

    async def _may_take(self, session: AsyncSession, now: datetime) -> list[str]:
        """Return whose messages may be taken: this process's own, and those of ended ones.

        Not whose may not: another process may claim one with a slower clock between this look and
        the claim, and its lease be over at once.
        """
        owners = await session.scalars(_LEFT_BY, {"now": now})
        gone = await self._presence.gone(session, set(owners) - {self._owner})
        return sorted(gone | {self._owner})

    async def release_gone(self, now: datetime) -> int:
        """Shorten the leases of ended processes to when what they had sent has settled.

        Returns how many leases ended earlier.
        """
        async with self._db.write() as session:
            is_held = Delivery.state == "sending", Delivery.lease_owner != self._owner
            query = select(Delivery).where(*is_held, Delivery.lease_until > now)
            rows = list(await session.scalars(query.with_for_update(skip_locked=True)))
            gone = await self._presence.gone(session, {row.lease_owner for row in rows})
            count = 0
            for row in rows:
                assert row.lease_until is not None  # noqa: S101  the query asked for it
                settled = max(now, row.lease_until - LEASE + SETTLED)
                if row.lease_owner in gone and settled < row.lease_until:
                    row.lease_until = settled
                    count += 1
            return count

    async def claim(
        self,
        now: datetime,
        chosen: Sequence[Candidate],
        later: Sequence[tuple[Candidate, datetime]] = (),
    ) -> list[Item]:
        """Take what was chosen and is still free; the intent is committed.

        ``later`` is what has to wait for its turn with Slack, with the time of that.
        """
        async with self._db.write() as session:
            await _postpone(session, later)
            if not chosen:
                return []
            values = {
                "now": now,
                "may_take": await self._may_take(session, now),
                "workspaces": sorted({one.workspace_id for one in chosen}),
                "ids": [one.id for one in chosen],
            }
            rows = (await session.execute(_claim_statement(), values)).all()
            items = [_item(*row) for row in rows]
            for row in rows:
                delivery = row[0]
                delivery.state, delivery.lease_owner = "sending", self._owner
                delivery.lease_until = now + LEASE
                delivery.attempts += 1
        return items

    async def record(
        self, item: Item, now: datetime, *, notice: tuple[str, Message] | None = None, **values: Any
    ) -> bool:
        """Write down what came of it; False when another process has taken it over since.

        ``notice`` is (owner, message): planned in the same unit, so that no failure goes untold.
        """
        values = {"finished_at": now, "error": ""} | values
        async with self._db.write() as session:
            changed = await session.execute(
                update(Delivery).where(*self._own(item)).values(**values).returning(Delivery.id)
            )
            if changed.first() is None:
                return False
            if notice:
                cause = Cause(item.workspace_id, item.cause, now, notice[0])
                failed_id = f"{item.id}.{now.timestamp():.3f}"
                await tell_failure(
                    session, cause, notice[1], failed_id=failed_id, target=item.where
                )
        return True

    async def record_sent(self, item: Item, now: datetime, channel: str, ts: str) -> None:
        """Write down where it arrived; what several calls have to say is committed together."""
        row = {
            "of": item.workspace_id,
            "which": item.id,
            "by": self._owner,
            "try": item.attempts + 1,
            "at": now,
            "arrived_in": channel,
            "arrived_as": ts,
        }
        await self._sent.commit(row)

    async def put_back(self, item: Item, now: datetime) -> None:
        """Give up an item that was not begun: the next pass takes it as it was."""
        state = "sending" if item.was_sending else "planned"
        again: dict[str, Any] = {"lease_until": now, "attempts": item.attempts}
        await self.record(item, now, state=state, finished_at=None, **again)

    def _own(self, item: Item) -> tuple[Any, ...]:
        # Fenced: a process that was paused past its lease changes nothing any more.
        return (
            Delivery.workspace_id == item.workspace_id,
            Delivery.id == item.id,
            Delivery.lease_owner == self._owner,
            Delivery.attempts == item.attempts + 1,
        )


async def _write_sent(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await execute_for_all(session, _SENT, [dict(row) for row in rows])


# What the engine asks again and again is built once: to build such a statement takes longer than to
# run it.
_NOW: BindParameter[datetime] = bindparam("now")
_LEFT_BY = (
    select(Delivery.lease_owner)
    .where(Delivery.state == "sending", Delivery.lease_until <= _NOW)
    .distinct()
)


def _is_free() -> ColumnElement[bool]:
    """Build the filter for what nobody living is at, whatever its lease says."""
    may_take = Delivery.lease_owner.in_(bindparam("may_take", expanding=True))
    return or_(Delivery.state != "sending", may_take)


@cache
def _waiting_statements() -> tuple[Select[Any], Select[Any]]:
    """Build what finds candidates: for answers to people, and for all else."""
    is_open = and_(
        _is_free(),
        Delivery.id.not_in(bindparam("held", expanding=True)),
        Delivery.workspace_id.not_in(bindparam("but", expanding=True)),
    )
    urgent = _waiting(is_open & (Delivery.priority <= ANSWER))
    return urgent, _waiting(is_open & (Delivery.priority > ANSWER))


def _waiting(which: ColumnElement[bool]) -> Select[Any]:
    # A window of what is due, so that a long backlog is not sorted anew for each of its messages.
    due = (
        _joined(
            Delivery.workspace_id,
            Delivery.id,
            Delivery.method,
            func.coalesce(func.nullif(_first.channel, ""), Delivery.target).label("channel"),
            Delivery.priority,
            (Delivery.state == "sending").label("is_left"),
        )
        .where(may_send(_NOW), *_may_go(), which)
        .limit(bindparam("window", type_=Integer))
        .subquery()
    )
    place = func.row_number().over(
        partition_by=due.c.workspace_id, order_by=(due.c.priority, due.c.id)
    )
    query = select(*due.c).order_by(place, due.c.priority, due.c.id)
    return query.limit(bindparam("many", type_=Integer))


@cache
def _claim_statement() -> Select[Any]:
    query = _joined(Delivery, _first.state, _first.channel, _first.ts).where(
        Delivery.workspace_id.in_(bindparam("workspaces", expanding=True)),
        Delivery.id.in_(bindparam("ids", expanding=True)),
        may_send(_NOW),
        _is_free(),
    )
    ordered = query.order_by(Delivery.priority, Delivery.id)
    return ordered.with_for_update(skip_locked=True, of=Delivery)


async def _postpone(session: AsyncSession, later: Sequence[tuple[Candidate, datetime]]) -> None:
    rows = [
        {"of": one.workspace_id, "which": one.id, "turn": at, "said": PACED} for one, at in later
    ]
    await execute_for_all(session, _WAIT, rows)


def has_due(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Build the question whether a delivery may be taken now."""
    return exists(_joined(Delivery.id).where(may_send(now), *_may_go()).correlate(None))


async def next_due(session: AsyncSession) -> datetime | None:
    """Return when a delivery may next be taken; one that waits for another does not count."""
    found = [await session.scalar(statement) for statement in _next_statements()]
    return min((at for at in found if at is not None), default=None)


@cache
def _next_statements() -> tuple[Select[Any], Select[Any]]:
    planned = _joined(Delivery.not_before).where(Delivery.state == "planned", *_may_go())
    left = _joined(Delivery.lease_until).where(Delivery.state == "sending", *_may_go())
    return (
        planned.order_by(Delivery.not_before).limit(1),
        left.order_by(Delivery.lease_until).limit(1),
    )


async def resend(db: Database, workspace_id: str, delivery_id: str, *, at: datetime) -> bool:
    """Plan a failed delivery and what was skipped with it once more. False when nothing is due.

    The row stays the same, so that later edits and replies still find their message.
    """
    async with db.write() as session:
        row = await session.get(Delivery, (workspace_id, delivery_id))
        if row is None or row.state not in {"failed", "uncertain"} or not row.payload:
            return False
        followers = await session.scalars(
            select(Delivery).where(
                Delivery.workspace_id == workspace_id,
                Delivery.after_id == delivery_id,
                Delivery.state == "skipped",
                Delivery.error == NOT_SENT,
            )
        )
        for again in (row, *followers):
            again.state, again.attempts, again.not_before = "planned", 0, at
            again.finished_at = None
        wake_after_commit(session)
    return True


def _joined(*columns: Any) -> Select[Any]:
    same = (_first.workspace_id == Delivery.workspace_id) & (_first.id == Delivery.after_id)
    return select(*columns).select_from(Delivery).outerjoin(_first, same)


def _may_go() -> tuple[ColumnElement[bool], ...]:
    """Build the conditions beside the time: what it belongs to is settled, and its turn has come.

    Both look at older rows only, so that waiting never goes round in a circle.
    """
    is_settled = or_(Delivery.after_id.is_(None), _first.id.is_(None), _first.state.in_(FINAL))
    goes_first = or_(
        _earlier.state == "sending",
        and_(
            _earlier.state == "planned",
            # One that was put off, by a failure or by Slack's limits, keeps its place.
            or_(
                _earlier.attempts > 0,
                _earlier.error != "",
                _earlier.not_before <= Delivery.not_before,
            ),
        ),
    )
    waits = exists().where(
        _earlier.workspace_id == Delivery.workspace_id,
        _earlier.target == Delivery.target,
        # Said again, for the index: what a channel was sent in years is not looked at.
        _earlier.state.in_(("sending", "planned")),
        _earlier.method.in_(ORDERED),
        _earlier.id < Delivery.id,
        _earlier.priority <= Delivery.priority,
        goes_first,
    )
    # Another method is another version's, which runs beside this one during an upgrade.
    is_known = Delivery.method.in_(METHODS)
    return is_known, is_settled, or_(Delivery.method.not_in(ORDERED), ~waits)


def _item(row: Delivery, after_state: str | None, channel: str | None, ts: str | None) -> Item:
    return Item(
        workspace_id=row.workspace_id,
        id=row.id,
        target=row.target,
        method=row.method,
        payload=dict(row.payload),
        key=row.key,
        attempts=row.attempts,
        was_sending=row.state == "sending",
        after_state=after_state or "",
        after_channel=channel or "",
        after_ts=ts or "",
        owner_id=row.owner_id,
        label=row.label,
        planned_at=row.planned_at,
        cause=row.cause,
    )
