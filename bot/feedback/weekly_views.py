"""The week's feedback as a message: what is new, grows, was answered and waits. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.feedback.theme_words import count, name_of
from bot.feedback.told_records import ToldRate
from bot.feedback.weekly import Answer, Told, Untold, Weekly
from bot.slack.blocks import Block, Message, actions, button, context, section, select
from bot.slack.ids import Action
from bot.slack.text import escape, link, quote, say_test, shorten

QUOTE_LIMIT = 200
NAME_LIMIT = 80


@dataclass(frozen=True)
class Issue:
    """One post of a feedback digest. ``test_for`` is where it would go (escaped, ours)."""

    number: int
    name: str
    slot: date
    week: Weekly
    test_for: str = ""
    buttons: Block | None = None


def render_weekly(issue: Issue) -> Message:
    """What a tired person reads over coffee: one headline, then a line a theme."""
    week = issue.week
    head = f"{escape(issue.name, limit=NAME_LIMIT)} · week to {issue.slot:%a} {issue.slot:%-d %b}"
    text = f"{head}: {_headline(week)}"
    blocks: list[Block] = [section(f"*{head}*\n{_headline(week)}")]
    blocks += [context(say_test(issue.test_for))] if issue.test_for else []
    blocks += _themes("New this week", week.new)
    blocks += _themes("Growing", week.growing)
    blocks += _answers(week.answered)
    blocks += _competitors(week)
    blocks += _undecided(week.undecided)
    blocks += _untold(week.told, week.oldest)
    blocks += _doors(week)
    blocks += [issue.buttons] if issue.buttons else []
    blocks.append(
        context(
            "Counts are of what everybody here may read. Words leave their channel only when three "
            "customers or more are behind them, and without names."
        )
    )
    return Message(text, blocks)


def _headline(week: Weekly) -> str:
    if not week.items:
        return "No feedback was logged."
    said = f"{count(week.items, 'piece')} of feedback from {count(week.customers, 'customer')}"
    if week.items == week.items_before:
        return f"{said}, as many as the week before."
    return f"{said}; {week.items_before} the week before."


def _themes(title: str, told: Sequence[Told]) -> list[Block]:
    if not told:
        return []
    return [section("\n".join([f"*{title}*", *(_theme(one) for one in told)]))]


def _theme(one: Told) -> str:
    theme = one.theme
    line = f"• {name_of(theme.number, theme.name)}: {one.week} this week, {one.before} before"
    line += f"; {count(theme.tally.customers, 'customer')} in all"
    if not one.quote:
        return line
    where = f" {link(one.permalink, 'see the message')}" if one.permalink else ""
    return f"{line}\n{quote(one.quote, limit=QUOTE_LIMIT)}{where}"


def _answers(answered: Sequence[Answer]) -> list[Block]:
    if not answered:
        return []
    lines = [
        f"• {link(one.permalink, shorten(f'#{one.number} {one.name}', 100))} {one.how}"
        for one in answered
    ]
    return [section("\n".join(["*Answered*", *lines]))]


def _competitors(week: Weekly) -> list[Block]:
    if not week.competitor_items:
        return []
    head = f"*Competitors* came up {_times(week.competitor_items)}"
    return [section("\n".join([head, *(_theme(one) for one in week.competitors)]))]


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _undecided(told: Sequence[Told]) -> list[Block]:
    if not told:
        return []
    lines = [
        f"{place}. {name_of(one.theme.number, one.theme.name)}: "
        f"{count(one.theme.tally.customers, 'customer')}, {one.week} this week"
        for place, one in enumerate(told, start=1)
    ]
    return [section("\n".join(["*Most wanted, without a decision*", *lines]))]


def _untold(told: ToldRate, oldest: Sequence[Untold]) -> list[Block]:
    if not told.to_tell and not oldest:
        return []
    lines = [f"*Told what came of it*: {_rate(told)}"]
    if oldest:
        lines.append("Waiting longest:")
        lines += [_waiting(one) for one in oldest]
        lines.append("Drafts stand in the App Home of whoever looks after them.")
    return [section("\n".join(lines))]


def _rate(told: ToldRate) -> str:
    if not told.to_tell:
        return "nobody was to be told in the last 28 days."
    said = f"{told.told} of {told.to_tell} in the last 28 days"
    if told.wait is None:
        return f"{said}."
    return f"{said}; half of them within {_span(told.wait)} of asking."


def _span(wait: timedelta) -> str:
    days = round(wait / timedelta(days=1))
    return count(days, "day") if days else "a day"


def _waiting(one: Untold) -> str:
    asked = link(one.permalink, f"#{one.number}") if one.permalink else f"#{one.number}"
    about = escape(shorten(one.about, 80))
    return f"• {asked} of {one.said_at.day} {one.said_at:%b}: {about}"


def _doors(week: Weekly) -> list[Block]:
    """One menu to open any theme that was named, and the whole list."""
    named = {one.theme.id: one.theme for one in (*week.new, *week.growing, *week.undecided)}
    options = [(shorten(f"#{t.number} {t.name}", 70), t.id) for t in named.values()]
    row = [button("All themes", Action.THEME_LIST)]
    if options:
        row = [select(Action.THEME_OPEN, options, placeholder="Open a theme"), *row]
    return [actions(*row)]
