"""Watch the metrics that decisions hang on: each morning, until one stays beyond its bound."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.posts import refresh_post
from bot.decisions.queries import get_decision
from bot.decisions.service import get_decision_row
from bot.decisions.tables import Decision
from bot.decisions.tripwire_views import render_tripped_note, render_tripped_question
from bot.decisions.tripwires import TRIPWIRE, Streak, is_watched, note_trip, read_streak
from bot.deps import Deps
from bot.engine.deliveries import plan_post
from bot.engine.queue import SlotWork
from bot.errors import DaybookError, NotFound
from bot.slack.kinds import is_person
from bot.workspaces.asker import Asker


@dataclass(frozen=True)
class _Told:
    """Somebody who may be told; ``streak`` is what they may see of the figures, if they trip."""

    asker: Asker | None
    streak: Streak | None = None


@dataclass(frozen=True)
class _Trip:
    """A tripped decision: its owner, and those who read where its message stands."""

    owner: _Told
    readers: _Told


async def check_tripwire(work: SlotWork, deps: Deps) -> str:
    """Reopen the decision if its metric stayed beyond the bound; what is not known yet waits."""
    async with deps.db.read() as session:
        row = await session.get(Decision, (work.workspace_id, work.subject_id))
    if row is None or not is_watched(row):
        return "nothing to watch"
    metric_id = str(row.tripwire_metric_id)
    if await deps.metrics.refresh(work.workspace_id, [metric_id], at=work.at):
        return "waits: its metric cannot be read"
    trip = await _read_trip(work, deps, row)
    if not (trip.owner.streak or trip.readers.streak):
        return "not reopened"
    async with deps.db.write() as session:
        row = await get_decision_row(session, work.workspace_id, row.id)
        if not is_watched(row):
            return "reopened before"
        await _reopen(session, work, row, trip)
    return "reopened"


async def _read_trip(work: SlotWork, deps: Deps, row: Decision) -> _Trip:
    directory = deps.places.of(work.workspace_id).directory
    owner: Asker | None
    readers: Asker | None
    try:
        owner = await directory.asker(row.owner_id, at=work.at)
    except DaybookError:
        owner = None
    try:
        readers = await directory.audience(row.posted_to or row.created_by, at=work.at)
    except NotFound:  # the bot was taken out of the channel
        readers = None
    async with deps.db.read() as session:
        return _Trip(
            _Told(owner, await read_streak(session, owner, row, at=work.at)),
            _Told(readers, await read_streak(session, readers, row, at=work.at)),
        )


async def _reopen(session: AsyncSession, work: SlotWork, row: Decision, trip: _Trip) -> None:
    streak = trip.owner.streak or trip.readers.streak
    await note_trip(session, row, [day for day, _ in streak.days] if streak else [], at=work.at)
    await _tell_thread(session, work, row, trip)
    if trip.owner.asker and trip.owner.streak:
        view = (await get_decision(session, trip.owner.asker, row.id)).decision
        is_alone = _is_in_channel(row) and trip.readers.streak is None
        question = render_tripped_question(view, trip.owner.streak, is_alone=is_alone)
        cause = work.measured.about(f"reopened decision #{row.number}", row.owner_id)
        await plan_post(session, cause, row.owner_id, "tripped", question)


async def _tell_thread(session: AsyncSession, work: SlotWork, row: Decision, trip: _Trip) -> None:
    """Post under the decision and edit it, unless its metric is not for all who read there."""
    readers, streak = trip.readers.asker, trip.readers.streak
    if readers is None or streak is None:
        return
    cause = work.measured.about(f"reopened decision #{row.number}", row.owner_id)
    await refresh_post(session, cause, row.id, row.post_id, readers)
    if _is_in_channel(row):
        view = (await get_decision(session, readers, row.id)).decision
        note = render_tripped_note(view, streak, is_asked=trip.owner.streak is not None)
        under = "" if row.thread_ts else row.post_id
        await plan_post(
            session, cause, row.posted_to, "note", note, thread=row.thread_ts, under=under
        )


def _is_in_channel(row: Decision) -> bool:
    return bool(row.posted_to) and not is_person(row.posted_to)


SLOTS: dict[str, Callable[[SlotWork, Deps], Awaitable[str]]] = {TRIPWIRE: check_tripwire}
