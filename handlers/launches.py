"""Launches' doors: command, shortcuts, form, headline buttons, offers, and the events behind."""

import re
from dataclasses import replace

from bot.bets import betting
from bot.bets.betting import Frozen
from bot.bets.histories import Timing, freeze_now
from bot.bets.rules import MOVE_METRIC, default_check_date
from bot.bets.views import render_few_days
from bot.cities import folded
from bot.clock import zone_named
from bot.deps import Deps
from bot.engine.deliveries import plan_post
from bot.engine.inbox import Arrival
from bot.errors import BadInput, NotAllowed
from bot.general.titles import fit_title, render_too_long, shortened_words
from bot.launches import offering, service
from bot.launches.crew_views import render_anyway_form
from bot.launches.forms import (
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    Draft,
    FormState,
    render_roll_back_form,
    render_update_form,
)
from bot.launches.headlines import post_headline, post_in_thread, refresh_headline
from bot.launches.offers import launch_title, title_of
from bot.launches.queries import find_launches, get_launch
from bot.launches.readiness import needs_go
from bot.launches.records import Approval, LaunchView
from bot.launches.stages import LIVE, ROLLED_BACK, STAGES, WORDS, stage_named
from bot.launches.views import (
    render_already_logged,
    render_declined,
    render_list,
    render_stage_note,
    render_update,
)
from bot.slack.blocks import Message
from bot.slack.ids import Action, Form, Shortcut
from bot.slack.kinds import is_channel
from bot.slack.text import SLACK_ID, plain
from bot.workspaces.watch import Watch
from handlers.answers import Answer, Done, OpenModal, Private, ShowModal
from handlers.bet_form import refresh_metrics
from handlers.boundary import Route
from handlers.events import Event
from handlers.launch_edit import open_edit_form, save_edit
from handlers.launch_form import (
    draw_form,
    launch_faults,
    read_audience,
    read_bet,
    read_draft,
    read_launch,
    read_state,
    visible_decision,
    visible_themes,
)
from handlers.payloads import Request, split_word

LIST_LENGTH = 15
# Launches whose owners a name is looked for among.
OWNERS_OF = 300
PERSON = re.compile(rf"<@({SLACK_ID})(?:\|[^>]*)?>")
WRITTEN = {"", "file_share", "thread_broadcast"}


async def open_form(request: Request, deps: Deps) -> Answer:
    """``/launch [title]`` opens the form; ``/launch list [area|stage|owner]`` lists."""
    word, rest = split_word(request.text)
    if word == "list":
        return await show_list(replace(request, text=rest), deps)
    if request.asker.is_guest:
        raise NotAllowed("Guests can read `/launch list`; please ask a member to log a launch.")
    typed = plain(request.text)
    if len(typed) > SUMMARY_LIMIT:
        return Private(render_too_long(typed, limit=TITLE_LIMIT))
    title, whole = fit_title(typed, TITLE_LIMIT)
    return await _open(request, deps, title=title, summary=whole)


async def open_form_globally(request: Request, deps: Deps) -> Answer:
    """The global shortcut."""
    return await _open(request, deps)


async def open_form_for_message(request: Request, deps: Deps) -> Answer:
    """The message shortcut: the form, filled in with what the message says."""
    message = request.message
    if message is None:
        raise BadInput(field="message", problem="There is no message here.")
    state = FormState(origin_channel=message.channel, origin_ts=message.ts)
    return await _open(request, deps, title=title_of(message.text), state=state)


async def open_form_from_button(request: Request, deps: Deps) -> Answer:
    """The button that answers a mention; its value is where it was asked: channel and thread."""
    channel_id, _, ts = request.value.partition(":")
    state = FormState(origin_channel=channel_id, origin_ts=ts)
    return await _open(request, deps, channel_id=channel_id, state=state)


async def take_offer(request: Request, deps: Deps) -> Answer:
    """The author of a launch-like message wants to log it."""
    async with deps.db.read() as session:
        offer = await offering.get_offer(
            session, request.workspace_id, request.value, request.user_id
        )
    state = FormState(origin_channel=offer.channel_id, origin_ts=offer.message_ts)
    return await _open(request, deps, title=offer.title, channel_id=offer.channel_id, state=state)


