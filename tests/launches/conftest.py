"""A product with a year of numbers, and short hands for what people do with launches."""

import json
import os
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from bot.bets.tables import Bet, Evidence, Verdict
from bot.entries.tables import Entry
from bot.launches.tables import Launch
from bot.metrics.queries import list_metrics
from bot.workspaces.asker import Asker
from playground.server.rows import Message, View
from tests.conftest import Stage
from tests.metrics.product import BROKEN, FILE, PRIVATE, Product

TODAY = date(2026, 5, 18)  # conftest's START, a Monday, 8:00 in Berlin
CHECK = date(2026, 6, 1)  # two weeks on
CHECK_AT = datetime(2026, 6, 1, 7, 30, tzinfo=UTC)  # 9:30 in Berlin
ERRORS = """
  - name: errors
    label: Errors
    source: product
    sql: select day, value from numbers where name = 'errors' and day >= :since and day < :until
    unit: errors
    good: down
    timezone: Europe/Berlin
    owner: {owner}
"""
EMPTY = """
  - name: exports
    label: Exports
    source: product
    sql: select day, value from numbers where name = 'exports' and day >= :since and day < :until
    unit: exports
    good: up
    timezone: Europe/Berlin
    missing: gap
    owner: {owner}
"""


class Numbers(Product):
    """A year of noisy days up to TODAY, and six weeks after it with an effect from TODAY on."""

    def write(
        self,
        name: str,
        *,
        level: float = 400.0,
        effect: float = 0.0,
        noise: float = 0.02,
        seed: int = 1,
        until: date = TODAY + timedelta(days=42),
    ) -> None:
        first = TODAY - timedelta(days=400)
        rng = np.random.default_rng(seed)
        rows = []
        for n in range((until - first).days + 1):
            day = first + timedelta(days=n)
            usual = level * (1.1 if day.weekday() < 5 else 0.75)
            moved = usual * (1 + effect) if day >= TODAY else usual
            rows.append((name, str(day), round(moved * float(np.exp(noise * rng.normal())))))
        with sqlite3.connect(self.database) as connection:
            connection.execute("delete from numbers where name = ?", (name,))
            connection.executemany("insert into numbers values (?, ?, ?)", rows)


@pytest.fixture
def product(tmp_path: Path) -> Numbers:
    product = Numbers(tmp_path, "U0OWNER00")
    for seed, (name, level) in enumerate(
        {"sign_ups": 400.0, "errors": 300.0, "revenue": 9_000.0}.items()
    ):
        product.write(name, level=level, seed=seed)
    product.declare(FILE, ERRORS)
    return product


