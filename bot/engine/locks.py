"""Who lives, on Postgres: each process holds a session advisory lock, which ends with it.

The connection that holds it also hears when another process has left something to do.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database
from bot.errors import DatabaseBusy

log = structlog.get_logger()

# The first half of the lock's name: ours among the advisory locks of this database.
SPACE = 0x0DA1_B00C
# Names the lock of those that start; the lock of those that migrate is bot.db.migrate's.
STARTING = 0x0DA1_B00D
WAKE = "daybook_wake"
# How often a quiet connection is tried: one that was cut is found and made anew.
TRY_SECONDS = 10.0
AGAIN_SECONDS = 1.0

_HELD = text(
    "select objid from pg_locks where locktype = 'advisory' and classid = :space "
    "and objsubid = 2 and granted "
    "and database = (select oid from pg_database where datname = current_database())"
)


class SessionLocks:
    """Presence (bot.engine.presence) by session advisory locks."""

    def __init__(self, db: Database, owner: str) -> None:
        self._db, self._owner = db, owner
        self._ready = asyncio.Event()

    async def gone(self, session: AsyncSession, owners: AbstractSet[str]) -> set[str]:
        """Return those whose lock nobody holds: their process has ended, or lost the database."""
        if not owners:
            return set()
        held = {int(key) for key in await session.scalars(_HELD, {"space": SPACE})}
        return {owner for owner in owners if _key(owner) not in held}

    @asynccontextmanager
    async def held(self, on_wake: Callable[[], None]) -> AsyncIterator[None]:
        """Hold this process's lock while the block lasts; ``on_wake`` when others call."""
        keeping = asyncio.create_task(self._keep(on_wake))
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait({keeping, ready}, return_when=asyncio.FIRST_COMPLETED)
            yield
        finally:
            for task in (ready, keeping):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _keep(self, on_wake: Callable[[], None]) -> None:
        import psycopg

        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **connect_arguments(self._db), autocommit=True
                ) as connection:
                    await self._hold(connection, on_wake)
            except psycopg.Error as error:
                log.warning("presence.lost", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _hold(self, connection: Any, on_wake: Callable[[], None]) -> None:
        # Tried, not waited for: an old connection of this process may not be known as cut yet.
        query = "select pg_advisory_lock(%s, %s)"
        await connection.execute(query, (_signed(SPACE), _signed(_key(self._owner))))
        await connection.execute(f"listen {WAKE}")
        self._ready.set()
        on_wake()  # what was called while nobody listened
        while True:
            async for _ in connection.notifies(timeout=TRY_SECONDS):
                on_wake()
            await connection.execute("select 1")


@asynccontextmanager
async def one_at_a_time(db: Database) -> AsyncIterator[None]:
    """Let processes that start together on one Postgres go through the block one by one."""
    if db.is_sqlite:
        yield
        return
    import psycopg

    try:
        connection = await psycopg.AsyncConnection.connect(**connect_arguments(db), autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseBusy("The database does not answer. Please try again.") from error
    async with connection:
        # Goes with the connection, however the block ends.
        await connection.execute("select pg_advisory_lock(%s)", (STARTING,))
        yield


async def call_others(session: AsyncSession) -> None:
    """Wake the processes that work, when this unit commits and has left something to do."""
    if session.info.get("wake"):
        await session.execute(text("select pg_notify(:channel, '')"), {"channel": WAKE})


def connect_arguments(db: Database) -> dict[str, Any]:
    """Return what psycopg needs to connect to the same database."""
    _, arguments = db.engine.dialect.create_connect_args(db.url)
    return {name: value for name, value in arguments.items() if name != "context"}


def _key(owner: str) -> int:
    return zlib.crc32(owner.encode())


def _signed(number: int) -> int:
    """Return the 32 bits of ``number`` as Postgres's int4."""
    return number - (1 << 32) if number >= 1 << 31 else number
