"""Column types and upserts: the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from bot.db.schema import metadata
from bot.db.session import Database
from bot.db.types import new_id
from bot.db.upsert import insert_or_update, insert_unless_there
from bot.workspaces.tables import Workspace

NOW = datetime(2026, 5, 18, 6, 30, 15, 123456, tzinfo=UTC)


def _values(**more: Any) -> dict[str, Any]:
    return {"id": "w1", "team_id": "T1", "settings": {}, "created_at": NOW} | more


async def _stored(db: Database, at: datetime) -> datetime:
    async with db.write() as session:
        await insert_unless_there(session, Workspace, **_values(created_at=at))
    async with db.read() as session:
        return (await session.execute(select(Workspace.created_at))).scalar_one()


@pytest.mark.parametrize(
    "at",
    [
        NOW,
        NOW.astimezone(timezone(timedelta(hours=-9, minutes=-30))),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9998, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
async def test_an_instant_comes_back_to_the_microsecond_in_utc(db: Database, at: datetime) -> None:
    back = await _stored(db, at)
    assert back == at
    assert back.tzinfo is UTC


async def test_a_naive_instant_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="naive"):
        await _stored(db, NOW.replace(tzinfo=None))


async def test_instants_compare_in_the_database_as_they_do_in_python(db: Database) -> None:
    await _stored(db, NOW)
    async with db.read() as session:
        for delta, expected in ((-1, []), (0, ["w1"]), (1, ["w1"])):
            edge = NOW.astimezone(timezone(timedelta(hours=5))) + timedelta(microseconds=delta)
            found = await session.scalars(select(Workspace.id).where(Workspace.created_at <= edge))
            assert list(found) == expected


async def test_a_row_is_inserted_once_and_the_second_time_changes_nothing(db: Database) -> None:
    async with db.write() as session:
        assert await insert_unless_there(session, Workspace, **_values(name="First"))
        assert not await insert_unless_there(session, Workspace, **_values(name="Second"))
    async with db.read() as session:
        assert await session.scalar(select(Workspace.name)) == "First"


async def test_an_upsert_overwrites_everything_but_its_key(db: Database) -> None:
    async with db.write() as session:
        for name in ("First", "Second"):
            await insert_or_update(session, Workspace, ("id",), **_values(name=name))
    async with db.read() as session:
        assert list(await session.scalars(select(Workspace.name))) == ["Second"]


def test_ids_are_in_order_of_creation() -> None:
    ids = [new_id() for _ in range(2_000)]
    assert sorted(set(ids)) == ids


def test_every_table_leads_with_its_workspace() -> None:
    for table in metadata().sorted_tables:
        if table.name == "workspace":
            continue
        assert next(iter(table.primary_key.columns)).name == "workspace_id", table.name
        for constraint in table.foreign_key_constraints:
            assert constraint.column_keys[0] == "workspace_id", table.name


async def test_foreign_keys_hold_on_both_databases(db: Database) -> None:
    insert = "insert into counter (workspace_id, name, value) values ('nobody', 'number', 1)"
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        async with db.write() as session:
            await session.execute(text(insert))
