"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from bot.db.session import Database


def configuration() -> Config:
    """Return Alembic's configuration; no ini file, no environment."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


async def migrate(db: Database, revision: str = "head") -> None:
    """Upgrade ``db`` to ``revision``; safe to call at every start.

    On SQLite foreign keys are off outside the transaction (a batch rebuild of a parent table
    would otherwise delete its children) and checked after.
    """
    async with db.engine.connect() as connection:
        if db.is_sqlite:
            raw = await connection.get_raw_connection()
            await raw.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        try:
            await connection.run_sync(_upgrade, revision)
            await connection.commit()
        finally:
            if db.is_sqlite:
                raw = await connection.get_raw_connection()
                await raw.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


def _upgrade(connection: Connection, revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
        if broken:
            raise RuntimeError(f"the migration left rows without their parents: {broken[:3]}")
