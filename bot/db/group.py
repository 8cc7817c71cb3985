"""Many small writes in one transaction: the first to come commits for all that wait behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database

Write = Callable[[AsyncSession], Awaitable[None]]
# So many writes share a transaction: bounds its length to some tens of milliseconds.
TOGETHER = 64


@dataclass(eq=False)
class _Waiting:
    write: Write
    is_done: bool = False


class GroupCommit:
    """Commits writes of one kind together. Each returns only when its own is committed."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turn = asyncio.Lock()
        self._waiting: list[_Waiting] = []

    async def commit(self, write: Write) -> None:
        """Have ``write`` committed. It may run more than once: only the last run counts.

        Raises what it raises; what another's raises does not reach it.
        """
        own = _Waiting(write)
        self._waiting.append(own)
        try:
            async with self._turn:
                while not own.is_done:
                    await self._commit_first(own)
        finally:
            if own in self._waiting:
                self._waiting.remove(own)

    async def _commit_first(self, own: _Waiting) -> None:
        group = self._waiting[:TOGETHER]
        try:
            await self._commit(group)
        except Exception:
            if group == [own]:
                raise
            # One of them cannot be written: whose own it is, finds out.
            await self._commit([own])

    async def _commit(self, group: list[_Waiting]) -> None:
        async with self._db.write() as session:
            for one in group:
                await one.write(session)
        for one in group:
            one.is_done = True
            self._waiting.remove(one)
