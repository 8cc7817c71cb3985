"""Which processes live: what a dead one had begun may be taken over, what a paused one has may not.

A lease alone does not tell them apart: a process that was stopped past its lease wakes in the
middle of a post. So a lease is taken over only when it is over *and* its owner is provably gone.
"""

import os
import secrets
from collections.abc import Set as AbstractSet
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


def new_owner() -> str:
    """Return the name of this process in leases: its id, and a number nobody else has."""
    return f"{os.getpid()}.{secrets.token_hex(4)}"


class Presence(Protocol):
    """Tells who is gone."""

    async def gone(self, session: AsyncSession, owners: AbstractSet[str]) -> set[str]:
        """Return which of ``owners`` (others than this process) have provably ended."""
        ...


class Alone:
    """One process on one SQLite file: every other owner has ended (bot.db.sole sees to it)."""

    async def gone(self, session: AsyncSession, owners: AbstractSet[str]) -> set[str]:
        """Return all of them."""
        return set(owners)
