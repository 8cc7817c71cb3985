"""INSERT ... ON CONFLICT on both databases: the one way to write something at most once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, bindparam, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.base import Base
from bot.db.bulk import execute_for_all


async def insert_unless_there(session: AsyncSession, table: type[Base], **values: Any) -> bool:
    """Insert a row; return False, and change nothing, when a unique key exists already."""
    # Not by rowcount: through the ORM it is -1 on Postgres, inserted or not.
    written: ColumnClause[int] = literal_column("1")
    query = _insert(session, table).values(**values).on_conflict_do_nothing().returning(written)
    return (await session.execute(query)).first() is not None


async def insert_all_unless_there(
    session: AsyncSession,
    table: type[Base],
    rows: Sequence[dict[str, Any]],
    **same: ColumnElement[Any],
) -> None:
    """Insert rows that name the same columns; those whose unique key exists are left out.

    ``same`` is what all of them have alike. The rows are used up.
    """
    if rows:
        values: dict[str, Any] = {name: bindparam(name) for name in rows[0]} | same
        query = _insert(session, table.__table__).values(values).on_conflict_do_nothing()
        await execute_for_all(session, query, rows)


async def insert_or_update(
    session: AsyncSession, table: type[Base], key: Sequence[str], **values: Any
) -> None:
    """Insert a row, or overwrite its other columns when ``key`` exists already."""
    changes = {name: value for name, value in values.items() if name not in key}
    query = _insert(session, table).values(**values)
    await session.execute(query.on_conflict_do_update(index_elements=list(key), set_=changes))


def _insert(session: AsyncSession, table: Any) -> Any:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return (sqlite if is_sqlite else postgresql).insert(table)
