"""Those who asked are told: a launch went live, or its verdict is in; drafts go to who tells."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.deliveries import ORDINARY, Cause, Waits, hold_cause, plan_post, plan_update
from bot.engine.inbox import Arrival, receive
from bot.engine.queue import EventWork
from bot.entries.consumers import Consumer
from bot.entries.tables import Entry
from bot.errors import NotFound
from bot.feedback import told
from bot.feedback.queries import find_feedback
from bot.feedback.thanks import note_thanks
from bot.feedback.told import Waiting
from bot.feedback.told_askers import open_follow_ups, reporters_for
from bot.feedback.told_drafts import draft, in_zone
from bot.feedback.told_queries import find_follow_ups, get_telling, logged_by
from bot.feedback.told_records import (
    DRAFTED,
    SHIPPED,
    TO_TELL,
    TOLD_VERDICTS,
    VERDICT,
    FollowUpView,
    Telling,
)
from bot.feedback.told_views import render_telling
from bot.launches.queries import get_launch
from bot.launches.records import LaunchDetail
from bot.workspaces.asker import Asker
from bot.workspaces.places import Place

EventJob = Callable[[EventWork, Deps], Awaitable[str]]
# Lines after which somebody new may have asked for a launch that is live already.
LINKED = ("launch.edited", "launch.linked")
STAGES = ("launch.live", "launch.stage", "launch.rolled_back")


async def on_entries(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """Open follow-ups for what went live or was judged; the rest is done by a job."""
    for entry in entries:
        if entry.subject_kind != "launch":
            continue
        if entry.kind == "launch.rolled_back":
            await _recall(session, entry, cause)
        elif event := await _event(session, entry):
            await _open(session, entry, event, cause)


async def _event(session: AsyncSession, entry: Entry) -> str:
    """Return what a line means to those who asked, or nothing."""
    if entry.kind == "launch.live":
        return SHIPPED
    if entry.kind == "verdict.given":
        return VERDICT if entry.facts.get("verdict") in TOLD_VERDICTS else ""
    if entry.kind in LINKED and await _stands_live(session, entry):
        return SHIPPED
    return ""


async def _stands_live(session: AsyncSession, entry: Entry) -> bool:
    query = select(Entry.kind).where(
        Entry.workspace_id == entry.workspace_id,
        Entry.subject_id == entry.subject_id,
        Entry.kind.in_(STAGES),
        Entry.seq < entry.seq,
    )
    return await session.scalar(query.order_by(Entry.seq.desc()).limit(1)) == "launch.live"


async def _open(session: AsyncSession, entry: Entry, event: str, cause: Cause) -> None:
    opened = await open_follow_ups(
        session, entry.workspace_id, entry.subject_id, event, at=entry.at
    )
    if entry.kind in LINKED and not opened.new:
        return
    # A second verdict makes the drafts of the first untrue.
    payload = {"event": event, "is_new_verdict": event == VERDICT and opened.had_some}
    await _hand_over(session, entry, "told.tell", payload, cause)


async def _recall(session: AsyncSession, entry: Entry, cause: Cause) -> None:
    taken = await told.recall(session, entry.workspace_id, entry.subject_id)
    messages = {row.message_id: row.owner_id for row in taken if row.message_id}
    if messages:
        payload = {"event": SHIPPED, "messages": messages}
        await _hand_over(session, entry, "told.recalled", payload, cause)


async def _hand_over(
    session: AsyncSession, entry: Entry, kind: str, payload: dict[str, Any], cause: Cause
) -> None:
    arrival = Arrival(kind, {"launch": entry.subject_id} | payload)
    await receive(session, entry.workspace_id, f"entry:{entry.id}", arrival, at=cause.at)


@dataclass(frozen=True)
class _Reader:
    """Somebody who may be asked to tell, with what they may see of it."""

    asker: Asker
    detail: LaunchDetail
    readable: frozenset[str]  # ids of feedback


async def tell(work: EventWork, deps: Deps) -> str:
    """Draft what is to be told, and put it before those who tell; one message each."""
    place = deps.places.of(work.workspace_id)
    launch_id, event = work.payload["launch"], work.payload["event"]
    states = (TO_TELL, DRAFTED) if work.payload["is_new_verdict"] else (TO_TELL,)
    async with deps.db.read() as session:
        owner = await _launch_owner(session, work.workspace_id, launch_id)
        waiting = await told.find_waiting(
            session, work.workspace_id, launch_id, event, launch_owner=owner, states=states
        )
        thanked = await reporters_for(session, work.workspace_id, launch_id, at=work.at)
    askers = await find_askers(place, {u for row in waiting for u in row.user_ids}, work)
    async with deps.db.write() as session:
        readers = await _readers(session, askers, launch_id, waiting)
        cause = unasked(work).about("What customers are to be told", owner)
        drafted = await _draft(session, cause, waiting, readers)
        written = await _send(session, cause, event, drafted, readers)
        said = written & set(thanked) if event == SHIPPED else set()
        for users, is_said in ((said, True), (set(thanked) - said, False)):
            await note_thanks(
                session, work.workspace_id, users, "launch", launch_id, event,
                at=work.at, is_said=is_said,
            )  # fmt: skip
    return f"{sum(len(rows) for rows in drafted.values())} drafted"


def unasked(work: EventWork) -> Cause:
    """Nobody waits for an answer: it comes when its reader's calendar lets it."""
    return replace(work.cause, priority=ORDINARY, waits=Waits(work.at))


