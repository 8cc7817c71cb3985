"""Statements of tables, not of objects: for what every unit of work does.

A statement that is built once and knows nothing of the session's objects costs a third of one that
does. The session's objects do not learn of what it changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncSession


async def execute_plain(
    session: AsyncSession,
    query: Executable,
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement of tables with these values, after what the session has to write.

    A sequence of values runs it once for each of them.
    """
    if session.new or session.dirty or session.deleted:
        await session.flush()
    connection = await session.connection()
    return await connection.execute(query, values)
