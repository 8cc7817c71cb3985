"""The fields of a bet, folded away or open, in whichever form it is set. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.bets.records import BetView
from bot.bets.rules import BY_HAND, CONFIDENCES, KINDS, MOVE_METRIC, REACH_COUNT
from bot.slack.blocks import (
    Block,
    actions,
    button,
    context,
    date_picker,
    divider,
    field_input,
    section,
    select,
    text_input,
)

NO_BET = "none"
Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class BetDraft:
    """What stands in a bet's fields, as text; several ids are joined by commas."""

    kind: str = MOVE_METRIC
    expectation: str = ""
    metric: str = ""
    target: str = ""
    check_date: str = ""
    guardrails: str = ""
    harm: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class Fields:
    """How a form names a bet's fields.

    ``prefix`` stands before each field's name, where the form has fields of such names already;
    ``actions`` are the ids of what draws the form again: fold, kind, metric, target, date.
    ``counted`` says since when a count is counted.
    """

    actions: Mapping[str, str]
    prefix: str = ""
    counted: str = "since launch"
    folded: str = "Add a bet: what should it move?"


def render_folded(fields: Fields) -> list[Block]:
    """The button that folds the fields out."""
    return [
        actions(button(fields.folded, fields.actions["fold"], "open")),
        context("Optional. On its check date I measure the bet and ask for a verdict."),
    ]


def render_bet_fields(
    draft: BetDraft, metrics: Options, notes: Sequence[str], fields: Fields
) -> list[Block]:
    """The bet's fields, those of its kind; ``notes`` are what is known while typing (mrkdwn)."""
    kinds = [*((text, kind) for kind, text in KINDS.items()), ("No bet", NO_BET)]
    if not metrics:
        kinds = [(text, kind) for text, kind in kinds if kind in {BY_HAND, NO_BET}]
    known = [kind for _, kind in kinds]
    chosen = draft.kind if draft.kind in known else known[0]
    menu = select(fields.actions["kind"], kinds, chosen=chosen)
    blocks = [divider(), field_input(f"{fields.prefix}kind", "The bet", menu, dispatch=True)]
    if chosen in {MOVE_METRIC, REACH_COUNT}:
        blocks += _metric_fields(draft, metrics, notes, chosen, fields)
    if chosen == BY_HAND:
        words = text_input("expectation", initial=draft.expectation, multiline=True, limit=600)
        label = "What has to come out, so that anybody can check it?"
        hint = "For example: 5 of 8 people finish without asking for help"
        blocks.append(field_input(f"{fields.prefix}expectation", label, words, hint=hint))
    if chosen != NO_BET:
        blocks += _terms_fields(draft, fields)
    if chosen == MOVE_METRIC and len(metrics) > 1:
        blocks += _guardrail_fields(draft, metrics, fields)
    return blocks


def _metric_fields(
    draft: BetDraft, metrics: Options, notes: Sequence[str], kind: str, fields: Fields
) -> list[Block]:
    menu = select(
        fields.actions["metric"], metrics, chosen=draft.metric, placeholder="Pick a metric"
    )
    target = text_input(
        fields.actions["target"],
        initial=draft.target,
        placeholder="450 or +10 %" if kind == MOVE_METRIC else "200",
        limit=30,
    )
    label = "Target, a day" if kind == MOVE_METRIC else f"Target, in all {fields.counted}"
    return [
        field_input(f"{fields.prefix}metric", "Metric", menu, dispatch=True),
        field_input(f"{fields.prefix}target", label, target, dispatch=True),
        *(section(note) for note in notes),
    ]


def _terms_fields(draft: BetDraft, fields: Fields) -> list[Block]:
    picker = date_picker(fields.actions["date"], chosen=draft.check_date)
    sure = [(f"{percent} %", str(percent)) for percent in CONFIDENCES]
    menu = select("confidence", sure, chosen=draft.confidence, placeholder="How sure?")
    label = "How sure are you of the bet?" if fields.prefix else "How sure are you?"
    return [
        field_input(f"{fields.prefix}check_date", "Check on", picker, dispatch=True),
        field_input(f"{fields.prefix}confidence", label, menu, optional=True),
    ]


def _guardrail_fields(draft: BetDraft, metrics: Options, fields: Fields) -> list[Block]:
    menu = select("guardrails", metrics, chosen=draft.guardrails, multiple=True)
    harm = text_input("harm", initial=draft.harm, placeholder="5 %", limit=10)
    label, hint = "Largest harm accepted there", "5 % unless you say otherwise"
    return [
        field_input(f"{fields.prefix}guardrails", "What must not get worse?", menu, optional=True),
        field_input(f"{fields.prefix}harm", label, harm, optional=True, hint=hint),
    ]


def draft_of_bet(bet: BetView) -> BetDraft:
    """Return a bet as it stands in the form."""
    harm = bet.guardrails[0]["harm"] * 100 if bet.guardrails else None
    return BetDraft(
        kind=bet.kind,
        expectation=bet.expectation,
        metric=bet.metric_id or "",
        target=f"{bet.target:.6g}" if bet.target is not None else "",
        check_date=bet.check_date.isoformat(),
        guardrails=",".join(str(guard["metric_id"]) for guard in bet.guardrails),
        harm=f"{harm:g} %" if harm is not None else "",
        confidence=str(bet.confidence or ""),
    )
