"""Bring files in, a batch at a time, and take one back as a whole. In the caller's unit of work."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entries.log import Line, append
from bot.errors import NotFound
from bot.feedback import service
from bot.feedback.tables import Feedback
from bot.intake.feedback_file import FeedbackRow
from bot.intake.tables import Import

FEEDBACK, CUSTOMERS = "feedback", "customers"
RUNNING, DONE, UNDONE = "running", "done", "undone"
BEGIN, GO_ON, TAKE_BACK = "import.begin", "import.go_on", "import.take_back"
# One job's rows, and those of one transaction: what people do meanwhile gets its turn between.
BATCH, UNIT = 100, 20
PROBLEMS_KEPT = 20


@dataclass(frozen=True)
class ImportView:
    """How far an import is, or what came of it."""

    id: str
    kind: str
    name: str
    rows: int
    done: int
    added: int
    known: int
    problems: tuple[str, ...]
    state: str


async def begin_import(session: AsyncSession, row: Import, *, at: datetime) -> None:
    """Note that a file is to be brought in."""
    session.add(row)
    await session.flush()
    await _log(session, row, "import.begun", row.begun_by, at)


async def finish_import(session: AsyncSession, row: Import, *, at: datetime) -> None:
    """Note what came of it; the file itself is forgotten."""
    row.state, row.finished_at, row.content = DONE, at, ""
    await _log(session, row, "import.finished", row.begun_by, at)


async def _log(session: AsyncSession, row: Import, kind: str, by: str, at: datetime) -> None:
    facts = {"kind": row.kind, "rows": row.rows, "added": row.added, "known": row.known}
    line = Line(kind, "import", row.id, by, row.channel_id, facts, row.name)
    await append(session, row.workspace_id, line, at=at)


async def get_import(session: AsyncSession, workspace_id: str, import_id: str) -> Import:
    """Return the row to change; raises ``NotFound``."""
    row = await session.get(Import, (workspace_id, import_id), with_for_update=True)
    if row is None:
        raise NotFound("There is no such import (any more).")
    return row


def view_of(row: Import) -> ImportView:
    """Return an import as its beginner sees it."""
    return ImportView(
        id=row.id,
        kind=row.kind,
        name=row.name,
        rows=row.rows,
        done=row.done,
        added=row.added,
        known=row.known,
        problems=tuple(row.problems),
        state=row.state,
    )


def origin_of(row: FeedbackRow) -> str:
    """Return what a row is known by, so that the same file twice brings nothing new."""
    if row.id:
        return f"import:id:{row.id}"
    said = row.said_at.isoformat() if row.said_at else ""
    parts = "\n".join((" ".join(row.text.split()).casefold(), row.customer.casefold(), said))
    return f"import:{hashlib.sha256(parts.encode()).hexdigest()[:40]}"


async def known_texts(
    session: AsyncSession, workspace_id: str, texts: Sequence[str]
) -> set[tuple[str, str | None]]:
    """Return which of the texts were logged before, by whatever way, each with its customer."""
    query = select(Feedback.text, Feedback.customer_id).where(
        Feedback.workspace_id == workspace_id,
        Feedback.withdrawn_at.is_(None),
        Feedback.text.in_(texts),
    )
    return set((await session.execute(query)).tuples())


async def undo_import(
    session: AsyncSession, workspace_id: str, import_id: str, *, by: str, at: datetime
) -> bool:
    """Say that an import is to be taken back; False when it was already."""
    row = await get_import(session, workspace_id, import_id)
    if row.state == UNDONE:
        return False
    row.state, row.content = UNDONE, ""
    await _log(session, row, "import.undone", by, at)
    return True


async def withdraw_some(
    session: AsyncSession, workspace_id: str, import_id: str, *, at: datetime
) -> int:
    """Withdraw some of what an import brought; it may be brought in again. 0: none is left."""
    query = select(Feedback).where(
        Feedback.workspace_id == workspace_id,
        Feedback.import_id == import_id,
        Feedback.withdrawn_at.is_(None),
    )
    rows = list(await session.scalars(query.order_by(Feedback.number).limit(BATCH)))
    for row in rows:
        row.origin = None
        await service.withdraw_all(session, row, at=at)
    await session.flush()
    return len(rows)
