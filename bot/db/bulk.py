"""One statement for many rows, at the driver's speed.

SQLAlchemy works about 40 microseconds on the values of each row. Where a hundred thousand rows
change at one instant that is longer than the database takes. So here values are converted by
whoever knows that many of them are alike, and rows are tuples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Executable,
    Table,
    TableValuedAlias,
    bindparam,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.types import TypeEngine


async def execute_for_all(
    session: AsyncSession, query: Executable, rows: Sequence[dict[str, Any]]
) -> None:
    """Run an insert or update of a table once for each row, by the names that it binds.

    The rows are used up: their values end as the driver wants them. The session's own objects do
    not learn of what changed.
    """
    if not rows:
        return
    connection = await session.connection()
    compiled: Any = query.compile(dialect=connection.dialect)  # type: ignore[attr-defined]
    _convert(compiled, connection.dialect, rows)
    if compiled.positional:
        values = itemgetter(*compiled.positiontup)
        await connection.exec_driver_sql(str(compiled), [values(row) for row in rows])
    else:
        await connection.exec_driver_sql(str(compiled), rows)


def _convert(compiled: Any, dialect: Dialect, rows: Sequence[dict[str, Any]]) -> None:
    """Put the values in the form that the driver stores; equal ones are converted once.

    What the statement says itself is added to each row.
    """
    for name, bind in compiled.binds.items():
        if not bind.required:
            for row in rows:
                row[name] = bind.value
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is None:
            continue
        known: dict[Any, Any] = {}
        for row in rows:
            value = row[name]
            if isinstance(value, (dict, list)):
                row[name] = convert(value)
                continue
            if value not in known:
                known[value] = convert(value)
            row[name] = known[value]


def stored(type_: TypeEngine[Any], dialect: Dialect, value: Any) -> Any:
    """Return a value as the driver stores it."""
    convert = _processors(type_, dialect)[0]
    return value if convert is None else convert(value)


def restored(type_: TypeEngine[Any], dialect: Dialect, value: Any) -> Any:
    """Return the value of what the driver read."""
    convert = _processors(type_, dialect)[1]
    return value if convert is None else convert(value)


@lru_cache(maxsize=64)
def _processors(type_: TypeEngine[Any], dialect: Dialect) -> tuple[Any, Any]:
    here: Any = type_.dialect_impl(dialect)
    return here.bind_processor(dialect), here.result_processor(dialect, None)


@dataclass(frozen=True)
class Bulk:
    """A statement for rows that are tuples of stored values, in the order of ``names``."""

    sql: str
    names: tuple[str, ...]
    is_by_column: bool

    async def run(self, connection: AsyncConnection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run it for all rows."""
        if not rows:
            return
        if self.is_by_column:
            columns = [_array(column) for column in zip(*rows, strict=True)]
            await connection.exec_driver_sql(self.sql, dict(zip(self.names, columns, strict=True)))
        else:
            await connection.exec_driver_sql(self.sql, list(rows))


def _array(values: Sequence[Any]) -> Any:
    """Write a column as Postgres reads an array; what would need escapes is left to the driver.

    The driver looks at each value by itself, which takes longer than to store it.
    """
    if None in values:
        return list(values)
    joined = '","'.join(map(str, values))
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        return list(values)
    return f'{{"{joined}"}}'


@lru_cache(maxsize=16)
def bulk_insert(
    table: Table, names: tuple[str, ...], same: tuple[tuple[str, str], ...], dialect: Dialect
) -> Bulk:
    """Insert rows, except where a unique key exists. ``same``: columns that are one SQL literal.

    ``names`` and ``same`` are all columns that have a default, in the order of the table.
    """
    alike: dict[str, ColumnElement[Any]] = {name: literal_column(sql) for name, sql in same}
    if dialect.name == "sqlite":
        values: dict[str, ColumnElement[Any]] = {name: bindparam(name) for name in names}
        query = sqlite.insert(table).values(values | alike).on_conflict_do_nothing()
        return _row_by_row(query, names, dialect)
    given = _given([(name, table.c[name]) for name in names])
    rows = select(*given.c, *alike.values())
    insert = postgresql.insert(table).from_select([*names, *alike], rows)
    return _by_column(insert.on_conflict_do_nothing(), names, dialect)


@lru_cache(maxsize=16)
def bulk_update(table: Table, names: tuple[str, ...], dialect: Dialect) -> Bulk:
    """Set ``names``, in the order of the table, in rows found by the primary key, which is last."""
    sets = {f"new_{name}": table.c[name] for name in names}
    keys = {f"key_{column.name}": column for column in table.primary_key}
    all_names = (*sets, *keys)
    query = update(table)
    if dialect.name == "sqlite":
        query = query.where(*(column == bindparam(name) for name, column in keys.items()))
        query = query.values({column: bindparam(name) for name, column in sets.items()})
        return _row_by_row(query, all_names, dialect)
    given = _given([*sets.items(), *keys.items()])
    query = query.where(*(column == given.c[name] for name, column in keys.items()))
    query = query.values({column: given.c[name] for name, column in sets.items()})
    return _by_column(query, all_names, dialect)


def _given(columns: Iterable[tuple[str, Column[Any]]]) -> TableValuedAlias:
    """Build rows of one array for each column: one statement, however many rows there are."""
    arrays = {
        name: bindparam(name, type_=postgresql.ARRAY(column.type)) for name, column in columns
    }
    return func.unnest(*arrays.values()).table_valued(*arrays, name="given").render_derived()


def _row_by_row(query: Any, names: tuple[str, ...], dialect: Dialect) -> Bulk:
    compiled = query.compile(dialect=dialect)
    if tuple(compiled.positiontup) != names:
        raise ValueError(f"the statement wants {compiled.positiontup}, not {names}")
    return Bulk(str(compiled), names, is_by_column=False)


def _by_column(query: Any, names: tuple[str, ...], dialect: Dialect) -> Bulk:
    return Bulk(str(query.compile(dialect=dialect)), names, is_by_column=True)
