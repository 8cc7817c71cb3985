"""The forms of launches: log or edit one with its bet, roll back, post an update. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.bets.rules import BY_HAND, CONFIDENCES, KINDS, MOVE_METRIC, REACH_COUNT
from bot.launches.records import LaunchView
from bot.launches.stages import FIRST_STAGES, WORDS
from bot.launches.views import render_similar
from bot.slack.blocks import (
    Block,
    View,
    actions,
    button,
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
from bot.slack.text import escape

TITLE_LIMIT = 150
NO_BET = "none"
Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Draft:
    """What stands in the form, as text; several ids are joined by commas."""

    title: str = ""
    summary: str = ""
    owner: str = ""
    channel: str = ""
    stage: str = ""
    area: str = ""
    kind: str = MOVE_METRIC
    expectation: str = ""
    metric: str = ""
    target: str = ""
    check_date: str = ""
    guardrails: str = ""
    harm: str = ""
    confidence: str = ""
    themes: str = ""
    decision: str = ""


@dataclass(frozen=True)
class Offered:
    """What the form's menus offer, and what is known while typing (mrkdwn, ours)."""

    metrics: Options = ()
    themes: Options = ()
    decisions: Options = ()
    notes: Sequence[str] = ()
    similar: Sequence[LaunchView] = ()
    decided: str = ""  # what was decided before about the same (mrkdwn, ours)


@dataclass(frozen=True)
class FormState:
    """What the form must know when it comes back."""

    has_bet: bool = False
    launch: str = ""  # being edited
    origin_channel: str = ""  # the message it is logged from
    origin_ts: str = ""

    def to_json(self) -> dict[str, object]:
        """Return it as a modal's state; empty parts are left out."""
        known = {
            "bet": self.has_bet,
            "launch": self.launch,
            "from": self.origin_channel,
            "ts": self.origin_ts,
        }
        return {key: value for key, value in known.items() if value}


def render_form(draft: Draft, offered: Offered, state: FormState) -> View:
    """The form: title and owner suffice; the bet folds out."""
    blocks = _launch_fields(draft, offered, state)
    blocks += _bet_fields(draft, offered) if state.has_bet else _folded()
    is_edit = bool(state.launch)
    return modal(
        Form.LAUNCH,
        "Edit launch" if is_edit else "New launch",
        blocks,
        submit="Save" if is_edit else "Launch",
        state=state.to_json(),
    )


def _launch_fields(draft: Draft, offered: Offered, state: FormState) -> list[Block]:
    title = text_input(
        Action.LAUNCH_TITLE, initial=draft.title, placeholder="The new importer", limit=TITLE_LIMIT
    )
    title["dispatch_action_config"] = {
        "trigger_actions_on": ["on_enter_pressed", "on_character_entered"]
    }
    area = text_input("area", initial=draft.area, placeholder="e.g. Import", limit=60)
    blocks = [
        field_input("title", "What was launched?", title, dispatch=True),
        *render_similar(offered.similar),
        *([context(offered.decided)] if offered.decided else []),
        field_input("owner", "Owner", users_select("owner", chosen=draft.owner)),
    ]
    if not state.launch:
        stages = [(WORDS[stage].capitalize(), stage) for stage in FIRST_STAGES]
        where = channels_select("channel", chosen=draft.channel)
        menu = select("stage", stages, chosen=draft.stage or FIRST_STAGES[0])
        blocks += [
            field_input("channel", "Channel", where),
            field_input("stage", "Stage", menu),
        ]
    blocks.append(field_input("area", "Product area", area, optional=True))
    if not state.launch:
        summary = text_input("summary", initial=draft.summary, multiline=True, limit=600)
        blocks.append(field_input("summary", "In a sentence", summary, optional=True))
    return blocks


def _folded() -> list[Block]:
    return [
        actions(button("Add a bet: what should it move?", Action.LAUNCH_BET_FOLD, "open")),
        context("Optional. On its check date I measure the bet and ask for a verdict."),
    ]


