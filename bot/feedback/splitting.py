"""Use cases of parting a theme that holds two things; each a line of the log.

The larger part keeps the theme's number. The smaller one gets a theme of its own, which joins the
first again when that is undone, so that no number ever changes what it stands for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.errors import BadInput
from bot.feedback.lines import log_feedback, log_theme, the_other
from bot.feedback.roots import is_in_themes
from bot.feedback.service import get_theme, new_theme
from bot.feedback.tables import Feedback, Theme, ThemeAnswer
from bot.workspaces.numbers import take_turn

SPLIT, WHOLE = "split", "whole"
# At once: well under the most variables that a query may have on any database.
MOST_MOVED = 400


async def split_theme(
    session: AsyncSession,
    workspace_id: str,
    theme_id: str,
    feedback_ids: Sequence[str],
    name: str,
    *,
    by: str,
    at: datetime,
) -> Theme:
    """Give these of a theme's feedback a theme of their own. Returns it.

    Raises ``BadInput`` when the theme has changed so much that they are not a part of it any more.
    """
    theme = await get_theme(session, workspace_id, theme_id)
    rows = await _of_theme(session, theme, feedback_ids)
    if theme.merged_into or len(rows) < len(feedback_ids):
        raise BadInput(
            field="theme",
            problem="This theme has changed meanwhile.",
            fix="Open the App Home again for what is left to answer.",
        )
    await take_turn(session, workspace_id)
    made = await new_theme(session, workspace_id, theme.scope, name, at)
    await _answer(session, made, theme, SPLIT, [row.id for row in rows], by=by, at=at)
    await log_theme(session, theme, "theme.split", by, at, facts=the_other(made))
    for row in rows:
        row.theme_id = made.id
        facts = {"theme": made.id, "left": theme.id}
        await log_feedback(session, row, "feedback.moved", by, at, facts=facts)
    return made


async def keep_whole(
    session: AsyncSession,
    workspace_id: str,
    theme_id: str,
    texts: int,
    *,
    by: str,
    at: datetime,
) -> None:
    """A person says that a theme of so many texts is one thing; asked again when it has doubled."""
    theme = await get_theme(session, workspace_id, theme_id)
    await _answer(session, theme, theme, WHOLE, [texts], by=by, at=at)
    await log_theme(session, theme, "theme.kept_whole", by, at)


async def _of_theme(
    session: AsyncSession, theme: Theme, feedback_ids: Sequence[str]
) -> list[Feedback]:
    query = select(Feedback).where(
        Feedback.workspace_id == theme.workspace_id,
        Feedback.id.in_(feedback_ids[:MOST_MOVED]),
        is_in_themes(theme.workspace_id, [theme.id]),
    )
    return list(await session.scalars(query.order_by(Feedback.number)))


async def _answer(
    session: AsyncSession,
    gone: Theme,
    into: Theme,
    answer: str,
    carried: list[Any],
    *,
    by: str,
    at: datetime,
) -> None:
    session.add(
        ThemeAnswer(
            workspace_id=into.workspace_id,
            id=new_id(),
            gone_id=gone.id,
            into_id=into.id,
            answer=answer,
            carried=carried,
            answered_by=by,
            answered_at=at,
        )
    )
    await session.flush()
