"""Use cases of themes: one with another or not, taken back, pinned. Each is a line of the log."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.errors import BadInput, NotFound
from bot.feedback.lines import log_theme, the_other
from bot.feedback.service import get_theme
from bot.feedback.splitting import SPLIT
from bot.feedback.tables import Theme, ThemeAnswer

SAME, DIFFERENT = "same", "different"


async def answer_pair(
    session: AsyncSession,
    workspace_id: str,
    gone_id: str,
    into_id: str,
    answer: str,
    *,
    by: str,
    at: datetime,
) -> ThemeAnswer:
    """A person says that two themes are the ``same`` (the first joins the second) or
    ``different``, which holds until it is undone. Raises ``BadInput`` when it cannot be said.
    """
    gone = await get_theme(session, workspace_id, gone_id)
    into = await get_theme(session, workspace_id, into_id)
    _check_can_answer(gone, into, answer)
    carried = await _merge(session, gone, into) if answer == SAME else []
    row = ThemeAnswer(
        workspace_id=workspace_id,
        id=new_id(),
        gone_id=gone.id,
        into_id=into.id,
        answer=answer,
        carried=carried,
        answered_by=by,
        answered_at=at,
    )
    session.add(row)
    await session.flush()
    kind = "theme.merged" if answer == SAME else "theme.kept_apart"
    await log_theme(session, gone, kind, by, at, facts=the_other(into))
    return row


async def undo_answer(
    session: AsyncSession, workspace_id: str, answer_id: str, *, by: str, at: datetime
) -> ThemeAnswer:
    """Take an answer back: themes that were merged by it are themselves again."""
    row = await session.get(ThemeAnswer, (workspace_id, answer_id))
    if row is None or row.undone_at:
        raise NotFound("That answer was taken back already.")
    row.undone_at, row.undone_by = at, by
    gone = await get_theme(session, workspace_id, row.gone_id)
    into = await get_theme(session, workspace_id, row.into_id)
    if row.answer == SAME:
        await _part(session, row, gone)
    elif row.answer == SPLIT:
        await _rejoin(session, gone, into)
    await session.flush()
    await log_theme(session, gone, "theme.answer_undone", by, at, facts=the_other(into))
    return row


async def pin_theme(
    session: AsyncSession,
    workspace_id: str,
    theme_id: str,
    *,
    is_pinned: bool,
    by: str,
    at: datetime,
) -> None:
    """From now on the theme keeps its name and no merge of it is proposed; or again."""
    theme = await get_theme(session, workspace_id, theme_id)
    if theme.is_pinned == is_pinned:
        return
    theme.is_pinned = is_pinned
    await log_theme(session, theme, "theme.pinned" if is_pinned else "theme.unpinned", by, at)


def _check_can_answer(gone: Theme, into: Theme, answer: str) -> None:
    if answer not in (SAME, DIFFERENT) or gone.id == into.id or gone.scope != into.scope:
        raise BadInput(field="theme", problem="These two cannot be one theme.")
    if gone.merged_into or into.merged_into:
        raise BadInput(
            field="theme",
            problem="One of these themes belongs to another one by now.",
            fix="Open the App Home again for what is left to answer.",
        )


async def _merge(session: AsyncSession, gone: Theme, into: Theme) -> list[str]:
    """Let ``gone``, and all that had merged into it, belong to ``into``; returns the latter."""
    carried = await session.scalars(
        select(Theme.id).where(
            Theme.workspace_id == gone.workspace_id, Theme.merged_into == gone.id
        )
    )
    ids = sorted(carried)
    await _point(session, gone.workspace_id, [gone.id, *ids], into.id)
    return ids


async def _part(session: AsyncSession, row: ThemeAnswer, gone: Theme) -> None:
    """Give back what a merge took, unless a later merge of the whole has to go first."""
    if gone.merged_into != row.into_id:
        raise BadInput(
            field="theme",
            problem="These themes have merged into a third one since.",
            fix="Undo that merge first.",
        )
    await _point(session, row.workspace_id, [gone.id], None)
    await _point(session, row.workspace_id, row.carried, gone.id)


async def _rejoin(session: AsyncSession, made: Theme, theme: Theme) -> None:
    """What was split off belongs to its theme again, as that is by now."""
    if made.merged_into:
        raise BadInput(
            field="theme",
            problem="What was split off has merged into another theme since.",
            fix="Undo that merge first.",
        )
    await _merge(
        session, made, await get_theme(session, theme.workspace_id, theme.merged_into or theme.id)
    )


async def _point(
    session: AsyncSession, workspace_id: str, theme_ids: Sequence[str], to: str | None
) -> None:
    await session.execute(
        update(Theme)
        .where(Theme.workspace_id == workspace_id, Theme.id.in_(theme_ids))
        .values(merged_into=to)
    )
