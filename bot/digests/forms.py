"""The digest's form. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.digests.rules import FEEDBACK, LAUNCHES
from bot.digests.rules import METRICS as NUMBERS
from bot.slack import limits
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
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape

# Block ids: what errors are named by.
WHERE, METRICS, WHEN, NAME, QUIET = "where", "metrics", "when", "name", "quiet"
# What a digest of its kind says, where it is not of metrics (mrkdwn, ours).
CONTENTS = {
    FEEDBACK: "*The week in feedback*: what is new, what grows, what was answered, competitors, "
    "the five most wanted without a decision, and who waits to be told.",
    LAUNCHES: "*All launches* that everybody there may see: what moved since the last one, "
    "verdicts with their lessons, and what is under way with its next check.",
}
CALM = {
    NUMBERS: ("On calm days", "Only when something stands out, is late or happened"),
    FEEDBACK: ("In calm weeks", "Only when something was said or answered"),
    LAUNCHES: ("In calm weeks", "Only when a launch moved or was judged"),
}
EXAMPLES = {NUMBERS: "Product numbers", FEEDBACK: "Customer feedback", LAUNCHES: "All launches"}
NAME_LIMIT = 80
WORDS_LIMIT = 120


@dataclass(frozen=True)
class Choice:
    """A metric that everybody who reads the target may see."""

    id: str
    label: str


@dataclass(frozen=True)
class Draft:
    """What stands in the form. ``target`` is a channel's id, or empty for a DM to oneself."""

    target: str = ""
    metric_ids: tuple[str, ...] = ()
    words: str = ""
    name: str = ""
    skip_if_empty: bool = False
    digest_id: str = ""  # the digest being edited
    kind: str = NUMBERS


def render_form(
    draft: Draft, choices: Sequence[Choice], *, preview: str, problem: str = ""
) -> View:
    """The form, with the next posts under the schedule.

    ``problem`` says why nothing can be shown at the target. The form is drawn again whenever
    target or schedule change; what was typed comes back as the initial values.
    """
    is_other = draft.kind in CONTENTS
    content = _other(draft.kind, problem) if is_other else _metrics(draft, choices, problem)
    blocks = [
        _where(draft),
        *content,
        _when(draft),
        context(preview),
        _quiet(draft),
        _name(draft),
    ]
    title = "Edit digest" if draft.digest_id else "New digest"
    submit = "Save" if draft.digest_id else "Create"
    state = {"digest": draft.digest_id} if draft.digest_id else {}
    state |= {"kind": draft.kind} if is_other else {}
    return modal(Form.DIGEST, title, blocks, submit=submit, state=state or None)


def _other(kind: str, problem: str) -> list[Block]:
    return [section(escape(problem) if problem else CONTENTS[kind])]


def _where(draft: Draft) -> Block:
    picker = channels_select(Action.DIGEST_TARGET, chosen=draft.target)
    picker["filter"] = {"include": ["public", "private"], "exclude_bot_users": True}
    return field_input(
        WHERE,
        "Channel",
        picker,
        optional=True,
        hint="Empty: a direct message to you.",
        dispatch=True,
    )


def _metrics(draft: Draft, choices: Sequence[Choice], problem: str) -> list[Block]:
    if not choices:
        return [section(escape(problem) or "There is no metric yet that may be shown there.")]
    # The id changes with the target: Slack would keep choices that are no longer offered.
    action = f"metrics:{draft.target or 'me'}"
    # What is chosen comes first, in its order: a menu ends after Slack's hundred, and saving must
    # lose nothing.
    places = {one: place for place, one in enumerate(draft.metric_ids)}
    ordered = sorted(choices, key=lambda choice: places.get(choice.id, len(places)))
    menu = select(
        action,
        [(choice.label, choice.id) for choice in ordered],
        chosen=",".join(draft.metric_ids),
        placeholder="Choose metrics",
        multiple=True,
    )
    beyond = len(choices) - limits.OPTIONS
    hint = f"{beyond} more do not fit in this menu." if beyond > 0 else ""
    return [field_input(METRICS, "Metrics", menu, hint=hint)]


def _when(draft: Draft) -> Block:
    field = text_input(
        Action.DIGEST_SCHEDULE,
        initial=draft.words,
        placeholder="weekdays at 9:00 Berlin",
        limit=WORDS_LIMIT,
    )
    field["dispatch_action_config"] = {
        "trigger_actions_on": ["on_enter_pressed", "on_character_entered"]
    }
    return field_input(
        WHEN,
        "When",
        field,
        hint="For example: weekdays at 9:00 Berlin; first Monday of the month at 10:00.",
        dispatch=True,
    )


def _quiet(draft: Draft) -> Block:
    label, calm = CALM[draft.kind]
    options = [("Post every time", "always"), (calm, "quiet")]
    chosen = "quiet" if draft.skip_if_empty else "always"
    return field_input(QUIET, label, select("quiet", options, chosen=chosen))


def _name(draft: Draft) -> Block:
    field = text_input(
        "name", initial=draft.name, placeholder=EXAMPLES[draft.kind], limit=NAME_LIMIT
    )
    return field_input(NAME, "Name", field, optional=True)
