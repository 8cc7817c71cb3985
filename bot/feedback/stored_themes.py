"""Themes and people's answers about them, as the grouping takes them from the tables."""

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.memory import Answers, Place
from bot.feedback.tables import Theme, ThemeAnswer, ThemeRejection


async def find_places(
    session: AsyncSession, workspace_id: str, *where: ColumnElement[bool]
) -> list[Place]:
    """Return themes as they are stored, each with the one it merged into or itself."""
    themes = await _themes(session, workspace_id, *where)
    by_id = {theme.id: theme for theme in themes}
    beyond = {theme.merged_into for theme in themes} - {None, *by_id}
    if beyond:
        roots = await _themes(session, workspace_id, Theme.id.in_(beyond))
        by_id |= {root.id: root for root in roots}
    found = []
    for theme in themes:
        root = by_id[theme.merged_into or theme.id]
        found.append(Place(theme.id, theme.scope, root.id, root.group_id, root.is_pinned))
    return found


async def _themes(
    session: AsyncSession, workspace_id: str, *where: ColumnElement[bool]
) -> list[Any]:
    columns = (Theme.id, Theme.scope, Theme.merged_into, Theme.group_id, Theme.is_pinned)
    query = select(*columns).where(Theme.workspace_id == workspace_id, *where)
    return list((await session.execute(query.order_by(Theme.number))).all())


async def find_answers(session: AsyncSession, workspace_id: str) -> Answers:
    """Return what people said of themes and still stands."""
    apart = await session.execute(
        select(ThemeAnswer.gone_id, ThemeAnswer.into_id).where(
            ThemeAnswer.workspace_id == workspace_id,
            ThemeAnswer.answer.in_(("different", "split")),
            ThemeAnswer.undone_at.is_(None),
        )
    )
    whole = await session.execute(
        select(ThemeAnswer.into_id, ThemeAnswer.carried).where(
            ThemeAnswer.workspace_id == workspace_id,
            ThemeAnswer.answer == "whole",
            ThemeAnswer.undone_at.is_(None),
        )
    )
    rejected = await session.execute(
        select(ThemeRejection.feedback_id, ThemeRejection.theme_id)
        .where(ThemeRejection.workspace_id == workspace_id)
        .order_by(ThemeRejection.feedback_id)
    )
    return Answers(
        tuple(apart.tuples()),
        tuple(rejected.tuples()),
        tuple((theme, int(texts[0])) for theme, texts in whole if texts),
    )