async def decline_offer(request: Request, deps: Deps) -> Answer:
    """The author of a launch-like message says that it is none."""
    async with deps.act(request) as session:
        offer = await offering.get_offer(
            session, request.workspace_id, request.value, request.user_id
        )
        offering.decline_offer(offer)
    return Private(render_declined(), replaces=True)


async def _open(
    request: Request,
    deps: Deps,
    *,
    title: str = "",
    summary: str = "",
    channel_id: str = "",
    state: FormState | None = None,
) -> Answer:
    state = state or FormState()
    if known := await _logged_from(request, deps, state):
        return Private(render_already_logged(known))
    today = request.at.astimezone(zone_named(request.asker.timezone)).date()
    here = channel_id or state.origin_channel or request.channel_id
    draft = Draft(
        title=title,
        summary=summary,
        owner=request.user_id,
        channel=here if is_channel(here) else "",
        check_date=default_check_date(today).isoformat(),
    )
    lead = shortened_words(TITLE_LIMIT, "“In a sentence”") if summary else ""
    return OpenModal(await draw_form(request, deps, draft, state, lead=lead))


async def _logged_from(request: Request, deps: Deps, state: FormState) -> LaunchView | None:
    """Return the launch that a message became before, if this asker may see it."""
    async with deps.db.read() as session:
        row = await service.find_by_origin(
            session, request.workspace_id, state.origin_channel, state.origin_ts
        )
        found = await find_launches(session, request.asker, ids=[row.id]) if row else []
    return found[0] if found else None


async def redraw_form(request: Request, deps: Deps) -> Answer:
    """Something in the form was picked: the bet folds out, or what is known changes."""
    state = read_state(request)
    is_fold = request.name.startswith(Action.LAUNCH_BET_FOLD)
    state = replace(state, has_bet=state.has_bet or is_fold)
    return ShowModal(await draw_form(request, deps, read_draft(request), state))


async def save_form(request: Request, deps: Deps) -> Answer:
    """The form: a new launch, or an edit of one."""
    state = read_state(request)
    if state.launch:
        return await save_edit(request, deps, state)
    title = plain(request.typed("title", label="The title", limit=TITLE_LIMIT))
    owner_id = request.values.get("owner", "")
    audience = await read_audience(request, owner_id)
    stage = stage_named(request.values.get("stage", "")) or LIVE
    timing = Timing(live_at=request.at) if stage == LIVE else Timing()
    bet = await read_bet(request, deps, audience, timing)
    new = service.NewLaunch(
        title=title,
        owner_id=owner_id,
        channel_id=audience.channel_id,
        created_by=request.user_id,
        stage=stage,
        area=request.typed("area", limit=60),
        summary=request.typed("summary", limit=SUMMARY_LIMIT),
        origin_channel_id=state.origin_channel,
        origin_ts=state.origin_ts,
        theme_ids=await visible_themes(request, deps),
        decision_id=await visible_decision(request, deps),
    )
    async with deps.act(request) as session:
        await service.check_origin(session, request.workspace_id, new)
        launch = await service.create_launch(session, request.workspace_id, new, at=request.at)
        if bet:
            await betting.set_bet(
                session,
                request.workspace_id,
                service.subject_of(launch),
                *bet,
                by=request.user_id,
                at=request.at,
                live_at=launch.live_at,
            )
        await post_headline(session, request.cause, audience.asker, launch)
    return Done()


async def choose_stage(request: Request, deps: Deps) -> Answer:
    """The menu in the headline; a roll-back asks for its reason first."""
    launch = await read_launch(request, deps, request.name.partition(":")[2])
    stage = request.value
    if stage not in STAGES:
        raise BadInput(field="stage", problem="There is no such stage.")
    if stage == launch.stage:
        return Private(Message(f"#{launch.number} is {WORDS[stage]} already."))
    if stage == ROLLED_BACK:
        return OpenModal(render_roll_back_form(launch))
    if missing := await _missing_go(request, deps, launch, stage):
        return OpenModal(render_anyway_form(launch, stage, missing))
    return await _move(request, deps, launch, stage)


