"""Posts end to end: planned rows in, recorded rows out, Slack answering in 50 ms; one worker.

Bare: the same calls through the same gateways, as many at once, without tables.
"""

import asyncio
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import aiohttp
import uvloop
from sqlalchemy import func, insert, select

from benchmarks.databases import KINDS, fresh_database
from benchmarks.fake_slack import fake_slack
from benchmarks.table import Row
from bot.db.session import Database
from bot.db.types import new_id
from bot.engine.outgoing import SIDE_BY_SIDE, Outgoing
from bot.engine.sides import side_by_side
from bot.engine.tables import Delivery
from bot.slack.blocks import Message, section
from bot.slack.gateway import SlackGateway
from bot.slack.pacing import Paces
from bot.workspaces.tables import Workspace

WORKSPACES, CHANNELS = 300, 1_000
MESSAGES, QUICK_MESSAGES = 5_000, 1_000
TARGET_PER_SECOND = 300
TEXT = "The digest of Monday. " * 12


def run(*, quick: bool) -> list[Row]:
    """Measure on both databases."""
    return [uvloop.run(measure(kind, quick=quick)) for kind in KINDS]


async def measure(kind: str, *, quick: bool) -> Row:
    """Send all, then make the same calls bare."""
    count = QUICK_MESSAGES if quick else MESSAGES
    with fake_slack() as api:
        async with fresh_database(kind) as db:
            ids = await _workspaces(db)
            gateways = {id_: SlackGateway("xoxb-bench", api) for id_ in ids}
            await _plan(db, ids, count)
            rate = count / await _send(db, gateways)
            await _check(db, api, count)
        bare = count / await _bare(gateways, ids, count)
        for gateway in gateways.values():
            await gateway.close()
    return Row(
        f"{count:,} posts, {CHANNELS:,} channels of {WORKSPACES} workspaces, {kind}",
        f"{rate:.0f}/s",
        f"{bare:.0f}/s",
        f"{rate / bare:.2f}",
        "" if quick else f">= {TARGET_PER_SECOND}/s",
        None if quick else rate >= TARGET_PER_SECOND,
    )


async def _workspaces(db: Database) -> list[str]:
    ids = [new_id() for _ in range(WORKSPACES)]
    at = datetime.now(UTC)
    async with db.write() as session:
        await session.execute(
            insert(Workspace),
            [
                {"id": id_, "team_id": f"T{n}", "enterprise_id": "", "created_at": at}
                for n, id_ in enumerate(ids)
            ],
        )
    return ids


async def _plan(db: Database, ids: list[str], count: int) -> None:
    """Write what planning leaves: message n goes to channel n of all, as its next."""
    async with db.write() as session:
        at = datetime.now(UTC)
        rows = [_row(ids, n, at) for n in range(count)]
        await session.execute(insert(Delivery), rows)


def _row(ids: list[str], n: int, at: datetime) -> dict[str, Any]:
    channel, id_ = n % CHANNELS, new_id()
    payload = {"message": _message(n), "thread": ""}
    return {
        "workspace_id": ids[channel % WORKSPACES], "id": id_, "cause": f"occurrence:{n}",
        "target": f"C{channel}", "part": "headline", "method": "post", "payload": payload,
        "priority": 5, "owner_id": "", "label": "The digest", "key": f"{n:024x}",
        "state": "planned", "channel": "", "ts": "", "error": "", "attempts": 0, "not_before": at,
        "lease_owner": "", "planned_at": at,
    }  # fmt: skip


def _message(n: int) -> dict[str, Any]:
    return {"text": str(n), "blocks": [section(TEXT), section(TEXT)]}


async def _send(db: Database, gateways: dict[str, SlackGateway]) -> float:
    async def gateway(workspace_id: str) -> SlackGateway:
        return gateways[workspace_id]

    async def draw(_spec: dict[str, Any]) -> bytes:
        return b""

    def now() -> datetime:
        return datetime.now(UTC)

    # With Slack's limits kept: 3 at once in a channel, then one a second.
    outgoing = Outgoing(db, "bench", gateway, draw, now, Paces())
    began = time.perf_counter()
    while await _left(db):
        if not await outgoing.send_due(now()):
            await asyncio.sleep(0.05)
    return time.perf_counter() - began


async def _left(db: Database) -> int:
    async with db.read() as session:
        query = select(func.count()).select_from(Delivery).where(Delivery.state != "sent")
        return await session.scalar(query) or 0


async def _check(db: Database, api: str, count: int) -> None:
    """Each message arrived once, and in order within its channel."""
    async with aiohttp.ClientSession() as session, session.get(f"{api}ledger") as answer:
        ledger = await answer.json()
    by_channel: dict[str, list[int]] = defaultdict(list)
    for channel, text in ledger:
        by_channel[channel].append(int(text))
    if len(ledger) != count or any(
        numbers != sorted(set(numbers)) for numbers in by_channel.values()
    ):
        raise AssertionError(f"{len(ledger)} posts for {count}, or out of order")


async def _bare(gateways: dict[str, SlackGateway], ids: list[str], count: int) -> float:
    async def post(n: int) -> None:
        told, channel = _message(n), n % CHANNELS
        message = Message(told["text"], told["blocks"])
        await gateways[ids[channel % WORKSPACES]].post(f"C{channel}", message, key=f"{n:024x}")

    began = time.perf_counter()
    await side_by_side([post(n) for n in range(count)], SIDE_BY_SIDE)
    return time.perf_counter() - began
