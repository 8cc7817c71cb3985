"""What people see of tripwires: the phrase in the post, the note, the question. Pure."""

from datetime import date, datetime

from bot.decisions.records import DecisionView
from bot.decisions.tripwires import Streak
from bot.decisions.views import revisit_blocks
from bot.decisions.words import DAY
from bot.metrics.numbers import format_value
from bot.slack.blocks import Block, Message, context, section
from bot.slack.text import escape, person, quote, when

# A phone shows a week at a glance.
DAYS_SHOWN = 7


def render_tripwire(
    label: str, side: str, bound: str, days: int, *, tripped_at: datetime | None = None
) -> str:
    """Say which metric reopens it, or did; ``bound`` is ours, ``label`` the metric's."""
    over = f" for {days} days running" if days > 1 else ""
    stays = f"{side} {bound}{over}"
    if tripped_at:
        return f"Reopened {when(tripped_at, DAY)}: {escape(label, limit=80)} stayed {stays}"
    return f"Reopens when {escape(label, limit=80)} stays {stays}"


def render_tripped_note(view: DecisionView, streak: Streak, *, is_asked: bool) -> Message:
    """Tell the decision's thread, with the figures; ``is_asked``: its owner got the question."""
    text = _headline(view, streak)
    blocks = [section(text), section(_figures(streak))]
    if view.would_change:
        blocks.append(section(f"*What would change our mind*\n{quote(view.would_change)}"))
    asked = f"I asked {person(view.owner_id)} whether it is still right" if is_asked else ""
    blocks.append(_terms(asked, streak))
    return Message(text, blocks)


def render_tripped_question(view: DecisionView, streak: Streak, *, is_alone: bool) -> Message:
    """Ask the owner whether it still holds.

    ``is_alone``: its thread was told nothing, since the metric is not for everybody there.
    """
    text = f"{_headline(view, streak)} Is it still right?"
    alone = "Only you are told: this metric is not for everybody in the decision's channel"
    terms = _terms(alone if is_alone else "", streak)
    return Message(text, [section(text), section(_figures(streak)), terms, *revisit_blocks(view)])


def _headline(view: DecisionView, streak: Streak) -> str:
    bound = format_value(streak.bound, streak.metric.unit)
    first = streak.days[0][0]
    length = len(streak.days)
    span = f"for {length} days running" if length > 1 else f"on {_spoken_day(first)}"
    label = escape(streak.metric.label, limit=80)
    stayed = f"{label} stayed {streak.side} {bound} {span}"
    return f"Decision #{view.number} is open for another look: {stayed}."


def _figures(streak: Streak) -> str:
    shown = streak.days[-DAYS_SHOWN:]
    head = f"The last {len(shown)} of {len(streak.days)} days:\n"
    lines = "\n".join(f"• {_spoken_day(day)}: {_figure(streak, value)}" for day, value in shown)
    return lines if len(shown) == len(streak.days) else head + lines


def _figure(streak: Streak, value: float) -> str:
    unit = streak.metric.unit
    shown, bound = format_value(value, unit), format_value(streak.bound, unit)
    # Rounded alike, they would contradict the sentence above them.
    return f"just {streak.side} {bound}" if shown == bound else shown


def _terms(said: str, streak: Streak) -> Block:
    read = f", read {when(streak.read_at)}" if streak.read_at else ""
    days = f"Whole days in {streak.metric.timezone}{read}"
    return context(*filter(None, (said, days)))


def _spoken_day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%B}"
