"""What handlers and jobs are given: the ports of one running Daybook."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.db.session import Database
from bot.settings import Settings
from bot.workspaces.once import claim
from bot.workspaces.places import Places
from bot.workspaces.watch import Watch

if TYPE_CHECKING:
    from bot.ai.llm import Drafter
    from bot.feedback.grouping import Reader
    from bot.metrics.reader import MetricReader


class Act(Protocol):
    """What a unit of work must know of a person's act."""

    @property
    def workspace_id(self) -> str:
        """Whose act it is."""

    @property
    def trigger_id(self) -> str:
        """Slack's name of the act; the same when it is delivered twice."""

    @property
    def at(self) -> datetime:
        """When it came in."""


@dataclass(frozen=True)
class Deps:
    """One running Daybook."""

    db: Database
    clock: Clock
    settings: Settings
    places: Places
    metrics: "MetricReader"
    feedback: "Reader"
    watch: Watch
    drafter: "Drafter | None" = None  # None: no model is set up

    @asynccontextmanager
    async def act(self, request: Act) -> AsyncIterator[AsyncSession]:
        """Open the one unit of work of a person's act; a second delivery of it does nothing."""
        async with self.db.write() as session:
            await claim(session, request.workspace_id, request.trigger_id, at=request.at)
            yield session
