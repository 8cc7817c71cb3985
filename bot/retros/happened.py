"""What happened since the last retro, as those who read its channel may see it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.records import Judged
from bot.decisions.queries import decided_between, find_decisions, reversed_between
from bot.decisions.queries import live_bets as bets_on_decisions
from bot.decisions.records import DecisionView
from bot.entries.queries import find_entries
from bot.feedback.queries import find_feedback
from bot.launches.queries import find_launches, launches_between, live_bets
from bot.retros import rules
from bot.retros.queries import find_actions, previous_run
from bot.retros.records import ActionView, SeriesView
from bot.slack.text import escape, link, person, shorten
from bot.workspaces.asker import Asker

# Of each kind, so that the headline stays one screen of a phone.
LISTED = 4
# All of it in sum, so that the headline stays one message with its buttons.
CHARACTERS = 6_000
# More feedback than a team reads between two retros.
COUNTED = 2_000
VERDICT_WORDS = {"too_early": "too early to say"}
KINDS = {
    "bug": ("bug", "bugs"),
    "request": ("request", "requests"),
    "praise": ("praise", "praise"),
    "question": ("question", "questions"),
    "competitor": ("mention of a competitor", "mentions of a competitor"),
}


async def look_back(
    session: AsyncSession, audience: Asker, series: SeriesView, *, at: datetime
) -> tuple[datetime, list[str]]:
    """Return since when a new run looks back, and the lines (mrkdwn) that it opens with."""
    last = await previous_run(session, audience, series)
    since = last.opened_at if last else at - rules.FIRST_COVERS
    promised = list(last.actions) if last else []
    known = {one.id for one in promised}
    of_series = await find_actions(session, audience, series_id=series.id, limit=COUNTED)
    promised += [one for one in of_series if one.id not in known and _is_news(one, since)]
    lines = [
        *render_promises(promised),
        *await _launches(session, audience, since, at),
        *await _verdicts(session, audience, since, at),
        *await _bets(session, audience, at),
        *_decisions("Decided", await decided_between(session, audience, since, at)),
        *_decisions("No longer holds", await reversed_between(session, audience, since, at)),
        *await _feedback(session, audience, since, at),
    ]
    return since, _fitting(lines)


def _is_news(one: ActionView, since: datetime) -> bool:
    is_fresh = one.checked_at is not None and one.checked_at >= since
    return one.state == rules.OPEN or is_fresh


def _fitting(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(line) > CHARACTERS:
            return [*kept, "• And more than fits here."]
        kept.append(line)
    return kept


def render_promises(promised: Sequence[ActionView]) -> list[str]:
    """Say of each action whether it worked."""
    return [
        f"• *Promised:* {escape(shorten(one.text, 120), limit=200)} ({person(one.owner_id)}): "
        f"*{rules.STATE_WORDS[one.state]}*{_word(one)}"
        for one in promised
    ]


def _word(one: ActionView) -> str:
    if one.word:
        return f". {escape(shorten(one.word, 120), limit=200)}"
    return f", due {one.due_on.day} {one.due_on:%B}" if one.state == rules.OPEN else ""


async def _launches(
    session: AsyncSession, audience: Asker, since: datetime, at: datetime
) -> list[str]:
    found = await launches_between(session, audience, since, at, limit=COUNTED)
    return _listed("Launched", [_named(one.permalink, one.number, one.title) for one in found])


async def _verdicts(
    session: AsyncSession, audience: Asker, since: datetime, at: datetime
) -> list[str]:
    kinds = ("verdict.given", "verdict.changed")
    lines = await find_entries(session, audience, since=since, until=at, kinds=kinds, limit=200)
    ids = list(dict.fromkeys(line.subject_id for line in lines))
    launches = await find_launches(session, audience, ids=ids, limit=200)
    decisions = await find_decisions(session, audience, ids=ids, limit=200)
    everything: list[Judged] = [*launches, *decisions]
    found = {one.id: one for one in everything}
    judged = [found[id_] for id_ in ids if id_ in found]
    # A verdict on a metric that the audience may not see would tell of its numbers.
    shown = [one for one in judged if one.verdict and not (one.bet and one.bet.is_hidden)]
    return _listed("Verdict", [_verdict(one) for one in shown])


def _verdict(one: Judged) -> str:
    if one.verdict is None:
        return ""
    word = VERDICT_WORDS.get(one.verdict.verdict, one.verdict.verdict)
    lesson = escape(shorten(one.verdict.lesson, 160), limit=300)
    named = _named(one.link, one.number, one.title)
    return f"{named}: *{word}*" + (f". {lesson}" if lesson else "")


async def _bets(session: AsyncSession, audience: Asker, at: datetime) -> list[str]:
    found = await live_bets(session, audience, at=at, limit=COUNTED)
    found += await bets_on_decisions(session, audience, at=at)
    return _listed(
        "Bet still running",
        [
            f"{_named(one.permalink, one.number, one.title)}, day {one.day} of {one.days}"
            for one in found
        ],
    )


def _decisions(word: str, found: Sequence[DecisionView]) -> list[str]:
    return _listed(word, [_named(one.link, one.number, one.title) for one in found])


async def _feedback(
    session: AsyncSession, audience: Asker, since: datetime, at: datetime
) -> list[str]:
    found = await find_feedback(session, audience, since=since, until=at, limit=COUNTED)
    if not found:
        return []
    counts = Counter(one.kind for one in found)
    parts = [
        f"{counts[kind]} {words[0] if counts[kind] == 1 else words[1]}"
        for kind, words in KINDS.items()
        if counts[kind]
    ]
    rest = sum(count for kind, count in counts.items() if kind not in KINDS)
    if rest:
        parts.append(f"{rest} of no kind yet")
    return [f"• *Feedback:* {', '.join(parts)}"]


def _named(url: str, number: int, title: str) -> str:
    return link(url, shorten(f"#{number} {title}", 120))


def _listed(word: str, items: Sequence[str]) -> list[str]:
    lines = [f"• *{word}:* {item}" for item in items[:LISTED]]
    if len(items) > LISTED:
        lines.append(f"• *{word}:* {len(items) - LISTED} more")
    return lines
