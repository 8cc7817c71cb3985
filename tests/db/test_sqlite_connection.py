"""The connection to SQLite: fewer steps, the same promises."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database
from bot.db.sqlite_connection import FIRST_ROWS

MANY = 2 * FIRST_ROWS + 3


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'numbers.db'}")
    async with db.write() as session:
        await session.execute(text("create table number (n integer)"))
        rows = [{"n": n} for n in range(MANY)]
        await session.execute(text("insert into number values (:n)"), rows)
    yield db
    await db.close()


async def _numbers(session: AsyncSession) -> list[int]:
    return list(await session.scalars(text("select n from number order by n")))


async def _count(db: Database) -> int:
    async with db.read() as session:
        return len(await _numbers(session))


async def test_more_rows_than_come_with_the_statement_are_all_read(db: Database) -> None:
    async with db.read() as session:
        assert await _numbers(session) == list(range(MANY))


async def test_a_stream_gives_each_row_once_in_order(db: Database) -> None:
    async with db.read() as session:
        found = await session.stream_scalars(
            text("select n from number order by n").execution_options(yield_per=7)
        )
        assert [n async for n in found] == list(range(MANY))


async def test_a_stream_left_half_way_holds_nothing_back(db: Database) -> None:
    async with db.write() as session:
        found = await session.stream_scalars(text("select n from number"))
        assert await anext(aiter(found)) is not None
        await found.close()
        await session.execute(text("drop table number"))


async def test_a_unit_that_is_cancelled_at_its_first_statement_changes_nothing(
    db: Database,
) -> None:
    async def remove() -> None:
        async with db.write() as session:
            await session.execute(text("delete from number"))
            await asyncio.Event().wait()

    for turns in range(20):  # whatever step it has come to
        task = asyncio.create_task(remove())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert await _count(db) == MANY


async def test_a_unit_without_statements_does_not_take_the_file(db: Database) -> None:
    other = sqlite3.connect(str(db.url.database), timeout=0, isolation_level=None)
    async with db.write():
        other.execute("begin immediate")
        other.execute("commit")
    other.close()


async def test_what_was_refused_is_rolled_back_and_the_next_unit_begins_anew(db: Database) -> None:
    async def refuse() -> None:
        async with db.write() as session:
            await session.execute(text("delete from number"))
            await session.execute(text("insert into nowhere values (1)"))

    with pytest.raises(Exception, match="no such table"):
        await refuse()
    async with db.write() as session:
        assert len(await _numbers(session)) == MANY
