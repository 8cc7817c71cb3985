"""The table of deliveries as one process works on it: what may be taken, claimed and recorded."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.bulk import execute_for_all
from bot.db.group import GroupCommit
from bot.db.plain import execute_plain
from bot.db.session import Database, wake_after_commit
from bot.engine.deliveries import Cause
from bot.engine.items import Candidate, Item, item_of
from bot.engine.lineup import LEFT_BY, WINDOW, claim_statement, waiting_statements
from bot.engine.presence import Alone, Presence
from bot.engine.tables import NOT_SENT, Delivery
from bot.engine.telling import tell_failure
from bot.slack.blocks import Message

LEASE = timedelta(seconds=60)
# So long after its intent a call of an ended process may be on its way to Slack: a look-up and the
# call, each up to its time-out of 10 s. Looked up earlier, it would be missed and sent twice.
SETTLED = timedelta(seconds=25)
# Owns a lease that was shortened since its process has ended.
NOBODY = ""
PACED = "it waits its turn: Slack takes only so many messages a second"


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
            urgent, rest = waiting_statements()
            rows = list(await execute_plain(session, urgent, values))
            if len(rows) < limit:
                rows += await execute_plain(session, rest, values)
        return [Candidate(*row) for row in rows]

    async def _may_take(self, session: AsyncSession, now: datetime) -> list[str]:
        """Return whose messages may be taken: this process's own, and those of ended ones.

        Not whose may not: another process may claim one with a slower clock between this look and
        the claim, and its lease be over at once.
        """
        found = await execute_plain(session, LEFT_BY, {"now": now})
        gone = await self._presence.gone(session, set(found.scalars()) - {self._owner})
        return sorted(gone | {self._owner})

    async def release_gone(self, now: datetime) -> int:
        """Shorten the leases of ended processes to when what they had sent has settled.

        Returns how many leases ended earlier.
        """
        async with self._db.write() as session:
            is_held = (
                Delivery.state == "sending",
                Delivery.lease_owner.not_in((self._owner, NOBODY)),
            )
            query = select(Delivery).where(*is_held, Delivery.lease_until > now)
            rows = list(await session.scalars(query.with_for_update(skip_locked=True)))
            gone = await self._presence.gone(session, {row.lease_owner for row in rows})
            count = 0
            for row in rows:
                assert row.lease_until is not None  # noqa: S101  the query asked for it
                settled = max(now, row.lease_until - LEASE + SETTLED)
                if row.lease_owner in gone and settled < row.lease_until:
                    # Once only: what is left of a lease no longer tells when the call was made.
                    row.lease_until, row.lease_owner = settled, NOBODY
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
            is_any_left = any(one.is_left for one in chosen)
            values = {
                "now": now,
                "may_take": await self._may_take(session, now) if is_any_left else [self._owner],
                "workspaces": sorted({one.workspace_id for one in chosen}),
                "ids": [one.id for one in chosen],
            }
            rows = (await session.execute(claim_statement(), values)).all()
            items = [item_of(*row) for row in rows]
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


async def _postpone(session: AsyncSession, later: Sequence[tuple[Candidate, datetime]]) -> None:
    rows = [
        {"of": one.workspace_id, "which": one.id, "turn": at, "said": PACED} for one, at in later
    ]
    await execute_for_all(session, _WAIT, rows)


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
        for again in (row, *(one for one in followers if one.payload)):
            again.state, again.attempts, again.not_before = "planned", 0, at
            again.finished_at = None
        wake_after_commit(session)
    return True
