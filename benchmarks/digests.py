"""Digests: what one with a picture costs, and how soon a thousand without have been posted.

Each is measured in a process of its own (``python -m benchmarks.digests picture|many ...``) that
holds a whole Daybook against a Slack that answers posts after 50 ms. Bare: the readings alone, read
from the same database; the same posts without Daybook.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from math import sin
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from benchmarks.fake_slack import fake_slack
from benchmarks.table import Row

MEGABYTE = 1_000_000
DUE = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)  # a Wednesday
DAYS = 400
PICTURE_METRICS, TARGET_CPU_SECONDS, TARGET_MEGABYTES = 20, 3.0, 300.0
METRICS, DIGESTS, QUICK_DIGESTS, TARGET_SECONDS = 5, 1_000, 100, 60.0
SAMPLE_SECONDS = 0.02


def run(*, quick: bool) -> list[Row]:
    """Measure both on SQLite."""
    picture, many = _in_a_process("picture", 1), _in_a_process("many", _count(quick=quick))
    is_met = picture["cpu"] < TARGET_CPU_SECONDS and picture["megabytes"] < TARGET_MEGABYTES
    return [
        Row(
            f"a digest of {PICTURE_METRICS} metrics over {DAYS} days with its picture",
            f"{picture['cpu']:.1f} s of CPU, {picture['megabytes']:.0f} MB",
            f"{picture['bare_megabytes']:.0f} MB before it",
            target="" if quick else f"< {TARGET_CPU_SECONDS:.0f} s and {TARGET_MEGABYTES:.0f} MB",
            is_met=None if quick else is_met,
        ),
        Row(
            f"{_count(quick=quick):,} digests of {METRICS} metrics, without pictures",
            f"{many['seconds']:.1f} s ({many['cpu']:.1f} s of CPU)",
            f"{many['bare_seconds']:.1f} s",
            f"{many['seconds'] / many['bare_seconds']:.1f}",
            "" if quick else f"< {TARGET_SECONDS:.0f} s",
            None if quick else many["seconds"] < TARGET_SECONDS,
        ),
    ]


def _count(*, quick: bool) -> int:
    return QUICK_DIGESTS if quick else DIGESTS


def _in_a_process(what: str, count: int) -> dict[str, float]:
    with fake_slack() as api, tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.digests"]
        told = subprocess.check_output([*command, what, folder, api, str(count)], text=True)
        found: dict[str, float] = json.loads(told.splitlines()[-1])
        return found


async def _main(what: str, folder: Path, api: str, count: int) -> dict[str, float]:
    metrics = PICTURE_METRICS if what == "picture" else METRICS
    _make_product(folder, metrics)
    async with _daybook(folder, api) as daybook:
        await _read_the_past(daybook)
        measure = _picture if what == "picture" else _many
        return await measure(daybook, api, count)


async def _picture(daybook: Any, api: str, _count: int) -> dict[str, float]:
    await _subscribe(daybook, 1)
    before = _resident()
    began = _cpu_seconds()
    with _watched_memory() as peak:
        await daybook.engine.run_due()
        cpu = _cpu_seconds() - began
    said = [where for where, _ in await _ledger(api)]
    if said.count("upload") != 1 or said.count("update") != 1:
        raise AssertionError(f"no picture: {said}")
    return {
        "cpu": cpu,
        "megabytes": peak[0] / MEGABYTE,
        "bare_megabytes": before / MEGABYTE,
    }


async def _many(daybook: Any, api: str, count: int) -> dict[str, float]:
    from jobs import digests

    digests.picture_of = lambda _edition: None  # type: ignore[assignment]
    await _subscribe(daybook, count)
    cpu, began = _cpu_seconds(), time.perf_counter()
    await daybook.engine.run_due()
    seconds, cpu = time.perf_counter() - began, _cpu_seconds() - cpu
    posted = await _ledger(api)
    if len({where for where, _ in posted}) != count or len(posted) != count:
        raise AssertionError(f"{len(posted)} posts for {count} digests")
    bare = await _post_bare(daybook, count)
    return {"seconds": seconds, "cpu": cpu, "bare_seconds": bare}


async def _post_bare(daybook: Any, count: int) -> float:
    """Make as many posts of the same size, as many at once, with nothing else around them."""
    from bot.engine.outgoing import SIDE_BY_SIDE
    from bot.engine.sides import side_by_side
    from bot.slack.blocks import Message, section

    gateway = daybook.deps.places.all()[0].gateway
    message = Message(
        "The digest", [section("What the numbers say. " * 20) for _ in range(METRICS)]
    )
    began = time.perf_counter()
    posts = [gateway.post(f"C{n}", message, key=f"{n:024x}") for n in range(count)]
    await side_by_side(posts, SIDE_BY_SIDE)
    return time.perf_counter() - began


@asynccontextmanager
async def _daybook(folder: Path, api: str) -> AsyncIterator[Any]:
    from bot.bootstrap import running
    from bot.clock import OffsetClock
    from bot.db.migrate import migrate
    from bot.db.session import Database
    from bot.settings import Settings
    from bot.web.heap import settle_heap

    url = f"sqlite+aiosqlite:///{folder / 'daybook.db'}"
    db = Database(url)
    await migrate(db)
    await db.close()
    settings = Settings(
        _env_file=None,
        slack_bot_token="xoxb-bench",
        slack_signing_secret="benchmark",
        slack_api_url=api,
        database_url=url,
        metrics_file=folder / "metrics.yaml",
        openai_api_key="",
    )
    clock = OffsetClock()
    clock.set(DUE + timedelta(seconds=1))
    source = {"PRODUCT_DB_URL": f"sqlite:///{folder / 'product.db'}"}
    async with running(settings, base_clock=clock, environment=source) as daybook:
        settle_heap()  # as `daybook run` does
        yield daybook


async def _read_the_past(daybook: Any) -> None:
    from bot.metrics.backfill import backfill_metrics
    from bot.metrics.declaration import load

    settings = daybook.deps.settings
    product = settings.metrics_file.parent / "product.db"
    environment = {"PRODUCT_DB_URL": f"sqlite:///{product}"}
    await backfill_metrics(
        daybook.deps.db,
        load(settings.metrics_file.read_text(), environment),
        names=[],
        days=DAYS,
        at=daybook.clock.now(),
        progress=lambda _step: None,
    )


async def _subscribe(daybook: Any, count: int) -> None:
    """Set up digests that come due at the same instant, one a channel."""
    from sqlalchemy import select

    from bot.clock import Daily, Rule
    from bot.digests.service import Wanted, create_digest
    from bot.metrics.tables import Metric

    place = daybook.deps.places.all()[0]
    async with daybook.deps.db.write() as session:
        ids = list(await session.scalars(select(Metric.id).where(Metric.origin == "file")))
        for n in range(count):
            wanted = Wanted(
                name="Product numbers", target=f"C{n}", metric_ids=ids, words="daily at 9:00 UTC",
                rule=Rule(at=wall_time(9), on=Daily()), timezone="UTC",
            )  # fmt: skip
            at = DUE - timedelta(hours=1)
            await create_digest(session, place.workspace_id, wanted, by="U0123BENCH", at=at)


def _make_product(folder: Path, metrics: int) -> None:
    """Write a product's database of daily numbers, and the metrics file that reads it."""
    last = DUE.date() - timedelta(days=1)
    rows = [
        (f"metric_{m}", str(last - timedelta(days=n)), _value(m, last - timedelta(days=n)))
        for m in range(metrics)
        for n in range(DAYS)
    ]
    with sqlite3.connect(folder / "product.db") as connection:
        connection.execute("create table numbers (name text, day text, value real)")
        connection.execute("create index numbers_by_name on numbers (name, day)")
        connection.executemany("insert into numbers values (?, ?, ?)", rows)
    declared = "".join(_METRIC.format(n=n) for n in range(metrics))
    (folder / "metrics.yaml").write_text(_FILE + declared)


