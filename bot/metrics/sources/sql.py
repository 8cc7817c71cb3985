"""Metrics from a database, by any SQLAlchemy URL.

Nothing is ever written: SQLite is opened read-only, Postgres reads in a READ ONLY transaction
under its own statement time-out, and whatever else there is gets its transaction rolled back.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.metrics.connections import SqlConnection
from bot.metrics.definition import MetricDefinition
from bot.metrics.sources.protocol import DayValue
from bot.metrics.sources.rows import day_values
from bot.metrics.sources.sql_problems import told_plainly
from bot.metrics.sources.unreadable import Unreadable, read_plainly, too_many_rows

CONNECT_SECONDS = 10
"""A database of one's own network answers within one; ten spans a failover."""

GRACE_SECONDS = 5.0
"""What a database that ignores its own time-out gets on top before it is given up."""

SQLITE_STEPS_BETWEEN_LOOKS = 10_000
"""Virtual machine steps (about 1 ms) between two looks at the time."""

_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class SqlSource:
    """Reads metrics from one database; a connection lives for one read."""

    def __init__(self, declared: SqlConnection) -> None:
        self._declared = declared

    async def read(self, definition: MetricDefinition, since: date, until: date) -> list[DayValue]:
        """Keep ``Source.read``'s contract. The query runs in a thread."""
        return await read_plainly(
            self._read(definition, since, until),
            metric=definition.label,
            what="The database",
            seconds=CONNECT_SECONDS + self._declared.timeout_seconds + GRACE_SECONDS,
        )

    async def _read(self, definition: MetricDefinition, since: date, until: date) -> list[DayValue]:
        rows = await asyncio.to_thread(self._rows, definition.sql or "", since, until)
        return day_values(rows, definition.zone, since, until)

    def _rows(self, sql: str, since: date, until: date) -> list[dict[str, Any]]:
        seconds, limit = self._declared.timeout_seconds, self._declared.row_limit
        try:
            url = _with_sync_driver(make_url(self._declared.url.get_secret_value()))
            with _reading(url, seconds) as connection:
                bounds: dict[str, Any] = {"since": since, "until": until}
                if connection.dialect.name == "sqlite":
                    bounds = {"since": since.isoformat(), "until": until.isoformat()}
                # Streamed: a query without end must not fill the memory before it is counted.
                result = connection.execution_options(stream_results=True).execute(
                    text(sql), bounds
                )
                rows = [dict(row) for row in result.mappings().fetchmany(limit + 1)]
        except (SQLAlchemyError, sqlite3.Error, ImportError, OSError, ValueError) as error:
            raise told_plainly(error) from None
        if len(rows) > limit:
            raise too_many_rows(limit, "The query")
        return rows


@contextmanager
def _reading(url: URL, seconds: float) -> Iterator[Connection]:
    engine = _engine(url, seconds)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION READ ONLY"))
                connection.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _engine(url: URL, seconds: float) -> Engine:
    # hide_parameters: an error must not carry what was bound.
    if url.get_backend_name() == "sqlite":
        return create_engine(
            "sqlite://",
            creator=lambda: _open_sqlite(url.database, seconds),
            poolclass=NullPool,
            hide_parameters=True,
        )
    arguments = {"connect_timeout": CONNECT_SECONDS} if url.drivername in _DRIVERS.values() else {}
    return create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)


def _open_sqlite(database: str | None, seconds: float) -> sqlite3.Connection:
    if not database or database == ":memory:" or not Path(database).is_file():
        raise Unreadable(
            "The database file does not exist.",
            "Check the path in the source's url; it counts from where Daybook was started.",
        )
    address = f"file:{quote(str(Path(database).resolve()))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=seconds, check_same_thread=False)
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, SQLITE_STEPS_BETWEEN_LOOKS)
    return connection


def _with_sync_driver(url: URL) -> URL:
    """Take Daybook's own drivers, also where the URL names an asyncio one."""
    backend = url.get_backend_name()
    if backend == "sqlite":
        return url.set(drivername="sqlite")
    if url.drivername in ("postgres", "postgresql", "postgresql+asyncpg"):
        return url.set(drivername=_DRIVERS["postgresql"])
    return url
