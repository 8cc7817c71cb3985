"""What led to what: one graph over all rituals, for /why."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.upsert import insert_unless_there
from bot.entries.tables import Link


@dataclass(frozen=True)
class Node:
    """One thing of a ritual: its kind (theme, decision, launch ...) and id."""

    kind: str
    id: str


async def put_link(
    session: AsyncSession,
    workspace_id: str,
    first: Node,
    kind: str,
    then: Node,
    *,
    at: datetime,
    actor: str = "",
) -> bool:
    """Note once that ``first`` led to ``then``; False when that was known."""
    return await insert_unless_there(
        session,
        Link,
        workspace_id=workspace_id,
        from_kind=first.kind,
        from_id=first.id,
        kind=kind,
        to_kind=then.kind,
        to_id=then.id,
        at=at,
        actor=actor,
    )


async def linked(session: AsyncSession, workspace_id: str, nodes: set[Node]) -> set[Node]:
    """Return the direct neighbours of ``nodes``, both ways. Ids only: who may see what they name
    is for the rituals' queries, which take an Asker.
    """
    ids = [node.id for node in nodes]
    rows = await session.scalars(
        select(Link).where(
            Link.workspace_id == workspace_id, or_(Link.from_id.in_(ids), Link.to_id.in_(ids))
        )
    )
    found = set()
    for row in rows:
        found |= {Node(row.from_kind, row.from_id), Node(row.to_kind, row.to_id)}
    return found - nodes


async def chain(session: AsyncSession, workspace_id: str, start: set[Node]) -> set[Node]:
    """Return everything connected with ``start``, itself included."""
    seen, edge = set(start), set(start)
    while edge:
        edge = await linked(session, workspace_id, edge) - seen
        seen |= edge
    return seen
