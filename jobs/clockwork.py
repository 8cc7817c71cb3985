"""The fixed jobs of every process, on APScheduler: they only say that it is time to look.

What is due lives in our tables; this scheduler keeps nothing (memory store), so that a second
process or a restart neither doubles nor loses anything.
"""

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.engine.runner import Engine

TICK_SECONDS = 10
PRUNE_MINUTES = 30
SWEEP_SECONDS = 10


def start_clockwork(engine: Engine, each_day: Callable[[], Awaitable[None]]) -> AsyncIOScheduler:
    """Start the fixed jobs; the caller shuts the scheduler down."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(engine.poke, "interval", seconds=TICK_SECONDS, id="tick", coalesce=True)
    scheduler.add_job(
        engine.release_gone, "interval", seconds=SWEEP_SECONDS, id="sweep", coalesce=True
    )
    scheduler.add_job(engine.prune, "interval", minutes=PRUNE_MINUTES, id="prune", coalesce=True)
    scheduler.add_job(each_day, "interval", days=1, id="day", coalesce=True)
    scheduler.start()
    return scheduler
