"""Statements of tables, not of objects: for what every unit of work does.

A statement that is built once and knows nothing of the session's objects costs a third of one that
does. The session's objects do not learn of what it changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]


async def execute_plain(
    session: AsyncSession, query: Executable, values: Values
) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement of tables with these values, after what the session has to write.

    A sequence of values runs it once for each of them.
    """
    return await session.run_sync(_execute, query, values)  # all of it in one greenlet


def _execute(session: Session, query: Executable, values: Values) -> CursorResult[*tuple[Any, ...]]:
    if session.new or session.dirty or session.deleted:
        session.flush()
    return session.connection().execute(query, values)
