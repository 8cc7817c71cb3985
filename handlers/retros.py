"""What people do with retros: answer, close, promise, check, pause; and the table of routes."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date, zone_named
from bot.deps import Deps
from bot.errors import BadInput, NotAllowed
from bot.retros import promises, rules, service
from bot.retros.forms import render_actions_form, render_answer_form, render_word_form
from bot.retros.posts import (
    close_and_tell,
    open_and_post,
    post_promises,
    refresh_promises,
    show_count,
)
from bot.retros.queries import (
    action_view,
    authors_of,
    find_actions,
    get_action,
    get_run,
    get_series,
    standing_of,
)
from bot.retros.records import Promise, RunView, SeriesView
from bot.retros.rooms import can_answer
from bot.retros.tables import RetroAction, RetroSeries
from bot.retros.views import render_checked, render_done
from bot.slack.blocks import Message
from bot.slack.ids import Action, Form
from bot.slack.text import storable
from bot.workspaces.asker import Asker
from handlers.answers import Answer, Done, OpenModal, Private, RefreshHome, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request
from handlers.retro_form import (
    check_place,
    open_form,
    read_list,
    redraw_form,
    retro_faults,
    save_form,
)


async def _reader(request: Request) -> Asker:
    """Return the person with the channels they are in; where they clicked is no proof of it."""
    return await request.place.directory.asker(request.user_id, at=request.at)


async def _run_to_join(request: Request, deps: Deps, run_id: str) -> RunView:
    """Return a run that this person takes part in; raises ``NotAllowed`` or ``NotFound``."""
    reader = await _reader(request)
    async with deps.db.read() as session:
        run = await get_run(session, reader, run_id)
    if run.channel_id not in reader.channel_ids:
        raise NotAllowed("Only members of the retro's channel take part. Join it first.")
    return run


async def open_answer_form(request: Request, deps: Deps) -> Answer:
    """The Answer button: one field a question, filled in with what was said before."""
    run = await _run_to_join(request, deps, request.value)
    rules.check_open(run.state)
    async with deps.db.read() as session:
        standing = await standing_of(session, request.asker, run.id)
    return OpenModal(render_answer_form(run, standing))


async def save_answers(request: Request, deps: Deps) -> Answer:
    """The form of answers."""
    run = await _run_to_join(request, deps, str(request.state.get("run") or ""))
    rules.check_open(run.state)
    texts = {place: storable(request.typed(f"q{place}")) for place in range(len(run.questions))}
    async with deps.act(request) as session:
        row = await service.get_run_row(session, request.workspace_id, run.id)
        if await service.put_answers(session, row, texts, by=request.user_id, at=request.at):
            await show_count(session, row, at=request.at)
    later = "" if run.is_anonymous else " You can change it until the retro closes."
    return ShowModal(render_done(f"Thank you, it is kept.{later}"))


async def close(request: Request, deps: Deps) -> Answer:
    """The Close button: no more answers, and what was said goes into the thread."""
    run = await _run_to_join(request, deps, request.value)
    if request.user_id not in (run.owner_id, run.opened_by) and not request.asker.is_admin:
        raise NotAllowed("Only who opened this retro can close it; it closes by itself too.")
    rules.check_open(run.state)
    async with deps.db.read() as session:
        authors = await authors_of(session, request.asker, run.id)
    names = await request.place.directory.names(authors)
    async with deps.act(request) as session:
        row = await service.get_run_row(session, request.workspace_id, run.id)
        by = request.user_id
        await close_and_tell(session, request.cause, row, names, by=by, at=request.at)
    return Done()


async def open_actions_form(request: Request, deps: Deps) -> Answer:
    """The Add actions button: as many as the series has room for."""
    run = await _run_to_join(request, deps, request.value)
    rules.check_closed(run.state)
    async with deps.db.read() as session:
        still = await find_actions(
            session, request.asker, series_id=run.series_id, states=(rules.OPEN,)
        )
        titles = await promises.open_titles(session, request.workspace_id, run.series_id)
    rules.check_room(titles, 1)
    tomorrow = _today(request, request.asker.timezone) + timedelta(days=1)
    return OpenModal(render_actions_form(run, still, tomorrow=tomorrow))


def _today(request: Request, zone: str) -> date:
    return local_date(request.at, zone_named(zone))


async def save_actions(request: Request, deps: Deps) -> Answer:
    """The form of actions: kept, told in the thread, and to each owner."""
    run = await _run_to_join(request, deps, str(request.state.get("run") or ""))
    wanted = [
        await _read_promise(request, run, place)
        for place in range(rules.MOST_OPEN_ACTIONS)
        if any(request.values.get(f"{name}{place}") for name in ("text", "owner", "due"))
    ]
    if not wanted:
        raise BadInput(field="text0", problem="No action is written.", fix="One is enough.")
    zones = {one.owner_id: one.timezone for one in wanted}
    async with deps.act(request) as session:
        row = await service.get_run_row(session, request.workspace_id, run.id)
        rows = await promises.promise_actions(
            session, row, wanted, by=request.user_id, at=request.at
        )
        cause = request.cause.about(f"actions of retro #{run.number}", request.user_id)
        await post_promises(session, cause, run, rows, zones)
    return ShowModal(render_done("Promised. I ask each owner on the day how it went."))


async def _read_promise(request: Request, run: RunView, place: int) -> Promise:
    limit = rules.ACTION_CHARACTERS
    text = request.typed(f"text{place}", label="The action", limit=limit)
    owner = await _read_owner(request, run, f"owner{place}")
    zone = (await request.place.directory.member(owner, at=request.at)).timezone
    due = request.typed_date(f"due{place}")
    if due is None:
        raise BadInput(field=f"due{place}", problem="The day is missing.", fix="Pick one.")
    rules.check_due(due, _today(request, zone), f"due{place}")
    return Promise(
        text=text,
        owner_id=owner,
        due_on=due,
        timezone=zone,
        expected_effect=request.typed(f"effect{place}", limit=limit),
        check=request.typed(f"check{place}", limit=limit),
    )


async def _read_owner(request: Request, run: RunView, field: str) -> str:
    owner = request.values.get(field, "")
    if not owner:
        raise BadInput(field=field, problem="The owner is missing.", fix="Pick one person.")
    if not await can_answer(request.place, owner, at=request.at):
        raise BadInput(field=field, problem="That is no member.", fix="Pick a member of the team.")
    if (
        run.channel_id
        not in (await request.place.directory.asker(owner, at=request.at)).channel_ids
    ):
        raise BadInput(
            field=field, problem="They are not in this retro's channel.", fix="Pick somebody else."
        )
    return owner


async def check_action(request: Request, deps: Deps) -> Answer:
    """One tap of the owner: worked, did not, not done."""
    _, _, rest = request.name.partition(":")
    state = rest.partition(":")[0]
    async with deps.db.read() as session:
        action = await get_action(session, request.asker, request.value)

    async def say(session: AsyncSession, row: RetroAction) -> None:
        await promises.check_action(session, row, state, by=request.user_id, at=request.at)

    checked = await _change_action(request, deps, action.id, say)
    return RefreshHome() if request.view_type == "home" else Private(checked, replaces=True)


async def open_word_form(request: Request, deps: Deps) -> Answer:
    """The button under an answered question: one sentence for the next retro."""
    async with deps.db.read() as session:
        action = await get_action(session, request.asker, request.value)
    if action.owner_id != request.user_id:
        raise NotAllowed("Only the action's owner can say how it went.")
    return OpenModal(render_word_form(action))


async def save_word(request: Request, deps: Deps) -> Answer:
    """The form of that sentence."""
    word = request.typed("word", label="The sentence", limit=rules.ACTION_CHARACTERS)
    async with deps.db.read() as session:
        action = await get_action(session, request.asker, str(request.state.get("action") or ""))

    async def say(session: AsyncSession, row: RetroAction) -> None:
        await promises.say_word(session, row, word, by=request.user_id, at=request.at)

    await _change_action(request, deps, action.id, say)
    return ShowModal(render_done("Kept. The next retro opens with it."))


ActionChange = Callable[[AsyncSession, RetroAction], Awaitable[None]]
SeriesChange = Callable[[AsyncSession, RetroSeries], Awaitable[None]]


async def _change_action(
    request: Request, deps: Deps, action_id: str, change: ActionChange
) -> Message:
    async with deps.act(request) as session:
        row = await promises.get_action_row(session, request.workspace_id, action_id)
        await change(session, row)
        view = action_view(row)
        await refresh_promises(session, request.cause, request.workspace_id, view)
    return render_checked(view)


async def run_now(request: Request, deps: Deps) -> Answer:
    """Run now: a retro beside the schedule."""
    series = await _series_to_change(request, deps)
    await check_place(request, series.channel_id, is_anonymous=series.is_anonymous)
    audience = await request.place.directory.audience(series.channel_id, at=request.at)

    async def run(session: AsyncSession, row: RetroSeries) -> None:
        by = request.user_id
        await open_and_post(session, request.cause, row, audience, by=by, at=request.at)

    return await _change_series(request, deps, run, f"“{series.name}” is open.")


async def pause(request: Request, deps: Deps) -> Answer:
    """Pause until somebody resumes."""

    async def stop(session: AsyncSession, row: RetroSeries) -> None:
        await service.pause_series(session, row, by=request.user_id, at=request.at)

    return await _change_series(request, deps, stop, "Paused.")


async def resume(request: Request, deps: Deps) -> Answer:
    """Resume with the next date."""

    async def go_on(session: AsyncSession, row: RetroSeries) -> None:
        await service.resume_series(session, row, by=request.user_id, at=request.at)

    return await _change_series(request, deps, go_on, "It opens by itself again.")


async def remove(request: Request, deps: Deps) -> Answer:
    """Remove for good."""

    async def end(session: AsyncSession, row: RetroSeries) -> None:
        await service.remove_series(session, row, by=request.user_id, at=request.at)

    return await _change_series(request, deps, end, "Removed. What was said and promised stays.")


async def _series_to_change(request: Request, deps: Deps) -> SeriesView:
    async with deps.db.read() as session:
        series = await get_series(session, request.asker, request.value)
    if series.owner_id != request.user_id and not request.asker.is_admin:
        raise NotAllowed("Only the retro's owner or an admin may change it.")
    return series


async def _change_series(request: Request, deps: Deps, change: SeriesChange, note: str) -> Answer:
    series = await _series_to_change(request, deps)
    async with deps.act(request) as session:
        row = await service.get_series_row(session, request.workspace_id, series.id)
        await change(session, row)
    return Private(await read_list(request, deps, note=note), replaces=True)


COMMANDS = {"retro": Route(open_form, guests=True)}
ACTIONS = {
    Action.RETRO_TEMPLATE.value: Route(redraw_form),
    Action.RETRO_SCHEDULE.value: Route(redraw_form),
    Action.RETRO_ANSWER.value: Route(open_answer_form),
    Action.RETRO_CLOSE.value: Route(close),
    Action.RETRO_ACTIONS.value: Route(open_actions_form),
    Action.RETRO_CHECK.value: Route(check_action),
    Action.RETRO_WORD.value: Route(open_word_form),
    Action.RETRO_RUN.value: Route(run_now),
    Action.RETRO_PAUSE.value: Route(pause),
    Action.RETRO_RESUME.value: Route(resume),
    Action.RETRO_REMOVE.value: Route(remove),
}
FORMS = {
    Form.RETRO.value: Route(save_form, faults=retro_faults),
    Form.RETRO_ANSWER.value: Route(save_answers),
    Form.RETRO_ACTIONS.value: Route(save_actions),
    Form.RETRO_WORD.value: Route(save_word),
}
