"""Phrases about decisions. Pure."""

from datetime import date

from bot.bets.cards import outcome_phrase
from bot.decisions.records import DecisionView
from bot.decisions.rules import ACCEPTED, PROPOSED, RETIRED, SUPERSEDED
from bot.slack.text import escape, person, when

DAY = "{date_short_pretty}"
STATUS = {
    PROPOSED: "Proposed",
    ACCEPTED: "Accepted",
    SUPERSEDED: "Superseded",
    RETIRED: "Retired",
}


def spoken_date(day: date) -> str:
    """Return "2 June 2026"."""
    return f"{day.day} {day:%B %Y}"


def title_of(view: DecisionView) -> str:
    """Return its number and title, not yet escaped."""
    return f"#{view.number} {view.title}"


def status_phrase(view: DecisionView) -> str:
    """Return where it stands since when, and by whom where a person said so (mrkdwn)."""
    if view.status == ACCEPTED and view.accepted_at:
        by = f" by {person(view.accepted_by)}" if view.accepted_by else ""
        return f"*Accepted*{by} {when(view.accepted_at, DAY)}"
    if view.ended_at:
        return f"*{STATUS[view.status]}* {when(view.ended_at, DAY)}"
    return f"*{STATUS[view.status]}*"


def ending_phrase(view: DecisionView) -> str:
    """Return how a past decision ended, and what came of its bet, in a few words (mrkdwn)."""
    is_told = view.verdict is not None and view.bet is not None and not view.bet.is_hidden
    came = outcome_phrase(view) if is_told else ""
    return f"{_ending(view)}; {came[:1].lower()}{came[1:]}" if came else _ending(view)


def _ending(view: DecisionView) -> str:
    if view.status == RETIRED and view.reason:
        return f"retired: {escape(view.reason, limit=100)}"
    if view.status == SUPERSEDED:
        return "superseded since"
    if view.status == ACCEPTED and view.accepted_at:
        return f"it stands, since {when(view.accepted_at, DAY)}"
    return STATUS[view.status].lower()


def reversible_phrase(view: DecisionView) -> str:
    """Return whether it can be undone, or nothing."""
    return {True: "can be undone", False: "hard to undo", None: ""}[view.is_reversible]
