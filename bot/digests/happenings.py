"""What the team did between two digests: launched, decided, judged. As its audience may see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.records import Judged
from bot.decisions.queries import decided_between, find_decisions
from bot.digests.views import Happening
from bot.entries.queries import find_entries
from bot.launches.queries import find_launches, launches_between
from bot.workspaces.asker import Asker

VERDICT_WORDS = {"too_early": "too early to say"}
# More than happens in a quarter; a picture shows few of them by name.
MARKS = 60
TOLD = 20  # of each kind, in words
KIND_OF_MARK: dict[str, Literal["launch", "decision"]] = {
    "Launched": "launch",
    "Decided": "decision",
}


async def find_happenings(
    session: AsyncSession, audience: Asker, since: datetime, until: datetime
) -> list[Happening]:
    """Return what went live, was decided and was judged, oldest first."""
    found = [
        *await find_marks(session, audience, since, until, limit=TOLD),
        *await find_verdicts(session, audience, since, until),
    ]
    return sorted(found, key=lambda one: one.at)


def marks_since(marks: Sequence[Happening], since: datetime) -> list[Happening]:
    """Return what is told of the newer part of a time, from all its marks, oldest first."""
    kept = []
    for kind in KIND_OF_MARK:
        kept += [one for one in marks if one.kind == kind and one.at >= since][-TOLD:]
    return kept


async def find_marks(
    session: AsyncSession, audience: Asker, since: datetime, until: datetime, *, limit: int = MARKS
) -> list[Happening]:
    """Return the launches and decisions of a time, oldest first."""
    launches = await launches_between(session, audience, since, until, limit=limit)
    decisions = await decided_between(session, audience, since, until, limit=limit)
    found = [
        Happening("Launched", one.title, one.live_at, one.number, permalink=one.permalink)
        for one in launches
        if one.live_at
    ] + [
        Happening("Decided", one.title, one.accepted_at, one.number, permalink=one.link)
        for one in decisions
        if one.accepted_at
    ]
    return sorted(found, key=lambda one: one.at)


async def find_verdicts(
    session: AsyncSession, audience: Asker, since: datetime, until: datetime
) -> list[Happening]:
    """Return what was judged.

    A verdict on a metric that the audience may not see is left out: it tells of its numbers.
    """
    lines = await find_entries(
        session, audience, since=since, until=until, kinds=("verdict.given",), limit=TOLD
    )
    if not lines:
        return []
    given = {line.subject_id: line for line in reversed(lines)}
    ids = sorted(given)
    judged: list[Judged] = [*await find_launches(session, audience, ids=ids)]
    judged += await find_decisions(session, audience, ids=ids)
    return [
        Happening(
            "Verdict",
            one.title,
            given[one.id].at,
            one.number,
            detail=_said(one.verdict.verdict, one.verdict.lesson),
            permalink=one.link,
        )
        for one in judged
        if one.verdict and not (one.bet and one.bet.is_hidden)
    ]


def _said(verdict: str, lesson: str) -> str:
    word = VERDICT_WORDS.get(verdict, verdict)
    return f"{word}. {lesson}" if lesson else word
