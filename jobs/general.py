"""Mentions that belong to no ritual: help, search, the unknown word."""

from collections.abc import Awaitable, Callable

from bot.deps import Deps
from bot.engine.deliveries import plan_ephemeral
from bot.engine.queue import EventWork
from bot.general.rules import unknown_mention
from bot.general.search import search_everything
from bot.general.views import render_help, render_use_command
from bot.slack.blocks import Message
from bot.slack.text import escape
from bot.workspaces.asker import Asker


async def on_unknown(work: EventWork, deps: Deps) -> str:
    """A word that Daybook does not know, or none: the nearest one, and the help."""
    asker = await _asker(work, deps)
    if asker.is_outsider:
        return "ignored: not a member of this workspace"
    word = str(work.payload["text"])
    lead = ""
    if word:
        said = f"I do not know “{escape(word, limit=40)}” as a mention."
        lead = f"{said} {unknown_mention(word)}".strip()
    return await _whisper(work, deps, render_help(sorted(deps.settings.emoji), lead=lead))


async def on_help(work: EventWork, deps: Deps) -> str:
    """``@Daybook help``."""
    return await on_unknown(
        EventWork(**{**vars(work), "payload": work.payload | {"text": ""}}), deps
    )


async def on_search(work: EventWork, deps: Deps) -> str:
    """``@Daybook search words``."""
    asker = await _asker(work, deps)
    words = str(work.payload["text"])
    if asker.is_outsider or not words:
        return "ignored: nothing to search for"
    async with deps.db.read() as session:
        found = await search_everything(session, asker, words, deps.feedback)
    return await _whisper(work, deps, found)


async def on_form(work: EventWork, deps: Deps) -> str:
    """``@Daybook retro`` is a form, which Slack opens from a command only."""
    word = work.kind.removeprefix("mention.")
    return await _whisper(work, deps, render_use_command(word))


async def _asker(work: EventWork, deps: Deps) -> Asker:
    directory = deps.places.of(work.workspace_id).directory
    return await directory.asker(
        work.payload["user"], at=work.at, here=str(work.payload["channel"])
    )


async def _whisper(work: EventWork, deps: Deps, message: Message) -> str:
    ids = work.payload
    async with deps.db.write() as session:
        await plan_ephemeral(
            session,
            work.cause,
            ids["channel"],
            ids["user"],
            "answer",
            message,
            thread=str(ids.get("thread_ts") or ""),
        )
    return "answered"


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {
    "mention.unknown": on_unknown,
    "mention.help": on_help,
    "mention.search": on_search,
    "mention.retro": on_form,
}
