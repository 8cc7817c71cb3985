"""The inbox of thousands is read by its index: a page, and the count that stands above it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database
from bot.feedback.tables import Feedback
from bot.feedback.triage_queries import count_open, page_ids
from tests.feedback.seeds import ANA, AT, PUBLIC, TEAM, Seeds, member

SORTED, OPEN = 4_000, 1_000


@pytest.fixture
async def thousands(db: Database) -> Database:
    seeds = Seeds(db)
    await seeds.begin()
    await seeds.theme("csv")
    rows = [
        {
            "workspace_id": TEAM, "id": f"f{n}", "number": n, "text": f"words {n}",
            "kind": "bug", "source_channel_id": PUBLIC, "message_ts": f"{n}.0", "theme_id": "csv",
            "reporter_id": ANA, "said_at": AT, "logged_at": AT,
            "triage": "open" if n % 5 == 0 else "kept",
        }
        for n in range(10, 10 + SORTED + OPEN)
    ]  # fmt: skip
    async with db.write() as session:
        await session.execute(insert(Feedback), rows)
        await session.execute(text("analyze"))
    return db


async def _plan(db: Database, ask: Callable[[AsyncSession], Awaitable[Any]]) -> str:
    """How the database goes about the one query of ``ask``."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    async with db.read() as session:
        connection = await session.connection()
        event.listen(connection.sync_connection, "before_cursor_execute", note)
        await ask(session)
        event.remove(connection.sync_connection, "before_cursor_execute", note)
        [(statement, parameters)] = asked
        how = "explain query plan" if connection.dialect.name == "sqlite" else "explain"
        rows = await connection.exec_driver_sql(f"{how} {statement}", parameters)
        return "\n".join(str(row[-1]) for row in rows)


async def test_a_page_of_the_inbox_is_a_walk_down_its_index_without_sorting(
    thousands: Database,
) -> None:
    plan = await _plan(
        thousands,
        lambda session: page_ids(session, member(), at=AT, below=3_000, limit=7),
    )
    assert "workspace_id_triage_number" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


async def test_what_waits_is_counted_without_reading_what_is_sorted(thousands: Database) -> None:
    plan = await _plan(thousands, lambda session: count_open(session, member(), at=AT))
    assert "workspace_id_triage_number" in plan
    assert "Seq Scan on feedback" not in plan
