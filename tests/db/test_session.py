"""Units of work: nothing lost, nothing half done, and a sentence when nothing can be written."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database, wake_after_commit
from bot.errors import BadSetting, DatabaseBusy
from bot.slack.gateway import Identity
from bot.workspaces.directory import register
from bot.workspaces.numbers import take_number
from bot.workspaces.tables import Counter, Member, Workspace

NOW = datetime(2026, 5, 18, tzinfo=UTC)


@pytest.fixture
async def workspace_id(db: Database) -> str:
    identity = Identity("T1", "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    return (await register(db, identity, at=NOW)).id


async def _take(db: Database, workspace_id: str) -> int:
    async with db.write() as session:
        return await take_number(session, workspace_id, "number")


async def _broken(db: Database, act: Callable[[AsyncSession], Awaitable[object]]) -> None:
    async with db.write() as session:
        await act(session)
        raise ZeroDivisionError


async def test_numbers_taken_at_once_by_two_processes_are_all_different_and_without_gaps(
    db: Database, database_url: str, workspace_id: str
) -> None:
    other = Database(database_url)
    taken = await asyncio.gather(
        *(_take(each, workspace_id) for _ in range(15) for each in (db, other))
    )
    await other.close()
    assert sorted(taken) == list(range(1, 31))


async def test_an_aborted_unit_leaves_no_gap_in_the_numbers(
    db: Database, workspace_id: str
) -> None:
    with pytest.raises(ZeroDivisionError):
        await _broken(db, lambda session: take_number(session, workspace_id, "number"))
    assert await _take(db, workspace_id) == 1


async def test_increments_by_read_and_write_lose_nothing_within_a_process(
    db: Database, workspace_id: str
) -> None:
    await _take(db, workspace_id)

    async def increment() -> None:
        async with db.write() as session:
            row = await session.get_one(Counter, (workspace_id, "number"), with_for_update=True)
            value = row.value
            await session.execute(text("select 1"))
            row.value = value + 1

    await asyncio.gather(*(increment() for _ in range(30)))
    async with db.read() as session:
        assert (await session.get_one(Counter, (workspace_id, "number"))).value == 31


async def test_a_unit_that_raises_changes_nothing(db: Database, workspace_id: str) -> None:
    with pytest.raises(ZeroDivisionError):
        await _broken(db, lambda session: session.execute(update(Workspace).values(name="Other")))
    async with db.read() as session:
        assert await session.scalar(select(Workspace.name)) == "Northstar"


async def test_a_read_sees_one_state_however_long_it_lasts(
    db: Database, database_url: str, workspace_id: str
) -> None:
    other = Database(database_url)
    async with db.read() as session:
        before = await session.scalar(select(Workspace.name))
        async with other.write() as unit:
            await unit.execute(update(Workspace).values(name="Changed"))
        assert await session.scalar(select(Workspace.name)) == before
    await other.close()


async def test_a_unit_within_a_unit_is_refused(db: Database) -> None:
    async with db.write():
        with pytest.raises(RuntimeError, match="open already"):
            async with db.write():
                pass


async def test_the_engine_is_woken_after_the_commit_and_only_then(
    db: Database, workspace_id: str
) -> None:
    seen: list[str] = []
    db.on_wake.append(lambda: seen.append("woken"))
    async with db.write() as session:
        wake_after_commit(session)
        assert seen == []
    assert seen == ["woken"]

    async def wake(session: AsyncSession) -> None:
        wake_after_commit(session)

    with pytest.raises(ZeroDivisionError):
        await _broken(db, wake)
    assert seen == ["woken"]


HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("begin immediate")
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_locked_by_another_program_is_told_in_a_sentence_and_passes(
    db: Database, workspace_id: str, tmp_path: Path
) -> None:
    with subprocess.Popen(  # noqa: ASYNC220  it starts at once
        [sys.executable, "-c", HOLD, str(tmp_path / "daybook.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        await asyncio.to_thread(holder.stdout.readline)
        with pytest.raises(DatabaseBusy, match=r"busy with another program.*please try again"):
            await _take(db, workspace_id)
        async with db.read() as session:
            assert await session.scalar(select(func.count()).select_from(Workspace)) == 1
        await asyncio.to_thread(holder.communicate, b"\n")
    assert await _take(db, workspace_id) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_may_not_be_written_is_told_in_a_sentence(
    db: Database, workspace_id: str, tmp_path: Path
) -> None:
    async with db.read() as session:  # the file is in WAL mode by now
        await session.execute(text("select 1"))
    read_only = Database(f"sqlite+aiosqlite:///file:{tmp_path / 'daybook.db'}?mode=ro&uri=true")
    with pytest.raises(DatabaseBusy, match="read-only"):
        await _take(read_only, workspace_id)
    await read_only.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing_half_written(
    db: Database, workspace_id: str
) -> None:
    async with db.engine.connect() as connection:
        pages = (await connection.exec_driver_sql("pragma page_count")).scalar_one()
        await connection.exec_driver_sql(f"pragma max_page_count = {pages}")
    with pytest.raises(DatabaseBusy, match="full"):
        async with db.write() as session:
            await session.execute(update(Workspace).values(name="x" * 200_000))
    async with db.read() as session:
        assert await session.scalar(select(Workspace.name)) == "Northstar"


async def test_a_database_file_in_no_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'x.db'}")
    with pytest.raises(DatabaseBusy, match="cannot be opened"):
        await _take(db, "w1")
    await db.close()


async def test_a_database_server_that_is_not_there_is_told_in_a_sentence() -> None:
    db = Database("postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(DatabaseBusy, match="does not answer"):
        async with db.read() as session:
            await session.execute(text("select 1"))
    await db.close()


async def test_what_somebody_typed_is_never_mistaken_for_a_busy_database(
    db: Database, workspace_id: str
) -> None:
    async with db.write() as session:
        session.add(
            Member(workspace_id=workspace_id, id="U1", name="locked connection", refreshed_at=NOW)
        )
    with pytest.raises(Exception) as failed:  # noqa: PT011  whichever error the driver has for it
        async with db.write() as session:
            session.add(
                Member(
                    workspace_id=workspace_id, id="U1", name="locked connection", refreshed_at=NOW
                )
            )
    assert not isinstance(failed.value, DatabaseBusy)


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite+aiosqlite://host/path", "postgresql+nodriver://u:secret@h/d"]
)
def test_an_address_of_no_database_is_a_bad_setting_that_keeps_its_secret(url: str) -> None:
    with pytest.raises(BadSetting) as refused:
        Database(url)
    assert refused.value.field == "DATABASE_URL"
    assert "secret" not in str(refused.value)


async def test_what_was_to_be_written_stands_in_no_error(db: Database) -> None:
    with pytest.raises(Exception, match="nowhere") as failed:  # noqa: PT012
        async with db.write() as session:
            words = {"words": "what a customer said"}
            await session.execute(text("INSERT INTO nowhere VALUES (:words)"), words)
    error: BaseException | None = failed.value
    while error:
        assert "what a customer said" not in str(error)
        error = error.__cause__