_FILE = """
sources:
  product: {type: sql, url: "${PRODUCT_DB_URL}"}
metrics:
"""
_METRIC = """
  - name: metric_{n}
    label: Metric {n}
    source: product
    sql: select day, value from numbers where name = 'metric_{n}' and day >= :since and day < :until
    unit: teams
    good: up
    timezone: UTC
    ready_after: "06:00"
    owner: U0123BENCH
"""


def _value(metric: int, day: date) -> float:
    """A number with weekends, a slow trend and noise that is the same in each run."""
    week = 0.5 if day.weekday() >= 5 else 1.0
    noise = sin(day.toordinal() * (7.3 + metric)) * 0.06
    return round(1_000 * week * (1 + noise + (day.toordinal() % 1_000) * 0.0003))


async def _ledger(api: str) -> list[tuple[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(f"{api}ledger") as answer:
        return [(where, what) for where, what in await answer.json()]


def _family() -> list[psutil.Process]:
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def _cpu_seconds() -> float:
    return sum(sum(one.cpu_times()[:2]) for one in _family())


def _resident() -> int:
    return sum(one.memory_info().rss for one in _family())


@contextmanager
def _watched_memory() -> Iterator[list[int]]:
    """Note the most memory that this process and its children hold together."""
    peak, is_over = [_resident()], threading.Event()

    def watch() -> None:
        while not is_over.wait(SAMPLE_SECONDS):
            try:
                peak[0] = max(peak[0], _resident())
            except psutil.NoSuchProcess:
                continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        is_over.set()
        watcher.join()


if __name__ == "__main__":
    import uvloop

    os.environ.pop("OPENAI_API_KEY", None)
    found = uvloop.run(_main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
    print(json.dumps(found))
