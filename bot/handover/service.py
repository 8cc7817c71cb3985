"""Hand over all that a person owns, and take it back; each inside the caller's unit of work.

The rituals say what can be owned (``Owned``); this knows none of them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.engine.tables import Delivery, Schedule
from bot.entries.log import Line, append
from bot.errors import BadInput, NotFound
from bot.handover.tables import Handover
from bot.workspaces.asker import Asker

SCHEDULE = "schedule"
# Begins the cause of the message that asks who takes over from somebody who left.
GONE = "gone:"


@dataclass(frozen=True)
class Owned:
    """A kind of thing that has an owner: its table, and which rows still need one.

    The table has ``id``, ``owner_id`` and, unless it is for all members, ``source_channel_id``;
    ``source`` stands for that where another table knows it.
    """

    kind: str
    table: type[Any]
    is_current: ColumnElement[bool]
    source: Any = None


@dataclass(frozen=True)
class Handed:
    """What came of a hand-over: its id, how many of each kind, and how many were left."""

    id: str
    counts: Mapping[str, int]
    left: int = 0

    @property
    def total(self) -> int:
        """How many things changed hands."""
        return sum(self.counts.values())


async def count_owned(
    session: AsyncSession, workspace_id: str, user_id: str, owned: Sequence[Owned]
) -> dict[str, int]:
    """Return how many things of each kind a person owns, without the kinds of which none."""
    found = {one.kind: len(await _rows(session, workspace_id, user_id, one)) for one in owned}
    return {kind: count for kind, count in found.items() if count}


async def find_owners(session: AsyncSession, workspace_id: str, owned: Sequence[Owned]) -> set[str]:
    """Return the ids of all people who own something."""
    found: set[str] = set()
    for one in owned:
        query = select(one.table.owner_id).where(
            one.table.workspace_id == workspace_id, one.is_current
        )
        found |= {id_ for id_ in await session.scalars(query.distinct()) if id_}
    return found


async def hand_over(
    session: AsyncSession,
    from_id: str,
    to: Asker,
    owned: Sequence[Owned],
    *,
    by: str,
    at: datetime,
) -> Handed:
    """Make ``to`` the owner of all that ``from_id`` owns and ``to`` may see; one entry each.

    What comes from private channels that ``to`` is not in stays where it is, and is counted.
    Raises ``BadInput``.
    """
    if from_id == to.user_id:
        raise BadInput(field="to", problem="That is the same person.", fix="Pick somebody else.")
    if not to.is_member:
        raise BadInput(field="to", problem="Only a full member can own things.")
    workspace_id = to.workspace_id
    moved: list[list[str]] = []
    left: list[str] = []
    kept = await _all_ids(session, workspace_id, from_id, owned)
    for one in owned:
        everything = await _rows(session, workspace_id, from_id, one)
        visible = {row.id for row in await _rows(session, workspace_id, from_id, one, to)}
        for row in everything:
            if row.id not in visible:
                left.append(row.id)
                continue
            await _move(session, one, row, to.user_id, by=by, at=at)
            moved.append([one.kind, row.id])
            kept.discard(row.id)
    counts = Counter(kind for kind, _ in moved)
    moved += await _move_schedules(session, workspace_id, from_id, to.user_id, kept)
    await _move_deliveries(session, workspace_id, from_id, to.user_id)
    row = Handover(
        workspace_id=workspace_id,
        id=new_id(),
        from_id=from_id,
        to_id=to.user_id,
        by=by,
        moved=moved,
        at=at,
    )
    session.add(row)
    await session.flush()
    return Handed(row.id, dict(counts), len(left))


async def undo_handover(
    session: AsyncSession,
    workspace_id: str,
    handover_id: str,
    owned: Sequence[Owned],
    *,
    by: str,
    at: datetime,
) -> int:
    """Give back what the new owner still has; returns how many things. Once only."""
    row = await session.get(Handover, (workspace_id, handover_id), with_for_update=True)
    if row is None or row.undone_at is not None:
        raise NotFound("This was taken back already.")
    row.undone_at = at
    count = 0
    for one in owned:
        ids = {id_ for kind, id_ in row.moved if kind == one.kind}
        for thing in await _rows(session, workspace_id, row.to_id, one):
            if thing.id in ids:
                await _move(session, one, thing, row.from_id, by=by, at=at)
                count += 1
    schedules = [id_ for kind, id_ in row.moved if kind == SCHEDULE]
    await session.execute(
        update(Schedule)
        .where(
            Schedule.workspace_id == workspace_id,
            Schedule.id.in_(schedules),
            Schedule.owner_id == row.to_id,
        )
        .values(owner_id=row.from_id)
    )
    return count


async def get_handover(session: AsyncSession, workspace_id: str, handover_id: str) -> Handover:
    """Return one; raises ``NotFound``."""
    row = await session.get(Handover, (workspace_id, handover_id))
    if row is None:
        raise NotFound("There is no such hand-over.")
    return row


async def _rows(
    session: AsyncSession,
    workspace_id: str,
    owner_id: str,
    one: Owned,
    asker: Asker | None = None,
) -> list[Any]:
    table = one.table
    source = getattr(table, "source_channel_id", one.source)
    is_seen = asker.sees(source) if asker and source is not None else true()
    query = select(table).where(
        and_(table.workspace_id == workspace_id, table.owner_id == owner_id, one.is_current),
        is_seen,
    )
    return list(await session.scalars(query.order_by(table.id)))


async def _all_ids(
    session: AsyncSession, workspace_id: str, owner_id: str, owned: Sequence[Owned]
) -> set[str]:
    """Return the ids of all that a person ever owned: what is not moved keeps its schedule."""
    found: set[str] = set()
    for table in {one.table for one in owned}:
        query = select(table.id).where(
            table.workspace_id == workspace_id, table.owner_id == owner_id
        )
        found |= set(await session.scalars(query))
    return found


async def _move(
    session: AsyncSession, one: Owned, row: Any, to_id: str, *, by: str, at: datetime
) -> None:
    facts = {"owner_from": row.owner_id, "owner_to": to_id}
    number = getattr(row, "number", None)
    if number is not None:
        facts["number"] = number
    row.owner_id = to_id
    line = Line(
        kind=f"{one.kind}.handed_over",
        subject_kind=one.kind,
        subject_id=row.id,
        actor=by,
        source_channel_id=getattr(row, "source_channel_id", None),
        facts=facts,
    )
    await append(session, row.workspace_id, line, at=at)


async def _move_schedules(
    session: AsyncSession, workspace_id: str, from_id: str, to_id: str, kept: Collection[str]
) -> list[list[str]]:
    moved = await session.execute(
        update(Schedule)
        .where(
            Schedule.workspace_id == workspace_id,
            Schedule.owner_id == from_id,
            Schedule.state != "ended",
            Schedule.subject_id.not_in(sorted(kept)),
        )
        .values(owner_id=to_id)
        .returning(Schedule.id)
    )
    return [[SCHEDULE, id_] for id_ in moved.scalars()]


async def _move_deliveries(
    session: AsyncSession, workspace_id: str, from_id: str, to_id: str
) -> None:
    """Who is told when something under way fails; what failed already is mended by them too."""
    await session.execute(
        update(Delivery)
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.owner_id == from_id,
            Delivery.target != from_id,
            Delivery.state.in_(("planned", "failed", "uncertain")),
        )
        .values(owner_id=to_id)
    )
