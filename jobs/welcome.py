"""The first message after the installing."""

from collections.abc import Awaitable, Callable

from bot.deps import Deps
from bot.engine.queue import EventWork
from bot.general.welcome import welcome


async def on_due(work: EventWork, deps: Deps) -> str:
    """The process started and nobody has been welcomed yet."""
    user_id = await welcome(deps, deps.places.of(work.workspace_id), at=work.at)
    return f"welcomed {user_id}" if user_id else "nobody to welcome yet"


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {"welcome.due": on_due}
