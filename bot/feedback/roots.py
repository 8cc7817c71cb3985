"""Themes that merged: which one feedback belongs to now, and what of it the asker may know.

Themes are looked up by themselves and joined here, not by the database: Postgres takes a table
that it has no statistics of for empty, and then compares every theme with every other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.tables import Feedback, Theme
from bot.workspaces.asker import Asker

# More ids than these are not named one by one: then all themes are read.
NAMED_AT_MOST = 500


@dataclass(frozen=True)
class Root:
    """The theme that another one belongs to now: itself, or the one it merged into."""

    id: str
    number: int
    name: str
    status: str


def theme_name(asker: Asker) -> ColumnElement[str]:
    """Return a theme's name, as far as the asker may know it."""
    # A theme's name comes from its texts: who may not read all of them gets its number only.
    number = literal("#").concat(cast(Theme.number, String))
    return case((asker.sees(Theme.source_channel_id), Theme.name), else_=number)


async def find_roots(
    session: AsyncSession, asker: Asker, theme_ids: Collection[str | None]
) -> dict[str, Root]:
    """Return what each of these themes belongs to now; those that there are not are left out."""
    ids = {one for one in theme_ids if one}
    if not ids:
        return {}
    found = await _read(session, asker, ids)
    missing = {into for into, _ in found.values() if into} - found.keys()
    if missing:
        found |= await _read(session, asker, missing)
    return {one: found[into or one][1] for one, (into, _) in found.items() if one in ids}


async def _read(
    session: AsyncSession, asker: Asker, ids: Collection[str]
) -> dict[str, tuple[str | None, Root]]:
    """Return themes as they stand: what each merged into, and itself."""
    name = theme_name(asker)
    query = select(Theme.id, Theme.merged_into, Theme.number, name, Theme.status).where(
        Theme.workspace_id == asker.workspace_id
    )
    if len(ids) <= NAMED_AT_MOST:
        query = query.where(Theme.id.in_(ids))
    rows = (await session.execute(query)).tuples()
    return {row[0]: (row[1], Root(row[0], row[2], row[3], row[4])) for row in rows}


def alike(workspace_id: str, theme_ids: Sequence[str]) -> Select[str]:
    """Return these themes, and all that are one with them by now."""
    root = func.coalesce(Theme.merged_into, Theme.id)
    roots = select(root).where(Theme.workspace_id == workspace_id, Theme.id.in_(theme_ids))
    return select(Theme.id).where(Theme.workspace_id == workspace_id, root.in_(roots))


def is_in_themes(workspace_id: str, theme_ids: Sequence[str]) -> ColumnElement[bool]:
    """Build the filter for feedback of these themes, and of all that are one with them by now."""
    return Feedback.theme_id.in_(alike(workspace_id, theme_ids))
