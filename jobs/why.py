"""``@Daybook why ...``: the same answer as /why, where commands do not work."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.alerts.queries import find_asked
from bot.deps import Deps
from bot.digests.answers import (
    LOOKED_AT,
    Asked,
    answer_anywhere,
    answer_in_thread,
    asked_post,
)
from bot.digests.question_views import render_ask_in_thread
from bot.digests.questions import is_about_number
from bot.digests.uses import note_use
from bot.engine.deliveries import plan_ephemeral, plan_post
from bot.engine.queue import EventWork
from bot.errors import NotFound
from bot.feedback.search import themes_near
from bot.metrics.queries import list_metrics
from bot.slack.blocks import Message
from bot.slack.text import plain
from bot.why.answers import answer_question
from bot.workspaces.asker import Asker


async def on_mention(work: EventWork, deps: Deps) -> str:
    """Answer privately, in the thread where the question stands."""
    directory = deps.places.of(work.workspace_id).directory
    channel, user = str(work.payload["channel"]), str(work.payload["user"])
    asker = await directory.asker(user, at=work.at, here=channel)
    if asker.is_outsider:
        return "ignored: not a member of this workspace"
    try:
        is_shared = (await directory.channel(channel, at=work.at)).is_shared
    except NotFound:
        is_shared = False
    question = plain(str(work.payload.get("text") or ""))
    if not is_shared and (answered := await _of_digest(work, deps, asker, question)):
        return answered
    message = await _answer(deps, asker, question, work)
    thread = str(work.payload.get("thread_ts") or "")
    async with deps.db.write() as session:
        if is_shared or channel.startswith("D"):
            await plan_post(session, work.cause, user, "why", message)
        else:
            await plan_ephemeral(session, work.cause, channel, user, "why", message, thread=thread)
    return "answered"


async def _answer(deps: Deps, asker: Asker, question: str, work: EventWork) -> Message:
    if is_about_number(question):
        async with deps.db.read() as session:
            told = await answer_anywhere(session, question, asker=asker, at=work.at)
        return told or render_ask_in_thread(f"why {question}")
    async with deps.db.read() as session:
        near = await themes_near(session, asker, deps.feedback, question)
    return await answer_question(
        deps.db, asker, f"why {question}" if question else "", at=work.at, near_themes=near
    )


async def _of_digest(work: EventWork, deps: Deps, asker: Asker, question: str) -> str:
    """Answer a question about a number where it was asked: in a digest's or an alert's thread."""
    channel, thread = str(work.payload["channel"]), str(work.payload.get("thread_ts") or "")
    if not thread or not question:
        return ""
    async with deps.db.read() as session:
        asked = await asked_post(session, work.workspace_id, channel, thread)
        asked = asked or await _asked_of_alert(session, asker, channel, thread)
    if asked is None:
        return ""
    directory = deps.places.of(work.workspace_id).directory
    audience = await directory.audience(asked.target, at=work.at)
    async with deps.db.read() as session:
        answered = await answer_in_thread(
            session, asked, question, asker=asker, audience=audience, at=work.at
        )
    if answered is None:
        return ""
    user = str(work.payload["user"])
    async with deps.db.write() as session:
        await note_use(session, work.workspace_id, channel, thread, at=work.at)
        if answered.is_private:
            await plan_ephemeral(
                session, work.cause, channel, user, "why", answered.message, thread=thread
            )
        else:
            await plan_post(session, work.cause, channel, "why", answered.message, thread=thread)
    return "answered about a number"


async def _asked_of_alert(
    session: AsyncSession, asker: Asker, channel: str, thread: str
) -> Asked | None:
    """Return what an alert tells of, and beside it the other numbers that the asker may see."""
    alert = await find_asked(session, asker.workspace_id, channel, thread)
    if alert is None:
        return None
    others = [
        one.id
        for one in await list_metrics(session, asker)
        if one.id not in alert.metric_ids and one.read_through
    ]
    ids = (*alert.metric_ids, *others[:LOOKED_AT])
    return Asked(ids, alert.last, alert.target, odd=alert.odd, of="")


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {"mention.why": on_mention}
