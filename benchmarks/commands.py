"""A signed slash command with its transaction, through uvicorn, one worker, on SQLite.

Bare: the same transactions in the same process, without Bolt, signature and error boundary.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import uvloop

from benchmarks.databases import fresh_url
from benchmarks.fake_slack import child, fake_slack
from benchmarks.load import Load, as_fast_as, at_rate, command
from benchmarks.table import Row, percentile
from bot.db.migrate import migrate
from bot.db.session import Database

CONNECTIONS = 8
ROUNDS, ROUND_SECONDS, QUICK_ROUND_SECONDS = 3, 4.0, 1.0
RATE, RATE_SECONDS, QUICK_RATE_SECONDS = 150, 20.0, 3.0
TARGET_RATIO, TARGET_P99_MS = 0.7, 50.0


@contextmanager
def web_server(kind: str) -> Iterator[tuple[str, str]]:
    """Run one on a fresh database; gives its address and the database's."""
    with fresh_url(kind) as url, fake_slack() as api:
        uvloop.run(_migrated(url))
        with child("benchmarks.web_server", url, api) as address:
            yield address, url


async def _migrated(url: str) -> None:
    db = Database(url)
    await migrate(db)
    await db.close()


def run(*, quick: bool) -> list[Row]:
    """Measure the rate beside the bare one in turns, then the latency at a fixed rate."""
    seconds = QUICK_ROUND_SECONDS if quick else ROUND_SECONDS
    with web_server("sqlite") as (address, _):
        bolt, bare = _alternately(f"{address}/slack/events", f"{address}/bare/command", seconds)
        steady_seconds = QUICK_RATE_SECONDS if quick else RATE_SECONDS
        steady = uvloop.run(
            at_rate(RATE, f"{address}/slack/events", command, seconds=steady_seconds)
        )
    if bolt.refused or bare.refused or steady.refused:
        raise AssertionError("a command was refused")
    ratio, p99 = bolt.rate / bare.rate, percentile(steady.latencies, 0.99) * 1000
    return [
        Row(
            "slash commands with a transaction, sqlite",
            f"{bolt.rate:.0f}/s",
            f"{bare.rate:.0f}/s",
            f"{ratio:.2f}",
            "" if quick else f">= {TARGET_RATIO}",
            None if quick else ratio >= TARGET_RATIO,
        ),
        Row(
            f"the same at {RATE}/s: p50 and p99",
            f"{percentile(steady.latencies, 0.5) * 1000:.1f} and {p99:.1f} ms",
            target="" if quick else f"p99 < {TARGET_P99_MS:.0f} ms",
            is_met=None if quick else p99 < TARGET_P99_MS,
        ),
    ]


def _alternately(ours: str, bare: str, seconds: float) -> tuple[Load, Load]:
    """In turns, so that what else the machine does strikes both."""
    sums = Load(), Load()
    for url in (ours, bare):
        uvloop.run(as_fast_as(CONNECTIONS, url, command, seconds=seconds / 2))  # to warm up
    for _ in range(ROUNDS):
        for whole, url in zip(sums, (ours, bare), strict=True):
            part = uvloop.run(as_fast_as(CONNECTIONS, url, command, seconds=seconds))
            whole.answered += part.answered
            whole.refused += part.refused
            whole.seconds += part.seconds
    return sums
