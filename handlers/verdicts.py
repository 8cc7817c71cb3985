"""Verdicts' doors: the buttons that ask, the form, and what follows from an answer."""

from datetime import date

from bot.clock import zone_named
from bot.deps import Deps
from bot.engine.deliveries import plan_update
from bot.errors import BadInput, NotFound
from bot.launches import betting, judging, service, steps
from bot.launches.bets import (
    NEXT_STEPS,
    VERDICTS,
    check_date_of,
    default_check_date,
    is_against,
)
from bot.launches.headlines import post_in_thread, refresh_headline
from bot.launches.queries import get_launch
from bot.launches.records import LaunchView
from bot.launches.verdict_views import (
    render_answered,
    render_step_answered,
    render_verdict_form,
    render_verdict_line,
)
from bot.slack.blocks import View
from bot.slack.ids import Action, Form
from handlers.answers import Answer, Done, OpenModal, RefreshHome, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request


async def open_form(request: Request, deps: Deps) -> Answer:
    """A verdict's button: its form, with that verdict chosen where the button names one."""
    chosen = request.name.partition(":")[2]
    launch = await _judged(request, deps, request.value)
    verdict = chosen if chosen in VERDICTS else ""
    check_again = _default_date(request).isoformat()
    form = render_verdict_form(launch, verdict=verdict, check_again=check_again, due_on=check_again)
    return OpenModal(form)


async def redraw_form(request: Request, deps: Deps) -> Answer:
    """Another verdict was chosen: it may ask for other things."""
    launch = await _judged(request, deps, str(request.state.get("launch") or ""))
    return ShowModal(_redrawn(request, launch))


def _redrawn(request: Request, launch: LaunchView) -> View:
    values = request.values
    return render_verdict_form(
        launch,
        verdict=values.get("verdict", ""),
        lesson=values.get("lesson", ""),
        next_step=values.get("next_step", ""),
        reason=values.get("reason", ""),
        check_again=values.get("check_again", "") or _default_date(request).isoformat(),
        due_on=values.get("due_on", "") or _default_date(request).isoformat(),
    )


async def save_verdict(request: Request, deps: Deps) -> Answer:
    """The form: the verdict stands in the headline and as one line in the thread."""
    launch = await _judged(request, deps, str(request.state.get("launch") or ""))
    verdict = request.values.get("verdict", "")
    if verdict not in VERDICTS:
        raise BadInput(field="verdict", problem="No verdict is chosen.", fix="Choose one.")
    missing = _missing_field(launch, verdict)
    if missing and missing not in request.values:
        return ShowModal(_redrawn(request, launch))
    given = _read_given(request, launch, verdict)
    readers = await request.place.directory.audience(launch.source_channel_id, at=request.at)
    async with deps.act(request) as session:
        row = await service.get_launch_row(session, request.workspace_id, launch.id)
        bet = await betting.get_bet(session, request.workspace_id, _bet_id(launch))
        evidence = launch.evidence.kind if launch.evidence else ""
        await judging.record_verdict(
            session, bet, service.subject_of(row), given, evidence, at=request.at
        )
        detail = await refresh_headline(session, request.cause, readers, row)
        said = detail.verdicts[-1]
        line = render_verdict_line(detail.launch, said)
        await post_in_thread(session, request.cause, row, "verdict", line)
        if bet.question_id:
            answered = render_answered(detail.launch, said)
            await plan_update(session, request.cause, "answered", answered, of=bet.question_id)
    return Done()


