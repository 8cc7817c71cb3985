"""Verdicts' doors: the buttons that ask, the form, and what follows from an answer."""

from dataclasses import replace
from datetime import date

from bot.bets import betting, judging, steps
from bot.bets.histories import freeze_now
from bot.bets.keeping import Keeper, keeper_of, read_value
from bot.bets.records import Judged
from bot.bets.rules import (
    MOVE_METRIC,
    NEXT_STEPS,
    VERDICTS,
    check_date_of,
    default_check_date,
    is_against,
    spoken_date,
)
from bot.bets.views import (
    render_answered,
    render_step_answered,
    render_verdict_form,
    render_verdict_line,
    stamp_of,
)
from bot.clock import zone_named
from bot.deps import Deps
from bot.engine.deliveries import plan_update
from bot.errors import BadInput, NotAllowed, NotFound
from bot.general.keepers import KEEPERS
from bot.slack.blocks import View
from bot.slack.ids import Action, Form
from bot.slack.text import person
from bot.workspaces.asker import Asker
from handlers.answers import Answer, Done, OpenModal, RefreshHome, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request


async def open_form(request: Request, deps: Deps) -> Answer:
    """A verdict's button: its form, with that verdict chosen where the button names one."""
    chosen = request.name.partition(":")[2]
    one, _ = await _judged(request, deps, request.value)
    await _check_may_judge(request, one)
    if one.bet and one.bet.state == "open" and one.verdict:
        raise BadInput(
            field="verdict",
            problem=f"#{one.number} is checked again on {spoken_date(one.bet.check_date)}.",
            fix="I ask you then. Edit its check date if that should be sooner.",
        )
    verdict = chosen if chosen in VERDICTS else ""
    check_again = _default_date(request).isoformat()
    form = render_verdict_form(one, verdict=verdict, check_again=check_again, due_on=check_again)
    return OpenModal(form)


async def redraw_form(request: Request, deps: Deps) -> Answer:
    """Another verdict was chosen: it may ask for other things."""
    one, _ = await _judged(request, deps, _subject(request))
    return ShowModal(_redrawn(request, one))


def _subject(request: Request) -> str:
    state = request.state
    return str(state.get("subject") or state.get("launch") or "")


def _redrawn(request: Request, one: Judged) -> View:
    values = request.values
    return render_verdict_form(
        one,
        verdict=values.get("verdict", ""),
        lesson=values.get("lesson", ""),
        next_step=values.get("next_step", ""),
        reason=values.get("reason", ""),
        check_again=values.get("check_again", "") or _default_date(request).isoformat(),
        due_on=values.get("due_on", "") or _default_date(request).isoformat(),
        seen=str(request.state.get("seen") or ""),
    )


async def save_verdict(request: Request, deps: Deps) -> Answer:
    """The form: the verdict stands in the headline and as one line in the thread."""
    one, keeper = await _judged(request, deps, _subject(request))
    await _check_may_judge(request, one)
    verdict = request.values.get("verdict", "")
    if verdict not in VERDICTS:
        raise BadInput(field="verdict", problem="No verdict is chosen.", fix="Choose one.")
    missing = _missing_field(one, verdict)
    if missing and missing not in request.values:
        return ShowModal(_redrawn(request, one))
    readers = await _readers(request, deps, keeper, one)
    given = await _look_ahead(request, deps, keeper, one, _read_given(request, one, verdict))
    async with deps.act(request) as session:
        kept = await keeper.find(session, request.workspace_id, one.id, for_change=True)
        bet = await betting.get_bet(session, request.workspace_id, _bet_id(one))
        _check_still_so(request, await keeper.view(session, request.asker, one.id))
        evidence = one.evidence.kind if one.evidence else ""
        await judging.record_verdict(session, bet, kept.subject, given, evidence, at=request.at)
        shown = await keeper.refresh(session, request.cause, readers, kept)
        line = render_verdict_line(shown, await keeper.asked_in(session, readers, one.id))
        await keeper.post_in_thread(session, request.cause, kept, "verdict", line)
        if bet.question_id:
            answered = render_answered(shown)
            await plan_update(session, request.cause, "answered", answered, of=bet.question_id)
    return Done()


async def _look_ahead(
    request: Request, deps: Deps, keeper: Keeper, one: Judged, given: judging.Given
) -> judging.Given:
    """Return what is given with the smallest change that the later check can see."""
    if one.bet is None or one.bet.kind != MOVE_METRIC or given.check_again is None:
        return given
    async with deps.db.read() as session:
        kept = await keeper.find(session, request.workspace_id, one.id)
    later = replace(one.bet, check_date=given.check_again)
    frozen = await freeze_now(deps.db, request.asker, later, kept.timing, at=request.at)
    return replace(given, smallest_visible=frozen.smallest_visible) if frozen else given


async def _check_may_judge(request: Request, one: Judged) -> None:
    """Raise ``NotAllowed`` for all but the owner and admins, while the owner can be asked."""
    if request.user_id == one.owner_id or request.asker.is_admin:
        return
    if one.bet and one.bet.state == "unjudged":
        return  # asked three times: whoever knows may say it
    owner = await request.place.directory.member(one.owner_id, at=request.at)
    if not owner.is_deleted:
        raise NotAllowed(
            f"{person(one.owner_id)} owns #{one.number} and says what came of it. "
            "Hand it over first if that should be somebody else."
        )


