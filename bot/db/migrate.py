"""Bring a database to the newest schema."""

import asyncio
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from bot.db.session import Database, translated
from bot.errors import BadSetting

log = structlog.get_logger()

# Names the lock that migrating processes take in turns: any number nobody else uses.
MIGRATING = 0x0DA1_B00C


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
    await asyncio.to_thread(_make_folder, db)
    try:
        with translated():
            await _migrate(db, revision)
    except DatabaseError as error:
        if "not a database" not in str(error.orig):
            raise
        raise BadSetting(
            field="DATABASE_URL",
            problem=f"{db.url.database} is a file, but no database.",
            fix="Set DATABASE_URL to another file.",
        ) from error


async def _migrate(db: Database, revision: str) -> None:
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


def _is_newer(connection: Connection) -> bool:
    current = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(configuration()).walk_revisions()
    known = {script.revision for script in scripts}
    return current is not None and current not in known


def _make_folder(db: Database) -> None:
    file = db.url.database or ""
    if not db.is_sqlite or file in {"", ":memory:"} or file.startswith("file:"):
        return
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            field="DATABASE_URL",
            problem=f"The folder of the database cannot be made: {error.strerror}.",
            fix="Set DATABASE_URL to a file in a folder that may be written.",
        ) from error


def _upgrade(connection: Connection, revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        # Processes that start together migrate one after the other; the others find it done.
        connection.execute(text("select pg_advisory_xact_lock(:name)"), {"name": MIGRATING})
    if _is_newer(connection):
        # Another version runs beside this one, or ran before it: its columns are no harm.
        log.warning("database.newer", said="left as it is; run the newest version everywhere")
        return
    command.upgrade(config, revision)
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
        if broken:
            raise RuntimeError(f"the migration left rows without their parents: {broken[:3]}")
