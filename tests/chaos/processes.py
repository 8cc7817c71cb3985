"""The processes of a trial: Slack, and the bots that are killed, stopped and started again."""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.chaos.clockfile import ClockFile
from tests.chaos.nursery import START_SECONDS, Child, Nursery


@dataclass
class Slack:
    """The playground's server, spoken to over loopback."""

    url: str
    process: Child
    http: aiohttp.ClientSession

    async def ask(self, path: str, body: dict[str, Any] | None = None, method: str = "") -> Any:
        """Call a control address; raises on refusal."""
        method = method or ("GET" if body is None else "POST")
        async with self.http.request(method, f"{self.url}{path}", json=body) as answer:
            if answer.status >= 400:
                raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def fault(self, kind: str, **how: Any) -> None:
        """Add a fault rule."""
        await self.ask("/control/faults", {"kind": kind} | how)

    async def good_weather(self) -> None:
        """Take every fault and every armed strike back."""
        await self.ask("/control/faults", method="DELETE")
        await self.ask("/chaos/disarm", {})

    async def ledger(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the accepted calls."""
        rows: list[dict[str, Any]] = (await self.ask(f"/control/ledger?since={since}"))["rows"]
        return rows

    async def close(self) -> None:
        """End it."""
        await self.http.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        await self.process.wait()


async def start_slack(nursery: Nursery, folder: Path, channels: int) -> Slack:
    """Start the server and wait until it listens."""
    arguments = [str(folder), str(channels)]
    process = await nursery.bear("slack", arguments, os.environ, folder / "slack.log")
    async with asyncio.timeout(START_SECONDS):
        while not (folder / "slack.url").exists():
            if process.returncode is not None:
                raise RuntimeError("the playground's server did not start")
            await asyncio.sleep(0.05)
    return Slack((folder / "slack.url").read_text(), process, aiohttp.ClientSession())


@dataclass
class Bot:
    """One process of Daybook (``run`` or ``worker``) with a machine clock of its own."""

    name: str
    command: str
    environment: Mapping[str, str]
    folder: Path
    nursery: Nursery
    skew_seconds: float = 0.0
    process: Child | None = None
    is_stopped: bool = False
    starts: int = 0
    clock: ClockFile = field(init=False)

    def __post_init__(self) -> None:
        self.clock = ClockFile(self.folder / f"{self.name}.clock")

    @property
    def pid(self) -> int:
        """Its process id; raises when it never ran."""
        assert self.process is not None
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process runs (or is stopped)."""
        return self.process is not None and self.process.returncode is None

    @property
    def log(self) -> Path:
        """What it said."""
        return self.folder / f"{self.name}.log"

    async def start(self) -> None:
        """Start it, without waiting for it to be ready."""
        if self.is_alive:
            return
        self.starts += 1
        with self.log.open("ab") as log:
            log.write(f"--- start {self.starts}\n".encode())
        clock = {"CHAOS_CLOCK": str(self.folder / f"{self.name}.clock")}
        environment = dict(self.environment) | clock
        self.process = await self.nursery.bear("bot", [self.command], environment, self.log)
        self.is_stopped = False

    async def ready(self, seconds: float = START_SECONDS) -> bool:
        """Wait until this start says that it is ready; False when it does not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.is_alive:
                    if re.search(r"daybook\.(worker_)?ready", self._said()):
                        return True
                    await asyncio.sleep(0.05)
        return False

    def _said(self) -> str:
        text = self.log.read_text(errors="replace")
        return text.rpartition(f"--- start {self.starts}\n")[2]

    def strike(self, sign: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self.process is not None and self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, sign)
            self.is_stopped = {signal.SIGSTOP: True, signal.SIGCONT: False}.get(
                sign, self.is_stopped
            )

    async def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.strike(signal.SIGKILL)
        if self.process is not None:
            await self.process.wait()

    async def stop(self) -> None:
        """Ask it to end, as an operator does; kill it when it does not."""
        self.strike(signal.SIGCONT)
        self.strike(signal.SIGTERM)
        if self.process is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), 8)
        await self.kill()
