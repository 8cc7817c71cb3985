"""``@Daybook why ...``: the same answer as /why, where commands do not work."""

from collections.abc import Awaitable, Callable

from bot.deps import Deps
from bot.engine.deliveries import plan_ephemeral, plan_post
from bot.engine.queue import EventWork
from bot.errors import NotFound
from bot.slack.text import plain
from bot.why.answers import answer_question


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
    message = await answer_question(
        deps.db, asker, f"why {question}" if question else "", at=work.at
    )
    thread = str(work.payload.get("thread_ts") or "")
    async with deps.db.write() as session:
        if is_shared or channel.startswith("D"):
            await plan_post(session, work.cause, user, "why", message)
        else:
            await plan_ephemeral(session, work.cause, channel, user, "why", message, thread=thread)
    return "answered"


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {"mention.why": on_mention}
