"""The forms of decisions: log, edit or supersede one, retire one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.bets.forms import Fields
from bot.decisions.records import DecisionDetail, DecisionView
from bot.decisions.rules import (
    ACCEPTED,
    CONFIDENCES,
    MOST_OPTIONS,
    PROPOSED,
    SIDES,
    TITLE_CHARACTERS,
)
from bot.decisions.words import ending_phrase, title_of
from bot.slack.blocks import (
    Block,
    View,
    channels_select,
    context,
    date_picker,
    divider,
    field_input,
    modal,
    section,
    select,
    text_input,
    users_select,
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape, link

PROSE_CHARACTERS = 2_000
CHOICE_CHARACTERS = 600
Options = Sequence[tuple[str, str]]
# The form has fields of these names already, so a bet's are told apart.
BET_PREFIX = "bet_"
BET_FIELDS = Fields(
    {
        name: f"{Action.DECISION_BET_CHANGE}:{name}"
        for name in ("fold", "kind", "metric", "target", "date")
    },
    prefix=BET_PREFIX,
    counted="since it was accepted",
    folded="Add a bet: what should it change?",
)
STATUS_OPTIONS = (
    ("Proposed: its words may still change", PROPOSED),
    ("Accepted: decided, and frozen from now on", ACCEPTED),
)
REVERSIBLE_OPTIONS = (("Yes, at little cost", "yes"), ("No, or only at great cost", "no"))


@dataclass(frozen=True)
class Draft:
    """What stands in the form, as text; several ids are joined by commas."""

    title: str = ""
    choice: str = ""
    context: str = ""
    options: str = ""
    rationale: str = ""
    owner: str = ""
    participants: str = ""
    confidence: str = ""
    reversible: str = ""
    area: str = ""
    change: str = ""
    revisit: str = ""
    metric: str = ""
    side: str = ""
    bound: str = ""
    days: str = ""
    themes: str = ""
    channel: str = ""
    status: str = ""


@dataclass(frozen=True)
class Offered:
    """What the form's menus offer, and what was decided before about the same."""

    themes: Options = ()
    metrics: Options = ()
    similar: Sequence[DecisionView] = ()


@dataclass(frozen=True)
class FormState:
    """What the form must know when it comes back."""

    decision: str = ""  # being edited
    supersedes: str = ""
    channel: str = ""  # where it was decided; empty: the form asks
    thread: str = ""
    draft: str = ""
    bet: str = ""  # "open" once its fields are folded out
    seen: str = ""  # the stamp of what stood when an edit began

    def to_json(self) -> dict[str, object]:
        """Return it as a modal's state; empty parts are left out."""
        return {name: value for name, value in vars(self).items() if value}


def render_form(
    draft: Draft,
    offered: Offered,
    state: FormState,
    *,
    lead: str = "",
    bet: Sequence[Block] = (),
) -> View:
    """The form: title and choice suffice. ``lead`` is a line of ours on top (mrkdwn).

    ``bet`` are the fields of its bet, or the button that folds them out.
    """
    blocks: list[Block] = [section(lead)] if lead else []
    blocks += _first_fields(draft, offered, state)
    blocks += _why_fields(draft, offered)
    blocks += [*_later_fields(draft, offered), *bet]
    name = "Edit decision" if state.decision else "Supersede" if state.supersedes else "Decision"
    submit = "Save" if state.decision else "Log it"
    return modal(Form.DECISION, name, blocks, submit=submit, state=state.to_json())


def _first_fields(draft: Draft, offered: Offered, state: FormState) -> list[Block]:
    title = text_input(
        Action.DECISION_TITLE,
        initial=draft.title,
        placeholder="Where uploads are stored",
        limit=TITLE_CHARACTERS,
    )
    choice = text_input("choice", initial=draft.choice, multiline=True, limit=CHOICE_CHARACTERS)
    blocks = [
        field_input("title", "What was to be decided?", title, dispatch=True),
        *render_similar(offered.similar),
        field_input("choice", "The choice", choice),
    ]
    if not state.decision:
        menu = select("status", STATUS_OPTIONS, chosen=draft.status or PROPOSED)
        blocks.append(field_input("status", "Where it stands", menu))
    if not (state.decision or state.channel):
        where = channels_select("channel", chosen=draft.channel)
        hint = "It is posted there. Whoever reads there may see it."
        blocks.append(field_input("channel", "Channel", where, optional=True, hint=hint))
    return blocks


