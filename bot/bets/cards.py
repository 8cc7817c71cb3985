"""What stands of a bet under its launch or decision, in lists and in the App Home. Pure."""

from collections.abc import Sequence

from bot.bets.records import BetView, Judged, LiveBet, StepView
from bot.bets.rules import spoken_date
from bot.bets.words import (
    AFTER,
    bet_phrase,
    confidence_phrase,
    guardrail_names,
    measured_phrase,
    result_phrase,
    verdict_words,
    visible_phrase,
)
from bot.figures import share
from bot.slack.blocks import Block, actions, button, context, section
from bot.slack.ids import Action
from bot.slack.text import escape, link, person, quote, when


def subject_value(one: Judged) -> str:
    """Return what a button carries of the thing that its bet is on."""
    return f"{one.kind}:{one.id}"


def render_bet(bet: BetView) -> list[Block]:
    """The bet with what it can show and what must not get worse."""
    sure = confidence_phrase(bet)
    line = f"*Bet:* {bet_phrase(bet)}" + (f", {sure}" if sure else "")
    small = [visible_phrase(bet)]
    if bet.guardrails:
        small.append(f"Guardrails: {guardrail_names(bet.guardrails)}")
    if bet.changed_at:
        after = AFTER[bet.subject_kind]
        small.append(f"The bet was changed {after}, {when(bet.changed_at)}")
    kept = [text for text in small if text]
    return [section(line), *([context(*kept)] if kept else [])]


def render_outcome(one: Judged) -> list[Block]:
    """What came of the bet: the verdict with its lesson, or what is still open."""
    bet, evidence, verdict = one.bet, one.evidence, one.verdict
    if bet is None:
        return []
    lines = []
    if verdict and bet.state == "judged":
        lines.append(f"*Verdict: {verdict_words(verdict)}*, {person(verdict.by)}")
        if verdict.lesson:
            lines.append(quote(verdict.lesson, limit=400))
        if one.step:
            lines.append(step_phrase(one.step))
    elif bet.state == "unjudged":
        lines.append("*Verdict: unjudged.* Nobody has said yet what came of it.")
    elif bet.state == "ended":
        lines.append(f"The bet ended with the {bet.subject_kind}; it is not measured.")
    elif bet.state == "open" and verdict:
        lines.append(
            f"It was too early on the first check; the next is {spoken_date(bet.check_date)}."
        )
    if evidence and bet.state != "open":
        lines.append(result_phrase(evidence))
    return [section("\n".join(lines))] if lines else []


def outcome_phrase(one: Judged) -> str:
    """Say how a bet ended, or what it waits for; nothing without a bet."""
    bet, verdict = one.bet, one.verdict
    if bet is None:
        return ""
    if verdict and bet.state == "judged":
        lesson = f": “{escape(verdict.lesson, limit=160)}”" if verdict.lesson else ""
        return f"Verdict {verdict_words(verdict)}{lesson}"
    if bet.state in {"measured", "unjudged"} and one.evidence:
        asked = "unjudged" if bet.state == "unjudged" else "verdict open"
        return f"{asked.capitalize()}: {measured_phrase(one.evidence)}"
    if bet.state == "ended":
        return "Ended before its bet was checked"
    return f"Bet: {bet_phrase(bet)}"


def verdict_button(one: Judged) -> Block | None:
    """The button that opens the verdict's form; None while there is nothing to judge."""
    if one.bet is None or one.bet.state not in {"measured", "unjudged", "judged", "ended"}:
        return None
    label = "Change verdict" if one.bet.state == "judged" else "Give verdict"
    return button(label, Action.LAUNCH_VERDICT, subject_value(one))


def step_phrase(step: StepView) -> str:
    """Say what a miss asked for and how far that is."""
    what = {"fix": "fix it", "remove": "remove it"}[step.step]
    done = {"fix": "fixed", "remove": "removed"}[step.step]
    if step.state == "open":
        return f"Next: {what} by {spoken_date(step.due_on)}, {person(step.owner_id)}"
    return f"Since then {done}" if step.state == "done" else f"No longer planned to {what}"


def step_buttons(one: Judged) -> Block:
    """The answers to whether it is fixed or removed."""
    value = subject_value(one)
    return actions(
        button("Done", f"{Action.LAUNCH_STEP}:done", value, style="primary"),
        button("In two weeks", f"{Action.LAUNCH_STEP}:later", value),
        button("Not any more", f"{Action.LAUNCH_STEP}:dropped", value),
        block_id=f"step.{one.id}",
    )


def named(one: Judged) -> str:
    """Return number and title, linked where it stands somewhere."""
    return f"*#{one.number}* {link(one.link, one.title) if one.link else escape(one.title)}"


def render_live_bet(bet: LiveBet) -> str:
    """One live bet: day n of m and what can be seen by the end; never a running score."""
    where = link(bet.permalink, bet.title) if bet.permalink else escape(bet.title)
    day = f"day {bet.day} of {bet.days}" if bet.day else "measured from tomorrow on"
    visible = bet.bet.smallest_visible
    seen = f"; a change of {share(visible)} or more can be seen by then" if visible else ""
    return f"*#{bet.number}* {where}: {day}, {bet_phrase(bet.bet)}{seen}"


def render_home_live_bets(bets: Sequence[LiveBet]) -> list[Block]:
    """App Home: the bets being waited for."""
    return [section(render_live_bet(bet)) for bet in bets]


def render_home_due(found: Sequence[Judged]) -> list[Block]:
    """App Home: verdicts that wait for this person."""
    return [
        section(
            f"*Verdict due:* {named(one)}\n{outcome_phrase(one)}",
            accessory=button(
                "Give verdict",
                f"{Action.LAUNCH_VERDICT}:{one.id}",
                subject_value(one),
                style="primary",
            ),
        )
        for one in found
    ]


def render_home_steps(found: Sequence[Judged]) -> list[Block]:
    """App Home: the misses that this person still fixes or removes."""
    blocks = []
    for one in found:
        if one.step:
            blocks += [section(f"{named(one)}\n{step_phrase(one.step)}"), step_buttons(one)]
    return blocks
