"""What people do with decisions: log, edit, accept, supersede, retire, look again."""

from dataclasses import replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets import betting
from bot.bets.betting import Frozen, Terms
from bot.bets.histories import Timing
from bot.bets.stale import bet_texts, stamp_of
from bot.decisions import drafts, rules, service
from bot.decisions.forms import BET_PREFIX, FormState, draft_of, render_retire_form
from bot.decisions.posts import Spot, post_decision, refresh_post
from bot.decisions.queries import get_decision
from bot.decisions.records import DecisionDetail
from bot.decisions.revisits import answer_revisit
from bot.decisions.tables import Decision
from bot.decisions.views import (
    render_done,
    render_logged,
    render_reopened,
    render_revisit_answer,
)
from bot.deps import Deps
from bot.engine.deliveries import plan_post
from bot.errors import BadInput
from bot.slack.blocks import Message
from bot.slack.kinds import is_person
from handlers.answers import Answer, Done, OpenModal, Private, RefreshHome, ShowModal
from handlers.bet_form import named_fields
from handlers.decision_bets import freeze_bet, read_bet
from handlers.decision_form import read_theme_ids, read_words, show_form, today_of
from handlers.decision_place import Belonging, belonging_of, spot_of
from handlers.payloads import Request


async def _detail(request: Request, deps: Deps, decision_id: str) -> DecisionDetail:
    async with deps.db.read() as session:
        return await get_decision(session, request.asker, decision_id)


async def _zone(request: Request, user_id: str) -> str:
    return (await request.place.directory.member(user_id, at=request.at)).timezone


async def _row(session: AsyncSession, request: Request, detail: DecisionDetail) -> Decision:
    return await service.get_decision_row(session, request.workspace_id, detail.decision.id)


async def _refresh(
    session: AsyncSession, request: Request, detail: DecisionDetail, spot: Spot
) -> None:
    view = detail.decision
    await refresh_post(session, request.cause, view.id, view.post_id, spot.audience)


def _answer(request: Request, message: Message | None = None) -> Answer:
    """Return what a click is answered with: the App Home again, or the note in place of itself."""
    if request.view_type == "home":
        return RefreshHome()
    return Private(message, replaces=True) if message else Done()


async def save_form(request: Request, deps: Deps) -> Answer:
    """The form: a new decision, one that takes another's place, or an edited proposal."""
    if decision_id := str(request.state.get("decision") or ""):
        return await _save_edit(request, deps, decision_id)
    new, belonging = await _read_new(request, deps)
    old = await _detail(request, deps, new.supersedes_id) if new.supersedes_id else None
    old_spot = await spot_of(request, old.decision) if old else None
    is_accepted = request.values.get("status") == rules.ACCEPTED
    timing = Timing(live_at=request.at) if is_accepted else Timing()
    bet = await read_bet(request, deps, belonging.spot, new.timezone, timing)
    async with deps.act(request) as session:
        row = await _log_new(session, request, new)
        if is_accepted:
            await service.accept_decision(
                session, row, by=request.user_id, timezone=new.timezone, at=request.at
            )
        await _set_bet(session, request, row, bet)
        await post_decision(session, request.cause, row, belonging.spot)
        if old and old_spot:
            await _refresh(session, request, old, old_spot)
        made = await get_decision(session, request.asker, row.id)
    is_posted = belonging.spot.target != request.user_id
    return ShowModal(render_logged(made.decision, is_posted=is_posted))


async def _set_bet(
    session: AsyncSession, request: Request, row: Decision, bet: tuple[Terms, Frozen] | None
) -> None:
    if bet:
        with named_fields(BET_PREFIX):
            await betting.set_bet(
                session,
                row.workspace_id,
                service.subject_of(row),
                *bet,
                by=request.user_id,
                at=request.at,
                live_at=row.accepted_at,
            )


async def _read_new(request: Request, deps: Deps) -> tuple[service.NewDecision, Belonging]:
    words = await read_words(request, deps)
    supersedes = str(request.state.get("supersedes") or "")
    if supersedes:
        old = await _detail(request, deps, supersedes)
        rules.check_current(old.decision.status, "superseded")
    channel = str(request.state.get("channel") or request.values.get("channel", ""))
    belonging = await belonging_of(request, channel, str(request.state.get("thread") or ""))
    new = service.NewDecision(
        words=words,
        created_by=request.user_id,
        timezone=await _zone(request, words.owner_id),
        origin=belonging.origin,
        theme_ids=await read_theme_ids(request, deps),
        supersedes_id=supersedes or None,
    )
    return new, belonging


async def _log_new(session: AsyncSession, request: Request, new: service.NewDecision) -> Decision:
    row = await service.propose_decision(session, request.workspace_id, new, at=request.at)
    if draft_id := str(request.state.get("draft") or ""):
        row.drafted_by = await drafts.use_draft(
            session, request.workspace_id, draft_id, request.user_id, row.id
        )
        await session.flush()
    return row


def _stamp(detail: DecisionDetail) -> str:
    """Return what tells whether a proposal, or its bet, has changed since somebody looked."""
    texts = {f"{BET_PREFIX}{name}": text for name, text in bet_texts(detail.decision.bet).items()}
    return stamp_of({**vars(draft_of(detail)), **texts})


def _check_still_so(request: Request, now: DecisionDetail) -> None:
    """Raise ``BadInput`` when somebody else saved the proposal since the form was opened."""
    if request.state.get("seen") in (None, "", _stamp(now)):
        return
    raise BadInput(
        field="title",
        problem="While your form was open somebody changed this proposal.",
        fix="Nothing was overwritten. Copy your words, close this form and open it again.",
    )


