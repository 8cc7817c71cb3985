"""The engine alone: jobs of the test's own, one workspace, the playground's server as Slack."""

from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import OffsetClock
from bot.db.session import Database
from bot.engine.attempts import Progress
from bot.engine.calls import Draw
from bot.engine.deliveries import Cause
from bot.engine.inbox import Arrival, receive
from bot.engine.outgoing import Outgoing
from bot.engine.presence import Presence
from bot.engine.queue import EventWork, Queue, SlotWork
from bot.engine.runner import Engine, Jobs
from bot.engine.tables import Delivery, Inbox, Occurrence
from bot.slack.gateway import SlackGateway
from bot.slack.pacing import Paces
from playground.server.people import People
from playground.server.rows import Message
from playground.server.world import World


async def draw_nothing(_spec: dict[str, Any]) -> bytes:
    return b"\x89PNG"


class Living:
    """Processes that live, whatever their leases say."""

    def __init__(self, owners: set[str]) -> None:
        self.owners = owners

    async def gone(self, _session: AsyncSession, owners: AbstractSet[str]) -> set[str]:
        return set(owners) - self.owners


@dataclass
class Works:
    """What an engine test holds in its hands."""

    db: Database
    clock: OffsetClock
    workspace_id: str
    gateway: SlackGateway
    world: World
    people: People
    ana: str
    room: str
    other: str
    events: dict[str, Callable[[EventWork], Awaitable[str]]] = field(default_factory=dict)
    slots: dict[str, Callable[[SlotWork], Awaitable[str]]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    draw: Draw = draw_nothing
    real_now: Callable[[], datetime] | None = None
    paces: Paces | None = None
    made: int = 0
    presence: Presence | None = None

    def engine(self, *, hands_out: bool = False) -> Engine:
        """An engine of one more process on the same database."""
        self.made += 1
        owner = f"process-{self.made}"

        async def gateways(_workspace_id: str) -> SlackGateway:
            return self.gateway

        async def nothing_to_read(_at: datetime) -> Progress:
            return Progress(0, 0, is_done=True)

        real_now = self.real_now or self.clock.now
        outgoing = Outgoing(
            self.db, owner, gateways, self.draw, real_now, self.paces, self.presence
        )
        jobs = Jobs(self.events, self.slots, nothing_to_read, self.asked)
        queue = Queue(self.db, owner, self.presence)
        return Engine(self.db, self.clock, queue, outgoing, jobs, hands_out=hands_out)

    def cause(self, key: str = "act:1", owner: str = "") -> Cause:
        return Cause(self.workspace_id, key, self.clock.now(), owner, "The digest")

    async def run_for(self, engine: Engine, **delta: float) -> int:
        return await engine.run_until(self.clock.now() + timedelta(**delta), self.clock.set)

    def said(self, channel: str = "") -> list[Message]:
        """The bot's messages in a channel, replies included, oldest first."""
        channel = channel or self.room
        tops = self.world.messages.history(channel, limit=1000)
        found = {m.ts: m for t in tops for m in (t, *self.world.messages.replies(channel, t.ts))}
        return [m for ts, m in sorted(found.items()) if m.bot_id and m.user == self.world.bot.id]

    def texts(self, channel: str = "") -> list[str]:
        return [m.text for m in self.said(channel)]

    def told(self) -> list[Message]:
        """The direct messages to ana."""
        room = self.world.channels.find_direct(self.ana, self.world.bot.id)
        return self.said(room.id) if room else []

    async def delivery(self, delivery_id: str) -> Delivery:
        async with self.db.read() as session:
            return await session.get_one(Delivery, (self.workspace_id, delivery_id))

    async def set_delivery(self, delivery_id: str, **values: Any) -> None:
        async with self.db.write() as session:
            await session.execute(
                update(Delivery).where(Delivery.id == delivery_id).values(**values)
            )

    async def arrive(self, event_id: str, kind: str, payload: Mapping[str, Any] = {}) -> bool:
        async with self.db.write() as session:
            return await receive(
                session,
                self.workspace_id,
                event_id,
                Arrival(kind, dict(payload)),
                at=self.clock.now(),
            )

    async def inbox(self) -> list[Inbox]:
        async with self.db.read() as session:
            return list(await session.scalars(select(Inbox).order_by(Inbox.id)))

    async def occurrences(self) -> list[Occurrence]:
        async with self.db.read() as session:
            return list(await session.scalars(select(Occurrence).order_by(Occurrence.due_at)))
