"""Every change of a decision is a line of the shared log."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.tables import Decision
from bot.entries.log import Line, append


async def log_change(
    session: AsyncSession,
    row: Decision,
    kind: str,
    *,
    by: str,
    at: datetime,
    prose: str = "",
    **facts: Any,
) -> None:
    """Append one line; ``prose`` is what people wrote, ``facts`` are not."""
    line = Line(
        kind=kind,
        subject_kind="decision",
        subject_id=row.id,
        actor=by,
        source_channel_id=row.source_channel_id,
        facts={"number": row.number, "status": row.status} | facts,
        prose=prose,
    )
    await append(session, row.workspace_id, line, at=at)