def _why_fields(draft: Draft, offered: Offered) -> list[Block]:
    def long(name: str, label: str, initial: str, hint: str = "") -> Block:
        field = text_input(name, initial=initial, multiline=True, limit=PROSE_CHARACTERS)
        return field_input(name, label, field, optional=True, hint=hint)

    owner = users_select("owner", chosen=draft.owner)
    people = users_select("participants", chosen=draft.participants, multiple=True)
    blocks = [
        divider(),
        long("context", "Why the question came up", draft.context),
        long("options", "Options", draft.options, f"One a line, at most {MOST_OPTIONS}"),
        long("rationale", "Why this one", draft.rationale),
        field_input("owner", "Owner", owner, optional=True, hint="You, unless you say otherwise"),
        field_input("participants", "Who decided with you", people, optional=True),
    ]
    if offered.themes:
        menu = select("themes", offered.themes, chosen=draft.themes, multiple=True)
        label = "Which customers' wishes does it answer?"
        blocks.append(field_input("themes", label, menu, optional=True))
    return blocks


def _later_fields(draft: Draft, offered: Offered) -> list[Block]:
    sure = [(f"{percent} %", str(percent)) for percent in CONFIDENCES]
    confidence = select("confidence", sure, chosen=draft.confidence, placeholder="How sure?")
    reversible = select("reversible", REVERSIBLE_OPTIONS, chosen=draft.reversible)
    area = text_input("area", initial=draft.area, placeholder="e.g. Import", limit=60)
    change = text_input("change", initial=draft.change, multiline=True, limit=PROSE_CHARACTERS)
    blocks = [
        divider(),
        field_input("confidence", "How sure are you?", confidence, optional=True),
        field_input("reversible", "Can it be undone?", reversible, optional=True),
        field_input("area", "Product area", area, optional=True),
        field_input(
            "revisit",
            "Look again on",
            date_picker("revisit", chosen=draft.revisit),
            optional=True,
            hint="I ask the owner at 09:00 on that day, where they are",
        ),
        field_input("change", "What would change our mind?", change, optional=True),
    ]
    return blocks + (_tripwire_fields(draft, offered) if offered.metrics else [])


def _tripwire_fields(draft: Draft, offered: Offered) -> list[Block]:
    metric = select("metric", offered.metrics, chosen=draft.metric, placeholder="A metric to watch")
    side = select("side", [(side.capitalize(), side) for side in SIDES], chosen=draft.side)
    bound = text_input("bound", initial=draft.bound, placeholder="320", limit=30)
    days = text_input("days", initial=draft.days, placeholder="3", limit=3)
    hint = "With a side and a bound, this metric reopens the decision"
    return [
        field_input("metric", "Reopen it when", metric, optional=True, hint=hint),
        field_input("side", "stays", side, optional=True),
        field_input("bound", "this bound, a day", bound, optional=True),
        field_input("days", "for so many days running", days, optional=True),
    ]


def render_similar(similar: Sequence[DecisionView]) -> list[Block]:
    """What was decided before about the same, with how it ended."""
    if not similar:
        return []
    lines = [
        f"• {link(past.link, title_of(past)) if past.link else escape(title_of(past))}: "
        f"{escape(past.choice, limit=120)} ({ending_phrase(past)})"
        for past in similar[:3]
    ]
    return [context("Decided before, about something like it:\n" + "\n".join(lines))]


def draft_of(detail: DecisionDetail) -> Draft:
    """Return a decision's words as they stand in the form."""
    view = detail.decision
    wire = view.tripwire
    reversible = {True: "yes", False: "no", None: ""}[view.is_reversible]
    return Draft(
        title=view.title,
        choice=view.choice,
        context=view.context,
        options="\n".join(view.options),
        rationale=view.rationale,
        owner=view.owner_id,
        participants=",".join(view.participants),
        confidence=str(view.confidence or ""),
        reversible=reversible,
        area=view.area,
        change=view.would_change,
        revisit=view.revisit_on.isoformat() if view.revisit_on else "",
        metric=wire.metric_id if wire else "",
        side=wire.side if wire else "",
        bound=f"{wire.bound:.12g}" if wire else "",
        days=str(wire.days) if wire else "",
        themes=",".join(detail.theme_ids),
    )


def render_bet_form(
    view: DecisionView, fields: Sequence[Block], *, seen: Mapping[str, str]
) -> View:
    """The bet on a decision that is logged already: its own words stay as they are.

    ``seen`` are stamps of the bet as it stood when the form was opened.
    """
    blocks = [section(f"#{view.number} {escape(view.title, limit=150)}")]
    if view.status == ACCEPTED:
        blocks.append(context("Its days count from when it was accepted."))
    return modal(
        Form.DECISION_BET,
        "Bet",
        [*blocks, *fields],
        submit="Save",
        state={"bet_on": view.id, "seen": dict(seen)},
    )


def render_retire_form(view: DecisionView) -> View:
    """Retiring a decision asks why."""
    why = text_input("reason", multiline=True, limit=CHOICE_CHARACTERS)
    return modal(
        Form.DECISION_RETIRE,
        "Retire decision",
        [
            section(f"#{view.number} {escape(view.title, limit=150)}"),
            field_input("reason", "Why does it no longer hold?", why),
            context("Where something else holds instead, supersede it."),
        ],
        submit="Retire",
        state={"decision": view.id},
    )
