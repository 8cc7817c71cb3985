"""What a ritual does for the bets on its things: read them, show them, write in their thread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.betting import Subject
from bot.bets.histories import Timing
from bot.bets.records import Judged
from bot.engine.deliveries import Cause
from bot.errors import NotFound
from bot.slack.blocks import Message
from bot.workspaces.asker import Asker


@dataclass(frozen=True)
class Kept:
    """The thing that a bet is on, as the bot itself reads it.

    ``place`` is the channel, or the person directly, that has its message: it is written for those
    who read there. ``timing`` says since when its days count.
    """

    subject: Subject
    place: str
    timing: Timing


class Keeper(Protocol):
    """How one kind of thing with a bet is read, shown and told."""

    async def find(
        self, session: AsyncSession, workspace_id: str, subject_id: str, *, for_change: bool = False
    ) -> Kept:
        """Return it, whoever may see it; locked ``for_change``. Raises ``NotFound``."""
        ...

    async def view(self, session: AsyncSession, asker: Asker, subject_id: str) -> Judged:
        """Return it as an asker may see it; raises ``NotFound``."""
        ...

    async def others(
        self,
        session: AsyncSession,
        readers: Asker,
        kept: Kept,
        window: tuple[datetime, datetime],
        limit: int,
    ) -> tuple[str, ...]:
        """Return the ids of other launches that went live from and to before two instants."""
        ...

    async def complaints(
        self, session: AsyncSession, readers: Asker, kept: Kept, *, at: datetime
    ) -> dict[str, Any] | None:
        """Return what customers complained of since then; None where nothing is listened for."""
        ...

    async def asked_in(self, session: AsyncSession, asker: Asker, subject_id: str) -> list[str]:
        """Return the names of what customers asked for it in, as the asker may see them."""
        ...

    async def refresh(
        self, session: AsyncSession, cause: Cause, readers: Asker, kept: Kept
    ) -> Judged:
        """Plan the edit of its message to what is true now; returns it as its readers see it."""
        ...

    async def post_in_thread(
        self, session: AsyncSession, cause: Cause, kept: Kept, part: str, message: Message
    ) -> str:
        """Plan a message under its own. Returns the delivery's id."""
        ...


def read_value(value: str) -> tuple[str, str]:
    """Return kind and id of the thing that a button is about; older buttons carry a launch's id."""
    kind, _, subject_id = value.rpartition(":")
    return kind or "launch", subject_id


def keeper_of(keepers: Mapping[str, Keeper], kind: str) -> Keeper:
    """Return the keeper of a kind; raises ``NotFound``."""
    if kind not in keepers:
        raise NotFound("There is nothing of that kind that you can see.")
    return keepers[kind]
