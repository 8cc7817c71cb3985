"""Consumers of the log: how one ritual reacts to another without calling it.

A consumer reads new lines in order, in the same unit of work that moves its cursor: each line is
acted on exactly once.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database
from bot.db.upsert import insert_unless_there
from bot.engine.deliveries import Cause
from bot.entries.tables import Cursor, Entry
from bot.errors import Unavailable

log = structlog.get_logger()

BATCH = 100

_HEADS = select(Entry.workspace_id, func.max(Entry.seq)).group_by(Entry.workspace_id)
_CURSORS = select(Cursor.workspace_id, Cursor.consumer, Cursor.seq)
_NEXT = (
    select(Entry)
    .where(Entry.workspace_id == bindparam("of"), Entry.seq > bindparam("after"))
    .order_by(Entry.seq)
    .limit(BATCH)
)

# Gets the lines and a cause for what it says; must not commit, and must not touch the network.
Consumer = Callable[[AsyncSession, Sequence[Entry], Cause], Awaitable[None]]


async def consume(db: Database, consumers: Mapping[str, Consumer], *, at: datetime) -> int:
    """Let every consumer read on, a batch each. Returns how many lines were read in all.

    One that fails stops no other; its cursor stays, so that it meets the same lines again.
    """
    async with db.read() as session:
        heads = dict((await session.execute(_HEADS)).tuples().all())
        read = await session.execute(_CURSORS)
        done = {(workspace_id, name): seq for workspace_id, name, seq in read}
    behind = [
        (workspace_id, name)
        for workspace_id, head in heads.items()
        for name in consumers
        if done.get((workspace_id, name), 0) < head
    ]
    total = 0
    for workspace_id, name in behind:
        try:
            is_new = (workspace_id, name) not in done
            total += await _read_on(db, workspace_id, name, consumers[name], at, is_new=is_new)
        except Unavailable:
            raise
        except Exception as error:
            log.error("consumer.failed", consumer=name, exc_info=error)
    return total


async def _read_on(
    db: Database,
    workspace_id: str,
    name: str,
    consumer: Consumer,
    at: datetime,
    *,
    is_new: bool,
) -> int:
    async with db.write() as session:
        key = {"workspace_id": workspace_id, "consumer": name}
        if is_new:
            await insert_unless_there(session, Cursor, **key, seq=0)
        cursor = await session.get_one(Cursor, (workspace_id, name), with_for_update=True)
        values = {"of": workspace_id, "after": cursor.seq}
        entries = list(await session.scalars(_NEXT, values))
        if entries:
            key_ = f"entry:{name}:{entries[-1].seq}"
            await consumer(session, entries, Cause(workspace_id, key_, at))
            cursor.seq = entries[-1].seq
    return len(entries)
