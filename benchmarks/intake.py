"""One message of a customer: its meaning and theme, and how soon the reporter sees the receipt.

The receipt: from the reaction in the playground's Slack until the bot's own reaction arrives
there, through Socket Mode and ``daybook run`` as a process of its own, with its local model
loaded and texts logged before. Bare: the vector of one text alone; the calls to Slack alone.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import uvloop
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.databases import fresh_url
from benchmarks.said import WORKSPACE, log_all, sentences
from benchmarks.table import Row, percentile
from bot.ai.embedder import Embedder
from bot.db.migrate import migrate
from bot.db.session import Database
from bot.feedback.grouping import Reader
from bot.feedback.receipts import RECEIPT_EMOJI
from playground.play import free_port
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings
from playground.server.world import World

MANIFEST = Path(__file__).parent.parent / "app.yaml"
LOGGED, NEW = 3_000, 100  # texts grouped before, and texts that come in
QUICK_LOGGED, QUICK_NEW = 500, 20
GROUPING_TARGET_MS, RECEIPT_TARGET_MS, MEMORY_TARGET_MB = 100.0, 300.0, 350.0
MEGABYTE = 1_000_000
START_SECONDS, ANSWER_SECONDS = 90, 20
# How often it is looked whether the receipt has come.
LOOK_SECONDS = 0.002
# What comes first loads the model and reads all texts, as after every start.
WARM_UP = 3


def run(*, quick: bool) -> list[Row]:
    """Measure on SQLite, where the bot and its database share one process."""
    return uvloop.run(_measure(quick=quick))


async def _measure(*, quick: bool) -> list[Row]:
    logged, new = (QUICK_LOGGED, QUICK_NEW) if quick else (LOGGED, NEW)
    texts, vectors = sentences(logged + new), Embedder()
    world = World.open(":memory:", team_name="Bench")
    with fresh_url("sqlite") as url:
        db = Database(url)
        await migrate(db)
        themes = await log_all(db, world.team.id, texts[:logged], vectors)
        grouping = await _grouping(db, vectors, texts[logged:])
        await db.close()
        receipt = await _receipt(world, url, texts[logged:])
    world.close()
    about = f"{logged:,} texts, {themes} themes"
    return [
        _row(f"meaning and theme of one message beside {about}", *grouping, GROUPING_TARGET_MS,
             quick=quick),
        _row("from the reaction to the receipt", *receipt[:2], RECEIPT_TARGET_MS, quick=quick),
        Row(
            "memory of daybook run with its model and these texts (resident)",
            f"{receipt[2]:.0f} MB",
            target="" if quick else f"{MEMORY_TARGET_MB:.0f} MB",
            is_met=None if quick else receipt[2] <= MEMORY_TARGET_MB,
        ),
    ]  # fmt: skip


def _row(name: str, ours: list[float], bare: list[float], target: float, *, quick: bool) -> Row:
    p50, p99, bare_p50 = percentile(ours, 0.5), percentile(ours, 0.99), percentile(bare, 0.5)
    return Row(
        name,
        f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
        f"p50 {bare_p50:.0f} ms",
        f"{p50 / bare_p50:.1f}",
        "" if quick else f"p50 <= {target:.0f} ms",
        None if quick else p50 <= target,
    )


async def _grouping(
    db: Database, vectors: Embedder, texts: list[str]
) -> tuple[list[float], list[float]]:
    """Milliseconds of each text in the bot's reader, and of its vector alone."""
    reader, ours, bare = Reader(db, vectors), list[float](), list[float]()
    for n, text in enumerate(texts):
        began = time.perf_counter()
        await reader.read(WORKSPACE, "", f"new{n}", text)
        middle = time.perf_counter()
        await asyncio.to_thread(vectors.embed, [text])
        ours.append((middle - began) * 1000)
        bare.append((time.perf_counter() - middle) * 1000)
    return ours[WARM_UP:], bare[WARM_UP:]


async def _receipt(
    world: World, url: str, texts: list[str]
) -> tuple[list[float], list[float], float]:
    """Milliseconds to each receipt, those of the same calls alone, and the bot's megabytes."""
    manifest = yaml.safe_load(MANIFEST.read_text())
    settings = Settings(port=0)
    people = People(world, manifest, settings)
    ana = world.users.add("ana", "Ana Lima", tz="Europe/Berlin", email="ana@bench.test").id
    room = world.channels.add("customer-voice", [ana, world.bot.id]).id
    app = build_app(world, people, manifest, settings)
    async with serving(app, settings) as address, _bot(world, url, address) as process:
        stamps = [await people.post(ana, room, text) for text in texts]
        await people.settled()
        ours = [await _time_to_receipt(world, people, ana, room, ts) for ts in stamps]
        resident = psutil.Process(process.pid).memory_info().rss / MEGABYTE
        client = AsyncWebClient(world.app.bot_token, base_url=f"{address}/api/")
        bare = [await _calls_alone(client, room, ts) for ts in stamps]
    return ours[WARM_UP:], bare[WARM_UP:], resident


async def _time_to_receipt(world: World, people: People, user: str, room: str, ts: str) -> float:
    began = time.perf_counter()
    await people.react(user, room, ts, "memo")
    while not _has_receipt(world, room, ts):
        if time.perf_counter() - began > ANSWER_SECONDS:
            raise RuntimeError(f"no receipt for {ts}")
        await asyncio.sleep(LOOK_SECONDS)
    return (time.perf_counter() - began) * 1000


def _has_receipt(world: World, room: str, ts: str) -> bool:
    message = world.messages.get(room, ts)
    return message is not None and any(
        each.name == RECEIPT_EMOJI and world.bot.id in each.users for each in message.reactions
    )


async def _calls_alone(client: AsyncWebClient, room: str, ts: str) -> float:
    """What the bot has to ask and tell Slack, and nothing else."""
    began = time.perf_counter()
    await client.conversations_replies(channel=room, ts=ts, limit=1)
    await client.chat_getPermalink(channel=room, message_ts=ts)
    await client.reactions_add(channel=room, timestamp=ts, name="eyes")
    return (time.perf_counter() - began) * 1000


@asynccontextmanager
async def _bot(world: World, url: str, address: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``daybook run`` as in a real workspace; gives the process once it is connected."""
    environment: dict[str, Any] = os.environ | {
        "DATABASE_URL": url, "SLACK_API_URL": f"{address}/api/",
        "SLACK_BOT_TOKEN": world.app.bot_token, "SLACK_APP_TOKEN": world.app.app_token,
        "SLACK_SIGNING_SECRET": world.app.signing_secret, "ENV_FILE": "", "OPENAI_API_KEY": "",
        "LOG_LEVEL": "WARNING", "HEALTH_PORT": str(free_port()),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "bot", "run", env=environment
    )
    try:
        await _wait_for(process, int(environment["HEALTH_PORT"]))
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 15)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _wait_for(process: asyncio.subprocess.Process, port: int) -> None:
    """Return once it listens for /health, which it does after it has connected to Slack."""
    for _ in range(START_SECONDS * 20):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        if process.returncode is not None:
            break
        await asyncio.sleep(0.05)
    raise RuntimeError("daybook run does not answer")
