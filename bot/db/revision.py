"""Write the next migration from what the tables say: ``make migration M="what changes"``."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from bot.db.migrate import configuration, migrate
from bot.db.session import Database


async def write_revision(message: str) -> None:
    """Compare the migrated schema with the tables and write the difference as a revision."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{Path(folder) / 'migrated.db'}")
        await migrate(db)
        async with db.engine.connect() as connection:
            await connection.run_sync(_write, message)
        await db.close()


def _write(connection: Connection, message: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    known = len(list((Path(__file__).parent / "migrations" / "versions").glob("*.py")))
    command.revision(config, message=message, autogenerate=True, rev_id=f"{known + 1:04}")


if __name__ == "__main__":
    asyncio.run(write_revision(sys.argv[1]))
