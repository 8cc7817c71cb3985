"""What a team did between two digests: launched, decided, judged. As its audience may see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.records import Judged
from bot.decisions.queries import decided_between, find_decisions
from bot.digests.views import Happening
from bot.entries.queries import Logged, find_entries
from bot.launches.queries import find_launches, launches_between
from bot.launches.records import LaunchView
from bot.workspaces.asker import Asker

VERDICT_WORDS = {"too_early": "too early to say"}
# More than happens in a quarter; a picture shows few of them by name.
MARKS = 60
TOLD = 20  # of each kind, in words
VERDICT = "verdict.given"
MOVES = ("launch.rolled_back", "launch.stage")
ENDS = ("rolled back", "retired")
KIND_OF_MARK: dict[str, Literal["launch", "decision"]] = {
    "Launched": "launch",
    "Decided": "decision",
}


async def find_happenings(
    session: AsyncSession, audience: Asker, since: datetime, until: datetime
) -> list[Happening]:
    """Return what went live or elsewhere, was decided and was judged, oldest first."""
    found = [
        *await find_marks(session, audience, since, until, limit=TOLD),
        *await find_logged(session, audience, since, until),
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


async def find_logged(
    session: AsyncSession, audience: Asker, since: datetime, until: datetime
) -> list[Happening]:
    """Return what was judged, rolled back and moved to another stage than live.

    A verdict on a metric that the audience may not see is left out: it tells of its numbers.
    """
    kinds = (VERDICT, *MOVES)
    lines = await find_entries(
        session, audience, since=since, until=until, kinds=kinds, limit=2 * TOLD
    )
    if not lines:
        return []
    # Of each subject and kind the last one, which is what stands.
    given = {(line.kind, line.subject_id): line for line in reversed(lines)}
    ids = sorted({subject for _, subject in given})
    found = {one.id: one for one in await find_launches(session, audience, ids=ids, limit=len(ids))}
    judged: dict[str, Judged] = {**found}
    judged |= {one.id: one for one in await find_decisions(session, audience, ids=ids)}
    told = []
    for (kind, id_), line in given.items():
        if kind == VERDICT and id_ in judged:
            told += _verdict(judged[id_], line)
        elif kind in MOVES and id_ in found:
            told += _move(found[id_], line, until)
    return told


def _verdict(one: Judged, line: Logged) -> list[Happening]:
    if not one.verdict or (one.bet and one.bet.is_hidden):
        return []
    detail = _said(one.verdict.verdict, one.verdict.lesson)
    return [Happening("Verdict", one.title, line.at, one.number, detail, one.link)]


def _move(one: LaunchView, line: Logged, until: datetime) -> list[Happening]:
    """Tell where a launch went, and why where somebody said so."""
    stage = str(line.facts.get("stage") or "").replace("_", " ")
    is_live_since = one.live_at is not None and line.at <= one.live_at < until
    if is_live_since and stage not in ENDS:  # that it is live is told anyway
        return []
    kind = stage.capitalize() if stage in ENDS else f"Moved to {stage}"
    _, _, reason = line.prose.partition("\n")
    return [Happening(kind, one.title, line.at, one.number, reason, one.permalink)]


def _said(verdict: str, lesson: str) -> str:
    word = VERDICT_WORDS.get(verdict, verdict)
    return f"{word}. {lesson}" if lesson else word
