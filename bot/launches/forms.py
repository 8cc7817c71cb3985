"""The forms of launches: log or edit one with its bet, roll back, post an update. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.bets.forms import BetDraft, Fields, render_bet_fields, render_folded
from bot.bets.rules import MOVE_METRIC
from bot.launches.records import LaunchView
from bot.launches.stages import FIRST_STAGES, WORDS
from bot.launches.views import render_similar
from bot.slack.blocks import (
    Block,
    View,
    channels_select,
    context,
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
SUMMARY_LIMIT = 2_000
FIELDS = Fields(
    {
        "fold": Action.LAUNCH_BET_FOLD,
        "kind": Action.LAUNCH_BET_KIND,
        "metric": Action.LAUNCH_BET_METRIC,
        "target": Action.LAUNCH_BET_TARGET,
        "date": Action.LAUNCH_BET_DATE,
    }
)
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
    settled: str = ""  # why its bet cannot be changed
    launch: str = ""  # being edited
    origin_channel: str = ""  # the message it is logged from
    origin_ts: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)  # stamps of what stood when it opened

    def to_json(self) -> dict[str, object]:
        """Return it as a modal's state; empty parts are left out."""
        known = {
            "bet": self.has_bet,
            "settled": self.settled,
            "launch": self.launch,
            "from": self.origin_channel,
            "ts": self.origin_ts,
            "seen": dict(self.seen),
        }
        return {key: value for key, value in known.items() if value}


def render_form(draft: Draft, offered: Offered, state: FormState, *, lead: str = "") -> View:
    """The form: title and owner suffice; the bet folds out. ``lead`` is a line of ours on top."""
    blocks = [section(lead)] if lead else []
    blocks += _launch_fields(draft, offered, state)
    if state.has_bet:
        blocks += render_bet_fields(bet_draft(draft), offered.metrics, offered.notes, FIELDS)
        blocks += _source_fields(draft, offered)
    elif state.settled:
        blocks.append(context(state.settled))
    else:
        blocks += render_folded(FIELDS)
    is_edit = bool(state.launch)
    return modal(
        Form.LAUNCH,
        "Edit launch" if is_edit else "New launch",
        blocks,
        submit="Save" if is_edit else "Launch",
        state=state.to_json(),
    )


def bet_draft(draft: Draft) -> BetDraft:
    """Return what stands in the bet's fields."""
    return BetDraft(**{name: getattr(draft, name) for name in BetDraft.__dataclass_fields__})


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
    summary = text_input("summary", initial=draft.summary, multiline=True, limit=SUMMARY_LIMIT)
    return [
        *blocks,
        field_input("area", "Product area", area, optional=True),
        field_input("summary", "In a sentence", summary, optional=True),
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
