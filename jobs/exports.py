"""Files for who asked: what they may see, in their direct messages."""

from collections.abc import Awaitable, Callable

from bot.deps import Deps
from bot.engine.deliveries import plan_post
from bot.engine.queue import EventWork
from bot.intake.export_views import say_rows
from bot.intake.exports import log_export, make_exports
from bot.slack.blocks import Message


async def on_export(work: EventWork, deps: Deps) -> str:
    """Make the files and send them. After a crash one may come twice, which harms nobody."""
    place = deps.places.of(work.workspace_id)
    asker = await place.directory.asker(work.payload["by"], at=work.at)
    async with deps.db.read() as session:
        kinds, form = work.payload["kinds"], work.payload["form"]
        exports = await make_exports(session, asker, kinds, form, at=work.at)
    full = [one for one in exports if one.rows]
    for one in full:
        note = say_rows(one.rows)
        await place.gateway.send_file(asker.user_id, one.name, one.content, note)
    async with deps.db.write() as session:
        await log_export(session, asker, full, at=work.at)
        if not full and asker.is_member:
            nothing = Message("There is nothing to export that you may see.")
            await plan_post(session, work.cause, asker.user_id, "empty", nothing)
    return f"{len(full)} files"


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {"export.make": on_export}
