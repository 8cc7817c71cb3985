"""The sentences that a customer is told, from facts: a draft that a person would sign. Pure.

Plain text, escaped where it is shown. No figure of ours stands in it: what a metric shows is for
those who may see the metric, and the draft goes to a customer.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.bets.records import BetView, EvidenceView, VerdictView
from bot.feedback.refusal_records import CUSTOMERS, DATE, RefusalView
from bot.feedback.told_records import SHIPPED
from bot.launches.records import LaunchView
from bot.slack.text import shorten

QUOTE_LIMIT = 200
SUMMARY_LIMIT = 300
DRAFT_LIMIT = 900


@dataclass(frozen=True)
class Outcome:
    """The two plain answers; None where it cannot be told. ``is_worse``: moved the wrong way."""

    is_reached: bool | None
    is_beyond_noise: bool | None
    is_worse: bool = False


def draft(event: str, launch: LaunchView, text: str, said_at: datetime, now: datetime) -> str:
    """Return what an owner may send: what they asked, in their words, and what came of it.

    ``said_at`` and ``now`` are in the owner's zone.
    """
    lead = _lead(text, said_at, now)
    body = _shipped(launch) if event == SHIPPED else _judged(launch)
    return shorten(f"{lead} {body}", DRAFT_LIMIT)


def draft_declined(refusal: RefusalView, text: str, said_at: datetime, now: datetime) -> str:
    """Return an honest no: what they asked, in their words, the reason, and what may change it."""
    reason = " ".join(refusal.reason.split())
    parts = [
        _lead(text, said_at, now),
        f"We have looked at it, and we are not going to do it: {_sentence(reason)}",
        _again(refusal),
        "I would rather tell you than leave you waiting. If I miss something, tell me.",
    ]
    return shorten(" ".join(part for part in parts if part), DRAFT_LIMIT)


def draft_question(question: str, text: str, said_at: datetime, now: datetime) -> str:
    """Return a question to somebody who asked for something."""
    asked = " ".join(question.split())
    lead = f"{_lead(text, said_at, now)} One question about it: {asked}"
    return shorten(f"{lead} A line or two is plenty. Thank you!", DRAFT_LIMIT)


def _again(refusal: RefusalView) -> str:
    """When it is looked at again; without our figures."""
    if refusal.condition == DATE and refusal.on_date:
        return f"We will look at it again in {refusal.on_date:%B %Y}."
    if refusal.condition == CUSTOMERS:
        return "We will look at it again when more of you ask for it."
    return "We will look at it again if that changes." if refusal.condition else ""


def _lead(text: str, said_at: datetime, now: datetime) -> str:
    words = _words(text)
    end = "" if words.endswith((".", "!", "?", "…")) else "."
    return f"Hi, {_day(said_at, now)} you wrote to us: “{words}”{end}"


def outcome_of(bet: BetView | None, evidence: EvidenceView | None) -> Outcome:
    """Read the two answers off the evidence, as far as its reader may see them."""
    if bet is None or bet.is_hidden or evidence is None:
        return Outcome(None, None)
    lo, hi = evidence.lo, evidence.hi
    if lo is None or hi is None:
        return Outcome(evidence.is_reached, None)
    is_beyond = lo > 0 or hi < 0
    went_up = lo > 0
    return Outcome(evidence.is_reached, is_beyond, is_beyond and went_up != (bet.good == "up"))


def _shipped(launch: LaunchView) -> str:
    summary = shorten(" ".join(launch.summary.split()), SUMMARY_LIMIT)
    parts = [f"It is there now: {_sentence(launch.title)}"]
    parts += [_sentence(summary)] if summary else []
    parts.append("Does it do what you needed? If not, tell me and I will pass it on.")
    return " ".join(parts)


def _judged(launch: LaunchView) -> str:
    verdict = launch.verdict
    built = f"We built {_name(launch.title)}, and have now looked at what came of it."
    answers = _answers(launch, verdict)
    return " ".join(part for part in (built, answers, _next(verdict)) if part)


def _answers(launch: LaunchView, verdict: VerdictView | None) -> str:
    outcome = outcome_of(launch.bet, launch.evidence)
    if outcome.is_reached is None:
        return _by_verdict(verdict)
    reached = (
        "It reached what we were aiming for"
        if outcome.is_reached
        else "It has not reached what we were aiming for"
    )
    return reached + _noise(outcome) + "."


def _noise(outcome: Outcome) -> str:
    if outcome.is_beyond_noise is None:
        return ""
    if not outcome.is_beyond_noise:
        joint = ", but" if outcome.is_reached else ", and"
        return f"{joint} the change cannot be told from the usual ups and downs"
    if outcome.is_worse:
        return "; it moved the other way, by more than the usual ups and downs"
    if outcome.is_reached:
        return ", by more than the usual ups and downs"
    return "; it did get better by more than the usual ups and downs, only not as far as we hoped"


def _by_verdict(verdict: VerdictView | None) -> str:
    said = {
        "hit": "It did what we hoped for.",
        "missed": "It did not do what we hoped for.",
    }
    return said.get(verdict.verdict if verdict else "", "We cannot tell yet whether it helped.")


def _next(verdict: VerdictView | None) -> str:
    if verdict is None or verdict.verdict != "missed":
        return "Does it do the job for you?"
    said = {
        "fix": "We are working on it again, and I will write when there is news.",
        "remove": "We are going to take it out again; if you rely on it, please tell me.",
        "keep": "We keep it as it is.",
    }
    return f"{said.get(verdict.next_step, '')} What would have helped you more?".strip()


def _words(text: str) -> str:
    return shorten(" ".join(text.split()), QUOTE_LIMIT)


def _name(title: str) -> str:
    return " ".join(title.split()).rstrip(".!")


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _day(said_at: datetime, now: datetime) -> str:
    if said_at.date() == now.date():
        return "today"
    year = "" if said_at.year == now.year else f" {said_at.year}"
    return f"on {said_at.day} {said_at:%B}{year}"


def in_zone(at: datetime, zone: str) -> datetime:
    """Return an instant on the wall of ``zone``."""
    return at.astimezone(ZoneInfo(zone))
