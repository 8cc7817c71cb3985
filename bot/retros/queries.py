"""Read retros, as their asker may see them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.tables import Delivery, Schedule
from bot.errors import NotFound
from bot.retros import rules
from bot.retros.records import ActionView, RunView, Said, SeriesView, Standing
from bot.retros.tables import RetroAction, RetroAnswer, RetroMark, RetroRun, RetroSeries
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Workspace


def _may_see_series(asker: Asker) -> ColumnElement[bool]:
    return and_(
        RetroSeries.workspace_id == asker.workspace_id,
        or_(asker.sees(RetroSeries.source_channel_id), asker.owns(RetroSeries.owner_id)),
    )


async def find_series(
    session: AsyncSession, asker: Asker, *, ids: Sequence[str] | None = None, limit: int = 100
) -> list[SeriesView]:
    """Return the series that go on (scheduled, paused, or with an open run), newest first."""
    same = RetroSeries.workspace_id
    is_open = and_(
        RetroRun.workspace_id == same,
        RetroRun.series_id == RetroSeries.id,
        RetroRun.state == rules.OPEN,
    )
    of_schedule = and_(
        Schedule.workspace_id == same,
        Schedule.kind == rules.OPEN_JOB,
        Schedule.subject_id == RetroSeries.id,
    )
    query = (
        select(RetroSeries, Schedule.next_run_utc, RetroRun.id)
        .outerjoin(Schedule, of_schedule)
        .outerjoin(RetroRun, is_open)
        .where(_may_see_series(asker), RetroSeries.state != rules.REMOVED)
        .order_by(RetroSeries.number.desc())
        .limit(limit)
    )
    if ids is not None:
        query = query.where(RetroSeries.id.in_(ids))
    return [_series(*row) for row in await session.execute(query)]


async def get_series(session: AsyncSession, asker: Asker, series_id: str) -> SeriesView:
    """Return one series; raises ``NotFound``."""
    found = await find_series(session, asker, ids=[series_id], limit=1)
    if not found:
        raise NotFound("There is no such retro that you can see.")
    return found[0]


async def series_to_run(
    session: AsyncSession, workspace_id: str, series_id: str
) -> SeriesView | None:
    """Return a series for its own schedule, whoever may see it; None when it was removed."""
    row = await session.get(RetroSeries, (workspace_id, series_id))
    return _series(row, None, None) if row and row.state != rules.REMOVED else None


def _runs(asker: Asker) -> Select[RetroRun, RetroSeries, str | None, str | None, str]:
    of_series = and_(
        RetroSeries.workspace_id == RetroRun.workspace_id, RetroSeries.id == RetroRun.series_id
    )
    of_headline = and_(
        Delivery.workspace_id == RetroRun.workspace_id, Delivery.id == RetroRun.headline_id
    )
    return (
        select(RetroRun, RetroSeries, Delivery.channel, Delivery.ts, Workspace.url)
        .join(RetroSeries, of_series)
        .join(Workspace, Workspace.id == RetroRun.workspace_id)
        .outerjoin(Delivery, of_headline)
        .where(RetroRun.workspace_id == asker.workspace_id, asker.sees(RetroRun.source_channel_id))
    )


async def find_runs(
    session: AsyncSession,
    asker: Asker,
    *,
    ids: Sequence[str] | None = None,
    series_id: str = "",
    words: Sequence[str] = (),
    limit: int = 20,
) -> list[RunView]:
    """Return runs, newest first, with their actions. ``words`` must all stand in the summary."""
    query = _runs(asker).order_by(RetroRun.number.desc()).limit(limit)
    if ids is not None:
        query = query.where(RetroRun.id.in_(ids))
    if series_id:
        query = query.where(RetroRun.series_id == series_id)
    for word in words:
        query = query.where(RetroRun.summary.icontains(word, autoescape=True))
    return await _read(session, asker, query)


async def get_run(session: AsyncSession, asker: Asker, run_id: str) -> RunView:
    """Return one run; raises ``NotFound``."""
    found = await find_runs(session, asker, ids=[run_id], limit=1)
    if not found:
        raise NotFound("There is no such retro that you can see.")
    return found[0]


async def _read(
    session: AsyncSession,
    asker: Asker,
    query: Select[RetroRun, RetroSeries, str | None, str | None, str],
) -> list[RunView]:
    views = [_run(*row) for row in await session.execute(query)]
    promised = await find_actions(session, asker, run_ids=[view.id for view in views], limit=500)
    return [
        replace(view, actions=tuple(one for one in promised if one.run_id == view.id))
        for view in views
    ]


async def previous_run(session: AsyncSession, asker: Asker, series: SeriesView) -> RunView | None:
    """Return the run that a new one looks back to: the series' last, else the channel's last."""
    for same in (
        RetroRun.series_id == series.id,
        RetroRun.source_channel_id == series.channel_id,
    ):
        query = _runs(asker).where(same, RetroRun.source_channel_id == series.channel_id)
        found = await _read(session, asker, query.order_by(RetroRun.opened_at.desc()).limit(1))
        if found:
            return found[0]
    return None


async def find_actions(
    session: AsyncSession,
    asker: Asker,
    *,
    ids: Sequence[str] | None = None,
    run_ids: Sequence[str] | None = None,
    series_id: str = "",
    owner_id: str = "",
    states: Sequence[str] = (),
    limit: int = 50,
) -> list[ActionView]:
    """Return actions, in the order in which they were promised; their owner sees them always."""
    query = (
        select(RetroAction)
        .where(
            RetroAction.workspace_id == asker.workspace_id,
            or_(asker.sees(RetroAction.source_channel_id), asker.owns(RetroAction.owner_id)),
        )
        .order_by(RetroAction.number)
        .limit(limit)
    )
    if ids is not None:
        query = query.where(RetroAction.id.in_(ids))
    if run_ids is not None:
        query = query.where(RetroAction.run_id.in_(run_ids))
    if series_id:
        query = query.where(RetroAction.series_id == series_id)
    if owner_id:
        query = query.where(RetroAction.owner_id == owner_id)
    if states:
        query = query.where(RetroAction.state.in_(states))
    return [action_view(row) for row in await session.scalars(query)]


async def get_action(session: AsyncSession, asker: Asker, action_id: str) -> ActionView:
    """Return one action; raises ``NotFound``."""
    found = await find_actions(session, asker, ids=[action_id], limit=1)
    if not found:
        raise NotFound("There is no such action that you can see.")
    return found[0]


async def standing_of(session: AsyncSession, asker: Asker, run_id: str) -> Standing:
    """Return what this person has answered in a run; of an anonymous one only whether."""
    run = await session.get(RetroRun, (asker.workspace_id, run_id))
    if run is None or not asker.user_id:
        return Standing()
    if run.is_anonymous:
        mark = rules.mark_of(run.salt, asker.user_id)
        known = await session.get(RetroMark, (asker.workspace_id, run_id, mark))
        return Standing(has_answered=known is not None)
    query = select(RetroAnswer.question, RetroAnswer.text).where(
        RetroAnswer.workspace_id == asker.workspace_id,
        RetroAnswer.run_id == run_id,
        RetroAnswer.author_id == asker.user_id,
    )
    texts = {row.question: row.text for row in await session.execute(query)}
    return Standing(has_answered=bool(texts), texts=texts)


async def answers_of(session: AsyncSession, asker: Asker, run_id: str) -> dict[int, list[Said]]:
    """Return a run's answers by question. Raises ``NotFound`` where the asker does not see it.

    While it is open nobody is shown them; that is for the caller, who closes it.
    """
    run = await get_run(session, asker, run_id)
    query = (
        select(RetroAnswer)
        .where(RetroAnswer.workspace_id == asker.workspace_id, RetroAnswer.run_id == run.id)
        .order_by(RetroAnswer.question, RetroAnswer.id)
    )
    found: dict[int, list[Said]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.question, []).append(Said(row.text, row.author_id or ""))
    return found


async def authors_of(session: AsyncSession, asker: Asker, run_id: str) -> set[str]:
    """Return who answered, for their names; nobody of an anonymous run."""
    query = select(RetroAnswer.author_id).where(
        RetroAnswer.workspace_id == asker.workspace_id,
        RetroAnswer.run_id == run_id,
        RetroAnswer.author_id.is_not(None),
    )
    return {str(author) for author in await session.scalars(query)}


async def home_to_answer(
    session: AsyncSession, asker: Asker, *, at: datetime, limit: int = 3
) -> list[RunView]:
    """Return the open runs of the person's channels that they have not answered."""
    if not asker.is_member:
        return []
    query = _runs(asker).where(
        RetroRun.state == rules.OPEN,
        RetroRun.closes_at > at,
        RetroRun.source_channel_id.in_(sorted(asker.channel_ids)),
        ~exists().where(
            RetroAnswer.workspace_id == RetroRun.workspace_id,
            RetroAnswer.run_id == RetroRun.id,
            RetroAnswer.author_id == asker.user_id,
        ),
    )
    runs = await _read(session, asker, query.order_by(RetroRun.closes_at, RetroRun.id))
    waiting = []
    for run in runs:
        if run.is_anonymous and (await standing_of(session, asker, run.id)).has_answered:
            continue
        waiting.append(run)
    return waiting[:limit]


