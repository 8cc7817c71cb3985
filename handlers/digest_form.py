"""The digest's form: opens filled in, answers while one types, and saves."""

from dataclasses import replace
from datetime import time

from bot.calendars.queries import When, read_coming
from bot.clock import WORKING_DAYS, Rule, Weekly, zone_named
from bot.deps import Deps
from bot.digests import service
from bot.digests.cards import render_card
from bot.digests.forms import (
    METRICS,
    NAME,
    NAME_LIMIT,
    QUIET,
    WHEN,
    WHERE,
    WORDS_LIMIT,
    Choice,
    Draft,
    render_form,
)
from bot.digests.rules import FEEDBACK, KINDS, LAUNCHES
from bot.digests.rules import METRICS as NUMBERS
from bot.errors import BadInput, DaybookError, NotFound
from bot.metrics.queries import list_metrics
from bot.schedule_words import Scheduled, read_schedule, say
from bot.slack.blocks import View
from bot.slack.kinds import is_channel
from bot.slack.text import escape
from handlers.answers import Answer, OpenModal, ShowModal
from handlers.digest_cards import check_may_change, read_card
from handlers.faults import gather_faults
from handlers.payloads import Request

# What a new form stands filled in with, so that the first digest is one click.
FIRST_RULE = Rule(at=time(9, 0), on=Weekly(days=WORKING_DAYS))
FIRST_METRICS = 6
FIRST_WEEKLY_RULE = Rule(at=time(9, 0), on=Weekly(days=(0,)))
NAMES = {NUMBERS: "Daily numbers", FEEDBACK: "Customer feedback", LAUNCHES: "All launches"}


async def open_form(request: Request, deps: Deps) -> Answer:
    """The form for a new digest, filled in with what most teams want."""
    await deps.metrics.follow(request.workspace_id, at=request.at)
    target = await _here(request)
    words = request.text or request.value or say(FIRST_RULE, zone_named(request.asker.timezone))
    draft = Draft(target=target, words=words[:WORDS_LIMIT])
    choices, _ = await _choices(request, deps, target)
    chosen = tuple(choice.id for choice in choices[:FIRST_METRICS])
    return OpenModal(await _form(request, deps, replace(draft, metric_ids=chosen)))


async def open_feedback_form(request: Request, deps: Deps) -> Answer:
    """The form for a weekly digest of feedback, filled in."""
    return await _open_weekly(request, deps, FEEDBACK)


async def open_launches_form(request: Request, deps: Deps) -> Answer:
    """The form for a weekly digest of all launches, filled in."""
    return await _open_weekly(request, deps, LAUNCHES)


async def _open_weekly(request: Request, deps: Deps, kind: str) -> Answer:
    zone = zone_named(request.asker.timezone)
    words = request.text or request.value or say(FIRST_WEEKLY_RULE, zone)
    target = await _here(request)
    draft = Draft(target=target, words=words[:WORDS_LIMIT], kind=kind)
    return OpenModal(await _form(request, deps, draft))


async def redraw_form(request: Request, deps: Deps) -> Answer:
    """Target or schedule changed: what may be shown there, and when it would be posted."""
    return ShowModal(await _form(request, deps, _typed(request)))


async def open_edit_form(request: Request, deps: Deps) -> Answer:
    """Edit: the form as it was saved."""
    view = await check_may_change(request, deps, request.value)
    draft = Draft(
        target="" if view.is_dm else view.target,
        metric_ids=view.metric_ids,
        words=view.words,
        name=view.name,
        skip_if_empty=view.skip_if_empty,
        digest_id=view.id,
        kind=view.kind,
    )
    form = await _form(request, deps, draft)
    return ShowModal(form) if request.view_type == "modal" else OpenModal(form)


async def save_form(request: Request, deps: Deps) -> Answer:
    """The form: a new digest, or a changed one."""
    draft = _typed(request)
    schedule = _schedule(request, draft.words)
    target = draft.target or request.user_id
    await _check_target(request, draft.target)
    wanted = service.Wanted(
        name=draft.name or NAMES[draft.kind],
        target=target,
        kind=draft.kind,
        metric_ids=await _chosen(request, deps, draft),
        rule=schedule.rule,
        # With its zone: whoever edits it next may live in another one.
        words=say(schedule.rule, schedule.zone),
        timezone=schedule.zone.key,
        skip_if_empty=draft.skip_if_empty,
    )
    digest_id = await _save(request, deps, draft.digest_id, wanted)
    note = "Saved." if draft.digest_id else "Your digest is set up."
    return ShowModal(render_card(await read_card(request, deps, digest_id), note=note))


async def _chosen(request: Request, deps: Deps, draft: Draft) -> list[str]:
    """Return the metrics to show; a digest of another kind has none. Raises ``BadInput``."""
    if draft.kind != NUMBERS:
        return []
    choices, problem = await _choices(request, deps, draft.target)
    offered = {choice.id for choice in choices}
    chosen = [one for one in draft.metric_ids if one in offered]
    if not chosen:
        field = METRICS if METRICS in request.values else WHERE
        raise BadInput(field=field, problem=problem or "Choose at least one metric.")
    return chosen


