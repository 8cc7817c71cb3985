"""Counters of a workspace: the numbers people see, and the sequence of entries."""

from typing import Literal, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.plain import execute_plain
from bot.db.upsert import insert_unless_there
from bot.workspaces.tables import Counter

Sequence = Literal["number", "entry"]
_COUNTER = cast(Table, Counter.__table__)
_BUMP = (
    update(_COUNTER)
    .where(
        _COUNTER.c.workspace_id == bindparam("workspace"), _COUNTER.c.name == bindparam("sequence")
    )
    .values(value=_COUNTER.c.value + bindparam("many"))
    .returning(_COUNTER.c.value)
)


async def take_number(session: AsyncSession, workspace_id: str, sequence: Sequence) -> int:
    """Return the next number; two units never get the same, an aborted unit leaves no gap."""
    return await take_numbers(session, workspace_id, sequence, 1)


async def take_numbers(
    session: AsyncSession, workspace_id: str, sequence: Sequence, many: int
) -> int:
    """Take so many numbers in a row; returns the first."""
    of = {"workspace": workspace_id, "sequence": sequence, "many": many}
    taken: int | None = (await execute_plain(session, _BUMP, of)).scalar_one_or_none()
    if taken is None:
        await insert_unless_there(
            session, Counter, workspace_id=workspace_id, name=sequence, value=0
        )
        taken = int((await execute_plain(session, _BUMP, of)).scalar_one())
    return taken - many + 1


async def take_turn(session: AsyncSession, workspace_id: str) -> None:
    """Let one unit of a workspace go on at a time, until it commits: for "look, then create".

    SQLite has one writer anyway; Postgres would let two units both find nothing.
    """
    values = {"workspace_id": workspace_id, "name": "number", "value": 0}
    await insert_unless_there(session, Counter, **values)
    where = (Counter.workspace_id == workspace_id, Counter.name == "number")
    await session.execute(select(Counter.value).where(*where).with_for_update())
