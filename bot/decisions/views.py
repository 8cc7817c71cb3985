"""What people see of decisions: the post, notes in its thread, lists, private lines. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.bets.cards import render_bet, render_outcome, verdict_button
from bot.bets.words import AFTER, bet_phrase
from bot.decisions.records import DecisionDetail, DecisionView
from bot.decisions.rules import CURRENT, PROPOSED, RETIRED
from bot.decisions.words import (
    DAY,
    reversible_phrase,
    spoken_date,
    status_phrase,
    title_of,
)
from bot.slack.blocks import Block, Message, View, actions, button, context, modal, section
from bot.slack.ids import Action, Form
from bot.slack.text import escape, link, person, quote, shorten, when


def render_decision(
    detail: DecisionDetail, *, themes: Sequence[str] = (), tripwire: str = ""
) -> Message:
    """The one message of a decision, edited in place on every change.

    ``themes`` are names and ``tripwire`` is a phrase, both as the channel's audience may see them.
    """
    view = detail.decision
    title = escape(view.title, limit=150)
    text = f"Decision #{view.number}: {title} ({view.status})"
    about = [f"#{view.number}", status_phrase(view), f"owner {person(view.owner_id)}"]
    if view.area:
        about.append(escape(view.area, limit=60))
    blocks = [
        section(f"*{title}*\n{' · '.join(about)}"),
        section(f"*Choice:* {escape(view.choice, limit=600)}"),
    ]
    blocks += _why(view)
    if view.bet:
        blocks += render_bet(view.bet)
    blocks += render_outcome(view)
    blocks += _chain(detail)
    blocks += _small_print(view, themes, tripwire)
    if view.status in CURRENT:
        blocks.append(_buttons(view))
    return Message(text, blocks)


def _why(view: DecisionView) -> list[Block]:
    blocks = []
    if view.context:
        blocks.append(section(f"*Context*\n{escape(view.context, limit=1_000)}"))
    if view.options:
        listed = "\n".join(f"• {escape(option, limit=300)}" for option in view.options)
        blocks.append(section(f"*Options*\n{listed}"))
    if view.rationale:
        blocks.append(section(f"*Why this one*\n{escape(view.rationale, limit=1_000)}"))
    if view.would_change:
        said = escape(view.would_change, limit=600)
        blocks.append(section(f"*What would change our mind*\n{said}"))
    return blocks


def _chain(detail: DecisionDetail) -> list[Block]:
    lines = [f"Takes the place of {_named(past)}" for past in detail.supersedes[:3]]
    if detail.superseded_by:
        lines.append(f"In its place: {_named(detail.superseded_by)}")
    view = detail.decision
    if view.status == RETIRED and view.reason:
        lines.append(f"Retired: {escape(view.reason, limit=400)}")
    return [section("\n".join(lines))] if lines else []


def _named(view: DecisionView) -> str:
    return link(view.link, shorten(title_of(view), 120))


def _small_print(view: DecisionView, themes: Sequence[str], tripwire: str) -> list[Block]:
    small = []
    if view.participants:
        small.append("Decided with " + ", ".join(person(user) for user in view.participants[:10]))
    terms = [f"{view.confidence} % sure" if view.confidence else "", reversible_phrase(view)]
    small.append(", ".join(term for term in terms if term))
    if view.revisit_on and view.status in CURRENT:
        small.append(f"Look again on {spoken_date(view.revisit_on)}")
    if themes:
        named = ", ".join(escape(name, limit=80) for name in themes[:5])
        small.append(f"Answers wishes about: {named}")
    small.append(tripwire)
    if view.permalink:
        small.append(link(view.permalink, "The thread it comes from"))
    kept = [text for text in small if text]
    return [context(*kept)] if kept else []


def _buttons(view: DecisionView) -> Block:
    row = []
    if view.status == PROPOSED:
        row.append(button("Accept", Action.DECISION_ACCEPT, view.id, style="primary"))
        row.append(button("Edit", Action.DECISION_EDIT, view.id))
    row.append(button("Supersede", Action.DECISION_SUPERSEDE, view.id))
    row.append(button("Retire", Action.DECISION_RETIRE, view.id))
    give = verdict_button(view)
    if give:
        row.append(give)
    else:
        label = "Change the bet" if view.bet else "Add a bet"
        row.append(button(label, Action.DECISION_BET_OPEN, view.id))
    return actions(*row)


def render_logged(view: DecisionView, *, is_posted: bool) -> View:
    """What the form becomes once it is logged or saved."""
    stands = "It stands as accepted." if view.status != PROPOSED else "It stands as proposed."
    where = "Its message is in the channel." if is_posted else "I sent you its message directly."
    text = f"Logged as #{view.number}. {stands} {where}"
    return modal(Form.PROBLEM, "Logged", [section(text)])


def render_done(view: DecisionView, what: str) -> View:
    """What a form becomes once it did something: "saved", "retired"."""
    return modal(Form.PROBLEM, "Done", [section(f"#{view.number} is {what}.")])


def render_offer(button_value: str, *, lead: str) -> Message:
    """Offer the form, where none could be opened by itself; ``lead`` is ours."""
    row = actions(button("Log the decision", Action.DECISION_OPEN, button_value, style="primary"))
    return Message(lead, [section(lead), row])


def render_draft_ready(draft_id: str, title: str, permalink: str) -> Message:
    """Tell one person that the thread was read into a draft."""
    text = "I read the thread into a draft. Nothing is logged until you have checked it."
    where = f" {link(permalink, 'The thread')}" if permalink else ""
    return Message(
        text,
        [
            section(f"{text}{where}"),
            section(quote(title, limit=200)),
            actions(
                button("Open the draft", Action.DECISION_DRAFT, draft_id, style="primary"),
            ),
            context("I keep the draft for 24 hours."),
        ],
    )


def render_bet_note(view: DecisionView, by: str, *, is_new: bool) -> Message:
    """The line in the thread when the bet on a decision was set or changed."""
    text = f"{person(by)} {'set a bet on' if is_new else 'changed the bet on'} #{view.number}."
    if view.bet is None:
        return Message(text)
    is_late = not is_new and view.accepted_at is not None
    late = f" This was {AFTER['decision']} and will be said in the verdict." if is_late else ""
    return Message(text, [section(text), context(f"Now: {bet_phrase(view.bet)}.{late}")])


def render_revisit(view: DecisionView) -> Message:
    """Ask the owner, on the revisit date, whether it still holds."""
    text = f"You wanted to look again at decision #{view.number} today. Is it still right?"
    return Message(text, [section(text), *revisit_blocks(view)])


def revisit_blocks(view: DecisionView) -> list[Block]:
    """What its owner is asked about, and the answers to choose from."""
    said = f"*{link(view.link, shorten(title_of(view), 150))}*\n{escape(view.choice, limit=400)}"
    blocks = [section(said)]
    if view.would_change:
        words = escape(view.would_change, limit=400)
        blocks.append(context(f"What would change our mind: {words}"))
    blocks.append(
        actions(
            button("Still right", Action.DECISION_HOLDS, view.id, style="primary"),
            button("Extend 90 days", Action.DECISION_EXTEND, view.id),
            button("Revisit", Action.DECISION_REOPEN, view.id),
        )
    )
    return blocks


def render_revisit_answer(view: DecisionView, answer: str, next_on: date | None) -> Message:
    """What the question becomes once it is answered; with what to do next where it is reopened."""
    if answer == "reopened":
        text = f"#{view.number} is open for another look. Supersede it once you have decided."
        row = actions(
            button("Supersede", Action.DECISION_SUPERSEDE, view.id, style="primary"),
            button("Retire", Action.DECISION_RETIRE, view.id),
        )
        return Message(text, [section(text), row])
    if next_on:
        text = f"#{view.number} stands; I ask again on {spoken_date(next_on)}."
    else:
        text = f"#{view.number} still holds; I will not ask again."
    return Message(text, [section(text)])


def render_reopened(view: DecisionView, by: str) -> Message:
    """Ask the decision's thread for another look."""
    text = f"{person(by)} wants to look again at decision #{view.number}. Is it still right?"
    blocks = [section(text)]
    if view.would_change:
        blocks.append(section(f"*What would change our mind*\n{quote(view.would_change)}"))
    return Message(text, blocks)


