"""Whether a database is there, with the schema of this version."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.db.migrate import configuration
from bot.db.session import Database, translated
from bot.errors import BadSetting


class Readiness(Enum):
    """How far a database is from being read; another version's newer schema is no harm."""

    MISSING = "not there yet"
    EMPTY = "empty"
    OLDER = "an older schema"
    READY = "up to date"


async def find_readiness(db: Database) -> Readiness:
    """Look without changing anything: SQLite would make the file that it does not find."""
    if db.is_sqlite and not await asyncio.to_thread(Path(db.url.database or "").exists):
        return Readiness.MISSING
    with translated():
        async with db.engine.connect() as connection:
            return await connection.run_sync(_compare)


def _compare(connection: Connection) -> Readiness:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return Readiness.EMPTY
    script = ScriptDirectory.from_config(configuration())
    older = {one.revision for one in script.walk_revisions()} - {script.get_current_head()}
    return Readiness.OLDER if current in older else Readiness.READY


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open a database that ``daybook run`` has made; raises ``BadSetting`` while it has not."""
    db = Database(url)
    try:
        found = await find_readiness(db)
        if found is not Readiness.READY:
            raise BadSetting(
                field="DATABASE_URL",
                problem=f"The database is {found.value}.",
                fix="`daybook run` makes it ready, or `daybook migrate` alone.",
            )
        yield db
    finally:
        await db.close()