def _check_still_so(request: Request, now: Judged) -> None:
    """Raise ``BadInput`` when somebody answered, or the check moved, since the form was opened."""
    if request.state.get("seen") in (None, stamp_of(now)):
        return
    if now.verdict and now.verdict.verdict != "too_early":
        problem = f"Somebody said “{VERDICTS[now.verdict.verdict]}” meanwhile."
    else:
        problem = f"It is checked again on {spoken_date(now.bet.check_date)}." if now.bet else ""
    raise BadInput(
        field="verdict", problem=problem, fix="Close this form and look at the launch again."
    )


async def answer_step(request: Request, deps: Deps) -> Answer:
    """Whether a miss is fixed or removed: done, in two weeks, or not any more."""
    answer = request.name.partition(":")[2]
    if answer not in {steps.DONE, steps.LATER, steps.DROPPED}:
        raise BadInput(field="step", problem="There is no such answer.")
    one, keeper = await _judged(request, deps, request.value)
    readers = await _readers(request, deps, keeper, one)
    today = request.at.astimezone(zone_named(_zone(one))).date()
    async with deps.act(request) as session:
        kept = await keeper.find(session, request.workspace_id, one.id, for_change=True)
        bet = await betting.get_bet(session, request.workspace_id, _bet_id(one))
        step = await steps.answer_step(
            session, bet, kept.subject, answer, by=request.user_id, at=request.at, today=today
        )
        if step:
            shown = await keeper.refresh(session, request.cause, readers, kept)
            if shown.step:
                said = render_step_answered(shown, shown.step)
                await keeper.post_in_thread(session, request.cause, kept, "step", said)
                if step.question_id:
                    cause, of = request.cause, step.question_id
                    await plan_update(session, cause, "step.answered", said, of=of)
    return RefreshHome() if request.view_type == "home" else Done()


async def _readers(request: Request, deps: Deps, keeper: Keeper, one: Judged) -> Asker:
    async with deps.db.read() as session:
        place = (await keeper.find(session, request.workspace_id, one.id)).place
    return await request.place.directory.audience(place, at=request.at)


def _read_given(request: Request, one: Judged, verdict: str) -> judging.Given:
    evidence = one.evidence
    against = evidence is not None and is_against(verdict, evidence.kind, evidence.is_reached)
    reason = request.typed("reason", label="The reason", limit=600) if against else ""
    next_step = request.values.get("next_step", "")
    if verdict == "missed" and next_step not in NEXT_STEPS:
        raise BadInput(
            field="next_step", problem="A miss asks what happens next.", fix="Choose one."
        )
    check_again = None
    if verdict == "too_early":
        today = request.at.astimezone(zone_named(_zone(one))).date()
        try:
            check_again = check_date_of(request.typed_date("check_again"), today)
        except BadInput as error:
            raise BadInput(field="check_again", problem=error.problem, fix=error.fix) from error
    return judging.Given(
        verdict=verdict,
        by=request.user_id,
        lesson=request.typed("lesson", limit=1_000),
        due_on=_due_on(request, one, next_step) if verdict == "missed" else None,
        next_step=next_step,
        is_against_evidence=against,
        reason=reason,
        check_again=check_again,
    )


def _due_on(request: Request, one: Judged, next_step: str) -> date | None:
    """Return by when a miss is fixed or removed; keeping it has no date."""
    if next_step == steps.KEEP:
        return None
    today = request.at.astimezone(zone_named(_zone(one))).date()
    return steps.step_date(request.typed_date("due_on"), today)


def _missing_field(one: Judged, verdict: str) -> str:
    """Return the field that this verdict needs and that the form may not have shown yet."""
    evidence = one.evidence
    if evidence and is_against(verdict, evidence.kind, evidence.is_reached):
        return "reason"
    return {"missed": "next_step", "too_early": "check_again"}.get(verdict, "")


def _zone(one: Judged) -> str:
    return one.bet.timezone if one.bet else "UTC"


def _bet_id(one: Judged) -> str:
    if one.bet is None:
        raise NotFound("There is no bet on this.")
    return one.bet.id


def _default_date(request: Request) -> date:
    return default_check_date(request.at.astimezone(zone_named(request.asker.timezone)).date())


async def _judged(request: Request, deps: Deps, value: str) -> tuple[Judged, Keeper]:
    """Return what has a bet, as the asker may see it. Raises ``NotFound`` or ``BadInput``."""
    kind, subject_id = read_value(value)
    keeper = keeper_of(KEEPERS, kind)
    if not subject_id:
        raise NotFound("There is no such bet that you can see.")
    async with deps.db.read() as session:
        one = await keeper.view(session, request.asker, subject_id)
    if one.bet is None:
        raise BadInput(
            field="verdict",
            problem=f"There is no bet on #{one.number}, so nothing to judge.",
            fix="Set a bet first.",
        )
    return one, keeper


ACTIONS = {
    Action.LAUNCH_VERDICT.value: Route(open_form),
    Action.LAUNCH_VERDICT_CHANGE.value: Route(redraw_form),
    Action.LAUNCH_STEP.value: Route(answer_step),
}
FORMS = {Form.LAUNCH_VERDICT.value: Route(save_verdict)}
