"""Whose turn it is: a workspace with 10,000 due does not delay one with a single one."""

from collections.abc import Sequence
from itertools import count

from sqlalchemy import ColumnElement, exists, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.lanes import Room
from bot.engine.tables import Inbox, Occurrence
from bot.workspaces.tables import Workspace

Key = tuple[str, str]


class Turns:
    """Chooses what to take: of each workspace a little, served longest ago first."""

    def __init__(self) -> None:
        self._count = count()
        self._served: dict[str, int] = {}

    async def choose(
        self,
        session: AsyncSession,
        table: type[Inbox] | type[Occurrence],
        is_due: ColumnElement[bool],
        room: Room,
    ) -> list[Key]:
        """Return the keys of what is due and fits, oldest first within a workspace."""
        has_due = exists().where(table.workspace_id == Workspace.id, is_due)
        waiting = list(await session.scalars(select(Workspace.id).where(has_due)))
        waiting.sort(key=lambda workspace_id: self._served.get(workspace_id, -1))
        shares = room.share(waiting)
        for workspace_id in shares:
            self._served[workspace_id] = next(self._count)
        return await _oldest(session, table, is_due, shares, sorted(room.held))


async def _oldest(
    session: AsyncSession,
    table: type[Inbox] | type[Occurrence],
    is_due: ColumnElement[bool],
    shares: dict[str, int],
    held: Sequence[str],
) -> list[Key]:
    if not shares:
        return []
    parts = [
        select(table.workspace_id, table.id)
        .where(table.workspace_id == workspace_id, is_due, table.id.not_in(held))
        .order_by(table.not_before, table.id)
        .limit(share)
        .subquery()
        for workspace_id, share in shares.items()
    ]
    rows = await session.execute(union_all(*(select(part) for part in parts)))
    return [(workspace_id, id_) for workspace_id, id_ in rows]