async def _launch_owner(session: AsyncSession, workspace_id: str, launch_id: str) -> str:
    """Return whom the launch's own lines name last as its owner."""
    query = select(Entry.facts).where(
        Entry.workspace_id == workspace_id,
        Entry.subject_id == launch_id,
        Entry.kind.in_(("launch.created", "launch.edited")),
    )
    for facts in await session.scalars(query.order_by(Entry.seq.desc())):
        if owner := facts.get("owner_to") or facts.get("owner"):
            return str(owner)
    return ""


async def find_askers(place: Place, user_ids: set[str], work: EventWork) -> dict[str, Asker]:
    """Return those of these people who are members (still), each with what they may see."""
    askers = {}
    for user_id in sorted(user_ids - {""}):
        try:
            askers[user_id] = await place.directory.asker(user_id, at=work.at)
        except NotFound:
            continue
    return {user_id: asker for user_id, asker in askers.items() if asker.is_member}


async def _readers(
    session: AsyncSession, askers: dict[str, Asker], launch_id: str, waiting: list[Waiting]
) -> dict[str, _Reader]:
    readers = {}
    ids = [row.feedback_id for row in waiting]
    for user_id, asker in askers.items():
        try:
            detail = await get_launch(session, asker, launch_id)
        except NotFound:
            continue
        items = await find_feedback(session, asker, ids=ids, limit=len(ids)) if ids else []
        readers[user_id] = _Reader(asker, detail, frozenset(item.id for item in items))
    return readers


async def _draft(
    session: AsyncSession,
    cause: Cause,
    waiting: list[Waiting],
    readers: dict[str, _Reader],
) -> dict[str, list[Waiting]]:
    """Draft each for the first who may tell; who asked in secret of all of them has to wait."""
    drafted: dict[str, list[Waiting]] = defaultdict(list)
    for row in waiting:
        reader = next(
            (
                readers[user_id]
                for user_id in row.user_ids
                if user_id in readers and row.feedback_id in readers[user_id].readable
            ),
            None,
        )
        if reader is None:
            continue
        [item] = await find_follow_ups(session, reader.asker, ids=[row.id])
        user_id = reader.asker.user_id
        held = await hold_cause(session, cause, user_id)
        text = _text(item, reader, held.until if held else cause.at)
        if await told.set_draft(session, cause.workspace_id, row, user_id, text):
            drafted[user_id].append(row)
    await session.flush()
    return drafted


def _text(item: FollowUpView, reader: _Reader, read_at: datetime) -> str:
    zone = reader.asker.timezone
    said_at, now = in_zone(item.said_at, zone), in_zone(read_at, zone)
    return draft(item.event, reader.detail.launch, item.text, said_at, now)


async def _send(
    session: AsyncSession,
    cause: Cause,
    event: str,
    drafted: dict[str, list[Waiting]],
    readers: dict[str, _Reader],
) -> set[str]:
    """Post new drafts and follow changed ones. Returns who got a new message."""
    written = set()
    for user_id, rows in drafted.items():
        reader = readers[user_id]
        changed = {row.message_id for row in rows if row.state == DRAFTED and row.message_id}
        fresh = [row.id for row in rows if row.state == TO_TELL]
        for message_id in sorted(changed):
            await _update(session, cause, reader.asker, message_id, reader.detail.launch.id, event)
        if fresh:
            await _post(session, cause, reader, event, fresh)
            written.add(user_id)
    return written


async def _post(
    session: AsyncSession, cause: Cause, reader: _Reader, event: str, follow_up_ids: list[str]
) -> None:
    items = await find_follow_ups(session, reader.asker, ids=follow_up_ids)
    thanked_for = await logged_by(session, reader.asker, reader.detail) if event == SHIPPED else []
    telling = Telling(reader.detail.launch, event, tuple(items), tuple(thanked_for))
    message = render_telling(telling)
    message_id = await plan_post(session, cause, reader.asker.user_id, f"told.{event}", message)
    await told.set_message(session, cause.workspace_id, follow_up_ids, message_id)


async def _update(
    session: AsyncSession, cause: Cause, asker: Asker, message_id: str, launch_id: str, event: str
) -> None:
    telling = await get_telling(session, asker, message_id, launch_id, event)
    message = render_telling(telling)
    await plan_update(session, cause, f"told.{event}", message, of=message_id)


async def recalled(work: EventWork, deps: Deps) -> str:
    """A launch was rolled back: the messages with its drafts say so."""
    place = deps.places.of(work.workspace_id)
    messages: dict[str, str] = work.payload["messages"]
    askers = await find_askers(place, set(messages.values()), work)
    launch_id, event = work.payload["launch"], work.payload["event"]
    async with deps.db.write() as session:
        for message_id, user_id in sorted(messages.items()):
            if user_id in askers:
                await _update(session, work.cause, askers[user_id], message_id, launch_id, event)
    return f"{len(messages)} messages changed"


EVENTS: dict[str, EventJob] = {"told.tell": tell, "told.recalled": recalled}
CONSUMERS = {
    "told": Consumer.of(on_entries, "launch.live", "launch.rolled_back", "verdict.given", *LINKED)
}
