"""Find an e-mail address in all that people wrote here, and put a neutral word in its place.

It goes through the tables themselves, so that no column that somebody adds is forgotten.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, ColumnElement, Table, Text, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.base import Base

IN_ITS_PLACE = "(address removed)"
# The log and its prose, feedback, people, what was posted and what arrived have erasures of their
# own; metrics are read from the installation's file.
_ELSEWHERE = frozenset(
    {"entry", "entry_prose", "feedback", "member", "delivery", "inbox", "metric", "metric_version"}
)


async def count_mentions(session: AsyncSession, workspace_id: str, address: str) -> int:
    """Return how many rows hold ``address`` in their words."""
    count = 0
    for table in _tables():
        query = (
            select(func.count()).select_from(table).where(*_holding(table, workspace_id, address))
        )
        count += await session.scalar(query) or 0
    return count


async def remove_mentions(session: AsyncSession, workspace_id: str, address: str) -> None:
    """Put ``IN_ITS_PLACE`` where ``address`` stands, in any case of its letters."""
    pattern = re.compile(re.escape(address), re.IGNORECASE)
    for table in _tables():
        columns, keys = _columns(table), list(table.primary_key)
        query = select(*keys, *columns).where(*_holding(table, workspace_id, address))
        for row in (await session.execute(query)).mappings().all():
            values = {column.name: _without(row[column], pattern) for column in columns}
            await session.execute(
                update(table).where(*(key == row[key] for key in keys)).values(values)
            )
    session.expire_all()


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(IN_ITS_PLACE, value)
    if isinstance(value, list):
        return [_without(one, pattern) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, pattern) for name, one in value.items()}
    return value


def _tables() -> Iterator[Table]:
    for table in Base.metadata.sorted_tables:
        if table.name not in _ELSEWHERE and "workspace_id" in table.c and _columns(table):
            yield table


def _columns(table: Table) -> list[ColumnElement[Any]]:
    return [
        column
        for column in table.columns
        if isinstance(column.type, (Text, JSON)) and not column.primary_key
    ]


def _holding(table: Table, workspace_id: str, address: str) -> list[ColumnElement[bool]]:
    kept = json.dumps(address)[1:-1]  # as a JSON column keeps what is not ASCII
    ways = [
        cast(column, Text).icontains(kept, autoescape=True)
        if isinstance(column.type, JSON)
        else column.icontains(address, autoescape=True)
        for column in _columns(table)
    ]
    return [table.c.workspace_id == workspace_id, or_(*ways)]
