"""Whose turn it is: a workspace with 10,000 due does not delay one with a single one."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, exists, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.plain import execute_plain
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
        values: Mapping[str, Any] | None = None,
    ) -> list[Key]:
        """Return the keys of what is due and fits, oldest first within a workspace.

        ``values`` fill the places of ``is_due``.
        """
        has_due = exists().where(table.workspace_id == Workspace.id, is_due)
        asked = select(Workspace.id).where(has_due)
        waiting = list((await execute_plain(session, asked, values or {})).scalars())
        waiting.sort(key=lambda workspace_id: self._served.get(workspace_id, -1))
        shares = room.share(waiting)
        for workspace_id in shares:
            self._served[workspace_id] = next(self._count)
        if not shares:
            return []
        query = _oldest(table, is_due, shares, sorted(room.held))
        rows = await execute_plain(session, query, values or {})
        return [(workspace_id, id_) for workspace_id, id_ in rows]


def _oldest(
    table: type[Inbox] | type[Occurrence],
    is_due: ColumnElement[bool],
    shares: dict[str, int],
    held: Sequence[str],
) -> CompoundSelect[Any]:
    parts = [
        select(table.workspace_id, table.id)
        .where(table.workspace_id == workspace_id, is_due, table.id.not_in(held))
        .order_by(table.not_before, table.id)
        .limit(share)
        .subquery()
        for workspace_id, share in shares.items()
    ]
    return union_all(*(select(part) for part in parts))
