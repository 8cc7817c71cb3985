"""Whether a database is there to be read, without making one."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.db.migrate import migrate
from bot.db.readiness import Readiness, find_readiness, opened
from bot.db.session import Database
from bot.errors import BadSetting


async def test_a_command_that_reads_says_that_there_is_no_database_and_makes_none(
    tmp_path: Path,
) -> None:
    file = tmp_path / "none.db"
    with pytest.raises(BadSetting, match=r"not there yet.*daybook run"):
        async with opened(f"sqlite+aiosqlite:///{file}"):
            pass
    assert not file.exists()


async def test_a_database_is_read_once_its_schema_is_at_least_this_versions(empty_url: str) -> None:
    db = Database(empty_url)
    if not db.is_sqlite:
        assert await find_readiness(db) is Readiness.EMPTY
    await migrate(db, "0001")
    assert await find_readiness(db) is Readiness.OLDER
    await migrate(db)
    assert await find_readiness(db) is Readiness.READY
    async with db.engine.begin() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999'"))
    assert await find_readiness(db) is Readiness.READY
    await db.close()
