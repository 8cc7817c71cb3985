"""All launches as one message: what moved, what was judged, what is under way. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.bets.rules import spoken_date
from bot.bets.words import verdict_words
from bot.launches.bulletin import Bulletin, Move
from bot.launches.records import LaunchView
from bot.launches.stages import LIVE, RETIRED, ROLLED_BACK, WORDS
from bot.slack.blocks import Block, Message, context, section
from bot.slack.text import escape, link, say_test, shorten

NAME_LIMIT, TITLE_LIMIT, SAID_LIMIT = 80, 80, 160
# Lines that fit one paragraph of Slack's, at their longest.
LINES_A_SECTION = 6
MOVED = {LIVE: "went live", ROLLED_BACK: "was rolled back", RETIRED: "was retired"}


@dataclass(frozen=True)
class Issue:
    """One post of it. ``test_for`` is where it would go (escaped, ours)."""

    name: str
    slot: date
    bulletin: Bulletin
    test_for: str = ""
    buttons: Block | None = None


def render_bulletin(issue: Issue) -> Message:
    """One headline, then a line a launch; nobody is mentioned, so that it calls nobody."""
    told = issue.bulletin
    head = f"{escape(issue.name, limit=NAME_LIMIT)} · {issue.slot:%a} {spoken_date(issue.slot)}"
    said = _headline(told)
    blocks: list[Block] = [section(f"*{head}*\n{said}")]
    blocks += [context(say_test(issue.test_for))] if issue.test_for else []
    blocks += _part("What moved", [_move(move) for move in told.moves])
    blocks += _part("Verdicts", [_verdict(one) for one in told.judged])
    lines = [_under_way(one) for one in told.under_way]
    blocks += _part("Under way", [*lines, *(["… and more"] if told.has_more else [])])
    blocks += [issue.buttons] if issue.buttons else []
    blocks.append(
        context("Launches that not everybody here may see are left out; `/launch list` has yours.")
    )
    return Message(f"{head}: {said}", blocks)


def _headline(told: Bulletin) -> str:
    since = f"since {spoken_date(told.since.date())}"
    counts = {
        "went live": sum(move.stage == LIVE for move in told.moves),
        "rolled back": sum(move.stage == ROLLED_BACK for move in told.moves),
        "judged": len(told.judged),
    }
    parts = [f"{number} {word}" for word, number in counts.items() if number]
    if parts:
        return f"{', '.join(parts)} {since}; {_open(told)}."
    moved = "Nothing went live and nothing was judged" if told.moves else "Nothing moved"
    return f"{moved} {since}; {_open(told)}."


def _open(told: Bulletin) -> str:
    number = len(told.under_way)
    return f"{f'over {number}' if told.has_more else number or 'none'} under way"


def _part(title: str, lines: Sequence[str]) -> list[Block]:
    steps = range(0, len(lines), LINES_A_SECTION)
    pieces = ["\n".join(lines[n : n + LINES_A_SECTION]) for n in steps]
    return [section(f"*{title}*\n{one}" if not n else one) for n, one in enumerate(pieces)]


def _move(move: Move) -> str:
    moved = MOVED.get(move.stage, f"is {WORDS[move.stage]}")
    why = f": “{escape(move.reason, limit=SAID_LIMIT)}”" if move.reason else ""
    return f"• {_named(move.launch)} {moved}{why}"


def _verdict(one: LaunchView) -> str:
    if one.verdict is None:
        raise ValueError("a verdict is told once it is given")
    lesson = f". “{escape(one.verdict.lesson, limit=SAID_LIMIT)}”" if one.verdict.lesson else ""
    return f"• {_named(one)}: {verdict_words(one.verdict)}{lesson}"


def _under_way(one: LaunchView) -> str:
    area = f" · {escape(one.area, limit=60)}" if one.area else ""
    return f"• {_named(one)}: {WORDS[one.stage]}{area} · {_waits_for(one)}"


def _waits_for(one: LaunchView) -> str:
    """Say where its bet stands, in three words and without a figure."""
    bet, verdict = one.bet, one.verdict
    if bet is None:
        return "no bet"
    if bet.state == "open":
        return f"checked on {spoken_date(bet.check_date)}"
    if bet.state == "judged" and verdict and not bet.is_hidden:
        return f"verdict {verdict_words(verdict)}"
    said = {"measured": "verdict open", "unjudged": "unjudged", "judged": "judged"}
    return said.get(bet.state, "bet ended")


def _named(one: LaunchView) -> str:
    return f"{link(one.permalink, shorten(one.title, TITLE_LIMIT))} (#{one.number})"
