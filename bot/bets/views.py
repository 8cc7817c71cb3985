"""What people see of checks and verdicts: evidence, question, form, verdict. Pure."""

from collections.abc import Sequence
from typing import TypeGuard

from bot.bets.cards import step_buttons, step_phrase, subject_value
from bot.bets.records import BetView, EvidenceView, Judged, StepView, VerdictView
from bot.bets.rules import (
    BY_HAND,
    FEW_DAYS,
    MOVE_METRIC,
    NEXT_STEPS,
    VERDICTS,
    is_against,
    measured_days,
    spoken_date,
)
from bot.bets.words import (
    AFTER,
    UNMEASURED,
    asked_phrase,
    bet_phrase,
    complaints_phrase,
    confidence_phrase,
    decider_phrase,
    fitting_phrase,
    guardrail_phrase,
    measured_phrase,
    noise_answer,
    result_phrase,
    target_answer,
)
from bot.slack.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    date_picker,
    field_input,
    modal,
    section,
    select,
    text_input,
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape, link, person, quote, when

VERDICT_HINTS = {
    "hit": "Hit: it did what was expected",
    "missed": "Missed: it did not",
    "inconclusive": "Inconclusive: cannot be told",
    "invalid": "Invalid: something else got in the way",
    "too_early": "Too early: check again later",
}


# What a bet waits for, by what it is on.
NOT_YET = {"launch": ("live", "goes live"), "decision": ("accepted", "is accepted")}
# Other launches of the window that a message names.
NAMED_OTHERS = 8


def render_evidence(one: Judged, asked_in: Sequence[str] = ()) -> Message:
    """What the check found, for its thread: two answers, grade, what limits them, who asked.

    ``asked_in`` are names as the thread's readers may see them.
    """
    bet, evidence = one.bet, one.evidence
    if bet is None or evidence is None:
        raise ValueError("evidence is rendered of a measured bet")
    title = escape(one.title, limit=100)
    sure = f", {said}" if (said := confidence_phrase(bet)) else ""
    text = f"Check of #{one.number} {title}: {_alone(bet, evidence)}"
    head = section(f"*The check of #{one.number} {title}*\nBet: {bet_phrase(bet)}{sure}")
    blocks = [head, *_finding(bet, evidence), *_limits(bet, evidence)]
    return Message(text, [*blocks, *_asked(asked_in)])


def _asked(asked_in: Sequence[str]) -> list[Block]:
    said = asked_phrase(asked_in)
    return [context(said)] if said else []


def _alone(bet: BetView, evidence: EvidenceView) -> str:
    """The finding in text that stands without blocks."""
    if evidence.kind in UNMEASURED or bet.is_hidden:
        return result_phrase(evidence)
    target, noise = target_answer(bet, evidence), noise_answer(bet, evidence)
    return f"Target reached? {target} More than usual noise? {noise}"


def _finding(bet: BetView, evidence: EvidenceView) -> list[Block]:
    if bet.kind == BY_HAND:
        return [section("This one is judged by hand: did it come out?")]
    if evidence.kind == "not_measured":
        return [section(f"*Not measured.* {escape(evidence.problem, limit=600)}")]
    if bet.is_hidden:
        return [section("The figures are not for everybody here.")]
    decider = decider_phrase(bet, evidence) if bet.kind == MOVE_METRIC else ""
    return [
        section(f"*Target reached?* {target_answer(bet, evidence)}"),
        section(f"*More than usual noise?* {noise_answer(bet, evidence)}"),
        *([section(decider)] if decider else []),
    ]


def _limits(bet: BetView, evidence: EvidenceView) -> list[Block]:
    lines = [guardrail_phrase(guardrail) for guardrail in evidence.guardrails]
    if said := complaints_phrase(evidence.facts.get("complaints")):
        lines.append(said)
    blocks = [section("*Guardrails*\n" + "\n".join(lines))] if lines else []
    if evidence.others:
        shown, more = evidence.others[:NAMED_OTHERS], len(evidence.others) - NAMED_OTHERS
        named = ", ".join(f"#{o.number} {escape(o.title, limit=60)}" for o in shown)
        named += f" and {more} more" if more > 0 else ""
        blocks.append(
            section(f"Also launched in these days: {named}. The check cannot tell them apart.")
        )
    if evidence.kind not in UNMEASURED:
        as_of = f"Data as of {when(evidence.data_as_of)}." if evidence.data_as_of else ""
        blocks.append(context(f"Grade {evidence.grade}: {evidence.grade_reason}. {as_of}"))
    return [*blocks, *_changes(bet, evidence)]


