"""Load from one process: as fast as some connections go, or so many a second, come what may."""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

SECRET = "benchmark"
_numbers = itertools.count(1)


@dataclass
class Load:
    """What came of it; latencies in seconds, from when a request was due."""

    seconds: float = 0.0
    answered: int = 0
    refused: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


Build = Callable[[], tuple[bytes, str]]


def command() -> tuple[bytes, str]:
    """Build a slash command: its body and content type."""
    n = next(_numbers)
    body = {
        "command": "/daybook", "text": "note what was said at noon", "team_id": "T1",
        "user_id": "U1", "channel_id": "C1", "trigger_id": f"{time.time_ns()}.{n}",
        "response_url": "http://127.0.0.1:9/none", "api_app_id": "A1", "token": "x",
    }  # fmt: skip
    return urlencode(body).encode(), "application/x-www-form-urlencoded"


def reaction() -> tuple[bytes, str]:
    """Build the event of a reaction that captures feedback."""
    n = next(_numbers)
    body = {
        "type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": f"Ev{n}",
        "event_time": 1_780_000_000, "event": {
            "type": "reaction_added", "user": "U1", "reaction": "memo", "item_user": "U2",
            "item": {"type": "message", "channel": "C1", "ts": f"1780000000.{n:06d}"},
            "event_ts": f"1780000001.{n:06d}",
        },
    }  # fmt: skip
    return json.dumps(body).encode(), "application/json"


def signed(body: bytes, kind: str) -> dict[str, str]:
    """Sign as Slack does."""
    at = str(int(time.time()))
    base = b"v0:" + at.encode() + b":" + body
    sign = "v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
    return {"Content-Type": kind, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": sign}


async def as_fast_as(connections: int, url: str, build: Build, *, seconds: float) -> Load:
    """Ask over so many connections, each again as soon as it is answered."""
    load, began = Load(), time.perf_counter()

    async def one(session: aiohttp.ClientSession) -> None:
        while time.perf_counter() - began < seconds:
            await _ask(session, url, build, load, time.perf_counter())

    async with _session() as session:
        await asyncio.gather(*(one(session) for _ in range(connections)))
    load.seconds = time.perf_counter() - began
    return load


async def at_rate(a_second: float, url: str, build: Build, *, seconds: float) -> Load:
    """Ask so many times a second, whether the ones before are answered or not."""
    load, began = Load(), time.perf_counter()
    asked: list[Awaitable[None]] = []
    async with _session() as session:
        for n in range(int(a_second * seconds)):
            due = began + n / a_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            asked.append(asyncio.create_task(_ask(session, url, build, load, due)))
        await asyncio.gather(*asked)
    load.seconds = time.perf_counter() - began
    return load


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


async def _ask(
    session: aiohttp.ClientSession, url: str, build: Build, load: Load, due: float
) -> None:
    body, kind = build()
    async with session.post(url, data=body, headers=signed(body, kind)) as answer:
        await answer.read()
        if answer.status == 200:
            load.answered += 1
        else:
            load.refused += 1
    load.latencies.append(time.perf_counter() - due)
