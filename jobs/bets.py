"""What bets do by themselves: checks on their date, questions to owners, what misses asked."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets import betting, checks, judging, steps
from bot.bets.checks import OTHERS_NAMED, Material
from bot.bets.keeping import Keeper, Kept
from bot.bets.records import Judged
from bot.bets.rules import BY_HAND
from bot.bets.tables import Bet
from bot.bets.views import (
    render_evidence,
    render_ownerless_note,
    render_question,
    render_slipped_note,
    render_step_question,
    render_unjudged_note,
    render_waiting_note,
)
from bot.clock import local_date, zone_named
from bot.deps import Deps
from bot.digests.chart import alt_text
from bot.engine.deliveries import hold_cause, plan_picture, plan_post
from bot.engine.queue import SlotWork
from bot.errors import DaybookError, NotFound
from bot.general.keepers import KEEPERS
from bot.workspaces.asker import Asker
from jobs.bet_pictures import PICTURE_INDEX, picture_of_check

# Asked at the check, and at most twice more.
MOST_QUESTIONS = 3


@dataclass(frozen=True)
class _Due:
    """A bet that is due, with what it is on, who reads that, and who is asked."""

    bet: Bet
    keeper: Keeper
    kept: Kept
    readers: Asker
    owner: Asker | None  # None: nobody to ask any more


async def _due(work: SlotWork, deps: Deps, state: str) -> _Due | None:
    async with deps.db.read() as session:
        bet = await session.get(Bet, (work.workspace_id, work.subject_id))
        if bet is None or bet.state != state or bet.subject_kind not in KEEPERS:
            return None
        keeper = KEEPERS[bet.subject_kind]
        kept = await keeper.find(session, work.workspace_id, bet.subject_id)
    directory = deps.places.of(work.workspace_id).directory
    readers = await directory.audience(kept.place, at=work.at)
    try:
        owner = await directory.asker(bet.owner_id, at=work.at)
    except DaybookError:
        owner = None
    return _Due(bet, keeper, kept, readers, owner if owner and owner.is_member else None)


async def run_check(work: SlotWork, deps: Deps) -> str:
    """The check date: measure when the data are complete, tell the thread, ask the owner."""
    due = await _due(work, deps, "open")
    if due is None:
        return "nothing to check"
    if due.kept.timing.live_at is None and due.bet.kind != BY_HAND:
        return await _tell_slipped(work, deps, due)
    ids = checks.metric_ids(due.bet)
    problems = await deps.metrics.refresh(work.workspace_id, ids, at=work.at) if ids else []
    material = await _gather(deps, due)
    waiting = checks.waits_for(material, problems)
    if waiting and checks.may_wait(due.bet, work.slot):
        return await _wait(work, deps, due, waiting.problem)
    if waiting:
        material = checks.Material(material.metric, problem=waiting.problem)
    material = replace(material, complaints=await _complaints(work, deps, due))
    evidence = await checks.measure(due.bet, material, checked_on=due.bet.check_date, at=work.at)
    async with deps.db.write() as session:
        bet = await betting.get_bet(session, work.workspace_id, due.bet.id)
        if bet.state != "open":
            return "checked before"
        kept = await _now(session, work, due)
        await judging.record_evidence(session, bet, kept.subject, evidence, at=work.at)
        shown = await due.keeper.refresh(session, work.measured, due.readers, kept)
        evidence.message_id = await _tell_thread(session, work, due, kept, shown, material)
        await _ask(session, work, bet, due)
        if due.owner is None:
            note = render_ownerless_note(shown)
            await due.keeper.post_in_thread(session, work.measured, kept, "ownerless", note)
    return f"measured: {evidence.kind}"


async def _tell_slipped(work: SlotWork, deps: Deps, due: _Due) -> str:
    """It is not live by its check date: that is no miss. Going live sets the next date."""
    async with deps.db.write() as session:
        view = await _seen_by(session, due, due.owner) if due.owner else None
        if view:
            note = render_slipped_note(view)
            await plan_post(session, work.cause, due.bet.owner_id, "slipped", note)
    return "not live yet: checked two weeks after it is"


async def _gather(deps: Deps, due: _Due) -> Material:
    async with deps.db.read() as session:
        material = await checks.gather_material(session, due.readers, due.bet, due.kept.timing)
        window = material.window
        if window is None:
            return material
        others = await due.keeper.others(session, due.readers, due.kept, window, OTHERS_NAMED)
    return replace(material, others=others)


async def _complaints(work: SlotWork, deps: Deps, due: _Due) -> dict[str, Any] | None:
    async with deps.db.read() as session:
        return await due.keeper.complaints(session, due.readers, due.kept, at=work.at)


async def _now(session: AsyncSession, work: SlotWork, due: _Due) -> Kept:
    subject_id = due.kept.subject.id
    return await due.keeper.find(session, work.workspace_id, subject_id, for_change=True)


async def _tell_thread(
    session: AsyncSession,
    work: SlotWork,
    due: _Due,
    kept: Kept,
    shown: Judged,
    material: Material,
) -> str:
    """Plan the finding in the thread, and its picture, which comes when it is drawn."""
    asked_in = await due.keeper.asked_in(session, due.readers, shown.id)
    message = render_evidence(shown, asked_in)
    posted = await due.keeper.post_in_thread(session, work.measured, kept, "evidence", message)
    picture = picture_of_check(shown, material)
    if picture:
        cause = work.measured.about(f"the picture of {shown.kind} #{shown.number}", shown.owner_id)
        await plan_picture(
            session,
            cause,
            posted,
            "evidence.picture",
            message,
            spec=picture.to_json(),
            alt=alt_text(picture),
            index=PICTURE_INDEX,
        )
    return posted


async def _wait(work: SlotWork, deps: Deps, due: _Due, problem: str) -> str:
    async with deps.db.write() as session:
        bet = await betting.get_bet(session, work.workspace_id, due.bet.id)
        await betting.check_later(session, bet, work.slot + timedelta(days=1), at=work.at)
        if due.owner and work.slot == bet.check_date:
            view = await _seen_by(session, due, due.owner)
            if view:
                note = render_waiting_note(view, problem)
                await plan_post(session, work.measured, bet.owner_id, "waiting", note)
    return f"waits: {problem}"


async def _seen_by(session: AsyncSession, due: _Due, asker: Asker) -> Judged | None:
    try:
        return await due.keeper.view(session, asker, due.kept.subject.id)
    except NotFound:
        return None


async def _ask(session: AsyncSession, work: SlotWork, bet: Bet, due: _Due) -> None:
    """Ask the owner for the verdict by DM; App Home shows it too."""
    await judging.ask_again_later(session, bet, work.slot, at=work.at)
    shown = await _seen_by(session, due, due.owner) if due.owner else None
    if shown is None or due.owner is None:
        return
    asked_in = await due.keeper.asked_in(session, due.owner, shown.id)
    message = render_question(shown, asked=bet.asked, asked_in=asked_in)
    cause = work.measured.about(f"verdict on {shown.kind} #{shown.number}", bet.owner_id)
    bet.question_id = await plan_post(session, cause, bet.owner_id, "question", message)


async def run_question(work: SlotWork, deps: Deps) -> str:
    """Nobody answered yet: asked again, at most twice; then it is shown as unjudged."""
    due = await _due(work, deps, "measured")
    if due is None:
        return "answered"
    async with deps.db.write() as session:
        bet = await betting.get_bet(session, work.workspace_id, due.bet.id)
        if bet.state != "measured" or await judging.was_asked_on(session, bet, work.slot):
            return "asked before"
        held = await hold_cause(session, work.measured, bet.owner_id) if due.owner else None
        day = local_date(held.until, zone_named(bet.timezone)) if held else work.slot
        if held and day > work.slot:
            # Neither asked nor given up while its owner does not work.
            await judging.ask_on(session, bet, day, at=work.at)
            return f"waits: {held.reason}"
        if bet.asked < MOST_QUESTIONS:
            await _ask(session, work, bet, due)
            return f"asked {bet.asked} times"
        kept = await _now(session, work, due)
        await judging.mark_unjudged(session, bet, kept.subject, at=work.at)
        shown = await due.keeper.refresh(session, work.measured, due.readers, kept)
        note = render_unjudged_note(shown)
        await due.keeper.post_in_thread(session, work.measured, kept, "unjudged", note)
    return "unjudged"


async def run_step(work: SlotWork, deps: Deps) -> str:
    """The date by which a miss was to be fixed or removed: its owner is asked whether it is."""
    due = await _due(work, deps, "judged")
    if due is None or due.owner is None:
        return "nobody to ask"
    async with deps.db.write() as session:
        bet = await betting.get_bet(session, work.workspace_id, due.bet.id)
        row = await steps.find_step(session, bet)
        if (
            row is None
            or row.state != steps.OPEN
            or await steps.was_asked_on(session, row, work.slot)
        ):
            return "answered or asked before"
        shown = await _seen_by(session, due, due.owner)
        if shown is None or shown.step is None:
            return "not theirs to see any more"
        await steps.ask_again_later(session, row, work.slot, at=work.at)
        cause = work.measured.about(f"what follows from {shown.kind} #{shown.number}", row.owner_id)
        question = render_step_question(shown, shown.step)
        row.question_id = await plan_post(session, cause, row.owner_id, "step", question)
    return f"asked {row.asked} times"


SLOTS = {betting.CHECK: run_check, betting.ASK: run_question, steps.STEP: run_step}