@pytest.fixture
def metrics_yaml(product: Numbers, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in product.env.items():
        monkeypatch.setenv(name, value)
    return product.file.read_text()


async def declare_all(stage: Stage, product: Numbers) -> None:
    """Metrics of every audience: for all, for the leads, one without days, one unreadable."""
    product.declare(FILE, ERRORS, EMPTY, PRIVATE, BROKEN, audience=stage.rooms.leads)
    stat = product.file.stat()
    os.utime(product.file, (stat.st_atime, stat.st_mtime + 10))
    await stage.deps.metrics.follow(stage.workspace_id, at=stage.daybook.clock.now())


async def metric(stage: Stage, name: str) -> str:
    """The id of a metric, whoever may see it; read before, so that no form has to wait."""
    rooms = frozenset({stage.rooms.leads})
    everybody = Asker(stage.workspace_id, stage.who.ana, sees_public=True, channel_ids=rooms)
    async with stage.deps.db.read() as session:
        found = {m.name: m.id for m in await list_metrics(session, everybody)}[name]
    await stage.deps.metrics.refresh(stage.workspace_id, [found], at=stage.daybook.clock.now())
    return found


def top_view(stage: Stage, user: str) -> View:
    """The modal that is on top for a person."""
    stack = stage.world.views.stack(user)
    assert stack, "no modal is open"
    return stack[-1]


def words(of: View | Message) -> str:
    """All that a person reads in a modal or a message."""
    blocks = of.body["blocks"] if isinstance(of, View) else of.blocks
    return json.dumps(blocks, ensure_ascii=False).replace("\u200b", "").replace("\u202f", " ")


async def open_form(stage: Stage, line: str = "/launch", user: str = "", channel: str = "") -> View:
    user, channel = user or stage.who.ana, channel or stage.rooms.product
    answer = await stage.people.command(user, channel, line)
    assert answer.ok, answer
    return top_view(stage, user)


async def fold_out(stage: Stage, user: str = "") -> View:
    user = user or stage.who.ana
    view = top_view(stage, user)
    answer = await stage.people.click(user, "launch.bet.fold", view_id=view.id)
    assert answer.ok, answer
    return top_view(stage, user)


async def submit(stage: Stage, values: dict[str, Any], user: str = "") -> Any:
    user = user or stage.who.ana
    answer = await stage.people.submit(user, top_view(stage, user).id, values)
    await stage.settle()
    return answer


async def launch(stage: Stage, title: str = "New importer", /, **values: Any) -> Launch:
    """Log a launch without a bet; returns its row."""
    await open_form(stage, f"/launch {title}")
    answer = await submit(stage, values)
    assert answer.result == "closed", answer
    return (await rows(stage, Launch))[-1]


async def bet_on(
    stage: Stage, title: str = "New importer", /, *, name: str = "sign_ups", **values: Any
) -> Launch:
    """Log a launch with a bet on a metric: +10 % in two weeks unless said otherwise."""
    await open_form(stage, f"/launch {title}")
    await fold_out(stage)
    wanted = {"metric": await metric(stage, name), "target": "+10 %", **values}
    answer = await submit(stage, wanted)
    assert answer.result == "closed", answer
    return (await rows(stage, Launch))[-1]


async def rows(stage: Stage, table: type[Any]) -> list[Any]:
    order = {Launch: Launch.number, Entry: Entry.seq, Bet: Bet.set_at, Evidence: Evidence.at}
    async with stage.deps.db.read() as session:
        query = select(table).order_by(order.get(table, table.id), table.id)
        return list(await session.scalars(query))


async def entry_kinds(stage: Stage, *but: str) -> list[str]:
    rituals = ("launch.", "bet.", "evidence.", "verdict.")
    kinds = [e.kind for e in await rows(stage, Entry) if e.kind.startswith(rituals)]
    return [kind for kind in kinds if kind not in but]


async def click_headline(
    stage: Stage, action: str, *, user: str = "", channel: str = "", value: Any = None
) -> Any:
    user, channel = user or stage.who.ana, channel or stage.rooms.product
    head = headline(stage, channel)
    found = next(
        element["action_id"]
        for block in head.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"].startswith(action)
    )
    answer = await stage.people.click(user, found, channel=channel, ts=head.ts, value=value)
    await stage.settle()
    return answer


def headline(stage: Stage, channel: str = "") -> Message:
    """The only message of the bot at the top of the channel."""
    tops = [m for m in stage.posts(channel or stage.rooms.product) if not m.is_reply]
    assert len(tops) == 1, [m.text for m in tops]
    return tops[0]


def thread(stage: Stage, channel: str = "") -> list[Message]:
    """What the bot wrote under its headline."""
    return [m for m in stage.posts(channel or stage.rooms.product) if m.is_reply]


async def judge(stage: Stage, verdict: str, user: str = "", **values: Any) -> Any:
    """Answer the question in one's DM."""
    user = user or stage.who.ana
    question = stage.dms(user)[-1]
    answer = await stage.people.click(
        user, f"launch.verdict.give:{verdict}", channel=question.channel, ts=question.ts
    )
    assert answer.ok, answer
    return await submit(stage, values, user)


async def verdicts(stage: Stage) -> list[Verdict]:
    return await rows(stage, Verdict)