def _changes(bet: BetView, evidence: EvidenceView) -> list[Block]:
    """Say that the bet, or what its metric means, is not what it was."""
    said = []
    if bet.changed_at:
        said.append(f"The bet was changed {AFTER[bet.subject_kind]}, {when(bet.changed_at)}.")
    if evidence.metric_version and bet.metric_version != evidence.metric_version:
        said.append("The metric is defined in another way now than when the bet was set.")
    anew = [escape(str(g["label"]), limit=60) for g in evidence.guardrails if g.get("is_redefined")]
    if anew:
        verb = "is" if len(anew) == 1 else "are"
        said.append(
            f"{', '.join(anew)} {verb} defined in another way now than when the bet was set."
        )
    return [context(" ".join(said))] if said else []


def render_question(one: Judged, *, asked: int, asked_in: Sequence[str] = ()) -> Message:
    """The question to the owner, with one button a verdict; ``asked_in`` as they may see it."""
    title = escape(one.title, limit=100)
    again = {2: "Asked once more: ", 3: "Asked for the last time: "}.get(asked, "")
    text = f"{again}what is your verdict on #{one.number} {title}?"
    blocks = [section(f"*{text[:1].upper()}{text[1:]}*")]
    bet, evidence = one.bet, one.evidence
    if bet and evidence:
        blocks += [section(f"Bet: {bet_phrase(bet)}"), *_finding(bet, evidence)]
        blocks += _limits(bet, evidence)
        if not bet.is_hidden and (fitting := fitting_phrase(evidence)):
            blocks.append(section(f"{fitting}; to say otherwise asks for your reason."))
    blocks += _asked(asked_in)
    if one.link:
        blocks.append(context(link(one.link, _thread(one))))
    row = [
        button(word.capitalize(), f"{Action.LAUNCH_VERDICT}:{verdict}", subject_value(one))
        for verdict, word in VERDICTS.items()
    ]
    return Message(text[:1].upper() + text[1:], [*blocks, actions(*row)])


def render_answered(one: Judged) -> Message:
    """What the question becomes once it is answered."""
    verdict = _given(one)
    word = VERDICTS[verdict.verdict]
    text = f"Verdict on #{one.number} {escape(one.title, limit=100)}: {word}. Thank you."
    return Message(text, [section(text)])


def _given(one: Judged) -> VerdictView:
    if one.verdict is None:
        raise ValueError("a verdict is rendered once it is given")
    return one.verdict


def render_unjudged_note(one: Judged) -> Message:
    """The line in the thread when nobody answered."""
    text = f"#{one.number} stays unjudged for now; a late verdict is welcome."
    row = actions(button("Give verdict", Action.LAUNCH_VERDICT, subject_value(one)))
    return Message(text, [section(text), row])


def render_ownerless_note(one: Judged) -> Message:
    """The line in the thread when there is nobody left to ask for the verdict."""
    who = person(one.owner_id)
    text = f"{who} owns this and cannot be asked any more. Who says what came of it?"
    row = actions(
        button("Take it over", Action.LAUNCH_CREW, one.id, style="primary"),
        button("Give verdict", Action.LAUNCH_VERDICT, subject_value(one)),
    )
    return Message(text, [section(text), row])


def render_slipped_note(one: Judged) -> Message:
    """The line to the owner on the check date of what is not live yet."""
    title = escape(one.title, limit=100)
    yet, then = NOT_YET[one.kind]
    text = f"The bet on #{one.number} {title} was due today, and it is not {yet} yet."
    said = f"I check it two weeks after it {then}, unless you pick another date in Edit."
    blocks = [section(text), context(said)]
    if one.link:
        blocks.append(context(link(one.link, _thread(one))))
    return Message(text, blocks)


def render_few_days(one: Judged) -> Message | None:
    """What the owner is told when the check comes soon after going live, or was put off."""
    bet = one.bet
    if bet is None or bet.kind == BY_HAND or bet.state != "open":
        return None
    days, on = measured_days(bet.first_day, bet.check_date), spoken_date(bet.check_date)
    title = escape(one.title, limit=100)
    if days >= FEW_DAYS:
        return None
    text = f"#{one.number} {title} is live. Its check on {on} sees {days} of its days."
    if days == 1:
        text = text.replace("1 of its days", "one of its days")
    said = "Fewer than a week seldom tell anything. Edit on its headline takes a later date."
    return Message(text, [section(text), context(said)])


def render_waiting_note(one: Judged, problem: str) -> Message:
    """The line to the owner when the data for a check are not there yet."""
    title = escape(one.title, limit=100)
    text = f"The check of #{one.number} {title} waits for data: {escape(problem, limit=300)}"
    return Message(text, [section(text), context("I try again each morning for a week.")])


