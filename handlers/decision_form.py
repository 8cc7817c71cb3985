"""What the decision's form offers, and what was typed into it."""

from dataclasses import replace
from datetime import date
from functools import partial

from bot.bets.histories import Timing
from bot.clock import local_date, zone_named
from bot.decisions import rules
from bot.decisions.forms import (
    BET_PREFIX,
    CHOICE_CHARACTERS,
    PROSE_CHARACTERS,
    Draft,
    FormState,
    Offered,
    render_form,
)
from bot.decisions.queries import similar_decisions
from bot.decisions.records import DecisionView
from bot.decisions.service import Bound, Words
from bot.deps import Deps
from bot.errors import BadInput, NotFound
from bot.feedback.queries import find_themes
from bot.metrics.queries import find_metric, list_metrics
from bot.slack.text import shorten
from handlers.answers import Answer, OpenModal, ShowModal
from handlers.bet_form import Audience, bet_faults, bet_values, renamed
from handlers.decision_bets import bet_part
from handlers.decision_place import belonging_of
from handlers.faults import Check, gather_faults
from handlers.payloads import Request

MOST_THEMES = 60
MOST_METRICS = 99
TRIPWIRE_MOST_DAYS = 60
PROSE_FIELDS = ("context", "options", "rationale", "change")


def today_of(request: Request) -> date:
    """Return the asker's own date."""
    return local_date(request.at, zone_named(request.asker.timezone))


async def offered_for(
    request: Request, deps: Deps, title: str, *, without: str = "", themes: str = ""
) -> Offered:
    """Read what the form offers this asker; ``themes`` are offered even if they are not on top."""
    asker = request.asker
    async with deps.db.read() as session:
        top = await find_themes(session, asker, limit=MOST_THEMES)
        chosen = await find_themes(session, asker, ids=[t for t in themes.split(",") if t])
        metrics = await list_metrics(session, asker)
        similar = await similar_decisions(session, asker, title, without=without)
    known = {theme.id: theme for theme in (*chosen, *top)}
    return Offered(
        themes=[
            (shorten(f"#{theme.number} {theme.name}", 75), theme.id) for theme in known.values()
        ],
        metrics=[(metric.label, metric.id) for metric in metrics[:MOST_METRICS]],
        similar=similar,
    )


async def show_form(
    request: Request,
    deps: Deps,
    draft: Draft,
    state: FormState,
    *,
    lead: str = "",
    replaces: bool = False,
    before: DecisionView | None = None,
) -> Answer:
    """Answer with the form, filled in with ``draft``; it ``replaces`` the one that is open.

    ``before`` is the decision that is edited, whose bet stands in its fields.
    """
    without = state.decision or state.supersedes
    offered = await offered_for(request, deps, draft.title, without=without, themes=draft.themes)
    shown = without_hidden_metric(draft, offered)
    bet = await bet_part(request, deps, state, before)
    view = render_form(shown, offered, state, lead=lead, bet=bet)
    return ShowModal(view) if replaces else OpenModal(view)


def without_hidden_metric(draft: Draft, offered: Offered) -> Draft:
    """Return the draft without a tripwire whose metric this asker may not see."""
    if draft.metric in {id_ for _, id_ in offered.metrics}:
        return draft
    return replace(draft, metric="", side="", bound="", days="")


def draft_of_values(request: Request) -> Draft:
    """Return what stands in the open form now, for drawing it again."""
    names = (name for name in vars(Draft()) if name in request.values)
    return Draft(**{name: request.values[name] for name in names})


async def read_words(request: Request, deps: Deps, before: DecisionView | None = None) -> Words:
    """Check what was typed and return it; raises ``BadInput`` with the field."""
    owner = request.values.get("owner") or (before.owner_id if before else request.user_id)
    await _check_owner(request, owner)
    revisit = request.typed_date("revisit")
    if before is None or before.revisit_on != revisit:
        rules.check_revisit(revisit, today=today_of(request))
    confidence = request.values.get("confidence", "")
    people = rules.ids_but(request.chosen("participants"), owner)
    return Words(
        title=_title(request),
        choice=request.typed("choice", label="The choice", limit=CHOICE_CHARACTERS),
        owner_id=owner,
        context=request.typed("context", limit=PROSE_CHARACTERS),
        options=tuple(rules.read_options(request.typed("options", limit=PROSE_CHARACTERS))),
        rationale=request.typed("rationale", limit=PROSE_CHARACTERS),
        participants=tuple(people),
        confidence=int(confidence) if confidence.isdecimal() else None,
        is_reversible={"yes": True, "no": False}.get(request.values.get("reversible", "")),
        area=request.typed("area", limit=60),
        would_change=request.typed("change", limit=PROSE_CHARACTERS),
        revisit_on=revisit,
        tripwire=await _read_tripwire(request, deps, before),
    )