async def roll_back(request: Request, deps: Deps) -> Answer:
    """The form of a roll-back."""
    reason = request.typed("reason", label="The reason", limit=600)
    launch = await read_launch(request, deps, str(request.state.get("launch") or ""))
    return await _move_for_reason(request, deps, launch, ROLLED_BACK, reason)


async def move_anyway(request: Request, deps: Deps) -> Answer:
    """The form of a move without everybody's go."""
    reason = request.typed("reason", label="The reason", limit=600)
    launch = await read_launch(request, deps, str(request.state.get("launch") or ""))
    stage = str(request.state.get("stage") or "")
    if stage not in STAGES:
        raise BadInput(field="stage", problem="There is no such stage.")
    return await _move_for_reason(request, deps, launch, stage, reason)


async def _move_for_reason(
    request: Request, deps: Deps, launch: LaunchView, stage: str, reason: str
) -> Answer:
    """Move it; what somebody else did meanwhile stands under the reason, which stays typed."""
    try:
        return await _move(request, deps, launch, stage, reason=reason)
    except BadInput as error:
        raise BadInput(field="reason", problem=error.problem, fix=error.fix) from error


async def _missing_go(
    request: Request, deps: Deps, launch: LaunchView, stage: str
) -> list[Approval]:
    async with deps.db.read() as session:
        return needs_go(await get_launch(session, request.asker, launch.id), stage)


async def _move(
    request: Request, deps: Deps, launch: LaunchView, stage: str, *, reason: str = ""
) -> Answer:
    directory = request.place.directory
    readers = await directory.audience(launch.source_channel_id, at=request.at)
    frozen = await _freeze(request, deps, launch) if stage == LIVE else None
    async with deps.act(request) as session:
        row = await service.get_launch_row(session, request.workspace_id, launch.id)
        is_moved = await service.move_stage(
            session, row, stage, by=request.user_id, at=request.at, reason=reason, frozen=frozen
        )
        if not is_moved and reason:
            raise BadInput(
                field="stage",
                problem=f"Somebody said so before you: it is {WORDS[stage]} already.",
                fix="Nothing was overwritten. Copy your words into an update of the launch.",
            )
        if is_moved:
            detail = await refresh_headline(session, request.cause, readers, row)
            note = render_stage_note(detail)
            await post_in_thread(session, request.cause, row, "stage", note)
            few = render_few_days(detail.launch) if stage == LIVE else None
            if few:
                await plan_post(session, request.cause, row.owner_id, "few_days", few)
    return Done()


async def _freeze(request: Request, deps: Deps, launch: LaunchView) -> Frozen | None:
    """Read what the bet's metric is like now, before anybody met the launch."""
    readers = await request.place.directory.audience(launch.source_channel_id, at=request.at)
    async with deps.db.read() as session:
        bet = (await get_launch(session, readers, launch.id)).launch.bet
    if bet is None or bet.kind != MOVE_METRIC or bet.metric_id is None:
        return None
    await refresh_metrics(request, deps, [bet.metric_id])
    exposed_at = None if launch.ended_at else launch.exposed_at
    timing = Timing(exposed_at=exposed_at, live_at=request.at)
    return await freeze_now(deps.db, readers, bet, timing, at=request.at)


async def open_update_form(request: Request, deps: Deps) -> Answer:
    """The button under the headline."""
    return OpenModal(render_update_form(await read_launch(request, deps, request.value)))


async def post_update(request: Request, deps: Deps) -> Answer:
    """The form of an update: into the thread, in its writer's words."""
    text = request.typed("text", label="The update", limit=2_000)
    launch = await read_launch(request, deps, str(request.state.get("launch") or ""))
    async with deps.act(request) as session:
        row = await service.get_launch_row(session, request.workspace_id, launch.id)
        await service.log_update(session, row, text, by=request.user_id, at=request.at)
        message = render_update(text, request.user_id)
        await post_in_thread(session, request.cause, row, "update", message)
    return Done()


