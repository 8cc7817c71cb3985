"""Read the shared log, as its asker may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entries.tables import Entry, EntryProse
from bot.workspaces.asker import Asker


@dataclass(frozen=True)
class Logged:
    """One line of the log."""

    seq: int
    at: datetime
    kind: str
    subject_kind: str
    subject_id: str
    actor: str
    source_channel_id: str | None
    facts: dict[str, Any]
    prose: str


async def find_entries(
    session: AsyncSession,
    asker: Asker,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Sequence[str] = (),
    subjects: Sequence[str] = (),
    words: Sequence[str] = (),
    limit: int = 50,
) -> list[Logged]:
    """Return lines, newest first. ``words`` must all stand in the prose, in any case."""
    query = (
        _all()
        .where(
            Entry.workspace_id == asker.workspace_id,
            or_(asker.sees(Entry.source_channel_id), asker.owns(Entry.actor)),
        )
        .limit(limit)
    )
    if since:
        query = query.where(Entry.at >= since)
    if until:
        query = query.where(Entry.at < until)
    if kinds:
        query = query.where(Entry.kind.in_(kinds))
    if subjects:
        query = query.where(Entry.subject_id.in_(subjects))
    for word in words:
        query = query.where(EntryProse.text.icontains(word, autoescape=True))
    return [_logged(entry, prose) for entry, prose in await session.execute(query)]


@cache
def _all() -> Select[Entry, str | None]:
    said = and_(EntryProse.workspace_id == Entry.workspace_id, EntryProse.entry_id == Entry.id)
    query = select(Entry, EntryProse.text).outerjoin(EntryProse, said)
    return query.order_by(Entry.seq.desc())


def _logged(entry: Entry, prose: str | None) -> Logged:
    return Logged(
        seq=entry.seq,
        at=entry.at,
        kind=entry.kind,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        actor=entry.actor,
        source_channel_id=entry.source_channel_id,
        facts=entry.facts,
        prose=prose or "",
    )
