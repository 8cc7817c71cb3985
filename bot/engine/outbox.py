"""The table of deliveries as one process works on it: what may be taken, claimed and recorded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.session import Database, wake_after_commit
from bot.engine.deliveries import Cause, plan_post
from bot.engine.holding import with_note
from bot.engine.tables import FINAL, Delivery, may_send
from bot.slack.blocks import Message

LEASE = timedelta(seconds=60)
BATCH = 200
# What people read in the order it was planned. Reactions and private notes wait for nothing.
ORDERED = ("post", "update", "picture")
NOT_SENT = "the message it belongs to was not sent"

_first = aliased(Delivery)
_earlier = aliased(Delivery)


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


class Outbox:
    """The deliveries of this database, seen by one process (``owner``)."""

    def __init__(self, db: Database, owner: str) -> None:
        self._db, self._owner = db, owner

    async def claim(self, now: datetime) -> list[Item]:
        """Take what is due, and what a dead process left; the intent is committed."""
        query = _joined(Delivery, _first.state, _first.channel, _first.ts)
        query = query.where(may_send(now), *_may_go())
        query = query.order_by(Delivery.priority, Delivery.id).limit(BATCH)
        async with self._db.write() as session:
            locked = query.with_for_update(skip_locked=True, of=Delivery)
            rows = (await session.execute(locked)).all()
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

        ``notice`` is (person, message): planned in the same unit, so that no failure goes untold.
        """
        values = {"finished_at": now, "error": ""} | values
        async with self._db.write() as session:
            changed = await session.execute(
                update(Delivery).where(*self._own(item)).values(**values).returning(Delivery.id)
            )
            if changed.first() is None:
                return False
            if notice:
                cause = Cause(item.workspace_id, f"failed:{item.id}.{now.timestamp():.3f}", now)
                await plan_post(session, cause, notice[0], "told", notice[1])
        return True

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


def has_due(now: datetime) -> ColumnElement[bool]:
    """Build the question whether a delivery may be taken now."""
    return exists(_joined(Delivery.id).where(may_send(now), *_may_go()).correlate(None))


async def next_due(session: AsyncSession) -> datetime | None:
    """Return when a delivery may next be taken; one that waits for another does not count."""
    planned = _joined(Delivery.not_before).where(Delivery.state == "planned", *_may_go())
    left = _joined(Delivery.lease_until).where(Delivery.state == "sending", *_may_go())
    found = [
        await session.scalar(planned.order_by(Delivery.not_before).limit(1)),
        await session.scalar(left.order_by(Delivery.lease_until).limit(1)),
    ]
    return min((at for at in found if at is not None), default=None)


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
            or_(_earlier.attempts > 0, _earlier.not_before <= Delivery.not_before),
        ),
    )
    waits = exists().where(
        _earlier.workspace_id == Delivery.workspace_id,
        _earlier.target == Delivery.target,
        _earlier.method.in_(ORDERED),
        _earlier.id < Delivery.id,
        _earlier.priority <= Delivery.priority,
        goes_first,
    )
    return is_settled, or_(Delivery.method.not_in(ORDERED), ~waits)


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
