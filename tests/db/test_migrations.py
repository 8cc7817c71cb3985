"""The migrations and the tables say the same, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.db.migrate import migrate
from bot.db.schema import is_ours, metadata
from bot.db.session import Database


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
