"""300 signed events a second into the inbox for a minute: each that was acknowledged is stored.

Bare: as many as go in without Bolt and signature, and as many as go in with them.
"""

from datetime import timedelta

import uvloop
from sqlalchemy import func, select

from benchmarks.commands import web_server
from benchmarks.databases import KINDS
from benchmarks.load import Load, as_fast_as, at_rate, reaction
from benchmarks.table import Row
from bot.db.session import Database
from bot.engine.tables import Inbox

RATE, SECONDS, QUICK_SECONDS = 300, 60.0, 5.0
CONNECTIONS, MOST_SECONDS, QUICK_MOST_SECONDS = 32, 5.0, 1.0
# Slack sends an event again that was not acknowledged in this time.
SLACK_WAITS = timedelta(seconds=3)


def run(*, quick: bool) -> list[Row]:
    """Measure on both databases."""
    return [measure(kind, quick=quick) for kind in KINDS]


def measure(kind: str, *, quick: bool) -> Row:
    """Send at the fixed rate and count what is stored; then find out what would go in at most."""
    most = QUICK_MOST_SECONDS if quick else MOST_SECONDS
    with web_server(kind) as (address, url):
        ours, bare = f"{address}/slack/events", f"{address}/bare/event"
        load = uvloop.run(
            at_rate(RATE, ours, reaction, seconds=QUICK_SECONDS if quick else SECONDS)
        )
        stored = uvloop.run(_stored(url))
        fast = uvloop.run(as_fast_as(CONNECTIONS, ours, reaction, seconds=most))
        fast_bare = uvloop.run(as_fast_as(CONNECTIONS, bare, reaction, seconds=most))
    lost = len(load.latencies) - stored
    return Row(
        f"{RATE} events/s into the inbox for {QUICK_SECONDS if quick else SECONDS:.0f} s, {kind}",
        f"{stored:,} stored, {lost} lost, {_late(load)} late, at most {fast.rate:.0f}/s",
        f"at most {fast_bare.rate:.0f}/s",
        f"{fast.rate / fast_bare.rate:.2f}",
        "" if quick else "0 lost",
        None if quick else lost == 0 and _late(load) == 0,
    )


def _late(load: Load) -> int:
    return sum(seconds > SLACK_WAITS.total_seconds() for seconds in load.latencies) + load.refused


async def _stored(url: str) -> int:
    db = Database(url)
    try:
        async with db.read() as session:
            return await session.scalar(select(func.count()).select_from(Inbox)) or 0
    finally:
        await db.close()
