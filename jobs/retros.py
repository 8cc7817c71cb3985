"""What retros do by themselves: open on schedule, close after a day, ask how actions went."""

from collections.abc import Awaitable, Callable

from bot.deps import Deps
from bot.engine.deliveries import hold_cause, plan_post
from bot.engine.queue import SlotWork
from bot.errors import BadInput, NotFound
from bot.retros import rules, service
from bot.retros.posts import close_and_tell, open_and_post
from bot.retros.queries import authors_of, get_action, get_run, series_to_run
from bot.retros.records import SeriesView
from bot.retros.rooms import check_room_of, own_audience
from bot.retros.views import render_cannot_open, render_question
from bot.workspaces.places import Place

SlotJob = Callable[[SlotWork, Deps], Awaitable[str]]


async def open_scheduled(work: SlotWork, deps: Deps) -> str:
    """A series' time has come: the next run opens, and one that is still open closes first."""
    async with deps.db.read() as session:
        series = await series_to_run(session, work.workspace_id, work.subject_id)
    if series is None or series.state != rules.ACTIVE:
        return "skipped: removed or paused"
    place = deps.places.of(work.workspace_id)
    try:
        await check_room_of(
            place,
            series.channel_id,
            is_anonymous=series.is_anonymous,
            at=work.at,
            is_stale=True,
        )
    except BadInput as error:
        return await _tell_why_not(work, deps, series, str(error))
    audience = await place.directory.audience(series.channel_id, at=work.at)
    names = await _names_of_open(work, deps, place, series)
    async with deps.db.write() as session:
        if await service.find_run_of_occurrence(session, work.workspace_id, work.id):
            return "opened before"
        earlier = await service.find_open_row(session, work.workspace_id, series.id)
        if earlier:
            await close_and_tell(session, work.cause, earlier, names, by="", at=work.at)
        row = await service.get_series_row(session, work.workspace_id, series.id)
        held = await hold_cause(session, work.cause, series.channel_id)
        run = await open_and_post(
            session,
            work.cause,
            row,
            audience,
            by="",
            at=work.at,
            occurrence_id=work.id,
            shown_at=held.until if held else None,
        )
        return f"opened #{run.number}" + (f", shown later: {held.reason}" if held else "")


async def _tell_why_not(work: SlotWork, deps: Deps, series: SeriesView, why: str) -> str:
    async with deps.db.write() as session:
        message = render_cannot_open(series, why)
        await plan_post(session, work.cause, series.owner_id, "not_opened", message)
    return f"skipped: {why}"


async def _names_of_open(
    work: SlotWork, deps: Deps, place: Place, series: SeriesView
) -> dict[str, str]:
    audience = own_audience(work.workspace_id, series.channel_id)
    async with deps.db.read() as session:
        row = await service.find_open_row(session, work.workspace_id, series.id)
        authors = await authors_of(session, audience, row.id) if row else set()
    return await place.directory.names(authors)


async def close_by_itself(work: SlotWork, deps: Deps) -> str:
    """24 hours are over."""
    place = deps.places.of(work.workspace_id)
    async with deps.db.read() as session:
        try:
            row = await service.get_run_row(session, work.workspace_id, work.subject_id)
        except NotFound:
            return "skipped: there is no such retro any more"
        audience = own_audience(work.workspace_id, row.source_channel_id)
        run = await get_run(session, audience, row.id)
        authors = await authors_of(session, audience, row.id)
    names = await place.directory.names(authors)
    async with deps.db.write() as session:
        row = await service.get_run_row(session, work.workspace_id, run.id)
        is_closed = await close_and_tell(session, work.cause, row, names, by="", at=work.at)
    return f"closed #{run.number}" if is_closed else "skipped: it was closed before"


async def ask_owner(work: SlotWork, deps: Deps) -> str:
    """An action's day: its owner is asked whether it worked."""
    owner = await deps.places.of(work.workspace_id).directory.asker(work.owner_id, at=work.at)
    async with deps.db.write() as session:
        try:
            action = await get_action(session, owner, work.subject_id)
        except NotFound:
            return "skipped: there is no such action any more"
        if action.state != rules.OPEN:
            return f"skipped: {action.state}"
        cause = work.cause.about(f"action #{action.number} of a retro", work.owner_id)
        await plan_post(session, cause, work.owner_id, "check", render_question(action))
    return f"asked the owner of #{action.number}"


SLOTS: dict[str, SlotJob] = {
    rules.OPEN_JOB: open_scheduled,
    rules.CLOSE_JOB: close_by_itself,
    rules.ACTION_JOB: ask_owner,
}
