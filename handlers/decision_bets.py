"""The bet on a decision: in its form, and on one that is logged already."""

from collections.abc import Sequence
from dataclasses import replace

from bot.bets import betting
from bot.bets.betting import Frozen, Terms
from bot.bets.forms import (
    BetDraft,
    draft_of_bet,
    render_bet_fields,
    render_folded,
)
from bot.bets.histories import Timing, freeze_now, metric_options
from bot.bets.rules import MOVE_METRIC
from bot.bets.stale import bet_texts, check_bet_unchanged, stamps_of
from bot.bets.words import settled_phrase
from bot.decisions import rules, service
from bot.decisions.forms import BET_FIELDS, BET_PREFIX, FormState, render_bet_form
from bot.decisions.posts import Spot, post_in_thread, refresh_post
from bot.decisions.queries import get_decision
from bot.decisions.records import DecisionView
from bot.decisions.views import render_bet_note, render_done
from bot.deps import Deps
from bot.errors import BadInput
from bot.slack.blocks import Block, context
from handlers.answers import Answer, OpenModal, ShowModal
from handlers.bet_form import (
    Audience,
    bet_values,
    known_of,
    named_fields,
    read_bet_draft,
    read_terms,
    refresh_metrics,
)
from handlers.decision_place import spot_of
from handlers.payloads import Request


async def bet_part(
    request: Request, deps: Deps, state: FormState, before: DecisionView | None = None
) -> list[Block]:
    """Return the bet's fields in a decision's form, or the button that folds them out."""
    if settled := settled_phrase(before.bet if before else None):
        return [context(settled)]
    if not state.bet:
        return render_folded(BET_FIELDS)
    values = bet_values(request, BET_PREFIX)
    draft = read_bet_draft(values)
    if before and before.bet and not values.values:
        draft = draft_of_bet(before.bet)
    return await _fields(values, deps, draft, Timing())


async def _fields(request: Request, deps: Deps, draft: BetDraft, timing: Timing) -> list[Block]:
    async with deps.db.read() as session:
        metrics = await metric_options(session, request.asker)
    notes: Sequence[str] = await known_of(request, deps, draft, timing)
    return render_bet_fields(draft, metrics, notes, BET_FIELDS)


async def read_bet(
    request: Request, deps: Deps, spot: Spot, zone: str, timing: Timing
) -> tuple[Terms, Frozen] | None:
    """Read the bet that was sent; None without one. Raises ``BadInput`` under its field."""
    audience = Audience(spot.target, spot.audience, zone)
    with named_fields(BET_PREFIX):
        return await read_terms(bet_values(request, BET_PREFIX), deps, audience, timing)


async def freeze_bet(request: Request, deps: Deps, view: DecisionView, spot: Spot) -> Frozen | None:
    """Read what the bet's metric is like as the decision is accepted."""
    async with deps.db.read() as session:
        bet = (await get_decision(session, spot.audience, view.id)).decision.bet
    if bet is None or bet.kind != MOVE_METRIC or bet.metric_id is None:
        return None
    await refresh_metrics(request, deps, [bet.metric_id])
    timing = Timing(live_at=request.at)
    return await freeze_now(deps.db, spot.audience, bet, timing, at=request.at)


async def open_bet_form(request: Request, deps: Deps) -> Answer:
    """The button under a decision: its bet, as it stands."""
    view = await _view(request, deps, request.value)
    bet = view.bet
    draft = draft_of_bet(bet) if bet and not bet.is_hidden else read_bet_draft(_empty(request))
    fields = await _fields(request, deps, draft, timing_of(view))
    return OpenModal(render_bet_form(view, fields, seen=stamps_of(bet_texts(bet))))


def _empty(request: Request) -> Request:
    return replace(request, values={})


async def redraw_bet_form(request: Request, deps: Deps) -> Answer:
    """Something in the bet's fields was picked: what is known of it changes."""
    view = await _view(request, deps, _id(request))
    values = bet_values(request, BET_PREFIX)
    fields = await _fields(values, deps, read_bet_draft(values), timing_of(view))
    return ShowModal(render_bet_form(view, fields, seen=request.state.get("seen") or {}))


async def save_bet(request: Request, deps: Deps) -> Answer:
    """The form: the bet stands under the decision, and its thread is told."""
    view = await _view(request, deps, _id(request))
    _check_still_so(request, view)
    spot = await spot_of(request, view)
    zone = (await request.place.directory.member(view.owner_id, at=request.at)).timezone
    bet = await read_bet(request, deps, spot, zone, timing_of(view))
    if bet is None:
        raise BadInput(
            field=f"{BET_PREFIX}kind", problem="There is no bet here.", fix="Pick its kind."
        )
    async with deps.act(request) as session:
        row = await service.get_decision_row(session, request.workspace_id, view.id)
        rules.check_current(row.status, "bet on")
        _check_still_so(request, (await get_decision(session, request.asker, row.id)).decision)
        with named_fields(BET_PREFIX):
            is_changed = await betting.set_bet(
                session,
                request.workspace_id,
                service.subject_of(row),
                *bet,
                by=request.user_id,
                at=request.at,
                live_at=row.accepted_at,
            )
        if is_changed:
            await refresh_post(session, request.cause, row.id, row.post_id, spot.audience)
            shown = (await get_decision(session, spot.audience, row.id)).decision
            note = render_bet_note(shown, request.user_id, is_new=view.bet is None)
            await post_in_thread(session, request.cause, row, "bet", note)
    return ShowModal(render_done(view, "bet on"))


def _check_still_so(request: Request, now: DecisionView) -> None:
    """Raise ``BadInput`` when somebody else changed the bet since the form was opened."""
    values = bet_values(request, BET_PREFIX).values
    if seen := request.state.get("seen"):
        with named_fields(BET_PREFIX):
            check_bet_unchanged(seen, bet_texts(now.bet), values)


def timing_of(view: DecisionView) -> Timing:
    """Return since when a decision's days count."""
    return Timing(live_at=view.accepted_at)


def _id(request: Request) -> str:
    return str(request.state.get("bet_on") or "")


async def _view(request: Request, deps: Deps, decision_id: str) -> DecisionView:
    async with deps.db.read() as session:
        view = (await get_decision(session, request.asker, decision_id)).decision
    rules.check_current(view.status, "bet on")
    return view
