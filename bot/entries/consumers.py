"""Consumers of the log: how one ritual reacts to another without calling it.

A consumer reads the new lines of its kinds in order, in the same unit of work that moves its
cursor: each line is acted on exactly once.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database
from bot.db.upsert import insert_all_unless_there
from bot.engine.attempts import Progress
from bot.engine.deliveries import Cause
from bot.entries.tables import Cursor, Entry
from bot.errors import Unavailable
from bot.workspaces.tables import Counter

log = structlog.get_logger()

BATCH = 100

_HEADS = select(Counter.workspace_id, Counter.value).where(Counter.name == "entry")
_CURSORS = select(Cursor.workspace_id, Cursor.consumer, Cursor.seq)
_NEXT = (
    select(Entry)
    .where(Entry.workspace_id == bindparam("of"), Entry.seq > bindparam("after"))
    .order_by(Entry.seq)
    .limit(BATCH)
)

# Gets the lines and a cause for what it says; must not commit, and must not touch the network.
React = Callable[[AsyncSession, Sequence[Entry], Cause], Awaitable[None]]


@dataclass(frozen=True)
class Consumer:
    """Who reacts to which kinds of lines; it gets no others."""

    kinds: frozenset[str]
    react: React

    @classmethod
    def of(cls, react: React, *kinds: str) -> "Consumer":
        """Build one from the names of its kinds."""
        return cls(frozenset(kinds), react)


async def consume(db: Database, consumers: Mapping[str, Consumer], *, at: datetime) -> Progress:
    """Let every consumer read on, a batch each.

    One that fails stops no other; its cursor stays, so that it meets the same lines again.
    """
    async with db.read() as session:
        heads = dict((await session.execute(_HEADS)).tuples().all())
        read = await session.execute(_CURSORS)
        done = {(workspace_id, name): seq for workspace_id, name, seq in read}
    new = [(id_, name) for id_ in heads for name in consumers if (id_, name) not in done]
    behind: dict[tuple[str, int], list[str]] = defaultdict(list)
    for workspace_id, head in heads.items():
        for name in consumers:
            seq = done.get((workspace_id, name), 0)
            if seq < head:
                behind[workspace_id, seq].append(name)
    await _begin(db, new)
    total, is_done = 0, True
    for (workspace_id, seq), names in behind.items():
        some = {name: consumers[name] for name in names}
        lines = await _read_on(db, workspace_id, seq, some, at)
        total += lines
        is_done = is_done and lines == len(names) * (heads[workspace_id] - seq)
    return Progress(total, sum(heads.values()), is_done)


async def _begin(db: Database, new: Sequence[tuple[str, str]]) -> None:
    if new:
        async with db.write() as session:
            rows = [{"workspace_id": id_, "consumer": name, "seq": 0} for id_, name in new]
            await insert_all_unless_there(session, Cursor, rows)


async def _read_on(
    db: Database, workspace_id: str, after: int, consumers: Mapping[str, Consumer], at: datetime
) -> int:
    """Let those who stand at the same line read the next ones."""
    async with db.read() as session:
        entries = list(await session.scalars(_NEXT, {"of": workspace_id, "after": after}))
    if not entries:
        return 0
    last = entries[-1].seq
    wanted = {
        name: [entry for entry in entries if entry.kind in consumer.kinds]
        for name, consumer in consumers.items()
    }
    idle = [name for name, lines in wanted.items() if not lines]
    await _pass_by(db, workspace_id, idle, last)
    total = len(entries) * len(idle)
    for name, lines in wanted.items():
        if not lines:
            continue
        try:
            await _act(db, workspace_id, name, consumers[name], lines, last, at)
        except Unavailable:
            raise
        except Exception as error:
            log.error("consumer.failed", consumer=name, exc_info=error)
        else:
            total += len(entries)
    return total


async def _pass_by(db: Database, workspace_id: str, names: Sequence[str], last: int) -> None:
    """Move those on for whom nothing was there; no cursor ever goes back."""
    if names:
        async with db.write() as session:
            await session.execute(
                update(Cursor)
                .where(
                    Cursor.workspace_id == workspace_id,
                    Cursor.consumer.in_(names),
                    Cursor.seq < last,
                )
                .values(seq=last)
                .execution_options(synchronize_session=False)
            )


async def _act(
    db: Database,
    workspace_id: str,
    name: str,
    consumer: Consumer,
    lines: Sequence[Entry],
    last: int,
    at: datetime,
) -> None:
    async with db.write() as session:
        cursor = await session.get_one(Cursor, (workspace_id, name), with_for_update=True)
        # Another process may have read some of them meanwhile.
        left = [entry for entry in lines if entry.seq > cursor.seq]
        if left:
            cause = Cause(workspace_id, f"entry:{name}:{left[-1].seq}", at)
            await consumer.react(session, left, cause)
        cursor.seq = max(cursor.seq, last)
