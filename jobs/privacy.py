"""What keeps words no longer than they may be kept: erasing, retention, and what quoted them."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.tables import Decision
from bot.deps import Deps
from bot.engine.deliveries import Cause, plan_post, plan_update
from bot.engine.inbox import Arrival, receive
from bot.engine.queue import EventWork, SlotWork
from bot.engine.tables import Inbox
from bot.entries.consumers import Consumer
from bot.entries.tables import Entry
from bot.errors import NotFound
from bot.feedback.redaction import Removed
from bot.feedback.tables import Feedback, FollowUp
from bot.feedback.told_queries import get_telling
from bot.feedback.told_views import render_telling
from bot.privacy.erasure import Person, erase_rest, find_person, redact_some
from bot.privacy.retention import JOB, forget_snapshots, read_retention, redact_older
from bot.privacy.views import render_receipt

EventJob = Callable[[EventWork, Deps], Awaitable[str]]
# A night's work ends: so many chunks of texts at most, the rest is for the next night.
CHUNKS_A_NIGHT = 500
LAUNCH = "launch"


async def on_retention(work: SlotWork, deps: Deps) -> str:
    """Remove the words that are older than the workspace keeps them."""
    total = Removed()
    for _ in range(CHUNKS_A_NIGHT):
        async with deps.db.write() as session:
            months = await read_retention(session, work.workspace_id)
            some = await redact_older(session, work.cause, months) if months else Removed()
        total += some
        if not some.items:
            break
    async with deps.db.write() as session:
        months = await read_retention(session, work.workspace_id)
        kept = await forget_snapshots(session, work.cause, months) if months else 0
    return f"removed the words of {total.items}, and {kept} kept with decisions"


async def on_erase(work: EventWork, deps: Deps) -> str:
    """Erase a person, and send who asked for it a receipt with counts."""
    payload = work.payload
    person = Person(payload["address"], tuple(payload["user_ids"]))
    by, total = payload["by"], Removed()
    async with deps.db.read() as session:
        found = await find_person(session, work.workspace_id, person)
    while True:
        async with deps.db.write() as session:
            some = await redact_some(session, work.cause, person, by=by)
        total += some
        if not some.items:
            break
    async with deps.db.write() as session:
        await erase_rest(session, work.cause, person, by=by)
        receipt = render_receipt(found, total.messages)
        await plan_post(
            session, work.cause.about("The receipt of erasing", by), by, "erased", receipt
        )
        # The address itself stands in what asked for it.
        await session.execute(
            update(Inbox)
            .where(Inbox.workspace_id == work.workspace_id, Inbox.id == work.id)
            .values(payload={"address": "", "user_ids": [], "by": by})
        )
    deps.feedback.forget(work.workspace_id)
    return f"erased {total.items} texts"


async def on_entries(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """Words were removed: what other rituals kept of the same message goes, too."""
    for entry in entries:
        await _forget_snapshot(session, entry)
        query = select(FollowUp.id).where(
            FollowUp.workspace_id == entry.workspace_id,
            FollowUp.feedback_id == entry.subject_id,
            FollowUp.message_id.is_not(None),
        )
        if await session.scalar(query.limit(1)):
            arrival = Arrival("privacy.redacted", {"feedback": entry.subject_id})
            key = f"entry:{entry.id}"
            await receive(session, entry.workspace_id, key, arrival, at=cause.at)


async def _forget_snapshot(session: AsyncSession, entry: Entry) -> None:
    item = await session.get(Feedback, (entry.workspace_id, entry.subject_id))
    if item and item.permalink:
        await session.execute(
            update(Decision)
            .where(
                Decision.workspace_id == entry.workspace_id,
                Decision.permalink == item.permalink,
            )
            .values(snapshot="")
        )


async def on_redacted(work: EventWork, deps: Deps) -> str:
    """The messages to those who were to tell: without the words, however old they are."""
    place = deps.places.of(work.workspace_id)
    async with deps.db.read() as session:
        query = select(FollowUp).where(
            FollowUp.workspace_id == work.workspace_id,
            FollowUp.feedback_id == work.payload["feedback"],
            FollowUp.message_id.is_not(None),
            FollowUp.subject_kind == LAUNCH,
        )
        rows = list(await session.scalars(query))
    askers = {one.owner_id: await place.directory.asker(one.owner_id, at=work.at) for one in rows}
    async with deps.db.write() as session:
        for row in rows:
            asker, message_id = askers[row.owner_id], str(row.message_id)
            try:
                telling = await get_telling(session, asker, message_id, row.subject_id, row.event)
            except NotFound:
                continue
            message = render_telling(telling)
            await plan_update(session, work.cause, f"told.{row.event}", message, of=message_id)
    return f"{len(rows)} messages changed"


EVENTS: dict[str, EventJob] = {"privacy.erase": on_erase, "privacy.redacted": on_redacted}
SLOTS: dict[str, Callable[[SlotWork, Deps], Awaitable[str]]] = {JOB: on_retention}
CONSUMERS = {"privacy": Consumer.of(on_entries, "feedback.redacted")}