async def _save(request: Request, deps: Deps, digest_id: str, wanted: service.Wanted) -> str:
    if digest_id:
        await check_may_change(request, deps, digest_id)
    async with deps.act(request) as session:
        if not digest_id:
            digest = await service.create_digest(
                session, request.workspace_id, wanted, by=request.user_id, at=request.at
            )
            return digest.id
        digest = await service.get_digest(session, request.workspace_id, digest_id)
        await service.edit_digest(session, digest, wanted, by=request.user_id, at=request.at)
        return digest.id


async def digest_faults(request: Request, deps: Deps) -> list[BadInput]:
    """Return all that is wrong with the form of a digest."""
    values = request.values
    draft = Draft(
        target=values.get(WHERE, ""),
        metric_ids=tuple(request.chosen(METRICS)),
        kind=str(request.state.get("kind") or NUMBERS),
    )
    found = await gather_faults(
        [
            lambda: request.typed(NAME, limit=NAME_LIMIT),
            lambda: request.typed(WHEN, limit=WORDS_LIMIT),
            lambda: _schedule(request, values.get(WHEN, "")),
            lambda: _check_target(request, draft.target),
        ]
    )
    if any(one.field == WHERE for one in found):
        return found  # which metrics may be shown there is not to be asked
    return found + await gather_faults([lambda: _chosen(request, deps, draft)])


def _typed(request: Request) -> Draft:
    kind = str(request.state.get("kind") or "")
    return Draft(
        target=request.values.get(WHERE, ""),
        metric_ids=tuple(request.chosen(METRICS)),
        words=request.typed(WHEN, limit=WORDS_LIMIT),
        name=request.typed(NAME, limit=NAME_LIMIT),
        skip_if_empty=request.values.get(QUIET) == "quiet",
        digest_id=str(request.state.get("digest") or ""),
        kind=kind if kind in KINDS else NUMBERS,
    )


async def _form(request: Request, deps: Deps, draft: Draft) -> View:
    if draft.kind != NUMBERS:
        problem = await _problem(request, draft.target)
        preview = await _preview(request, deps, draft)
        return render_form(draft, [], preview=preview, problem=problem)
    choices, problem = await _choices(request, deps, draft.target)
    offered = {choice.id for choice in choices}
    kept = tuple(one for one in draft.metric_ids if one in offered)
    return render_form(
        replace(draft, metric_ids=kept),
        choices,
        preview=await _preview(request, deps, draft),
        problem=problem,
    )


async def _preview(request: Request, deps: Deps, draft: Draft) -> str:
    try:
        schedule = _schedule(request, draft.words)
    except BadInput as error:
        return escape(str(error))
    place = When(schedule.rule, schedule.zone, draft.target or request.user_id)
    async with deps.db.read() as session:
        return escape(await read_coming(session, request.workspace_id, place, at=request.at))


def _schedule(request: Request, words: str) -> Scheduled:
    try:
        return read_schedule(words, at=request.at, zone=zone_named(request.asker.timezone))
    except BadInput as error:
        raise BadInput(field=WHEN, problem=error.problem, fix=error.fix) from error


async def _here(request: Request) -> str:
    """Return the channel the request came from, if a digest may go there."""
    try:
        await _check_target(request, request.channel_id)
    except DaybookError:
        return ""
    return request.channel_id if is_channel(request.channel_id) else ""


async def _check_target(request: Request, target: str) -> None:
    if not target:
        return
    try:
        channel = await request.place.directory.channel(target, at=request.at)
    except NotFound as error:
        raise BadInput(field=WHERE, problem=str(error)) from error
    if channel.is_private and target not in request.asker.channel_ids:
        raise BadInput(field=WHERE, problem="You are not in that channel.")
    if channel.is_shared:
        raise BadInput(
            field=WHERE,
            problem="People from outside read that channel, so no numbers are shown there.",
            fix="Choose another one.",
        )
    if channel.is_archived:
        raise BadInput(field=WHERE, problem="That channel is archived.", fix="Choose another one.")


async def _problem(request: Request, target: str) -> str:
    """Return why nothing, or little, can be posted there, if so."""
    try:
        await _check_target(request, target)
        readers = await request.place.directory.audience(target or request.user_id, at=request.at)
    except (BadInput, NotFound) as error:
        return str(error)
    if readers.sees_public:
        return ""
    return "Guests read that channel, so only what was logged in it is shown there."


async def _choices(request: Request, deps: Deps, target: str) -> tuple[list[Choice], str]:
    """Return the metrics that both the asker and all readers of ``target`` may see."""
    try:
        await _check_target(request, target)
        audience = await request.place.directory.audience(target or request.user_id, at=request.at)
    except (BadInput, NotFound) as error:
        return [], str(error)
    async with deps.db.read() as session:
        shown = await list_metrics(session, audience)
        mine = {metric.id for metric in await list_metrics(session, request.asker)}
    choices = [metric for metric in shown if metric.id in mine]
    choices.sort(key=lambda metric: metric.source == "daybook")
    if not choices and not audience.sees_public:
        return [], "Guests read that channel, so the workspace's metrics are not shown there."
    return [Choice(metric.id, metric.label) for metric in choices], ""
