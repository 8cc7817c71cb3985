"""Phrases about bets and what was measured: no "because", no "significant". Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from bot.bets.measurement import Outlook
from bot.bets.records import BetView, EvidenceView, VerdictView
from bot.bets.rules import (
    BY_HAND,
    IS_SETTLED,
    MOVE_METRIC,
    REACH_COUNT,
    SETTLED,
    VERDICTS,
    fitting_verdicts,
    measured_days,
    spoken_date,
    visible_change,
)
from bot.figures import THIN, share
from bot.metrics.numbers import format_bare, format_value
from bot.metrics.units import Unit
from bot.slack.text import escape

EVIDENCE = {
    "beyond_target": "beyond the target",
    "moved": "more than usual noise, but by how much stays open",
    "below_target": "below the target",
    "within_noise": "within the usual noise",
    "too_little_history": "too little history to tell",
    "counted": "a count, with nothing to compare it with",
    "by_hand": "judged by hand",
    "not_measured": "not measured",
}
# Checks that read no number.
UNMEASURED = frozenset({"by_hand", "not_measured"})
THEMES_NAMED = 3
# Five times the level: no launch does that to a metric that has one, a slip of the keyboard does.
FAR_CHANGE = 4.0
# When a bet counts as changed late, by what it is on.
AFTER = {"launch": "after launch", "decision": "after it was decided"}
TOO_SHORT = {
    "history": "there are too few earlier days to know the usual noise",
    "window": "too few days since then have readings",
    "level": "its level is near zero or changes sign, so a share of it means nothing",
}


def a_day(value: float | None, unit: Unit) -> str:
    """Return a daily level: "412 teams a day", but "4.2 %" and "250 ms"."""
    text = format_value(value, unit)
    return text if unit.is_percent or unit.word == "ms" else f"{text} a day"


def bet_phrase(bet: BetView) -> str:
    """Return what is expected by when, as mrkdwn."""
    by = spoken_date(bet.check_date)
    if bet.kind == BY_HAND:
        return f"{escape(bet.expectation, limit=400)}, judged by hand on {by}"
    if bet.is_hidden:
        return f"a metric that is not shown here, checked on {by}"
    label = escape(bet.metric_label, limit=80)
    if bet.kind == REACH_COUNT:
        return f"{label}: {format_value(bet.target, bet.unit)} in all by {by}"
    start = format_bare(bet.baseline, bet.unit)
    return f"{label} from {start} to {a_day(bet.target, bet.unit)} by {by}"


def confidence_phrase(bet: BetView) -> str:
    """Return how sure its setter was, or nothing."""
    return f"{bet.confidence}{THIN}% sure" if bet.confidence else ""


def visible_phrase(bet: BetView) -> str:
    """Return what could be seen by the check date, or nothing where that was not asked."""
    if bet.kind != MOVE_METRIC or bet.is_hidden:
        return ""
    if bet.smallest_visible is None:
        return "Too little history to say how small a change could be seen by then."
    return f"Smallest change that could be seen by then: {share(bet.smallest_visible)}."


def guardrail_names(guardrails: Sequence[dict[str, Any]]) -> str:
    """Return the guardrails with the harm that is accepted: "Sign-ups (no worse than 5 %)"."""
    return ", ".join(
        f"{escape(str(g['label']), limit=60)} (no more than {share(float(g['harm']))} worse)"
        for g in guardrails
    )


def days_phrase(days: int) -> str:
    """Return "one day" or "14 days"."""
    return "one day" if days == 1 else f"{days} days"


def outlook_note(outlook: Outlook, days: int) -> str:
    """Say, before submit, what can be seen by the check date and what would decide the bet."""
    if days < 1:
        return ":warning: *No whole day can be measured by then.* Pick a later date."
    if outlook.visible is None:
        return (
            ":warning: *This metric has too little history to tell a change from noise.* "
            "The target can still be answered; whether it moved by more than usual cannot. "
            "An A/B test would decide it, or a bet judged by hand."
        )
    seen = (
        f"In {days_phrase(days)} this metric can show a change of {share(outlook.visible)} or more"
    )
    if outlook.change is None:
        return f"{seen}."
    if far := _far_phrase(outlook.change):
        return f":warning: *Is this the target you mean?* {far} {seen}."
    if outlook.is_decidable:
        return f"{seen}; your target is {share(outlook.change)}. The check can decide this bet."
    later = "A quieter metric or an A/B test would decide it."
    if outlook.decided_after:
        later = (
            f"A check {outlook.decided_after} days on would decide it; "
            "so would a quieter metric or an A/B test."
        )
    return (
        f":warning: *By then this bet cannot be decided.* {seen}; your target is "
        f"{share(outlook.change)}. {later}"
    )


def _far_phrase(change: float) -> str:
    """Say of a target that it is hardly meant; nothing where it may be."""
    if change < -1:
        return "It is on the other side of zero."
    return f"It is {1 + change:,.0f} times today's level." if change >= FAR_CHANGE else ""


def verdict_words(verdict: VerdictView) -> str:
    """Return a verdict in words, with the mark of one that says other than what was measured."""
    against = " (other than the measurement says)" if verdict.is_against_evidence else ""
    return f"{VERDICTS[verdict.verdict]}{against}"


def settled_phrase(bet: BetView | None) -> str:
    """Say why a bet cannot be changed (any more); nothing where it can."""
    if bet is None:
        return ""
    if bet.is_hidden:
        return "It has a bet on a metric that is not for everybody, so it is not shown here."
    if bet.state not in SETTLED:
        return ""
    return (
        f"{IS_SETTLED} Too early, said in the verdict, looks again later; another bet needs a "
        "launch of its own."
    )


def target_answer(bet: BetView, evidence: EvidenceView) -> str:
    """Answer *Target reached?* with the number against the target: a fact."""
    if evidence.value is None or evidence.is_reached is None:
        return "I cannot say: no day since then has a reading."
    answer = "Yes" if evidence.is_reached else "No"
    days = window_phrase(evidence.window_from, evidence.window_to)
    if bet.kind == REACH_COUNT:
        value, target = (format_value(x, bet.unit) for x in (evidence.value, evidence.target))
        return f"{answer}. {value} {days}, against a target of {target}."
    value, target = a_day(evidence.value, bet.unit), format_bare(evidence.target, bet.unit)
    before = f" (before: {format_bare(bet.baseline, bet.unit)})" if bet.baseline else ""
    return f"{answer}. {value} {days}, against a target of {target}{before}."


def measured_phrase(evidence: EvidenceView) -> str:
    """Return what was measured in a few words: "target not reached; below the target"."""
    if evidence.is_reached is None or evidence.kind in UNMEASURED:
        return EVIDENCE[evidence.kind]
    reached = "target reached" if evidence.is_reached else "target not reached"
    return f"{reached}; {EVIDENCE[evidence.kind]}"


def result_phrase(evidence: EvidenceView) -> str:
    """Return what a check came to, as a sentence, with its grade where something was measured."""
    said = measured_phrase(evidence)
    if evidence.kind in UNMEASURED:
        return f"{said.capitalize()}."
    return f"Measured: {said}. Grade {evidence.grade}."


def fitting_phrase(evidence: EvidenceView) -> str:
    """Say which verdicts need no reason after what was measured; nothing where all or none."""
    fitting = fitting_verdicts(evidence.kind, evidence.is_reached)
    if len(fitting) in (0, 3):
        return ""
    named = " or ".join(VERDICTS[verdict].capitalize() for verdict in fitting)
    verb = "fits" if len(fitting) == 1 else "fit"
    return f"Measured: {measured_phrase(evidence)}. {named} {verb} that"


def noise_answer(bet: BetView, evidence: EvidenceView) -> str:
    """Answer *More than usual noise?* with the interval in plain words: an inference."""
    if bet.kind == REACH_COUNT:
        return "Not to be asked: a count from nothing has no usual days to compare with."
    lo, hi, expected = evidence.lo, evidence.hi, evidence.expected
    if lo is None or hi is None or expected is None:
        why = TOO_SHORT.get(str(evidence.facts.get("reason")), TOO_SHORT["history"])
        return f"I cannot tell: {why}."
    bounds = sorted(expected + abs(expected) * x for x in (lo, hi))
    low, high = format_bare(bounds[0], bet.unit), a_day(bounds[1], bet.unit)
    usual = f"Earlier days led me to expect {a_day(expected, bet.unit)}"
    if lo > 0 or hi < 0:
        near, far = (share(x) for x in sorted((abs(lo), abs(hi))))
        side = "above" if lo > 0 else "below"
        return f"Yes. {usual}; what came is {near} to {far} {side} that ({low} to {high})."
    return (
        f"No. {usual}; the change may be anything from {share(lo)} down to {share(hi)} up "
        f"({low} to {high}), none at all included."
    )


def window_phrase(first: date | None, last: date | None) -> str:
    """Return "from 7 to 20 Nov"."""
    if first is None or last is None:
        return ""
    same_month = (first.year, first.month) == (last.year, last.month)
    start = str(first.day) if same_month else spoken_date(first)
    return f"on {spoken_date(last)}" if first == last else f"from {start} to {spoken_date(last)}"


def decider_phrase(bet: BetView, evidence: EvidenceView) -> str:
    """Say what would have decided an open result; nothing where it was decided."""
    if bet.kind == BY_HAND:
        return "What would decide it: somebody who looks whether it came out, by a date."
    if bet.kind == REACH_COUNT and evidence.is_reached is False:
        return "What would decide it: a later check, or a target that fits the days."
    if evidence.kind in {"too_little_history", "not_measured"}:
        return "What would decide it: a metric with readings on the days before and after."
    if evidence.kind not in {"within_noise", "moved"}:
        return ""
    days, seen = _days_of(evidence), ""
    visible = visible_change(evidence.smallest_visible, bet.good)
    # What was said of these days when the bet was made stands: one bet, one number.
    if bet.smallest_visible and days == measured_days(bet.first_day, bet.check_date):
        visible = bet.smallest_visible
    if visible and days:
        seen = f"In {days_phrase(days)} this metric shows a change of {share(visible)} or more; "
        seen += "less needs "
    later = evidence.facts.get("decided_after")
    when = f"a check {later} days after the {bet.subject_kind}, " if later else ""
    return f"What would decide it: {seen}{when}a quieter metric or an A/B test."


def _days_of(evidence: EvidenceView) -> int:
    if not (evidence.window_from and evidence.window_to):
        return 0
    return (evidence.window_to - evidence.window_from).days + 1


def complaints_phrase(found: dict[str, Any] | None) -> str:
    """Say whether customers complained more; nothing where nobody did."""
    if not found or not (found["after"] or found["before"]):
        return ""
    span = "the day after" if found["days"] == 1 else f"the {found['days']} days after"
    counts = f"{found['after']} in {span}, {found['before']} in as many before"
    if found["is_more"]:
        return f":warning: Complaints about it: {counts}: more than chance makes."
    return f"Complaints about it: {counts}; that is no more than chance makes."


class Wish(Protocol):
    """What customers asked for: a theme, as somebody may see it."""

    @property
    def name(self) -> str: ...
    @property
    def customers(self) -> int: ...


def named_theme(theme: Wish) -> str:
    """Return a theme with how many customers asked, never who: "CSV export (3 customers)"."""
    count = theme.customers
    many = f" ({count} customer{'' if count == 1 else 's'})" if count else ""
    return f"{theme.name}{many}"


def asked_phrase(asked_in: Sequence[str]) -> str:
    """Say who asked for it; nothing where nobody is known to have."""
    if not asked_in:
        return ""
    more = f" and {len(asked_in) - THEMES_NAMED} more" if len(asked_in) > THEMES_NAMED else ""
    named = "; ".join(escape(one, limit=100) for one in asked_in[:THEMES_NAMED])
    return f"Asked for in: {named}{more}."


def guardrail_phrase(guardrail: dict[str, Any]) -> str:
    """Say what a guardrail shows; never that something is safe."""
    label = escape(str(guardrail["label"]), limit=60)
    largest, harm = guardrail.get("largest_harm"), float(guardrail["harm"])
    if guardrail.get("is_harmed"):
        least, most = sorted(abs(float(guardrail.get(k) or 0.0)) for k in ("lo", "hi"))
        return f":warning: {label} got worse, by {share(least)} to {share(most)}: more than noise."
    if largest is None:
        return f"{label}: cannot be told, too few readings."
    seen = f"{label}: no harm larger than {share(float(largest))} could be seen"
    if float(largest) > harm and share(float(largest)) != share(harm):
        return f"{seen}; that is wider than the {share(harm)} you set, so it is not ruled out."
    return f"{seen} (your limit: {share(harm)})."