async def home_actions(session: AsyncSession, asker: Asker, *, limit: int = 5) -> list[ActionView]:
    """Return the person's open actions, the next one due first."""
    found = await find_actions(
        session, asker, owner_id=asker.user_id or "-", states=(rules.OPEN,), limit=50
    )
    return sorted(found, key=lambda one: (one.due_on, one.number))[:limit]


def _series(row: RetroSeries, next_at: datetime | None, open_run_id: str | None) -> SeriesView:
    return SeriesView(
        id=row.id,
        number=row.number,
        name=row.name,
        questions=tuple(row.questions),
        channel_id=row.source_channel_id,
        rule=row.rule,
        words=row.words,
        timezone=row.timezone,
        owner_id=row.owner_id,
        is_anonymous=row.is_anonymous,
        state=row.state,
        next_at=next_at,
        open_run_id=open_run_id,
    )


def action_view(row: RetroAction) -> ActionView:
    """Return an action's row as a value."""
    return ActionView(
        id=row.id,
        series_id=row.series_id,
        run_id=row.run_id,
        number=row.number,
        text=row.text,
        owner_id=row.owner_id,
        due_on=row.due_on,
        expected_effect=row.expected_effect,
        check=row.check,
        state=row.state,
        word=row.word,
        channel_id=row.source_channel_id,
        post_id=row.post_id,
        checked_at=row.checked_at,
    )


def _run(
    row: RetroRun, series: RetroSeries, channel: str | None, ts: str | None, url: str
) -> RunView:
    base = url if url.endswith("/") else f"{url}/"
    link = f"{base}archives/{channel}/p{ts.replace('.', '')}" if url and channel and ts else ""
    return RunView(
        id=row.id,
        number=row.number,
        series_id=row.series_id,
        name=series.name,
        owner_id=series.owner_id,
        timezone=series.timezone,
        questions=tuple(row.questions),
        is_anonymous=row.is_anonymous,
        channel_id=row.source_channel_id,
        covers_from=row.covers_from,
        happened=tuple(row.happened),
        state=row.state,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        answered=row.answered,
        summary=row.summary,
        headline_id=row.headline_id,
        permalink=link,
        actions=(),
    )