def render_verdict_line(one: Judged, asked_in: Sequence[str] = ()) -> Message:
    """The verdict in its thread, with who asked for it as its readers may see that."""
    verdict = _given(one)
    text = f"Verdict on #{one.number}: *{VERDICTS[verdict.verdict]}*, says {person(verdict.by)}."
    blocks = [section(text)]
    if verdict.lesson:
        blocks.append(section(quote(verdict.lesson)))
    if verdict.next_step:
        due = f", by {spoken_date(one.step.due_on)}" if _is_open(one.step) else ""
        blocks.append(section(f"Next: {NEXT_STEPS[verdict.next_step].lower()}{due}."))
    if one.bet and one.evidence:
        decider = decider_phrase(one.bet, one.evidence)
        if verdict.verdict == "inconclusive" and decider and not one.bet.is_hidden:
            blocks.append(context(decider))
        # The later check is this very answer's; a change before it is said in the next check.
        if verdict.verdict != "too_early":
            blocks += _changes(one.bet, one.evidence)
    blocks += _asked(asked_in)
    if verdict.is_against_evidence and one.evidence:
        said = measured_phrase(one.evidence)
        why = f" Why: “{escape(verdict.reason, limit=400)}”" if verdict.reason else ""
        blocks.append(context(f"The measurement says: {said}.{why}"))
    if verdict.verdict == "too_early" and one.bet:
        blocks.append(context(f"Checked again on {spoken_date(one.bet.check_date)}."))
    return Message(text, blocks)


def _thread(one: Judged) -> str:
    return f"The {one.kind} and its thread"


def _is_open(step: StepView | None) -> TypeGuard[StepView]:
    return step is not None and step.state == "open"


def render_step_question(one: Judged, step: StepView) -> Message:
    """The question to the owner on the date by which a miss was to be fixed or removed."""
    title = escape(one.title, limit=100)
    done = {"fix": "fixed", "remove": "removed"}[step.step]
    text = f"#{one.number} {title} missed its bet. Is it {done}?"
    blocks = [section(f"*{text}*"), step_buttons(one)]
    if one.verdict and one.verdict.lesson:
        blocks.insert(1, section(quote(one.verdict.lesson, limit=400)))
    if one.link:
        blocks.append(context(link(one.link, _thread(one))))
    return Message(text, blocks)


def render_step_answered(one: Judged, step: StepView) -> Message:
    """What the question becomes, and the line in the thread."""
    return Message(f"#{one.number} {escape(one.title, limit=100)}: {step_phrase(step)}.")


def render_verdict_form(
    one: Judged,
    *,
    verdict: str,
    lesson: str = "",
    next_step: str = "",
    reason: str = "",
    check_again: str = "",
    due_on: str = "",
    seen: str = "",
) -> View:
    """The form of a verdict: what it asks depends on the verdict and on what was measured.

    ``seen`` is the stamp of what its reader saw first, when it is drawn again.
    """
    evidence = one.evidence
    blocks: list[Block] = [section(f"#{one.number} {escape(one.title, limit=100)}")]
    if evidence:
        measured = [result_phrase(evidence)]
        measured += [guardrail_phrase(one) for one in evidence.guardrails]
        blocks.append(context("\n".join(measured)))
    menu = select(
        Action.LAUNCH_VERDICT_CHANGE,
        [(hint, word) for word, hint in VERDICT_HINTS.items()],
        chosen=verdict,
    )
    blocks.append(field_input("verdict", "Verdict", menu, dispatch=True))
    if verdict == "too_early":
        picker = date_picker("check_again", chosen=check_again)
        blocks.append(field_input("check_again", "Check again on", picker))
    if verdict == "missed":
        steps = select("next_step", [(t, v) for v, t in NEXT_STEPS.items()], chosen=next_step)
        blocks.append(field_input("next_step", "What happens with it now?", steps))
        when_hint = "For fix and remove: I ask then whether it is done."
        picker = date_picker("due_on", chosen=due_on)
        blocks.append(field_input("due_on", "By when?", picker, optional=True, hint=when_hint))
    if evidence and is_against(verdict, evidence.kind, evidence.is_reached):
        why = text_input("reason", initial=reason, multiline=True, limit=600)
        said = fitting_phrase(evidence) or "The measurement says otherwise"
        hint = f"{said}; your reason stands beside the verdict."
        blocks.append(field_input("reason", "Why do you see it differently?", why, hint=hint))
    words = text_input("lesson", initial=lesson, multiline=True, limit=1_000)
    blocks.append(
        field_input(
            "lesson", "What did we learn?", words, optional=True, hint="One sentence is fine."
        )
    )
    state = {"subject": subject_value(one), "seen": seen or stamp_of(one)}
    return modal(Form.LAUNCH_VERDICT, "Verdict", blocks, submit="Save", state=state)


def stamp_of(one: Judged) -> str:
    """Return what tells whether a bet's verdict or check has changed since somebody looked."""
    if one.bet is None:
        return ""
    given = one.verdict.at.isoformat() if one.verdict else "none"
    return f"{one.bet.check_date} {given}"