async def _save_edit(request: Request, deps: Deps, decision_id: str) -> Answer:
    detail = await _detail(request, deps, decision_id)
    rules.check_editable(detail.decision.status)
    _check_still_so(request, detail)
    words = await read_words(request, deps, detail.decision)
    themes = await read_theme_ids(request, deps)
    zone, spot = await _zone(request, words.owner_id), await spot_of(request, detail.decision)
    bet = await read_bet(request, deps, spot, zone, Timing())
    async with deps.act(request) as session:
        row = await _row(session, request, detail)
        _check_still_so(request, await get_decision(session, request.asker, row.id))
        await service.edit_decision(
            session, row, words, themes, by=request.user_id, timezone=zone, at=request.at
        )
        await _set_bet(session, request, row, bet)
        await _refresh(session, request, detail, spot)
    return ShowModal(render_done(detail.decision, "saved"))


async def accept(request: Request, deps: Deps) -> Answer:
    """The Accept button: the words are frozen, and what it takes the place of is superseded."""
    detail = await _detail(request, deps, request.value)
    zone = await _zone(request, detail.decision.owner_id)
    spot = await spot_of(request, detail.decision)
    old_id = detail.decision.supersedes_id
    old_spot = await _old_spot(request, deps, old_id) if old_id else None
    frozen = await freeze_bet(request, deps, detail.decision, spot)
    async with deps.act(request) as session:
        row = await _row(session, request, detail)
        old = await service.accept_decision(
            session, row, by=request.user_id, timezone=zone, at=request.at, frozen=frozen
        )
        if old and old_spot:
            await refresh_post(session, request.cause, old.id, old.post_id, old_spot.audience)
        await _refresh(session, request, detail, spot)
    return _answer(request)


async def _old_spot(request: Request, deps: Deps, decision_id: str) -> Spot:
    async with deps.db.read() as session:
        target = await service.find_posted_to(session, request.workspace_id, decision_id)
    return Spot(target, await request.place.directory.audience(target, at=request.at))


async def open_edit_form(request: Request, deps: Deps) -> Answer:
    """The Edit button of a proposal."""
    detail = await _detail(request, deps, request.value)
    rules.check_editable(detail.decision.status)
    view = detail.decision
    has_bet = view.bet is not None and not view.bet.is_hidden and view.bet.state == "open"
    opened = "open" if has_bet else ""
    state = FormState(decision=request.value, bet=opened, seen=_stamp(detail))
    return await show_form(request, deps, draft_of(detail), state, before=view)


async def open_supersede_form(request: Request, deps: Deps) -> Answer:
    """The Supersede button: a new decision, in the same place, about the same question."""
    detail = await _detail(request, deps, request.value)
    view = detail.decision
    rules.check_current(view.status, "superseded")
    draft = replace(
        draft_of(detail),
        choice="", rationale="", confidence="", reversible="", revisit="", metric="", side="",
        bound="", days="", change="", owner=request.user_id, channel=view.source_channel_id or "",
        status=rules.ACCEPTED,
    )  # fmt: skip
    state = FormState(
        supersedes=view.id,
        channel=view.source_channel_id or "" if view.thread_ts else "",
        thread=view.thread_ts,
    )
    lead = "What holds instead? The earlier decision stays in the log, linked to this one."
    return await show_form(request, deps, draft, state, lead=lead)


async def open_retire_form(request: Request, deps: Deps) -> Answer:
    """The Retire button asks why."""
    detail = await _detail(request, deps, request.value)
    rules.check_current(detail.decision.status, "retired")
    return OpenModal(render_retire_form(detail.decision))


async def retire(request: Request, deps: Deps) -> Answer:
    """The form of Retire."""
    detail = await _detail(request, deps, str(request.state.get("decision") or ""))
    reason = request.typed("reason", label="The reason", limit=600)
    spot = await spot_of(request, detail.decision)
    async with deps.act(request) as session:
        row = await _row(session, request, detail)
        await service.retire_decision(session, row, reason, by=request.user_id, at=request.at)
        await _refresh(session, request, detail, spot)
    return ShowModal(render_done(detail.decision, "retired"))


async def hold(request: Request, deps: Deps) -> Answer:
    """ "Still right": nobody is asked again."""
    return await _revisited(request, deps, "holds", None)


async def extend(request: Request, deps: Deps) -> Answer:
    """ "Extend 90 days": the owner is asked again then."""
    return await _revisited(request, deps, "extended", today_of(request) + rules.EXTENSION)


async def reopen(request: Request, deps: Deps) -> Answer:
    """ "Revisit": its thread is asked for another look."""
    return await _revisited(request, deps, "reopened", None)


async def _revisited(request: Request, deps: Deps, answer: str, next_on: date | None) -> Answer:
    detail = await _detail(request, deps, request.value)
    view = detail.decision
    zone, spot = await _zone(request, view.owner_id), await spot_of(request, view)
    async with deps.act(request) as session:
        row = await _row(session, request, detail)
        await answer_revisit(
            session, row, answer, by=request.user_id, at=request.at, next_on=next_on, timezone=zone
        )
        await _refresh(session, request, detail, spot)
        if answer == "reopened" and not is_person(spot.target):
            note = render_reopened(view, request.user_id)
            under = "" if view.thread_ts else view.post_id
            await plan_post(
                session, request.cause, spot.target, "reopened", note,
                thread=view.thread_ts, under=under,
            )  # fmt: skip
    return _answer(request, render_revisit_answer(view, answer, next_on))