async def answer_step(request: Request, deps: Deps) -> Answer:
    """Whether a miss is fixed or removed: done, in two weeks, or not any more."""
    answer = request.name.partition(":")[2]
    if answer not in {steps.DONE, steps.LATER, steps.DROPPED}:
        raise BadInput(field="step", problem="There is no such answer.")
    launch = await _judged(request, deps, request.value)
    readers = await request.place.directory.audience(launch.source_channel_id, at=request.at)
    today = request.at.astimezone(zone_named(_zone(launch))).date()
    async with deps.act(request) as session:
        row = await service.get_launch_row(session, request.workspace_id, launch.id)
        bet = await betting.get_bet(session, request.workspace_id, _bet_id(launch))
        step = await steps.answer_step(
            session,
            bet,
            service.subject_of(row),
            answer,
            by=request.user_id,
            at=request.at,
            today=today,
        )
        if step:
            detail = await refresh_headline(session, request.cause, readers, row)
            if detail.launch.step:
                said = render_step_answered(detail.launch, detail.launch.step)
                await post_in_thread(session, request.cause, row, "step", said)
                if step.question_id:
                    cause, of = request.cause, step.question_id
                    await plan_update(session, cause, "step.answered", said, of=of)
    return RefreshHome() if request.view_type == "home" else Done()


def _read_given(request: Request, launch: LaunchView, verdict: str) -> judging.Given:
    evidence = launch.evidence
    against = evidence is not None and is_against(verdict, evidence.kind, evidence.is_reached)
    reason = request.typed("reason", label="The reason", limit=600) if against else ""
    next_step = request.values.get("next_step", "")
    if verdict == "missed" and next_step not in NEXT_STEPS:
        raise BadInput(
            field="next_step", problem="A miss asks what happens next.", fix="Choose one."
        )
    check_again = None
    if verdict == "too_early":
        today = request.at.astimezone(zone_named(_zone(launch))).date()
        try:
            check_again = check_date_of(request.typed_date("check_again"), today)
        except BadInput as error:
            raise BadInput(field="check_again", problem=error.problem, fix=error.fix) from error
    return judging.Given(
        verdict=verdict,
        by=request.user_id,
        lesson=request.typed("lesson", limit=1_000),
        due_on=_due_on(request, launch, next_step) if verdict == "missed" else None,
        next_step=next_step,
        is_against_evidence=against,
        reason=reason,
        check_again=check_again,
    )


def _due_on(request: Request, launch: LaunchView, next_step: str) -> date | None:
    """Return by when a miss is fixed or removed; keeping it has no date."""
    if next_step == steps.KEEP:
        return None
    today = request.at.astimezone(zone_named(_zone(launch))).date()
    return steps.step_date(request.typed_date("due_on"), today)


def _missing_field(launch: LaunchView, verdict: str) -> str:
    """Return the field that this verdict needs and that the form may not have shown yet."""
    evidence = launch.evidence
    if evidence and is_against(verdict, evidence.kind, evidence.is_reached):
        return "reason"
    return {"missed": "next_step", "too_early": "check_again"}.get(verdict, "")


def _zone(launch: LaunchView) -> str:
    return launch.bet.timezone if launch.bet else "UTC"


def _bet_id(launch: LaunchView) -> str:
    if launch.bet is None:
        raise NotFound("There is no bet on this launch.")
    return launch.bet.id


def _default_date(request: Request) -> date:
    return default_check_date(request.at.astimezone(zone_named(request.asker.timezone)).date())


async def _judged(request: Request, deps: Deps, launch_id: str) -> LaunchView:
    """Return a launch with a bet that the asker may see. Raises ``NotFound`` or ``BadInput``."""
    if not launch_id:
        raise NotFound("There is no such launch that you can see.")
    async with deps.db.read() as session:
        launch = (await get_launch(session, request.asker, launch_id)).launch
    if launch.bet is None:
        raise BadInput(
            field="verdict",
            problem=f"There is no bet on #{launch.number}, so nothing to judge.",
            fix="Set a bet with its Edit button.",
        )
    return launch


ACTIONS = {
    Action.LAUNCH_VERDICT.value: Route(open_form),
    Action.LAUNCH_VERDICT_CHANGE.value: Route(redraw_form),
    Action.LAUNCH_STEP.value: Route(answer_step),
}
FORMS = {Form.LAUNCH_VERDICT.value: Route(save_verdict)}
