"""The SQLite file below a World: one connection, cheap commits, nested transactions."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playground.server.tables import SCHEMA


class Store:
    """Statements take microseconds, so they run on the event loop.

    WAL with synchronous=NORMAL: a commit is in the operating system's hands when it returns,
    which survives kill -9 of this process (not a power cut).
    """

    def __init__(self, path: str | Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._depth = 0
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner one joins the outer one."""
        if self._depth == 0:
            self._db.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self._db.execute("COMMIT")

    def run(self, sql: str, *values: Any) -> int:
        """Runs one statement; returns how many rows it touched."""
        return self._db.execute(sql, values).rowcount

    def insert(self, sql: str, *values: Any) -> int:
        """Runs one INSERT; returns the new row's integer key."""
        return self._db.execute(sql, values).lastrowid or 0

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def setting(self, key: str) -> Any:
        """The JSON value kept under `key`, or None."""
        row = self.one("SELECT value FROM setting WHERE key = ?", key)
        return None if row is None else json.loads(row["value"])

    def set_setting(self, key: str, value: Any) -> None:
        """Keeps a JSON value under `key`."""
        self.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", key, json.dumps(value))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()
