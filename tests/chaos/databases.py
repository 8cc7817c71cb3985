"""The two databases of a trial, and what can befall them."""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any, Protocol

import psutil
import psycopg

from bot.db.migrate import migrate
from bot.db.session import Database
from tests.postgres import Postgres

# Small enough to be filled in a moment, large enough for a trial's database.
DISK_BYTES = 48 * 1024 * 1024
STATES = """
    select 'delivery.' || state, count(*) from delivery where method = 'post' group by state
    union all select 'occurrence.' || state, count(*) from occurrence group by state
"""
# What is looked at when a trial failed.
REST = (
    "select kind, state, attempts, error, event_id, payload from inbox",
    "select subject_id, slot_key, state, attempts, result, lease_owner from occurrence",
    "select target, part, state, attempts, error, label, lease_owner, lease_until from delivery"
    " where state <> 'sent'",
)
# Launched twice by one message of a person.
TWICE = "select title, count(*) from launch where title like 'Storm%' group by title having count(*) > 1"
LAUNCHES = "select number, title from launch"
UNCERTAIN = "select label, owner_id from delivery where state = 'uncertain'"


class Base(Protocol):
    """What a trial asks of its database."""

    kind: str
    url: str

    def rows(self, sql: str) -> list[tuple[Any, ...]]: ...
    def execute(self, sql: str) -> None: ...
    async def close(self) -> None: ...


def states(base: Base) -> Counter[str]:
    """Count deliveries and occurrences by state; empty while the database does not answer."""
    with contextlib.suppress(sqlite3.Error, psycopg.Error):
        return Counter(dict(base.rows(STATES)))
    return Counter()


class SqliteBase:
    """A file, on a small disk of its own where this machine allows one."""

    kind = "sqlite"

    def __init__(self, folder: Path, template: Path | None = None) -> None:
        self.folder = folder / "disk"
        self.folder.mkdir()
        self.is_disk = _mount(self.folder)
        self.path = self.folder / "daybook.db"
        self.url = f"sqlite+aiosqlite:///{self.path}"
        if template:
            shutil.copy(template, self.path)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read, as another process does."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=5)) as connection:
            return connection.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        """Write, as another process does."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=20)) as connection, connection:
            connection.execute(sql)

    async def busy(self, seconds: float) -> None:
        """Hold the write lock for so long."""
        with (
            contextlib.closing(
                sqlite3.connect(self.path, timeout=5, isolation_level=None)
            ) as connection,
            contextlib.suppress(sqlite3.OperationalError),
        ):
            connection.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            connection.execute("ROLLBACK")

    async def full(self, seconds: float, pids: list[int]) -> None:
        """Let no byte more be written for so long: a full disk, or a limit to the processes."""
        if self.is_disk:
            filler = self.folder / "filler"
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while file.write(b"\0" * 65536):
                    pass
            await asyncio.sleep(seconds)
            filler.unlink()
            return
        for limit in (0, resource_infinity()):
            for pid in pids:
                with contextlib.suppress(psutil.Error):
                    process = psutil.Process(pid)
                    hard = process.rlimit(psutil.RLIMIT_FSIZE)[1]
                    process.rlimit(psutil.RLIMIT_FSIZE, (limit, hard))
            if limit == 0:
                await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Give the disk back."""
        if self.is_disk:
            await asyncio.to_thread(subprocess.run, ["umount", "-l", str(self.folder)], check=False)


class PostgresBase:
    """A database of a real server that this run started."""

    kind = "postgres"

    def __init__(self, server: Postgres, template: str) -> None:
        self._server = server
        self.name = server.create(template)
        self.url = server.url(self.name)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read, as another client does."""
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            return connection.execute(sql.encode()).fetchall()

    def execute(self, sql: str) -> None:
        """Write, as another client does."""
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(sql.encode())

    async def cut(self) -> None:
        """Cut every connection of the bots, whatever they are in the middle of."""
        sql = (
            "select pg_terminate_backend(pid) from pg_stat_activity "
            f"where datname = '{self.name}' and pid <> pg_backend_pid()"
        )
        with contextlib.suppress(psycopg.Error):
            await asyncio.to_thread(self.execute, sql)

    async def restart(self, mode: str) -> None:
        """Restart the server: ``fast`` asks it to end, ``immediate`` is its crash."""
        await asyncio.to_thread(self._server.restart, mode)

    async def close(self) -> None:
        """Throw it away."""
        await asyncio.to_thread(self._server.drop, self.name)


def resource_infinity() -> int:
    """Return what stands for "no limit"."""
    return int(psutil.RLIM_INFINITY)


def _mount(folder: Path) -> bool:
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


async def migrated(url: str) -> None:
    """Bring a database to the newest schema."""
    db = Database(url)
    await migrate(db)
    await db.close()
