"""What is said of an honest no: the reason, and what would open it again. Pure."""

from bot.feedback.refusal_records import CUSTOMERS, DATE, METRIC, RefusalView
from bot.feedback.theme_words import name_of
from bot.slack.blocks import Message, actions, button, context, section
from bot.slack.ids import Action
from bot.slack.text import escape, quote, when

DAY = "{date_short_pretty}"


def refusal_lines(view: RefusalView, metric: str = "") -> list[str]:
    """The no, its reason and its condition, a line each. ``metric`` is a label, if known."""
    lines = [f"*Declined* {when(view.declined_at, DAY)}:", quote(view.reason, limit=600)]
    if view.condition:
        lines.append(f"Opens again by itself {condition_words(view, metric)}.")
    return lines


def condition_words(view: RefusalView, metric: str = "") -> str:
    """Return ``once 8 customers ask for it``, ``on 1 March`` ..., escaped."""
    if view.condition == CUSTOMERS:
        return f"once {view.customers} customers ask for it"
    if view.condition == DATE and view.on_date:
        return f"on {view.on_date.day} {view.on_date:%B %Y}"
    if view.condition == METRIC:
        days = f" for {view.days} days running" if view.days > 1 else ""
        name = escape(metric, limit=80) if metric else "its metric"
        return f"when {name} stays {view.side} {view.bound:g}{days}"
    return ""


def render_rearmed(view: RefusalView, reason: str) -> Message:
    """Tell the decliner that a theme is a question again, and why."""
    head = f"*{name_of(view.theme_number, view.theme_name)}*, which you declined, is open again."
    text = f"{head} {escape(reason, limit=300)}"
    said = f"You said {when(view.declined_at, DAY)}:\n{quote(view.reason, limit=600)}"
    opens = f"{Action.THEME_OPEN}:{view.theme_number}"
    row = [
        button("See theme", opens, view.theme_id, style="primary"),
        button("Decline again", Action.THEME_DECLINE, view.theme_id),
    ]
    note = "Only you are told. Who was told of the no may want to know."
    return Message(text, [section(text), section(said), context(note), actions(*row)])