async def show_list(request: Request, deps: Deps) -> Answer:
    """``/daybook launch list [area|stage|owner]``: newest first, as the asker may see them."""
    wanted = plain(request.text)
    owner = await _owner_named(request, deps, request.text.strip())
    async with deps.db.read() as session:
        if owner:
            found = await find_launches(session, request.asker, owner_id=owner, limit=LIST_LENGTH)
        elif stage := stage_named(wanted):
            found = await find_launches(session, request.asker, stages=[stage], limit=LIST_LENGTH)
        elif wanted.lower() in {"mine", "me"}:
            found = await find_launches(
                session, request.asker, owner_id=request.user_id, limit=LIST_LENGTH
            )
        else:
            found = await find_launches(session, request.asker, area=wanted, limit=LIST_LENGTH)
    return Private(render_list(found, wanted, is_guest=request.asker.is_guest))


async def _owner_named(request: Request, deps: Deps, typed: str) -> str:
    """Return whom ``@Tomás`` means among the owners; empty when nobody was named.

    Slack sends a command's text as it was typed. Raises ``BadInput`` unless it fits one.
    """
    if mention := PERSON.fullmatch(typed):
        return mention[1]
    if not typed.startswith("@"):
        return ""
    async with deps.db.read() as session:
        launches = await find_launches(session, request.asker, limit=OWNERS_OF)
    names = await request.place.directory.names({one.owner_id for one in launches})
    wanted = folded(typed)
    fitting = [id_ for id_, name in names.items() if folded(name).startswith(wanted)]
    if len(fitting) == 1 and wanted:
        return fitting[0]
    fix = "Type more of the name." if fitting else "Type the name as Slack shows it."
    problem = "Several owners of launches are called so." if fitting else "Nobody of that name."
    raise BadInput(field="owner", problem=problem, fix=fix)


def match_launch(event: Event, watch: Watch) -> Arrival | None:
    """A new top-level message that reads like a launch: keeps its title only."""
    raw = event.raw
    is_reply = raw.get("thread_ts") and raw.get("thread_ts") != raw.get("ts")
    if is_reply or raw.get("bot_id") or str(raw.get("subtype") or "") not in WRITTEN:
        return None
    if event.user in watch.bot_users or not is_channel(event.channel):
        return None
    title = launch_title(str(raw.get("text") or ""))
    if not title:
        return None
    ids = {"channel": event.channel, "ts": str(raw.get("ts") or ""), "user": event.user}
    return Arrival("launch.offer", {**ids, "title": title})


COMMANDS = {"launch": Route(open_form, guests=True)}
SHORTCUTS = {
    Shortcut.NEW_LAUNCH.value: Route(open_form_globally),
    Shortcut.LOG_LAUNCH.value: Route(open_form_for_message),
}
ACTIONS = {
    Action.LAUNCH_STAGE.value: Route(choose_stage),
    Action.LAUNCH_EDIT.value: Route(open_edit_form),
    Action.LAUNCH_UPDATE.value: Route(open_update_form),
    Action.LAUNCH_OPEN.value: Route(open_form_from_button),
    Action.LAUNCH_OFFER_TAKE.value: Route(take_offer),
    Action.LAUNCH_OFFER_DECLINE.value: Route(decline_offer),
    Action.LAUNCH_TITLE.value: Route(redraw_form),
    Action.LAUNCH_BET_FOLD.value: Route(redraw_form),
    Action.LAUNCH_BET_KIND.value: Route(redraw_form),
    Action.LAUNCH_BET_METRIC.value: Route(redraw_form),
    Action.LAUNCH_BET_TARGET.value: Route(redraw_form),
    Action.LAUNCH_BET_DATE.value: Route(redraw_form),
}
FORMS = {
    Form.LAUNCH.value: Route(save_form, faults=launch_faults),
    Form.LAUNCH_ROLL_BACK.value: Route(roll_back),
    Form.LAUNCH_ANYWAY.value: Route(move_anyway),
    Form.LAUNCH_UPDATE.value: Route(post_update),
}
MATCHERS = {"message": [match_launch]}
