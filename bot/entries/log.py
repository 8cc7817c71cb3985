"""Append to the shared log and check its chain."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.entries.tables import Entry, EntryProse
from bot.workspaces.numbers import take_number

FIRST_HASH = "0" * 64


@dataclass(frozen=True)
class Line:
    """What is to be logged. ``facts`` must be plain JSON without anything a person wrote."""

    kind: str  # ritual.event, e.g. "launch.created"
    subject_kind: str  # feedback, theme, decision, launch, bet, metric, digest, retro, action ...
    subject_id: str
    actor: str = ""  # Slack user id, empty for the bot itself
    source_channel_id: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    prose: str = ""


async def append(session: AsyncSession, workspace_id: str, line: Line, *, at: datetime) -> Entry:
    """Add one line, inside the caller's unit of work; sequence without gaps per workspace."""
    seq = await take_number(session, workspace_id, "entry")
    previous = await session.scalar(
        select(Entry.hash).where(Entry.workspace_id == workspace_id, Entry.seq == seq - 1)
    )
    salt = secrets.token_hex(8)
    entry = Entry(
        workspace_id=workspace_id,
        id=new_id(),
        seq=seq,
        at=at,
        kind=line.kind,
        subject_kind=line.subject_kind,
        subject_id=line.subject_id,
        actor=line.actor,
        source_channel_id=line.source_channel_id,
        facts=line.facts,
        prose_hash=_hash(salt + line.prose) if line.prose else "",
        previous_hash=previous or FIRST_HASH,
        hash="",
    )
    entry.hash = _hash(canonical(entry))
    session.add(entry)
    if line.prose:
        session.add(
            EntryProse(workspace_id=workspace_id, entry_id=entry.id, salt=salt, text=line.prose)
        )
    await session.flush()
    return entry


async def check_chain(session: AsyncSession, workspace_id: str) -> int | None:
    """Return the sequence number of the first line that was tampered with, or None."""
    previous = FIRST_HASH
    query = select(Entry).where(Entry.workspace_id == workspace_id).order_by(Entry.seq)
    for expected, entry in enumerate(await session.scalars(query), start=1):
        broken = entry.seq != expected or entry.previous_hash != previous
        if broken or entry.hash != _hash(canonical(entry)):
            return entry.seq
        previous = entry.hash
    return None


def canonical(entry: Entry) -> str:
    """Return the line as canonical JSON: what its hash is taken over."""
    return json.dumps(
        {
            "workspace": entry.workspace_id,
            "seq": entry.seq,
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": entry.kind,
            "subject": [entry.subject_kind, entry.subject_id],
            "actor": entry.actor,
            "source": entry.source_channel_id,
            "facts": entry.facts,
            "prose": entry.prose_hash,
            "previous": entry.previous_hash,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
