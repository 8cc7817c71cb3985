"""Those who asked for a theme are told an honest no, or asked a question: by drafts."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.deliveries import Cause, plan_post, plan_update
from bot.engine.inbox import Arrival, receive
from bot.engine.queue import EventWork
from bot.entries.consumers import Consumer
from bot.entries.links import Node
from bot.entries.tables import Entry
from bot.errors import NotFound
from bot.feedback import told
from bot.feedback.queries import find_feedback
from bot.feedback.refusal_records import QuestionView, RefusalView
from bot.feedback.told import Waiting
from bot.feedback.told_askers import follow_ups_of, open_for_themes
from bot.feedback.told_drafts import draft_declined, draft_question, in_zone
from bot.feedback.told_queries import find_follow_ups, get_subject, get_telling
from bot.feedback.told_records import ASKED, DECLINED, FollowUpView, Subject, Telling
from bot.feedback.told_views import render_telling
from bot.workspaces.asker import Asker
from jobs.told import find_askers, unasked

EventJob = Callable[[EventWork, Deps], Awaitable[str]]
SUBJECTS = {"theme.declined": ("refusal", DECLINED), "theme.asked": ("question", ASKED)}
OPEN_AGAIN = ("theme.reopened", "theme.rearmed")


async def on_entries(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """Open follow-ups for what was declined or asked; take them back when it is open again."""
    for entry in entries:
        if entry.kind in SUBJECTS:
            kind, event = SUBJECTS[entry.kind]
            subject = Node(kind, str(entry.facts["about"]))
            await open_for_themes(
                session, entry.workspace_id, [entry.subject_id], subject, event, at=entry.at
            )
            payload = {"subject": subject.id, "event": event, "by": entry.actor}
            await _hand_over(session, entry, "told.theme", payload, cause)
        elif entry.kind in OPEN_AGAIN:
            await _recall(session, entry, cause)
        else:
            await _unask(session, entry, cause)


async def _recall(session: AsyncSession, entry: Entry, cause: Cause) -> None:
    subject_id = str(entry.facts["about"])
    taken = await told.recall(session, entry.workspace_id, subject_id, DECLINED)
    messages = {row.message_id: row.owner_id for row in taken if row.message_id}
    if messages:
        payload = {"subject": subject_id, "event": DECLINED, "messages": messages}
        await _hand_over(session, entry, "told.theme_open", payload, cause)


async def _unask(session: AsyncSession, entry: Entry, cause: Cause) -> None:
    subject_id = str(entry.facts["about"])
    rows = await follow_ups_of(session, entry.workspace_id, subject_id, ASKED)
    messages = {row.message_id: row.owner_id for row in rows if row.message_id}
    if messages:
        payload = {"subject": subject_id, "event": ASKED, "messages": messages}
        await _hand_over(session, entry, "told.theme_open", payload, cause)


async def _hand_over(
    session: AsyncSession, entry: Entry, kind: str, payload: dict[str, Any], cause: Cause
) -> None:
    arrival = Arrival(kind, payload)
    await receive(session, entry.workspace_id, f"entry:{entry.id}", arrival, at=cause.at)


async def tell(work: EventWork, deps: Deps) -> str:
    """Draft what each asker is to be told, or asked; one message to each who does it."""
    place = deps.places.of(work.workspace_id)
    subject_id, event = work.payload["subject"], work.payload["event"]
    async with deps.db.read() as session:
        waiting = await told.find_waiting(
            session, work.workspace_id, subject_id, event, launch_owner=work.payload["by"]
        )
    askers = await find_askers(place, {u for row in waiting for u in row.user_ids}, work)
    async with deps.db.write() as session:
        drafted = await _draft(session, work, waiting, askers)
        cause = unasked(work).about("What customers are to be told", work.payload["by"])
        for user_id, ids in drafted.items():
            await _post(session, cause, askers[user_id], subject_id, event, ids)
    return f"{sum(len(ids) for ids in drafted.values())} drafted"


async def _draft(
    session: AsyncSession, work: EventWork, waiting: list[Waiting], askers: Mapping[str, Asker]
) -> dict[str, list[str]]:
    drafted: dict[str, list[str]] = defaultdict(list)
    subjects = await _subjects(session, work, askers)
    for row in waiting:
        for user_id in row.user_ids:
            subject, asker = subjects.get(user_id), askers.get(user_id)
            if subject is None or asker is None or not await _reads(session, asker, row):
                continue
            [item] = await find_follow_ups(session, asker, ids=[row.id])
            text = _text(item, subject, asker, work)
            if await told.set_draft(session, work.workspace_id, row, user_id, text):
                drafted[user_id].append(row.id)
            break
    await session.flush()
    return drafted


async def _subjects(
    session: AsyncSession, work: EventWork, askers: Mapping[str, Asker]
) -> dict[str, Subject]:
    found: dict[str, Subject] = {}
    for user_id, asker in askers.items():
        try:
            found[user_id] = await get_subject(
                session, asker, work.payload["event"], work.payload["subject"]
            )
        except NotFound:
            continue
    return found


async def _reads(session: AsyncSession, asker: Asker, row: Waiting) -> bool:
    return bool(await find_feedback(session, asker, ids=[row.feedback_id], limit=1))


def _text(item: FollowUpView, subject: Subject, asker: Asker, work: EventWork) -> str:
    said_at, now = in_zone(item.said_at, asker.timezone), in_zone(work.at, asker.timezone)
    if isinstance(subject, RefusalView):
        return draft_declined(subject, item.text, said_at, now)
    words = subject.text if isinstance(subject, QuestionView) else ""
    return draft_question(words, item.text, said_at, now)


async def _post(
    session: AsyncSession, cause: Cause, asker: Asker, subject_id: str, event: str, ids: list[str]
) -> None:
    items = await find_follow_ups(session, asker, ids=ids)
    subject = await get_subject(session, asker, event, subject_id)
    message = render_telling(Telling(subject, event, tuple(items)))
    message_id = await plan_post(session, cause, asker.user_id, f"told.{event}", message)
    await told.set_message(session, cause.workspace_id, ids, message_id)


async def open_again(work: EventWork, deps: Deps) -> str:
    """A declined theme is open again, or nobody is to be asked: the messages say so."""
    place = deps.places.of(work.workspace_id)
    messages: dict[str, str] = work.payload["messages"]
    askers = await find_askers(place, set(messages.values()), work)
    subject_id, event = work.payload["subject"], work.payload["event"]
    async with deps.db.write() as session:
        for message_id, user_id in sorted(messages.items()):
            if user_id not in askers:
                continue
            asker = askers[user_id]
            message = render_telling(
                await get_telling(session, asker, message_id, subject_id, event)
            )
            await plan_update(session, work.cause, f"told.{event}", message, of=message_id)
    return f"{len(messages)} messages changed"


EVENTS: dict[str, EventJob] = {"told.theme": tell, "told.theme_open": open_again}
CONSUMERS = {"told_themes": Consumer.of(on_entries, *SUBJECTS, *OPEN_AGAIN, "theme.unasked")}