def _title(request: Request) -> str:
    return request.typed("title", label="What was to be decided", limit=rules.TITLE_CHARACTERS)


async def decision_faults(request: Request, deps: Deps) -> list[BadInput]:
    """Return all that is wrong with the form of a decision."""
    values, state = request.values, request.state
    channel = str(state.get("channel") or values.get("channel", ""))
    checks: list[Check] = [
        lambda: _title(request),
        lambda: request.typed("choice", label="The choice", limit=CHOICE_CHARACTERS),
        *(partial(request.typed, name, limit=PROSE_CHARACTERS) for name in PROSE_FIELDS),
        lambda: rules.read_options(values.get("options", "")),
        lambda: request.typed("area", limit=60),
        lambda: _check_owner(request, values.get("owner") or request.user_id),
    ]
    if not state.get("decision"):
        checks += [
            lambda: rules.check_revisit(request.typed_date("revisit"), today=today_of(request)),
            lambda: belonging_of(request, channel, str(state.get("thread") or "")),
        ]
    if values.get("metric"):
        checks += [
            lambda: _side(request),
            lambda: rules.read_bound(request.typed("bound", label="The bound", limit=30)),
            lambda: _read_days(request.typed("days", limit=3)),
        ]
    audience = Audience(channel, request.asker, request.asker.timezone)
    with_bet = bet_values(request, BET_PREFIX)
    return [
        *await gather_faults(checks),
        *(renamed(one, BET_PREFIX) for one in await bet_faults(with_bet, deps, audience, Timing())),
    ]


async def _check_owner(request: Request, owner: str) -> None:
    member = await request.place.directory.member(owner, at=request.at)
    if member.is_guest or member.is_outsider or member.is_bot or member.is_deleted:
        raise BadInput(
            field="owner",
            problem="A decision's owner is a member of this workspace.",
            fix="Pick a colleague.",
        )


async def _read_tripwire(request: Request, deps: Deps, before: DecisionView | None) -> Bound | None:
    wire = before.tripwire if before else None
    metric_id = request.values.get("metric", "")
    async with deps.db.read() as session:
        if not metric_id:
            # A tripwire on a metric that this person may not see is not theirs to take away.
            if wire and not await _is_visible(request, deps, wire.metric_id):
                return Bound(wire.metric_id, wire.side, wire.bound, wire.days)
            return None
        metric = await find_metric(session, request.asker, metric_id)
    side = _side(request)
    value = rules.read_bound(request.typed("bound", label="The bound", limit=30))
    return Bound(metric.id, side, value, _read_days(request.typed("days", limit=3)))


def _side(request: Request) -> str:
    side = request.values.get("side", "")
    if side not in rules.SIDES:
        raise BadInput(field="side", problem="Above or below?", fix="Pick a side of the bound.")
    return side


async def _is_visible(request: Request, deps: Deps, metric_id: str) -> bool:
    async with deps.db.read() as session:
        try:
            await find_metric(session, request.asker, metric_id)
        except NotFound:
            return False
    return True


def _read_days(text: str) -> int:
    if not text:
        return 1
    if not text.isdecimal() or not 1 <= int(text) <= TRIPWIRE_MOST_DAYS:
        raise BadInput(
            field="days",
            problem=f"That is no number of days from 1 to {TRIPWIRE_MOST_DAYS}.",
            fix="For example 3.",
        )
    return int(text)


async def read_theme_ids(request: Request, deps: Deps) -> tuple[str, ...]:
    """Return the chosen themes that this asker may see."""
    chosen = request.chosen("themes")
    async with deps.db.read() as session:
        found = await find_themes(session, request.asker, ids=chosen, limit=100)
    return tuple(theme.id for theme in found)
