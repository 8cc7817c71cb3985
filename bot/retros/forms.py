"""The modals of retros: a new series, answers, actions, a word. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.retros import rules
from bot.retros.records import ActionView, RunView, Standing
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
from bot.slack.text import escape

WORDS_CHARACTERS = 200
CANNOT_HIDE = (
    "Anonymous answers are kept without author, time or order, and cannot be changed once sent. "
    "What this cannot hide: how you write, what only you can know, who it may be when few answer, "
    "and, from whoever runs the server, that you answered."
)


@dataclass(frozen=True)
class Draft:
    """What stands in the form of a new retro."""

    name: str = rules.DEFAULT_NAME
    template: str = rules.DEFAULT_TEMPLATE
    questions: str = ""
    channel: str = ""
    when: str = rules.NOW
    is_anonymous: bool = False


def render_form(draft: Draft, *, preview: str) -> View:
    """The form of a new retro; drawn again when the template or the schedule changes."""
    blocks = [
        _name(draft),
        _template(draft),
        _questions(draft),
        _channel(draft),
        _when(draft),
        context(escape(preview)),
        _anonymous(draft),
        context(CANNOT_HIDE),
    ]
    # It posts to a channel: who presses the button knows whether that is now.
    submit = "Open it now" if rules.is_now(draft.when) else "Schedule it"
    return modal(Form.RETRO, "New retro", blocks, submit=submit)


def _name(draft: Draft) -> Block:
    return field_input(
        "name",
        "Name",
        text_input("name", initial=draft.name, limit=rules.NAME_CHARACTERS),
    )


def _template(draft: Draft) -> Block:
    options = [(label, key) for key, (label, _) in rules.TEMPLATES.items()]
    menu = select(Action.RETRO_TEMPLATE, options, chosen=draft.template)
    return field_input("template", "Template", menu, dispatch=True)


def _questions(draft: Draft) -> Block:
    limit = rules.MOST_QUESTIONS * (rules.QUESTION_CHARACTERS + 1)
    # The id changes with the template: Slack would keep the questions of the one before.
    field = text_input(
        f"questions:{draft.template}", initial=draft.questions, multiline=True, limit=limit
    )
    return field_input("questions", "Questions, one a line", field)


def _channel(draft: Draft) -> Block:
    picker = channels_select("channel", chosen=draft.channel)
    picker["filter"] = {"include": ["public", "private"], "exclude_bot_users": True}
    return field_input("channel", "Channel", picker)


def _when(draft: Draft) -> Block:
    field = text_input(Action.RETRO_SCHEDULE, initial=draft.when, limit=WORDS_CHARACTERS)
    field["dispatch_action_config"] = {
        "trigger_actions_on": ["on_enter_pressed", "on_character_entered"]
    }
    hint = "“now”, or for example: every other Friday at 15:00 Berlin; last Thursday at 16:00."
    return field_input("when", "When", field, hint=hint, dispatch=True)


def _anonymous(draft: Draft) -> Block:
    options = [("No, answers carry names", "no"), ("Yes, without names", "yes")]
    chosen = "yes" if draft.is_anonymous else "no"
    return field_input("anonymous", "Anonymous", select("anonymous", options, chosen=chosen))


def render_answer_form(run: RunView, standing: Standing) -> View:
    """One optional field a question; filled in with what the person said before."""
    blocks: list[Block] = [section(_answer_lead(run, standing))]
    for place, question in enumerate(run.questions):
        initial = standing.texts.get(place, "")
        field = text_input(f"q{place}", initial=initial, multiline=True)
        blocks.append(field_input(f"q{place}", question, field, optional=True))
    if run.is_anonymous:
        blocks.append(context(CANNOT_HIDE))
    return modal(Form.RETRO_ANSWER, "Your answers", blocks, submit="Send", state={"run": run.id})


def _answer_lead(run: RunView, standing: Standing) -> str:
    name = escape(run.name, limit=100)
    if run.is_anonymous and standing.has_answered:
        return (
            f"*{name}* is anonymous. You have answered; nothing here knows which answers are "
            "yours, so they are not shown and cannot be changed. What you write now is added."
        )
    if run.is_anonymous:
        return f"*{name}* is anonymous. Answer what you like; leave the rest empty."
    if standing.has_answered:
        return f"*{name}*: these are your answers. You can change them until it closes."
    return (
        f"*{name}*: answer what you like; leave the rest empty. Answers carry your name and show "
        "when it closes."
    )


def render_actions_form(
    run: RunView, open_actions: Sequence[ActionView], *, tomorrow: date
) -> View:
    """As many promises as the series has room for."""
    room = rules.MOST_OPEN_ACTIONS - len(open_actions)
    blocks: list[Block] = []
    if open_actions:
        listed = "\n".join(f"• #{one.number} {escape(one.text, limit=200)}" for one in open_actions)
        blocks.append(section(f"Still open from before:\n{listed}"))
    for place in range(room):
        if place:
            blocks.append(divider())
        blocks += _action_fields(place, tomorrow)
    state = {"run": run.id}
    return modal(Form.RETRO_ACTIONS, "Actions", blocks, submit="Promise", state=state)


def _action_fields(place: int, tomorrow: date) -> list[Block]:
    is_more = place > 0
    text = text_input(f"text{place}", limit=rules.ACTION_CHARACTERS)
    effect = text_input(f"effect{place}", limit=rules.ACTION_CHARACTERS)
    check = text_input(f"check{place}", limit=rules.ACTION_CHARACTERS)
    hint = f"From {tomorrow.isoformat()} on. The owner is asked on that day at 09:00 their time."
    return [
        field_input(f"text{place}", f"Action {place + 1}", text, optional=is_more),
        field_input(f"owner{place}", "Owner", users_select(f"owner{place}"), optional=is_more),
        field_input(f"due{place}", "Due", date_picker(f"due{place}"), optional=is_more, hint=hint),
        field_input(f"effect{place}", "What should change", effect, optional=True),
        field_input(f"check{place}", "How we can tell", check, optional=True),
    ]


def render_word_form(one: ActionView) -> View:
    """One sentence on how an action went."""
    field = text_input("word", initial=one.word, multiline=True, limit=rules.ACTION_CHARACTERS)
    blocks = [
        section(f"#{one.number} {escape(one.text, limit=400)}"),
        field_input("word", "What should the next retro know?", field),
    ]
    return modal(Form.RETRO_WORD, "How it went", blocks, submit="Save", state={"action": one.id})
