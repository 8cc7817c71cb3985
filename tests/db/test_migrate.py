"""A database is brought to the newest schema at every start, and the schema is what the code says."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.db.migrate import migrate
from bot.db.schema import is_ours, metadata
from bot.db.session import Database
from bot.errors import BadSetting, DatabaseBusy
from tests.postgres import Postgres


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_object": is_ours}
    )
    return list(compare_metadata(context, metadata()))


async def test_the_migrations_make_exactly_the_tables_of_the_code(db: Database) -> None:
    async with db.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_migrating_again_changes_nothing(db: Database) -> None:
    await migrate(db)
    async with db.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_an_empty_sqlite_file_in_a_new_folder_is_made_and_migrated(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'new' / 'folder' / 'daybook.db'}")
    await migrate(db)
    async with db.read() as session:
        assert (await session.execute(text("select count(*) from workspace"))).scalar() == 0
        assert (await session.execute(text("pragma foreign_keys"))).scalar() == 1
    await db.close()


async def test_an_empty_postgres_database_is_migrated(postgres: Postgres) -> None:
    name = postgres.create()
    db = Database(postgres.url(name))
    await migrate(db)
    async with db.read() as session:
        assert (await session.execute(text("select count(*) from workspace"))).scalar() == 0
    await db.close()
    postgres.drop(name)


async def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'file' / 'daybook.db'}")
    with pytest.raises(BadSetting) as refused:
        await migrate(db)
    assert refused.value.field == "DATABASE_URL"
    await db.close()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("milk, bread, " * 100)
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'notes.txt'}")
    with pytest.raises(BadSetting, match="no database"):
        await migrate(db)
    await db.close()


async def test_a_database_that_may_not_be_written_is_a_sentence_at_the_start(
    tmp_path: Path,
) -> None:
    sqlite3.connect(tmp_path / "a.db").execute("create table t (x)")
    db = Database(f"sqlite+aiosqlite:///file:{tmp_path / 'a.db'}?mode=ro&uri=true")
    with pytest.raises(DatabaseBusy, match="read-only"):
        await migrate(db)
    await db.close()


async def test_a_server_that_is_not_there_is_a_sentence_at_the_start() -> None:
    db = Database("postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(DatabaseBusy, match="does not answer"):
        await migrate(db)
    await db.close()
