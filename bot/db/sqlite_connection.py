"""One connection to SQLite on a thread of its own, asked as seldom as possible.

aiosqlite goes to its thread and back for each step: for a cursor, for the statement, for the rows,
for the cursor's end; and BEGIN is a statement too. Each time costs more than most of our statements
take, and the one writer waits for all of them. Here a statement, its rows and the BEGIN before it
are one step.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

import aiosqlite

T = TypeVar("T")
# Read with the statement itself; the rest is fetched when it is asked for. Enough for what a page
# or a form shows, little enough for the memory of an export that streams.
FIRST_ROWS = 500


class _Ran(NamedTuple):
    """What a statement left."""

    cursor: sqlite3.Cursor
    rows: list[Any]
    is_read: bool  # no row is left in the cursor


class SqliteConnection(aiosqlite.Connection):
    """A connection whose transactions begin with their first statement."""

    def __init__(self, *args: Any, pragmas: Iterable[str], **options: Any) -> None:
        super().__init__(partial(_open, tuple(pragmas), *args, **options), FIRST_ROWS)
        self._thread.daemon = True
        self._begin: str | None = None
        self._is_begun = False

    def begin(self, statement: str) -> None:
        """Have a transaction begin (``BEGIN``, ``BEGIN IMMEDIATE``) with the next statement."""
        self._begin = statement

    def cursor(self) -> "SqliteCursor":  # type: ignore[override]
        """Return a cursor; nothing is asked of SQLite yet."""
        return SqliteCursor(self)

    async def commit(self) -> None:
        """Commit, when something was said in this transaction."""
        if self._is_over():
            return
        await super().commit()
        self._is_begun = False

    async def rollback(self) -> None:
        """Roll back, when something was said in this transaction."""
        if self._is_over():
            return
        self._is_begun = False
        await super().rollback()

    def _is_over(self) -> bool:
        if self._begin is not None:  # nothing was said
            self._begin = None
            return True
        return not (self._is_begun or self.in_transaction)

    async def run(self, sql: str, parameters: Any, *, is_many: bool) -> _Ran:
        """Run a statement and read its first rows."""
        # Taken before the step is on its way: one that is cancelled meanwhile must not run
        # outside a transaction.
        begin, self._begin = self._begin, None
        self._is_begun = self._is_begun or begin is not None
        return await self.step(_run, self._conn, begin, sql, parameters, is_many)

    async def step(self, act: Callable[..., T], *args: Any) -> T:
        """Do something on the connection's thread."""
        result: T = await self._execute(act, *args)  # type: ignore[no-untyped-call]
        return result


class SqliteCursor:
    """A cursor with the rows that came with its statement."""

    def __init__(self, connection: SqliteConnection) -> None:
        self._connection = connection
        self._ran: _Ran | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "SqliteCursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "SqliteCursor":
        """Run a statement."""
        self._ran = await self._connection.run(sql, parameters, is_many=False)
        return self

    async def executemany(self, sql: str, parameters: Any) -> "SqliteCursor":
        """Run a statement once for each set of parameters."""
        self._ran = await self._connection.run(sql, parameters, is_many=True)
        return self

    async def fetchone(self) -> Any | None:
        """Return the next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """Return the next rows, at most ``size``; none when there are no more."""
        if self._ran is None:
            return []
        size = size or self.arraysize
        cursor, rows, is_read = self._ran
        if len(rows) < size and not is_read:
            more = await self._connection.step(cursor.fetchmany, size - len(rows))
            rows, is_read = rows + more, len(more) < size - len(rows)
        self._ran = _Ran(cursor, rows[size:], is_read)
        return rows[:size]

    async def fetchall(self) -> Sequence[Any]:
        """Return all rows that are left."""
        if self._ran is None:
            return []
        cursor, rows, is_read = self._ran
        if not is_read:
            rows = rows + await self._connection.step(cursor.fetchall)
        self._ran = _Ran(cursor, [], is_read=True)
        return rows

    async def __aiter__(self) -> AsyncIterator[Any]:
        while rows := await self.fetchmany(FIRST_ROWS):
            for row in rows:
                yield row

    async def close(self) -> None:
        """Let go of what was not read."""
        if self._ran is not None and not self._ran.is_read:
            await self._connection.step(self._ran.cursor.close)
            self._ran = self._ran._replace(rows=[], is_read=True)

    @property
    def description(self) -> Any:
        """The names of the columns, or None for a statement without rows."""
        return self._ran.cursor.description if self._ran else None

    @property
    def rowcount(self) -> int:
        """How many rows were changed, or -1."""
        return self._ran.cursor.rowcount if self._ran else -1

    @property
    def lastrowid(self) -> int | None:
        """SQLite's own number of the row inserted last."""
        return self._ran.cursor.lastrowid if self._ran else None


def _open(pragmas: Sequence[str], file: str, **options: Any) -> sqlite3.Connection:
    connection: sqlite3.Connection = sqlite3.connect(file, **options)
    try:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()
    except BaseException:
        connection.close()
        raise
    return connection


def _run(
    connection: sqlite3.Connection, begin: str | None, sql: str, parameters: Any, is_many: bool
) -> _Ran:
    if begin is not None:
        connection.execute(begin).close()
    if is_many:
        return _Ran(connection.executemany(sql, parameters), [], is_read=True)
    cursor = connection.execute(sql, parameters)
    rows = cursor.fetchmany(FIRST_ROWS) if cursor.description else []
    return _Ran(cursor, rows, is_read=len(rows) < FIRST_ROWS)
