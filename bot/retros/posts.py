"""The messages of a run: its headline, edited in place, and what stands in its thread."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.deliveries import Cause, plan_post, plan_update
from bot.retros import service
from bot.retros.happened import look_back
from bot.retros.queries import answers_of, find_actions, get_run, get_series
from bot.retros.records import ActionView, RunView
from bot.retros.rooms import own_audience
from bot.retros.tables import RetroAction, RetroRun, RetroSeries
from bot.retros.views import (
    render_headline,
    render_promise_told,
    render_promised,
    render_summary,
    summary_text,
)
from bot.workspaces.asker import Asker


async def open_and_post(
    session: AsyncSession,
    cause: Cause,
    series: RetroSeries,
    audience: Asker,
    *,
    by: str,
    at: datetime,
    occurrence_id: str | None = None,
    shown_at: datetime | None = None,
) -> RetroRun:
    """Open a run and plan its one headline. ``audience`` are those who read the channel.

    ``shown_at``: the headline has to wait until then, and so have the 24 hours.
    """
    view = await get_series(session, audience, series.id)
    since, happened = await look_back(session, audience, view, at=at)
    opening = service.Opening(
        since, happened, by=by, occurrence_id=occurrence_id, shown_at=shown_at
    )
    row = await service.open_run(session, series, opening, at=at)
    run = await get_run(session, audience, row.id)
    about = cause.about(f"Retro “{series.name}” (#{row.number})", by or series.owner_id)
    target = series.source_channel_id
    message = render_headline(run)
    row.headline_id = await plan_post(
        session, about, target, f"retro.{row.id}", message, is_headline=True
    )
    await session.flush()
    return row


async def show_count(session: AsyncSession, row: RetroRun, *, at: datetime) -> None:
    """Plan the edit of the headline after an answer.

    The cause is the run and its count and never the person, so that no delivery tells who answered.
    """
    cause = Cause(row.workspace_id, f"retro:{row.id}:{row.answered}", at)
    await refresh_headline(session, cause, await _own_view(session, row))


async def _own_view(session: AsyncSession, row: RetroRun) -> RunView:
    audience = own_audience(row.workspace_id, row.source_channel_id)
    return await get_run(session, audience, row.id)


async def refresh_headline(session: AsyncSession, cause: Cause, run: RunView) -> None:
    """Plan the edit of a run's headline."""
    if run.headline_id:
        part = f"retro.{run.id}"
        await plan_update(session, cause, part, render_headline(run), of=run.headline_id)


async def close_and_tell(
    session: AsyncSession,
    cause: Cause,
    row: RetroRun,
    names: Mapping[str, str],
    *,
    by: str,
    at: datetime,
) -> bool:
    """Close a run, tell in its thread what was said; False when it was closed before."""
    audience = own_audience(row.workspace_id, row.source_channel_id)
    answers = await answers_of(session, audience, row.id)
    run = await _own_view(session, row)
    if not await service.close_run(session, row, summary_text(run, answers), by=by, at=at):
        return False
    run = await _own_view(session, row)
    about = cause.about(f"Retro “{run.name}” (#{run.number})", by or run.owner_id)
    await refresh_headline(session, about, run)
    if answers:
        message = render_summary(run, answers, names)
        target, part = run.channel_id, f"retro.{run.id}.said"
        await plan_post(session, about, target, part, message, under=run.headline_id)
    return True


async def post_promises(
    session: AsyncSession,
    cause: Cause,
    run: RunView,
    rows: Sequence[RetroAction],
    zones: Mapping[str, str],
) -> None:
    """Plan the message of new promises in the thread, and one DM to each owner.

    ``zones`` are the owners' time zones by user id.
    """
    audience = own_audience(rows[0].workspace_id, run.channel_id)
    promised = await find_actions(session, audience, ids=[row.id for row in rows])
    message = render_promised(run, promised)
    part = f"retro.{run.id}.promised"
    post_id = await plan_post(session, cause, run.channel_id, part, message, under=run.headline_id)
    for row in rows:
        row.post_id = post_id
    await session.flush()
    for owner, zone in zones.items():
        mine = [one for one in promised if one.owner_id == owner]
        told = render_promise_told(run, mine, zone)
        await plan_post(session, cause, owner, f"retro.{run.id}.yours", told)


async def refresh_promises(
    session: AsyncSession, cause: Cause, workspace_id: str, action: ActionView
) -> None:
    """Plan the edit of the message that tells of an action, after its owner said how it went."""
    if not action.post_id:
        return
    audience = own_audience(workspace_id, action.channel_id)
    run = await get_run(session, audience, action.run_id)
    same = [one for one in run.actions if one.post_id == action.post_id]
    part = f"promised.{action.id}"
    await plan_update(session, cause, part, render_promised(run, same), of=action.post_id)
