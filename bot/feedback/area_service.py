"""Use cases of product areas: named, renamed, taught by examples, taken away. Logged."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.entries.log import Line, append
from bot.errors import BadInput
from bot.feedback.area_rules import AREAS_AT_MOST, NAME_LIMIT, AreaView
from bot.feedback.tables import Area, Feedback
from bot.workspaces.asker import Asker


async def list_areas(session: AsyncSession, asker: Asker) -> list[AreaView]:
    """Return the workspace's areas by name; members only, since examples may quote customers."""
    if not asker.is_member:
        return []
    query = select(Area).where(Area.workspace_id == asker.workspace_id).order_by(Area.name)
    return [
        AreaView(row.id, row.name, tuple(str(one) for one in row.examples))
        for row in await session.scalars(query)
    ]


async def save_area(
    session: AsyncSession,
    workspace_id: str,
    name: str,
    examples: Sequence[str],
    *,
    by: str,
    at: datetime,
    area_id: str = "",
) -> Area:
    """Add an area, or change one; feedback of a renamed one follows, and the log keeps both."""
    name = " ".join(name.split())[:NAME_LIMIT]
    await _check_name(session, workspace_id, name, area_id)
    area = await session.get(Area, (workspace_id, area_id)) if area_id else None
    former = area.name if area else ""
    if area is None:
        area = Area(workspace_id=workspace_id, id=new_id())
        session.add(area)
    area.name, area.examples = name, list(examples)
    area.changed_by, area.changed_at = by, at
    await session.flush()
    if former and former != name:
        await session.execute(
            update(Feedback)
            .where(Feedback.workspace_id == workspace_id, Feedback.area == former)
            .values(area=name)
        )
    words = f"{former} → {name}" if former and former != name else name
    await _log(session, area, "area.changed" if former else "area.added", words, by=by, at=at)
    return area


async def remove_area(
    session: AsyncSession, workspace_id: str, area_id: str, *, by: str, at: datetime
) -> None:
    """Take an area away: it is suggested no more; what has it keeps its name."""
    area = await session.get(Area, (workspace_id, area_id))
    if area is None:
        return
    await _log(session, area, "area.removed", area.name, by=by, at=at)
    await session.delete(area)


async def _check_name(session: AsyncSession, workspace_id: str, name: str, area_id: str) -> None:
    rows = await session.execute(
        select(Area.id, Area.name).where(Area.workspace_id == workspace_id)
    )
    known = {other.casefold(): key for key, other in rows}
    if not name:
        raise BadInput(field="name", problem="An area needs a name.")
    if known.get(name.casefold(), area_id) != area_id:
        raise BadInput(field="name", problem=f"There is an area “{name}” already.")
    if not area_id and len(known) >= AREAS_AT_MOST:
        raise BadInput(field="name", problem=f"{AREAS_AT_MOST} areas are the most there can be.")


async def _log(
    session: AsyncSession, area: Area, kind: str, words: str, *, by: str, at: datetime
) -> None:
    line = Line(kind=kind, subject_kind="area", subject_id=area.id, actor=by, prose=words)
    await append(session, area.workspace_id, line, at=at)
