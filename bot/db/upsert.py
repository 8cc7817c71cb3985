"""INSERT ... ON CONFLICT on both databases: the one way to write something at most once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, RowMapping, bindparam, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.base import Base
from bot.db.bulk import execute_for_all
from bot.db.plain import execute_plain


async def insert_unless_there(session: AsyncSession, table: type[Base], **values: Any) -> bool:
    """Insert a row; return False, and change nothing, when a unique key exists already."""
    # Not by rowcount: it is -1 on Postgres, inserted or not.
    query = _insert_once(table, _dialect(session))
    return (await execute_plain(session, query, values)).first() is not None


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
) -> RowMapping:
    """Insert a row, or overwrite its other columns when ``key`` exists already.

    Returns the whole row as it is now; the session's own objects do not learn of it.
    """
    query = _insert_or_change(table, tuple(key), tuple(values), _dialect(session))
    return (await execute_plain(session, query, values)).mappings().one()


@lru_cache(maxsize=256)
def _insert_once(table: type[Base], dialect: str) -> Any:
    written: ColumnClause[int] = literal_column("1")
    query = _DIALECTS[dialect].insert(table.__table__)
    return query.on_conflict_do_nothing().returning(written)


@lru_cache(maxsize=256)
def _insert_or_change(
    table: type[Base], key: tuple[str, ...], names: tuple[str, ...], dialect: str
) -> Any:
    query = _DIALECTS[dialect].insert(table.__table__)
    changes = {name: query.excluded[name] for name in names if name not in key}
    query = query.on_conflict_do_update(index_elements=list(key), set_=changes)
    return query.returning(*table.__table__.c)


def _insert(session: AsyncSession, table: Any) -> Any:
    return _DIALECTS[_dialect(session)].insert(table)


def _dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


_DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
