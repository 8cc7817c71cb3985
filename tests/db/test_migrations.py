"""The migrations and the tables say the same, on both databases."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.db.migrate import migrate
from bot.db.schema import is_ours, metadata
from bot.db.session import Database

SOME_SCHEDULES = """
insert into workspace (id, enterprise_id, team_id, name, url, settings, created_at)
values ('w1', '', 'T1', 'n', '', '{}', '2026-01-01'), ('w2', '', 'T2', 'n', '', '{}', '2026-01-01');
insert into schedule (workspace_id, id, kind, subject_id, rule, timezone, last_date,
    latest_minutes, owner_id, state, state_reason)
values ('w1', 's1', 'digest.post', 'd', '{"at": "09:00"}', 'UTC', '2026-05-15', 180, '', 'active', ''),
    ('w2', 's2', 'digest.post', 'd', '{}', 'UTC', null, 180, '', 'ended', ''),
    ('w1', 's3', 'launch.check', 'd', '{}', 'UTC', null, 180, '', 'active', '');
"""


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_object": is_ours}
    )
    return list(compare_metadata(context, metadata()))


async def test_a_migrated_database_has_exactly_the_tables_of_the_code(empty_url: str) -> None:
    db = Database(empty_url)
    await migrate(db)
    async with db.engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await db.close()
    assert differences == []


async def test_schedules_of_before_are_kept_and_stand_by_workspace(tmp_path: Path) -> None:
    path = tmp_path / "daybook.db"
    db = Database(f"sqlite+aiosqlite:///{path}")
    await migrate(db, "0013")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SOME_SCHEDULES)
    await migrate(db)
    await db.close()
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("select workspace_id, id, rule, last_date from schedule")
        assert found.fetchall() == [
            ("w1", "s1", '{"at": "09:00"}', "2026-05-15"),
            ("w1", "s3", "{}", None),
            ("w2", "s2", "{}", None),
        ]
        with pytest.raises(sqlite3.OperationalError, match="rowid"):
            connection.execute("select rowid from schedule")


async def test_migrating_twice_changes_nothing_and_keeps_the_rows(empty_url: str) -> None:
    db = Database(empty_url)
    await migrate(db)
    async with db.write() as session:
        await session.execute(
            text(
                "insert into workspace (id, enterprise_id, team_id, name, url, settings, created_at)"
                " values ('w', '', 'T1', 'n', '', '{}', '2026-01-01 00:00:00')"
            )
        )
    await migrate(db)
    async with db.read() as session:
        count = await session.scalar(text("select count(*) from workspace"))
    await db.close()
    assert count == 1
