"""What feedback does with events: reads the message, logs it once, answers the reporter."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.deps import Deps
from bot.engine.deliveries import Cause, plan_ephemeral, plan_post, plan_reaction
from bot.engine.queue import EventWork
from bot.errors import BadInput, DaybookError, NotFound, SlackRefused
from bot.feedback import pieces, rules, service
from bot.feedback.queries import customer_cards
from bot.feedback.receipt_queries import Likeness, read_receipt
from bot.feedback.receipts import RECEIPT_EMOJI, scope_of, shows_receipt
from bot.feedback.tables import Mark
from bot.feedback.vectors import EMBED, ask_for_vectors, texts_without
from bot.feedback.views import render_not_undone, render_undone
from bot.slack.blocks import Message
from bot.slack.gateway import SlackMessage
from bot.slack.text import refusal
from bot.workspaces.asker import Asker
from bot.workspaces.places import Place
from bot.workspaces.tables import Channel, Member
from jobs.feedback_edits import EVENTS as EDITS
from jobs.feedback_edits import find_author, is_customers

EventJob = Callable[[EventWork, Deps], Awaitable[str]]


@dataclass(frozen=True)
class _Capture:
    """One message to be logged, for one reporter."""

    work: EventWork
    place: Place
    asker: Asker | None  # None: a channel that logs everything; nobody reported
    channel: Channel
    message: SlackMessage
    means: str


async def on_reaction(work: EventWork, deps: Deps) -> str:
    """A capture emoji came or went."""
    place = deps.places.of(work.workspace_id)
    ids = work.payload
    asker = await place.directory.asker(ids["user"], at=work.at, here=ids["channel"])
    if asker.is_outsider:
        return "ignored: not a member of this workspace"
    if not asker.is_member:
        return await _tell(work, deps, ids["user"], "Only members can log feedback; ask one to.")
    mark = Mark(
        channel_id=ids["channel"], message_ts=ids["ts"], user_id=ids["user"], emoji=ids["emoji"]
    )
    if not ids["is_on"]:
        return await _undo(work, deps, mark)
    channel = await place.directory.channel(ids["channel"], at=work.at)
    if not channel.captures_emoji:
        return "ignored: the emoji is off in this channel"
    try:
        message = await _message(place, ids["channel"], ids["ts"])
    except BadInput as error:
        return await _tell(work, deps, ids["user"], str(error))
    capture = _Capture(work, place, asker, channel, message, "emoji")
    return await _log_and_answer(capture, deps, mark)


async def _message(place: Place, channel_id: str, ts: str) -> SlackMessage:
    try:
        message = await place.gateway.message(channel_id, ts)
    except SlackRefused as error:
        problem = f"I may not read that message ({error.code}); nothing was logged."
        fix = "Invite me to the channel first."
        raise BadInput(field="message", problem=problem, fix=fix) from error
    if message is None:
        problem = "I cannot find that message (any more); nothing was logged."
        raise BadInput(field="message", problem=problem)
    return message


async def on_message(work: EventWork, deps: Deps) -> str:
    """A new message in a channel that logs everything."""
    place = deps.places.of(work.workspace_id)
    ids = work.payload
    channel = await place.directory.channel(ids["channel"], at=work.at)
    if not channel.captures_all:
        return "ignored: this channel no longer logs everything"
    message = await place.gateway.message(ids["channel"], ids["ts"])
    if message is None:
        return "ignored: the message is gone"
    asker = await place.directory.asker(ids["user"], at=work.at, here=ids["channel"])
    reporter = asker if asker.is_member else None
    capture = _Capture(work, place, reporter, channel, message, "message")
    return await _log_and_answer(capture, deps, None)


async def on_mention(work: EventWork, deps: Deps) -> str:
    """``@Daybook feedback``: in a thread the message it hangs on, else the words themselves."""
    place = deps.places.of(work.workspace_id)
    ids = work.payload
    asker = await place.directory.asker(ids["user"], at=work.at, here=ids["channel"])
    if not asker.is_member:
        return "ignored: not a member"
    channel = await place.directory.channel(ids["channel"], at=work.at)
    if not channel.captures_mention:
        return await _tell(work, deps, ids["user"], "Logging by mention is off in this channel.")
    thread = str(ids.get("thread_ts") or "")
    text = str(ids.get("text") or "")
    if thread and not text:
        message = await place.gateway.message(ids["channel"], thread, thread=thread)
    elif text:
        message = SlackMessage(
            ids["channel"], ids["ts"], user=ids["user"], text=text, thread_ts=thread
        )
    else:
        hint = "Write `@Daybook feedback what they said`, or mention me in the message's thread."
        return await _tell(work, deps, ids["user"], hint)
    if message is None:
        return await _tell(work, deps, ids["user"], "I cannot find that message (any more).")
    return await _log_and_answer(
        _Capture(work, place, asker, channel, message, "mention"), deps, None
    )


async def on_embed(work: EventWork, deps: Deps) -> str:
    """Make some of the vectors that are missing since the model changed; the next job goes on."""
    reader, workspace_id = deps.feedback, work.workspace_id
    if not reader.has_model:
        return "ignored: there is no model"
    async with deps.db.read() as session:
        texts = await texts_without(session, workspace_id, reader.vectors.model_id)
    made = await reader.embed([text for _, text in texts])
    async with deps.db.write() as session:
        # What was removed meanwhile is not to be read out of its vector.
        kept = {
            one for one, _ in await texts_without(session, workspace_id, reader.vectors.model_id)
        }
        for (feedback_id, _), vector in zip(texts, made, strict=True):
            if feedback_id not in kept:
                continue
            await service.store_vector(
                session, workspace_id, feedback_id, reader.vectors.model_id, vector
            )
        await session.flush()
        is_more = await ask_for_vectors(
            session, workspace_id, reader.vectors.model_id, at=deps.clock.now()
        )
    if not is_more:
        reader.forget(workspace_id)
    return f"made {len(texts)} vectors"


async def _log_and_answer(capture: _Capture, deps: Deps, mark: Mark | None) -> str:
    reporter = capture.asker.user_id if capture.asker else ""
    identity = capture.place.identity
    try:
        rules.check_not_ours(capture.message, bot_user=identity.user_id, bot_id=identity.bot_id)
        said = await _said(capture, deps)
    except BadInput as error:
        return await _tell(capture.work, deps, reporter, str(error))
    work = capture.work
    reading = await deps.feedback.read(work.workspace_id, said.scope, said.id, said.text)
    near = await deps.feedback.alike(work.workspace_id, said.scope, reading.group_id, said.text)
    alike = [Likeness(*one) for one in near]
    async with deps.db.write() as session:
        if mark and not await service.note_mark(
            session,
            work.workspace_id,
            mark,
            is_on=True,
            event_ts=work.payload["event_ts"],
        ):
            return "ignored: taken back already"
        done = await service.capture(session, work.workspace_id, said, reading, at=work.at)
        if shows_receipt(capture.channel):
            await plan_reaction(
                session, work.cause, capture.channel.id, capture.message.ts, RECEIPT_EMOJI
            )
        if capture.asker and (done.is_new or done.is_first_report):
            receipt = await read_receipt(
                session, capture.asker, done.feedback_id, alike=alike, is_new=done.is_new
            )
            await _whisper(session, capture, receipt)
    return f"logged {done.feedback_id}" if done.is_new else "logged before"


async def _said(capture: _Capture, deps: Deps) -> service.Said:
    message, channel, place = capture.message, capture.channel, capture.place
    at = capture.work.at
    author = await find_author(place, message, capture.work)
    bot_user = place.identity.user_id
    words = rules.message_words(message, bot_user=bot_user, is_customers=is_customers(author))
    told = rules.whole_text(message)
    asker = capture.asker or Asker(capture.work.workspace_id, "-", sees_public=True)
    async with deps.db.read() as session:
        customers = await customer_cards(session, asker)
    card = rules.find_customer(
        customers,
        channel_id=channel.id,
        email=author.email if author else "",
        text=told,
    )
    try:
        permalink = await place.gateway.permalink(channel.id, message.ts)
    except DaybookError:
        permalink = ""
    return service.Said(
        id=new_id(),
        text=words,
        source_channel_id=channel.id,
        message_ts=message.ts,
        permalink=permalink,
        author_id=message.user,
        reporter_id=capture.asker.user_id if capture.asker else "",
        means=capture.means,
        said_at=min(message.at, at),
        customer_id=card.id if card else None,
        scope=scope_of(channel),
        person=rules.named_person(told) or _outsiders_address(author),
    )


def _outsiders_address(author: Member | None) -> str:
    return author.email.lower() if author and is_customers(author) else ""


async def _undo(work: EventWork, deps: Deps, mark: Mark) -> str:
    channel = await _channel(work, deps)
    async with deps.db.write() as session:
        if not await service.note_mark(
            session, work.workspace_id, mark, is_on=False, event_ts=work.payload["event_ts"]
        ):
            return "ignored: put on again since"
        if await service.has_other_mark(session, work.workspace_id, mark):
            return "ignored: another emoji of theirs still logs it"
        known = await service.find_by_message(
            session, work.workspace_id, mark.channel_id, mark.message_ts
        )
        if known is None or known.withdrawn_at:
            return "ignored: nothing to undo"
        reported_at = await service.reported_at(session, known, mark.user_id)
        if reported_at is None or not rules.can_undo(reported_at, work.at):
            return "ignored: not theirs, or too late"
        is_gone = await service.withdraw(
            session, work.workspace_id, known.id, mark.user_id, at=work.at
        )
        if is_gone:
            await pieces.release_joined(session, known, at=work.at)
            await plan_reaction(
                session, work.cause, mark.channel_id, mark.message_ts, RECEIPT_EMOJI, remove=True
            )
        said = render_undone(known.number) if is_gone else render_not_undone(known.number)
        await _say(session, work.cause, channel, mark.user_id, "undone", said)
    return "undone"


async def _whisper(session: AsyncSession, capture: _Capture, message: Message) -> None:
    assert capture.asker is not None  # noqa: S101  callers checked
    thread = capture.message.thread_ts
    await _say(
        session,
        capture.work.cause,
        capture.channel,
        capture.asker.user_id,
        "receipt",
        message,
        thread=thread if thread != capture.message.ts else "",
    )


async def _say(
    session: AsyncSession,
    cause: Cause,
    channel: Channel | None,
    user: str,
    part: str,
    message: Message,
    *,
    thread: str = "",
) -> None:
    """Say it to one person: in the channel, but where customers read (or may) in a DM."""
    if channel is None or channel.is_shared:
        # Nothing shows where customers read, not even to one person by a slip of a client.
        await plan_post(session, cause, user, part, message)
        return
    await plan_ephemeral(session, cause, channel.id, user, part, message, thread=thread)


async def _channel(work: EventWork, deps: Deps) -> Channel | None:
    directory = deps.places.of(work.workspace_id).directory
    try:
        return await directory.channel(work.payload["channel"], at=work.at)
    except NotFound:
        return None


async def _tell(work: EventWork, deps: Deps, user_id: str, sentence: str) -> str:
    if user_id:
        channel = await _channel(work, deps)
        message = Message(refusal(sentence))
        async with deps.db.write() as session:
            await _say(session, work.cause, channel, user_id, "told", message)
    return f"told: {sentence}"


EVENTS: dict[str, EventJob] = {
    "feedback.reaction": on_reaction,
    "feedback.message": on_message,
    **EDITS,
    "mention.feedback": on_mention,
    EMBED: on_embed,
}
