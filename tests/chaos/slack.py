"""The playground's Slack as a process of its own that outlives every bot, and strikes them.

Each bot calls it under a path of its own (``/<bot>/api/…``), so that it knows who posts. An armed
strike sends that process a signal at an exact point of a post:

- ``before``: the request is here and nothing is accepted (the bot has committed its intent);
- ``after``: the message is accepted and in the ledger, the answer is not sent.

POST /chaos/arm {"bot", "pid", "signal", "when", "skip"}; GET /chaos/struck how many struck each.
"""

import asyncio
import json
import os
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings
from playground.server.world import World
from tests.chaos.clockfile import ClockFile

MANIFEST = Path(__file__).parent.parent.parent / "app.yaml"
POST = "/api/chat.postMessage"
# Slack's own waits before it sends an event again are up to five minutes.
EVENT_RETRIES = (0.5, 2.0, 4.0, 8.0, 16.0)


@dataclass
class Strike:
    """One armed signal; ``skip`` posts pass before it falls."""

    bot: str
    pid: int
    signal: int
    when: str
    skip: int = 0

    def fall(self) -> None:
        """Send it, if the process is still there."""
        try:
            os.kill(self.pid, self.signal)
        except ProcessLookupError:
            return


class Strikes:
    """Middleware: finds out who posts, and strikes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._armed, self._struck = app, list[Strike](), Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        if path.startswith("/chaos/"):
            await self._control(path, receive, send)
            return
        bot, _, rest = path.removeprefix("/").partition("/api/")
        if rest:
            path = f"/api/{rest}"
            scope = dict(scope, path=path, raw_path=path.encode())
        strike = self._take(bot) if path == POST else None
        await self._serve(strike, scope, receive, send)

    async def _serve(
        self, strike: Strike | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if strike is None:
            await self._app(scope, receive, send)
            return
        self._struck[strike.bot] += 1
        if strike.when == "before":
            strike.fall()
            if strike.signal == signal.SIGKILL:
                await Response(status_code=500)(scope, receive, send)  # nobody hears it
                return
            await self._app(scope, receive, send)
            return

        async def struck(message: Message) -> None:
            if message["type"] == "http.response.start":
                strike.fall()
            await send(message)

        await self._app(scope, receive, struck)

    def _take(self, bot: str) -> Strike | None:
        for strike in self._armed:
            if strike.bot != bot:
                continue
            if strike.skip:
                strike.skip -= 1
                return None
            self._armed.remove(strike)
            return strike
        return None

    async def _control(self, path: str, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if path == "/chaos/arm":
            self._armed.append(Strike(**json.loads(body)))
        if path == "/chaos/disarm":
            self._armed.clear()
        answer = json.dumps({"struck": self._struck, "armed": len(self._armed)}).encode()
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": answer})


def make_world(folder: Path, clock: ClockFile, channels: int) -> World:
    """Open the workspace: its people, and the channels that the bot is in."""
    world = World.open(folder / "slack.sqlite3", team_name="Chaos", real_now=clock.now)
    if world.channels.named("chaos-0") is None:
        ana = world.users.add("ana", "Ana Lima", tz="Europe/Berlin", is_admin=True)
        ben = world.users.add("ben", "Ben Okafor", tz="America/New_York")
        for number in range(channels):
            world.channels.add(f"chaos-{number}", [ana.id, ben.id, world.bot.id])
    return world


async def main(folder: Path, channels: int) -> None:
    """Serve until killed; the address is written to ``slack.url`` once it listens."""
    world = make_world(folder, ClockFile(folder / "true.clock"), channels)
    manifest: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    settings = Settings(port=0, retry_seconds=EVENT_RETRIES, file_refusals=0)
    people = People(world, manifest, settings)
    app: Any = Strikes(build_app(world, people, manifest, settings))
    async with serving(app, settings) as url:
        ready = folder / "slack.ready"
        ready.write_text(url)
        ready.rename(folder / "slack.url")
        await asyncio.Event().wait()
