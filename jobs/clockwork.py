"""The fixed jobs of every process, on APScheduler: they only say that it is time to look.

What is due lives in our tables; this scheduler keeps nothing (memory store), so that a second
process or a restart neither doubles nor loses anything.
"""

from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.deps import Deps
from bot.engine.runner import Engine
from jobs.rollcall import roll_call_due

TICK_SECONDS = 10
PRUNE_MINUTES = 30
SWEEP_SECONDS = 10


def start_clockwork(engine: Engine, deps: Deps) -> AsyncIOScheduler:
    """Start the fixed jobs; the caller shuts the scheduler down."""

    async def call_the_roll() -> None:
        await roll_call_due(deps, at=deps.clock.now())

    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(engine.poke, "interval", seconds=TICK_SECONDS, id="tick", coalesce=True)
    scheduler.add_job(
        engine.release_gone, "interval", seconds=SWEEP_SECONDS, id="sweep", coalesce=True
    )
    scheduler.add_job(engine.prune, "interval", minutes=PRUNE_MINUTES, id="prune", coalesce=True)
    first = datetime.now(UTC)  # at the start, and then each day
    scheduler.add_job(
        call_the_roll, "interval", days=1, id="roll", coalesce=True, next_run_time=first,
        misfire_grace_time=None,
    )  # fmt: skip
    scheduler.start()
    return scheduler