def render_line(view: DecisionView) -> str:
    """One decision on two lines: title with link, status and date, the choice."""
    title = link(view.link, shorten(title_of(view), 120))
    at = view.accepted_at or view.created_at
    return f"*{title}* · {view.status} · {when(at, DAY)}\n{escape(view.choice, limit=200)}"


def render_list(decisions: Sequence[DecisionView], *, is_guest: bool = False) -> Message:
    """``/daybook decision list``: the newest first. A guest, who cannot log one, is not told to."""
    if not decisions:
        first = "" if is_guest else " Type `/decision` to log the first."
        text = f"No decision is logged that you can see.{first}"
        return Message(text, [section(text)])
    text = "The latest decisions"
    return Message(text, [section(f"*{text}*"), *(section(render_line(d)) for d in decisions)])


def render_found_decisions(words: str, decisions: Sequence[DecisionView]) -> list[Block]:
    """The decisions' part of a search's answer."""
    if not decisions:
        return []
    head = f"*Decisions* with “{escape(words, limit=80)}”, newest first"
    return [section(head), *(section(render_line(view)) for view in decisions)]


def render_home_mine(decisions: Sequence[DecisionView]) -> list[Block]:
    """App Home: the person's proposals that wait for an answer."""
    blocks: list[Block] = []
    for view in decisions:
        blocks.append(section(f"Proposed: {_named(view)}\n{escape(view.choice, limit=200)}"))
        accept = button("Accept", f"{Action.DECISION_ACCEPT}:{view.id}", view.id)
        blocks.append(actions(accept, button("Edit", Action.DECISION_EDIT, view.id)))
    return blocks


def render_home_due(decisions: Sequence[DecisionView]) -> list[Block]:
    """App Home: decisions whose revisit date has come, or that a metric reopened."""
    blocks: list[Block] = []
    for view in decisions:
        day = f" (since {spoken_date(view.revisit_on)})" if view.revisit_on else ""
        if view.reopened_at:
            day = f" (reopened {when(view.reopened_at, DAY)})"
        blocks.append(
            section(f"Still right?{day} {_named(view)}\n{escape(view.choice, limit=200)}")
        )
        blocks.append(
            actions(
                button("Still right", f"{Action.DECISION_HOLDS}:{view.id}", view.id),
                button("Extend 90 days", f"{Action.DECISION_EXTEND}:{view.id}", view.id),
                button("Revisit", f"{Action.DECISION_REOPEN}:{view.id}", view.id),
            )
        )
    return blocks


def render_home_latest(decisions: Sequence[DecisionView]) -> list[Block]:
    """App Home: the newest decisions."""
    return [section(render_line(view)) for view in decisions]
