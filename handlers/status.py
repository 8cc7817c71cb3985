"""``/daybook status``: what is due, what ran, what did not arrive."""

from bot.deps import Deps
from bot.engine.status import find_failures, find_schedules
from bot.general.status_views import render_status
from handlers.answers import Answer, Private
from handlers.boundary import Route
from handlers.payloads import Request
from handlers.schedule_names import name_schedules


async def show_status(request: Request, deps: Deps) -> Answer:
    """Every schedule the asker may see, in their zone, and what of theirs did not arrive."""
    asker = request.asker
    async with deps.db.read() as session:
        names = await name_schedules(session, asker)
        schedules = await find_schedules(session, asker, names)
        failures = await find_failures(session, asker, at=request.at)
    return Private(
        render_status(
            schedules, names, failures, asker_id=asker.user_id, zone=asker.timezone or "UTC"
        )
    )


COMMANDS = {"status": Route(show_status, guests=True)}
