"""Append to the shared log and check its chain."""

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Select, Table, and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.plain import execute_plain
from bot.db.types import new_id
from bot.entries.tables import Entry, EntryProse
from bot.workspaces.numbers import take_numbers
from bot.workspaces.tables import Counter

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


# Built once: each change that anybody makes adds a line.
_ENTRY = cast(Table, Entry.__table__)
_COLUMNS = tuple(_ENTRY.c.keys())
# By itself: within the statement that takes the number Postgres does not see the line before it.
_HASH = select(_ENTRY.c.hash).where(
    _ENTRY.c.workspace_id == bindparam("workspace"), _ENTRY.c.seq == bindparam("before")
)
_WRITE, _WRITE_PROSE = insert(_ENTRY), insert(cast(Table, EntryProse.__table__))


async def append(session: AsyncSession, workspace_id: str, line: Line, *, at: datetime) -> Entry:
    """Add one line, inside the caller's unit of work; sequence without gaps per workspace.

    What is returned is a copy: the session does not hold it.
    """
    return (await append_all(session, workspace_id, [line], at=at))[0]


async def append_all(
    session: AsyncSession, workspace_id: str, lines: Sequence[Line], *, at: datetime
) -> list[Entry]:
    """Add lines in their order, in as many statements as one takes."""
    if not lines:
        return []
    first = await take_numbers(session, workspace_id, "entry", len(lines))
    before = {"workspace": workspace_id, "before": first - 1}
    previous = (await execute_plain(session, _HASH, before)).scalar_one_or_none() or FIRST_HASH
    entries, said = [], []
    for seq, line in enumerate(lines, start=first):
        salt = secrets.token_hex(8)
        entry = _entry(workspace_id, line, seq, previous, salt, at)
        previous = entry.hash
        entries.append(entry)
        if line.prose:
            key = {"workspace_id": workspace_id, "entry_id": entry.id}
            said.append(key | {"salt": salt, "text": line.prose})
    values = [{name: getattr(entry, name) for name in _COLUMNS} for entry in entries]
    await execute_plain(session, _WRITE, values)
    if said:
        await execute_plain(session, _WRITE_PROSE, said)
    return entries


def _entry(
    workspace_id: str, line: Line, seq: int, previous: str, salt: str, at: datetime
) -> Entry:
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
        previous_hash=previous,
        hash="",
    )
    entry.hash = _hash(canonical(entry))
    return entry


async def check_chain(session: AsyncSession, workspace_id: str) -> int | None:
    """Return the sequence number of the first line that was tampered with or is missing, or None.

    Erased words are no tampering; changed ones are.
    """
    previous, expected = FIRST_HASH, 0
    async for entry, prose in await session.stream(_lines(workspace_id)):
        expected += 1
        is_next = entry.seq == expected and entry.previous_hash == previous
        if not is_next or entry.hash != _hash(canonical(entry)) or not _is_said(entry, prose):
            return expected
        previous = entry.hash
    key = (workspace_id, "entry")
    counter = await session.get(Counter, key)
    return expected + 1 if counter and counter.value > expected else None


def _lines(workspace_id: str) -> Select[Entry, EntryProse]:
    same = and_(EntryProse.workspace_id == Entry.workspace_id, EntryProse.entry_id == Entry.id)
    return (
        select(Entry, EntryProse)
        .outerjoin(EntryProse, same)
        .where(Entry.workspace_id == workspace_id)
        .order_by(Entry.seq)
        .execution_options(yield_per=1_000)
    )


def _is_said(entry: Entry, prose: EntryProse | None) -> bool:
    if prose is None:
        return not entry.prose_hash
    return bool(prose.erased_at) or entry.prose_hash == _hash(prose.salt + prose.text)


async def erase_prose(
    session: AsyncSession, workspace_id: str, entry_ids: Collection[str], *, at: datetime
) -> int:
    """Forget what people wrote in these lines; the lines and their chain stay. Returns how many.

    The salt goes too, so that nobody can try words against the hash that stays.
    """
    erased = await session.execute(
        update(EntryProse)
        .where(
            EntryProse.workspace_id == workspace_id,
            EntryProse.entry_id.in_(entry_ids),
            EntryProse.erased_at.is_(None),
        )
        .values(text="", salt="", erased_at=at)
        .returning(EntryProse.entry_id)
    )
    return len(erased.all())


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
