"""Sends the app its events, at least once and in no promised order, and asks it for answers."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Coroutine
from typing import Any

from playground.server.faults import Faults
from playground.server.ids import new_id
from playground.server.manifest import Manifest
from playground.server.rows import Channel, Json
from playground.server.settings import Settings
from playground.server.transport import Delivery, Kind, Transport, UnansweredError
from playground.server.world import World

_IN_FLIGHT = 64  # events not yet acknowledged; a burst waits here instead of timing out


class Outbox:
    """Every event is a row until it was acknowledged or given up, so that a restart of the
    playground goes on sending it."""

    def __init__(
        self,
        world: World,
        manifest: Manifest,
        settings: Settings,
        faults: Faults,
        transport: Transport,
    ) -> None:
        self._world = world
        self._manifest = manifest
        self._settings = settings
        self._faults = faults
        self._transport = transport
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[asyncio.Event] = []
        self._slots = asyncio.Semaphore(_IN_FLIGHT)
        self.begun = 0  # deliveries that set out, since the start

    def emit(self, name: str, event: Json, channel: Channel | None = None) -> str | None:
        """Sends an event of subscription `name` (such as "message.channels") in the background;
        returns its event_id, or None when the app did not subscribe or is not in the channel."""
        bot = self._world.app.bot_user_id
        if name not in self._manifest.bot_events:
            return None
        if channel is not None and bot not in channel.members:
            return None
        return self.send_event(event, is_ext_shared=channel is not None and channel.is_ext_shared)

    def send_event(self, event: Json, *, is_ext_shared: bool = False) -> str:
        """Sends an event whatever the app subscribed to; returns its event_id."""
        envelope = self._envelope(event, is_ext_shared=is_ext_shared)
        event_id: str = envelope["event_id"]
        self._world.store.run(
            "INSERT INTO event (event_id, body, state) VALUES (?, ?, 'pending')",
            *(event_id, json.dumps(envelope)),
        )
        self._spawn(self._deliver(envelope))
        return event_id

    async def ask(self, kind: Kind, payload: Json) -> Json:
        """Delivers a command or an interaction once; UnansweredError when it is not
        acknowledged in time. Nothing is retried: that is what Slack does."""
        return await self._transport.send(Delivery(kind, payload))

    def resume(self) -> int:
        """Goes on with the events of an earlier run; returns how many."""
        rows = self._world.store.all("SELECT body FROM event WHERE state = 'pending'")
        for row in rows:
            self._spawn(self._deliver(json.loads(row["body"])))
        return len(rows)

    async def settled(self) -> None:
        """Waits until no event is on its way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Stops sending; what is pending stays so for the next run."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def events(self, state: str | None = None) -> list[Json]:
        """Event rows, oldest first: event_id, state (pending, acked, failed), attempts, body."""
        rows = self._world.store.all("SELECT * FROM event ORDER BY rowid")
        found = [{**dict(row), "body": json.loads(row["body"])} for row in rows]
        return [row for row in found if state in (None, row["state"])]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.begun += 1
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, envelope: Json) -> None:
        name, channel = envelope["event"]["type"], _channel_of(envelope["event"])
        await self._hold_or_release(name, channel)
        if self._faults.take(("duplicate_event",), name, channel) is not None:
            self._spawn(self._once(envelope))
        reason = ""
        for attempt, pause in enumerate((0.0, *self._settings.retry_seconds)):
            await asyncio.sleep(pause)
            try:
                await self._attempt(envelope, attempt, reason)
            except UnansweredError as error:
                reason = error.reason
            else:
                self._mark(envelope, "acked", attempt + 1)
                return
        self._mark(envelope, "failed", len(self._settings.retry_seconds) + 1)

    async def _attempt(self, envelope: Json, attempt: int, reason: str) -> None:
        name, channel = envelope["event"]["type"], _channel_of(envelope["event"])
        if self._faults.take(("drop_event",), name, channel) is not None:
            raise UnansweredError("timeout")
        async with self._slots:
            await self._transport.send(Delivery("events_api", envelope, attempt, reason))

    async def _once(self, envelope: Json) -> None:
        try:
            await self._transport.send(Delivery("events_api", envelope))
        except UnansweredError:
            return  # it was the surplus copy

    async def _hold_or_release(self, name: str, channel: str | None) -> None:
        """A reordered event waits for the next one to be on its way."""
        if self._faults.take(("reorder_event",), name, channel) is None:
            for held in self._held:
                asyncio.get_running_loop().call_soon(held.set)
            self._held.clear()
            return
        release = asyncio.Event()
        self._held.append(release)
        with contextlib.suppress(TimeoutError):  # no other event came: it was the last
            await asyncio.wait_for(release.wait(), self._settings.ack_seconds)
            await asyncio.sleep(0.05)  # the other one is being written to the wire

    def _mark(self, envelope: Json, state: str, attempts: int) -> None:
        self._world.store.run(
            "UPDATE event SET state = ?, attempts = ? WHERE event_id = ?",
            *(state, attempts, envelope["event_id"]),
        )

    def _envelope(self, event: Json, *, is_ext_shared: bool) -> Json:
        world = self._world
        return {
            "token": world.app.verification_token,
            "team_id": world.team.id,
            "context_team_id": world.team.id,
            "context_enterprise_id": None,
            "api_app_id": world.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": new_id("Ev", 10),
            "event_time": int(world.real_now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": world.team.id,
                    "user_id": world.app.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": is_ext_shared,
            "event_context": f"4-{secrets.token_hex(20)}",
        }


def _channel_of(event: Json) -> str | None:
    channel = event.get("channel") or (event.get("item") or {}).get("channel")
    if isinstance(channel, dict):
        return str(channel.get("id"))
    return channel if isinstance(channel, str) else None