def _bet_fields(draft: Draft, offered: Offered) -> list[Block]:
    kinds = [*((text, kind) for kind, text in KINDS.items()), ("No bet", NO_BET)]
    if not offered.metrics:
        kinds = [(text, kind) for text, kind in kinds if kind in {BY_HAND, NO_BET}]
    known = [kind for _, kind in kinds]
    chosen = draft.kind if draft.kind in known else known[0]
    menu = select(Action.LAUNCH_BET_KIND, kinds, chosen=chosen)
    blocks = [divider(), field_input("kind", "The bet", menu, dispatch=True)]
    if chosen in {MOVE_METRIC, REACH_COUNT}:
        blocks += _metric_fields(draft, offered, chosen)
    if chosen == BY_HAND:
        words = text_input("expectation", initial=draft.expectation, multiline=True, limit=600)
        label = "What has to come out, so that anybody can check it?"
        hint = "For example: 5 of 8 people finish without asking for help"
        blocks.append(field_input("expectation", label, words, hint=hint))
    if chosen != NO_BET:
        blocks += _terms_fields(draft)
    if chosen == MOVE_METRIC and len(offered.metrics) > 1:
        blocks += _guardrail_fields(draft, offered)
    return blocks + _source_fields(draft, offered)


def _metric_fields(draft: Draft, offered: Offered, kind: str) -> list[Block]:
    menu = select(
        Action.LAUNCH_BET_METRIC, offered.metrics, chosen=draft.metric, placeholder="Pick a metric"
    )
    target = text_input(
        Action.LAUNCH_BET_TARGET,
        initial=draft.target,
        placeholder="450 or +10 %" if kind == MOVE_METRIC else "200",
        limit=30,
    )
    label = "Target, a day" if kind == MOVE_METRIC else "Target, in all since launch"
    return [
        field_input("metric", "Metric", menu, dispatch=True),
        field_input("target", label, target, dispatch=True),
        *(section(note) for note in offered.notes),
    ]


def _terms_fields(draft: Draft) -> list[Block]:
    picker = date_picker(Action.LAUNCH_BET_DATE, chosen=draft.check_date)
    sure = [(f"{percent} %", str(percent)) for percent in CONFIDENCES]
    menu = select("confidence", sure, chosen=draft.confidence, placeholder="How sure?")
    return [
        field_input("check_date", "Check on", picker, dispatch=True),
        field_input("confidence", "How sure are you?", menu, optional=True),
    ]


def _guardrail_fields(draft: Draft, offered: Offered) -> list[Block]:
    menu = select("guardrails", offered.metrics, chosen=draft.guardrails, multiple=True)
    harm = text_input("harm", initial=draft.harm, placeholder="5 %", limit=10)
    label = "Largest harm accepted there"
    return [
        field_input("guardrails", "What must not get worse?", menu, optional=True),
        field_input("harm", label, harm, optional=True, hint="5 % unless you say otherwise"),
    ]


def _source_fields(draft: Draft, offered: Offered) -> list[Block]:
    blocks = []
    if offered.themes:
        menu = select("themes", offered.themes, chosen=draft.themes, multiple=True)
        blocks.append(field_input("themes", "Who asked for it?", menu, optional=True))
    if offered.decisions:
        menu = select("decision", offered.decisions, chosen=draft.decision)
        blocks.append(field_input("decision", "Decided in", menu, optional=True))
    return blocks


def render_roll_back_form(launch: LaunchView) -> View:
    """A roll-back asks why."""
    why = text_input("reason", multiline=True, limit=600)
    return modal(
        Form.LAUNCH_ROLL_BACK,
        "Roll back",
        [
            section(f"#{launch.number} {escape(launch.title, limit=100)}"),
            field_input("reason", "Why is it rolled back?", why),
        ],
        submit="Roll back",
        state={"launch": launch.id},
    )


def render_update_form(launch: LaunchView) -> View:
    """An update goes into the launch's thread."""
    text = text_input("text", multiline=True, limit=2_000)
    return modal(
        Form.LAUNCH_UPDATE,
        "Post an update",
        [
            section(f"Goes into the thread of #{launch.number} {escape(launch.title, limit=100)}"),
            field_input("text", "Update", text),
        ],
        submit="Post",
        state={"launch": launch.id},
    )
