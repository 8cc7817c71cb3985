"""Writes that are committed together are as sure as alone."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.group import GroupCommit
from bot.db.session import Database
from bot.errors import DatabaseBusy
from bot.workspaces.tables import Workspace

AT = datetime(2026, 5, 18, tzinfo=UTC)


async def _add(session: AsyncSession, team_ids: Sequence[str]) -> None:
    for team_id in team_ids:
        session.add(Workspace(team_id=team_id, enterprise_id="", created_at=AT))
    await session.flush()


async def _count(db: Database) -> int:
    async with db.read() as session:
        return await session.scalar(select(func.count()).select_from(Workspace)) or 0


async def test_all_are_written_in_few_transactions(db: Database) -> None:
    seen: list[int] = []

    async def add(session: AsyncSession, team_ids: Sequence[str]) -> None:
        seen.append(len(team_ids))
        await _add(session, team_ids)

    group = GroupCommit(db, add)
    await asyncio.gather(*(group.commit(f"T{n}") for n in range(100)))
    assert await _count(db) == sum(seen) == 100
    assert len(seen) <= 5


async def test_each_is_there_when_its_own_call_returns(db: Database) -> None:
    group, counts = GroupCommit(db, _add), list[int]()

    async def one(n: int) -> None:
        await group.commit(f"T{n}")
        counts.append(await _count(db))

    await asyncio.gather(*(one(n) for n in range(10)))
    assert min(counts) >= 1
    assert counts[-1] == 10


async def test_one_that_cannot_be_written_harms_no_other(db: Database) -> None:
    group = GroupCommit(db, _add)
    calls = [group.commit("T1" if n in {3, 6} else f"T{n}") for n in range(10)]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    failed = [result for result in ended if result is not None]
    assert [type(result) for result in failed] == [IntegrityError, IntegrityError]
    assert await _count(db) == 8


async def test_while_the_database_is_busy_all_are_told_at_once(db: Database) -> None:
    tries: list[int] = []

    async def fail(_session: AsyncSession, what: Sequence[str]) -> None:
        tries.append(len(what))
        raise DatabaseBusy("The database is busy.")

    group = GroupCommit(db, fail)
    calls = [group.commit(f"T{n}") for n in range(50)]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in ended] == [DatabaseBusy] * 50
    assert len(tries) <= 2


async def test_one_that_is_cancelled_harms_no_other(db: Database) -> None:
    group = GroupCommit(db, _add)
    tasks = [asyncio.create_task(group.commit(f"T{n}")) for n in range(6)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[3].cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    written = [n for n, result in enumerate(ended) if result is None]
    assert set(written) >= {1, 2, 4, 5}
    assert await _count(db) >= len(written)


async def test_what_a_write_raises_reaches_its_caller(db: Database) -> None:
    async def fail(_session: AsyncSession, _what: Sequence[str]) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await GroupCommit(db, fail).commit("T1")
