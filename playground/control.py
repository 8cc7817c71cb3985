"""Moves the playground's time: the bot steps through what is due, the world's clock follows."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from playground.page.clock import ClockError
from playground.server.world import World

# Stepping through a week of due work may render a few pictures.
MOVE_SECONDS = 120
# The bot's clock ticks on while it is asked to go on, and never goes back.
ON_THE_WAY = timedelta(seconds=2)
# What comes so soon after the next thing belongs to the same visit: a morning's digest and the
# verdicts half an hour later.
TOGETHER = timedelta(minutes=45)
# Looks that find nothing to say (a tripwire not crossed) are passed over, but not for ever.
FAR = timedelta(days=14)


class BotClockwork:
    """``playground.page.clock.Clockwork`` over the bot's loopback control."""

    def __init__(self, world: World, control_url: str) -> None:
        self._world, self._url = world, control_url

    async def wait_until_ready(self, seconds: float) -> None:
        """Return once the bot answers; raises ``ClockError`` when it does not in time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                await self._ask("GET")
            except ClockError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.05)
            else:
                return

    async def next_due(self) -> datetime | None:
        """Go on to the next thing due that anybody notices, and do what comes soon after it."""
        state = await self._ask("GET")
        # What is due already is done first: its messages are not those of the next thing.
        await self._step(datetime.fromisoformat(state["now"]) + ON_THE_WAY)
        state, said = await self._ask("GET"), self._said()
        far = datetime.fromisoformat(state["now"]) + FAR
        while state["next_due"] and (at := _not_past(state)) <= far:
            await self._step(at)
            if self._said() > said:
                return await self._steps(at + TOGETHER)
            state = await self._ask("GET")
        return None

    async def run_until(self, at: datetime) -> None:
        """Do everything due up to ``at``, which then is the present for bot and page."""
        now = await self._steps(at)
        if at > now + ON_THE_WAY:
            await self._step(at)

    async def _steps(self, until: datetime) -> datetime:
        """Go to each thing due up to ``until``, in order. Returns the present after them."""
        state, before = await self._ask("GET"), None
        while state["next_due"] and (at := _not_past(state)) <= until:
            if state["next_due"] == before:  # it cannot be done: somebody else is at it
                break
            before = state["next_due"]
            await self._step(at)
            state = await self._ask("GET")
        return datetime.fromisoformat(state["now"])

    async def _step(self, at: datetime) -> None:
        # The page's clock first: what the bot posts is then dated by the moment it was due at.
        self._show(at)
        state = await self._ask("POST", {"to": at.isoformat()})
        self._show(datetime.fromisoformat(state["now"]))

    def _said(self) -> int:
        """Return how many messages the bot has posted."""
        return len(self._world.ledger.rows(method="chat.postMessage"))

    def _show(self, now: datetime) -> None:
        self._world.set_offset(now - self._world.real_now())

    async def _ask(self, method: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=MOVE_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(method, f"{self._url}/clock", json=body) as answer,
            ):
                state: dict[str, Any] = await answer.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ClockError("The bot does not answer; is it still running?") from error
        if answer.status >= 400:
            raise ClockError(str(state.get("problem", "The clock could not be moved.")))
        return state


def _not_past(state: dict[str, Any]) -> datetime:
    """Return when the next thing can be done: when it is due, or at once."""
    due, now = datetime.fromisoformat(state["next_due"]), datetime.fromisoformat(state["now"])
    return max(due, now + ON_THE_WAY)
