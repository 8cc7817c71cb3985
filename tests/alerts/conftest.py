"""A product whose numbers are watched, and a Daybook that watches them."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.alerts.tables import AlertEpisode
from bot.entries.tables import Entry
from playground.server.rows import Message, View
from tests.conftest import Stage
from tests.digests.conftest import resync
from tests.metrics.product import Product

SUNDAY = date(2026, 5, 17)  # the day before conftest's START
NAMES = ("sign_ups", "imports", "upgrades")
HEAD = 'sources:\n  product: {type: sql, url: "${PRODUCT_DB_URL}"}\nmetrics:\n'
METRIC = """
  - name: {name}
    label: {label}
    source: product
    sql: select day, value from numbers where name = '{name}' and day >= :since and day < :until
    good: up
    timezone: Europe/Berlin
    ready_after: "06:00"
    {more}
    alert: {alert}
"""


@pytest.fixture
def product(tmp_path: Path) -> Product:
    product = Product(tmp_path, "")
    for name in NAMES:
        product.fill(name, SUNDAY + timedelta(days=30))
    return product


@pytest.fixture
def metrics_yaml(product: Product, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in product.env.items():
        monkeypatch.setenv(name, value)
    return product.text(HEAD + declared("sign_ups", "{channel: C0GONE000, min_change: 20%}"))


def declared(name: str, alert: str, more: str = "missing: gap") -> str:
    label = name.replace("_", "-").capitalize()
    values = {"name": name, "label": label, "alert": alert, "more": more}
    text = METRIC
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return text


async def watch(stage: Stage, product: Product, *metrics: str, alert: str = "") -> None:
    """Declare metrics (sign-ups, unless said) whose alerts go to the product channel."""
    how = f"{{channel: {stage.rooms.product}, min_count: 0{alert}}}"
    text = "".join(metrics) or declared("sign_ups", how)
    product.file.write_text(HEAD + text.replace("{here}", how))
    await resync(stage, product)
    await stage.settle()


def put(product: Product, first: date, *values: float, name: str = "sign_ups") -> None:
    for n, value in enumerate(values):
        product.put(name, first + timedelta(days=n), value)


def said(message: Message) -> str:
    """All that a person reads in a message."""
    blocks = json.dumps(message.blocks, ensure_ascii=False)
    return (message.text + blocks).replace("\u200b", "").replace("\u202f", " ")


def heads(stage: Stage, channel: str = "") -> list[Message]:
    return [m for m in stage.posts(channel or stage.rooms.product) if not m.is_reply]


def notes(stage: Stage) -> list[str]:
    return [m.text for m in stage.posts(stage.rooms.product) if m.is_reply]


async def press(stage: Stage, message: Message, action: str, user: str = "") -> Any:
    """Click a button of a message."""
    buttons = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    found = next(e["action_id"] for e in buttons if e["action_id"].startswith(action))
    user = user or stage.who.ana
    answer = await stage.people.click(user, found, channel=message.channel, ts=message.ts)
    await stage.settle()
    return answer


async def listed(stage: Stage, user: str) -> str:
    """What ``/daybook alerts`` answers a person."""
    await stage.people.command(user, stage.rooms.product, "/daybook alerts")
    told = await stage.people.ephemerals(user, stage.rooms.product)
    return said(told[-1])


async def episodes(stage: Stage) -> list[AlertEpisode]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(AlertEpisode).order_by(AlertEpisode.id)))


async def logged(stage: Stage) -> list[str]:
    async with stage.deps.db.read() as session:
        query = select(Entry.kind).where(Entry.kind.like("alert.%")).order_by(Entry.seq)
        return list(await session.scalars(query))


async def at_home(stage: Stage, user: str) -> View:
    """A person's App Home, opened now."""
    await stage.people.open_home(user)
    await stage.settle()
    view = stage.world.views.home(user)
    assert view is not None
    return view


def said_at(view: View) -> str:
    """All that a person reads in a view."""
    blocks = json.dumps(view.body["blocks"], ensure_ascii=False)
    return blocks.replace("\u200b", "").replace("\u202f", " ")


def action_at(view: View, action: str) -> str:
    """The whole id of a view's first button of that action."""
    rows = [b for b in view.body["blocks"] if b["type"] == "actions"]
    ids = [str(e["action_id"]) for b in rows for e in b["elements"]]
    return next(id_ for id_ in ids if id_.startswith(action))
