"""One screen that tells why something is as it is, in the order of the loop. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.bets.records import BetView, EvidenceView, Judged
from bot.bets.rules import BY_HAND
from bot.bets.words import bet_phrase, measured_phrase, noise_answer, target_answer, verdict_words
from bot.decisions.records import DecisionView
from bot.decisions.rules import ACCEPTED
from bot.decisions.words import ending_phrase, spoken_date, title_of
from bot.feedback.queries import FeedbackView
from bot.feedback.told_records import FollowUpView
from bot.feedback.told_views import render_ledger
from bot.launches.records import LaunchView
from bot.launches.stages import WORDS
from bot.slack.blocks import Block, Message, actions, button, context, section
from bot.slack.ids import Action
from bot.slack.text import escape, link, person, quote, shorten, when
from bot.why.records import Candidate, LaunchStory, Story
from bot.why.rules import ALSO, Gap, find_gaps

DAY = "{date_short_pretty}"
QUOTE_CHARACTERS = 280
REACTIONS = 2
# Lines of who was told; the count above them says how many there are.
LEDGER_LINES = 5
GAP_WORDS = {
    "no_quotes": "No customer's words are linked.",
    "no_decision": "No decision is linked.",
    "only_proposed": "#{number} is still a proposal; nobody has accepted it.",
    "no_launch": "Nothing is launched yet.",
    "no_bet": "No bet on #{number}: nothing says what it was to do.",
    "not_live": "#{number} is not live yet, so its bet is not measured.",
    "verdict_due": "The verdict on #{number} is due on {on}.",
    "verdict_late": "The verdict on #{number} was due on {on}.",
    "no_verdict": "#{number} is measured, and nobody has given a verdict.",
    "nobody_told": "Nobody has been told about #{number}.",
}


def render_story(
    story: Story, also: Sequence[Candidate] = (), *, today: date, unfound: str = ""
) -> Message:
    """The quotes, the decision, the launch, metric and verdict, who was told, what is missing.

    ``unfound`` is a question whose words are nowhere: the story is only the nearest in meaning.
    """
    title = escape(story.about.title, limit=150)
    text = f"Why #{story.about.number} {title}"
    blocks: list[Block] = [section(f"*{text}*")]
    if unfound:
        asked = escape(unfound, limit=100)
        text = (
            f"Nothing is called “{asked}”. The nearest in meaning is #{story.about.number} {title}"
        )
        blocks = [section(f"Nothing is called “{asked}”. The nearest in meaning is:"), *blocks]
    blocks += _said(story)
    for view in story.decisions:
        blocks += _decision(view)
    for one in story.launches:
        blocks += _launch(one)
    blocks += _gaps(find_gaps(story, today))
    blocks += render_also(also)
    return Message(text, blocks)


def _said(story: Story) -> list[Block]:
    if not story.quotes:
        return []
    times = f"{story.said} time{'' if story.said == 1 else 's'}"
    people = f"{story.customers} customer{'' if story.customers == 1 else 's'}"
    names = ", ".join(f"#{t.number} {escape(t.name, limit=80)}" for t in story.themes[:2])
    head = f"*What customers said*, {times}, {people}: {names}"
    said = section("\n".join([head, *(_quote(item) for item in story.quotes)]))
    row = [
        button(f"Theme #{t.number}", f"{Action.THEME_OPEN}:{t.number}", t.id)
        for t in story.themes[:2]
    ]
    return [said, actions(*row)] if row else [said]


def _quote(item: FeedbackView) -> str:
    where = link(item.permalink, f"#{item.number}") if item.permalink else f"#{item.number}"
    return f"{quote(item.text, limit=QUOTE_CHARACTERS)}\n{where}, {when(item.said_at, DAY)}"


def _decision(view: DecisionView) -> list[Block]:
    title = link(view.link, shorten(title_of(view), 120))
    at = when(view.accepted_at or view.created_at, DAY)
    ending = "" if view.status == ACCEPTED else f" ({ending_phrase(view)})"
    bet = view.bet if view.bet and not view.bet.is_hidden else None
    head = f"*Decision* {title}, {person(view.owner_id)}, {at}{ending}"
    blocks = [section(f"{head}\n{escape(view.choice, limit=300)}")]
    return [*blocks, section("\n".join(_outcome(view, bet)))] if bet else blocks


def _launch(story: LaunchStory) -> list[Block]:
    launch = story.launch
    title = link(launch.permalink, shorten(f"#{launch.number} {launch.title}", 120))
    at = launch.live_at or launch.ended_at or launch.created_at
    head = f"*Launch* {title}, *{WORDS[launch.stage]}*, {when(at, DAY)}, {person(launch.owner_id)}"
    blocks = [section(head)]
    if launch.bet:
        blocks.append(section("\n".join(_outcome(launch, launch.bet, story.evidence_link))))
    return blocks + _since(story.reactions) + _told(story.told)


def _outcome(one: Judged, bet: BetView, evidence_link: str = "") -> list[str]:
    name = "Bet" if bet.kind == BY_HAND else "Metric"
    lines = [f"*{link(one.link, name) if one.link else name}* {bet_phrase(bet)}"]
    if one.evidence and bet.state != "open":
        lines += _evidence(one.evidence, bet, evidence_link)
    verdict = one.verdict
    if verdict and bet.state == "judged":
        word = verdict_words(verdict)
        name = link(one.link, "Verdict") if one.link else "Verdict"
        lines.append(f"*{name}* {word}, {person(verdict.by)}, {when(verdict.at, DAY)}")
        if verdict.lesson:
            lines.append(quote(verdict.lesson, limit=300))
        if verdict.is_against_evidence and verdict.reason:
            lines.append(f"Seen differently: “{escape(verdict.reason, limit=300)}”")
    elif verdict and bet.state == "open":
        lines.append("It was too early to tell at the first check.")
    return lines


def _evidence(evidence: EvidenceView, bet: BetView, evidence_link: str) -> list[str]:
    if bet.kind == BY_HAND:
        return []
    if evidence.kind == "not_measured":
        return [f"Not measured. {escape(evidence.problem, limit=300)}"]
    measured = link(evidence_link, "Measured") if evidence_link else "Measured"
    return [
        f"*Target reached?* {target_answer(bet, evidence)}",
        f"*More than usual noise?* {noise_answer(bet, evidence)}",
        f"{measured}: {measured_phrase(evidence)}. Grade {evidence.grade}.",
    ]


def _since(items: Sequence[FeedbackView]) -> list[Block]:
    """What customers said to it in its first two weeks, the newest shown."""
    if not items:
        return []
    times = f"{len(items)} time{'' if len(items) == 1 else 's'}"
    head = f"*Said since*, {times}, as its owner counts them"
    return [section("\n".join([head, *(_quote(item) for item in items[:REACTIONS])]))]


def _told(items: Sequence[FollowUpView]) -> list[Block]:
    due = [item for item in items if item.state != "not_needed"]
    if not due:
        return []
    told = sum(item.told_at is not None for item in due)
    head = f"*Told*, {told} of {len(due)} messages"
    ledger = render_ledger(due)
    more = len(ledger) - LEDGER_LINES
    lines = [head, *(f"• {line}" for line in ledger[:LEDGER_LINES])]
    return [section("\n".join(lines + ([f"and {more} more"] if more > 0 else [])))]


def _gaps(gaps: Sequence[Gap]) -> list[Block]:
    if not gaps:
        return []
    lines = ["• " + GAP_WORDS[gap.kind].format(number=gap.number, on=_day(gap.on)) for gap in gaps]
    return [section("*Missing, as far as you can see*\n" + "\n".join(lines))]


def _day(day: date | None) -> str:
    return spoken_date(day) if day else ""


def render_also(also: Sequence[Candidate]) -> list[Block]:
    """Other things the question may have meant, one button each."""
    if not also:
        return []
    row = [
        button(
            shorten(f"#{one.number} {one.title}", 70),
            f"{Action.WHY_SHOW}:{n}",
            f"{one.node.kind}:{one.node.id}",
        )
        for n, one in enumerate(also[:ALSO])
    ]
    return [context("Or did you mean"), actions(*row)]


def render_nothing(question: str) -> Message:
    """Nothing found is a good answer."""
    text = f"Nothing found for “{escape(question, limit=100)}” among what you can see."
    hint = "Try one or two of its words, or its number: `/why importer`, `/why #12`."
    return Message(text, [section(text), context(hint)])


def render_usage() -> Message:
    """``/why`` without a word."""
    text = "Why what? For example `/why importer`, or a number: `/why #12`."
    return Message(text, [section(text)])


def render_sent_directly() -> Message:
    """The note in a channel that customers read."""
    text = "Customers read this channel, so I sent you the answer directly."
    return Message(text, [section(text)])


def launch_lines(launches: Sequence[LaunchView], words: str) -> list[Block]:
    """The launches' part of a search's answer."""
    if not launches:
        return []
    head = f"*Launches* with “{escape(words, limit=80)}”, newest first"
    lines = []
    for launch in launches:
        title = link(launch.permalink, shorten(f"#{launch.number} {launch.title}", 120))
        at = when(launch.live_at or launch.created_at, DAY)
        lines.append(section(f"*{title}* · {WORDS[launch.stage]} · {at}"))
    return [section(head), *lines]
