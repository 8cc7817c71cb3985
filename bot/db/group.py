"""Many small writes in one transaction: the first to come commits for all that wait behind it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database
from bot.errors import DatabaseBusy

T = TypeVar("T")
# So many writes share a transaction: bounds its length to some tens of milliseconds.
TOGETHER = 64


@dataclass(eq=False)
class _Waiting(Generic[T]):
    what: T
    is_done: bool = False
    error: DatabaseBusy | None = None


class GroupCommit(Generic[T]):
    """Commits writes of one kind together. Each call returns only when its own is committed.

    ``write`` writes some of them in the session it is given; it may run more than once for the
    same, and only its last run counts.
    """

    def __init__(
        self, db: Database, write: Callable[[AsyncSession, Sequence[T]], Awaitable[None]]
    ) -> None:
        self._db, self._write = db, write
        self._turn = asyncio.Lock()
        self._waiting: list[_Waiting[T]] = []

    async def commit(self, what: T) -> None:
        """Have it committed. Raises what its own write raises, and nothing of another's."""
        own = _Waiting(what)
        self._waiting.append(own)
        try:
            async with self._turn:
                while not own.is_done and not own.error:
                    await self._commit_first(own)
        finally:
            if own in self._waiting:
                self._waiting.remove(own)
        if own.error:
            raise own.error

    async def _commit_first(self, own: _Waiting[T]) -> None:
        group = self._waiting[:TOGETHER]
        try:
            await self._commit(group)
        except DatabaseBusy as error:
            # It is for all of them: each would wait as long for the same.
            for one in group:
                one.error = error
                self._waiting.remove(one)
        except Exception:
            if group == [own]:
                raise
            # One of them cannot be written: whose own it is, finds out.
            await self._commit([own])

    async def _commit(self, group: list[_Waiting[T]]) -> None:
        async with self._db.write() as session:
            await self._write(session, [one.what for one in group])
        for one in group:
            one.is_done = True
            self._waiting.remove(one)
