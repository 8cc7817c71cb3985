"""Moves the playground's time: the bot steps through what is due, the world's clock follows."""

import asyncio
from datetime import datetime
from typing import Any

import aiohttp

from playground.page.clock import ClockError
from playground.server.world import World

# Stepping through a week of due work may render a few pictures.
MOVE_SECONDS = 120


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
        """Go to the next thing that is due and do it."""
        state = await self._ask("GET")
        if state["next_due"] is None:
            return None
        at = max(datetime.fromisoformat(state["next_due"]), datetime.fromisoformat(state["now"]))
        await self.run_until(at)
        return at

    async def run_until(self, at: datetime) -> None:
        """Do everything due up to ``at``, which then is the present for bot and page."""
        # The page's clock first: what the bot posts on the way is then dated by the bot's steps
        # only at their end, but never before the moment that people see.
        state = await self._ask("POST", {"to": at.isoformat()})
        now = datetime.fromisoformat(state["now"])
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
