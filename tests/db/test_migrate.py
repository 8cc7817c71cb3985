"""A database is brought to the newest schema at every start, and the schema is what the code says."""

import asyncio
import sqlite3
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect, text

from bot.db.migrate import configuration, migrate
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


async def test_two_that_start_together_on_an_empty_postgres_migrate_once(
    postgres: Postgres,
) -> None:
    name = postgres.create()
    both = [Database(postgres.url(name)) for _ in range(2)]
    await asyncio.gather(*(migrate(db) for db in both))
    async with both[0].read() as session:
        assert (
            await session.execute(text("select count(*) from procrastinate_jobs"))
        ).scalar() == 0
    for db in both:
        await db.close()
    postgres.drop(name)


async def test_a_database_of_a_newer_version_is_left_as_it_is(db: Database) -> None:
    async with db.write() as session:
        await session.execute(text("update alembic_version set version_num = '9999'"))
    await migrate(db)
    async with db.read() as session:
        kept = (await session.execute(text("select version_num from alembic_version"))).scalar()
    assert kept == "9999"


def _procrastinates(connection: Connection) -> list[str]:
    names = inspect(connection).get_table_names()
    return [name for name in names if name.startswith("procrastinate_")]


def _run_revision(connection: Connection, step: str) -> None:
    path = configuration().get_main_option("script_location")
    [file] = Path(str(path)).glob("versions/*_procrastinate_on_postgres.py")
    spec = spec_from_file_location("revision", file)
    assert spec is not None
    assert spec.loader is not None
    revision = module_from_spec(spec)
    spec.loader.exec_module(revision)
    with Operations.context(MigrationContext.configure(connection)):
        getattr(revision, step)()


async def test_procrastinates_tables_are_on_postgres_alone_and_can_be_taken_away(
    db: Database,
) -> None:
    found = []
    async with db.engine.begin() as connection:
        found.append(await connection.run_sync(_procrastinates))
        for step in ("downgrade", "upgrade"):
            await connection.run_sync(_run_revision, step)
            found.append(await connection.run_sync(_procrastinates))
    counts = [len(names) for names in found]
    assert counts == ([0, 0, 0] if db.is_sqlite else [4, 0, 4])
