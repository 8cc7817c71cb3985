"""Sessions, units of work and the SQLite writer.

SQLite loses updates with the driver's default transactions, and convoys when several connections
of one process wait in BEGIN IMMEDIATE. So all writes of the process go through one connection
behind one lock (docs/decisions/0003-sqlite-writer.md); readers have a pool of their own.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from bot.db.resting import ask_the_rested
from bot.db.sqlite_connection import SqliteConnection
from bot.errors import BadSetting, DatabaseBusy

# How long SQLite waits for another process's write before it gives up: above the longest write
# of ours (about 10 ms), below Slack's 3 s for an answer.
BUSY_TIMEOUT_MS = 2_000
# Sentences for what SQLite and Postgres report when they cannot write now.
BUSY_SIGNS = {
    "locked": "The database is busy with another program.",
    "disk is full": "The disk that holds the database is full.",
    "readonly": "The database is read-only.",
    "read-only": "The database is read-only.",
    "unable to open": "The database file cannot be opened.",
    "no space left": "The disk that holds the database is full.",
    "deadlock": "The database is busy with another program.",
    "connection": "The database does not answer.",
    "shutting down": "The database does not answer.",
    "starting up": "The database does not answer.",
}
FORMS = "Use sqlite:///path/to/daybook.db or postgresql://user:password@host/name."

# The write-ahead log goes into the file when it has so many pages (16 MB). Whoever commits then
# waits for the disk; at SQLite's own 1,000 that was every hundredth command.
WAL_PAGES = 4_000
PRAGMAS = (
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    f"wal_autocheckpoint={WAL_PAGES}",
    "foreign_keys=ON",
)

_in_write: ContextVar[bool] = ContextVar("in_write", default=False)


class Database:
    """One database, SQLite or Postgres, with ``read()`` and ``write()`` units."""

    def __init__(self, url: str) -> None:
        self.url = _read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.on_wake: list[Callable[[], None]] = []
        # What belongs to every unit of work: it commits with it, or not at all.
        self.before_commit: list[Callable[[AsyncSession], Awaitable[None]]] = []
        self._lock = asyncio.Lock()
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
            self._reader = _sqlite_engine(url, begin="BEGIN", pool_size=4)
        else:
            # The last used first: it need not be asked whether it still answers.
            self._writer = _made(url, pool_size=10, max_overflow=10, pool_use_lifo=True)
            ask_the_rested(self._writer)
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ")

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes; for migrations and checks."""
        return self._writer

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session that reads one consistent state and never commits."""
        with translated():
            async with AsyncSession(self._reader, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open one unit of work: commits at the end, rolls back when anything raises.

        Raises ``DatabaseBusy`` when nothing could be written. Units do not nest: a second one in
        the same task would wait for itself.
        """
        if _in_write.get():
            raise RuntimeError("a unit of work is open already; pass its session on")
        token = _in_write.set(True)
        try:
            async with self._turn():
                with translated():
                    async with AsyncSession(self._writer, expire_on_commit=False) as session:
                        async with session.begin():
                            yield session
                            for step in self.before_commit:
                                await step(session)
                        wake = bool(session.info.get("wake"))
        finally:
            _in_write.reset(token)
        if wake:
            for callback in self.on_wake:
                callback()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if not self.is_sqlite:
            yield
            return
        async with self._lock:
            yield

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        if self.is_sqlite:
            await self._reader.dispose()


def wake_after_commit(session: AsyncSession) -> None:
    """Ask for the engine's attention once this unit is committed."""
    session.info["wake"] = True


@contextmanager
def translated() -> Iterator[None]:
    """Turn the drivers' ways of saying "not now" into ``DatabaseBusy``."""
    try:
        yield
    except PoolTimeout as error:
        raise _busy("The database is busy.") from error
    # Only what is wrong with the database: a refused row may quote what somebody typed.
    except (OperationalError, InterfaceError, InternalError, sqlite3.OperationalError) as error:
        said = str(getattr(error, "orig", error)).lower()
        for sign, sentence in BUSY_SIGNS.items():
            if sign in said:
                raise _busy(sentence) from error
        raise


def _busy(sentence: str) -> DatabaseBusy:
    return DatabaseBusy(f"{sentence} Nothing was changed; please try again.")


def _read_url(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        # Its own words may hold the password.
        raise BadSetting(
            field="DATABASE_URL", problem="DATABASE_URL is not an address of a database.", fix=FORMS
        ) from error


def _made(url: str, **options: Any) -> AsyncEngine:
    try:
        # An error is logged: it must not carry what people wrote.
        return create_async_engine(url, hide_parameters=True, **options)
    except ModuleNotFoundError as error:
        raise BadSetting(
            field="DATABASE_URL",
            problem=f"The driver for this database is not installed ({error.name}).",
            fix="For Postgres: pip install 'daybook-bot[postgres]'",
        ) from error
    except (ArgumentError, ValueError) as error:
        raise BadSetting(
            field="DATABASE_URL", problem="DATABASE_URL cannot be used.", fix=FORMS
        ) from error


def _sqlite_engine(url: str, *, begin: str, pool_size: int) -> AsyncEngine:
    connect = {"async_creator_fn": partial(SqliteConnection, pragmas=PRAGMAS)}
    engine = _made(url, pool_size=pool_size, max_overflow=0, connect_args=connect)

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.begin(begin)

    return engine
