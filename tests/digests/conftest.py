"""A product with numbers, and a Daybook that reads them."""

import os
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Rule, Weekly
from bot.digests import service
from bot.digests.tables import Digest
from bot.metrics.queries import find_metric
from bot.workspaces.asker import Asker
from tests.conftest import Stage
from tests.metrics.product import BROKEN, FILE, PRIVATE, Product

SUNDAY = date(2026, 5, 17)  # the day before conftest's START
WEEKDAYS_AT_NINE = Rule(at=time(9, 0), on=Weekly(days=(0, 1, 2, 3, 4)))


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    product = Product(tmp_path, "U0OWNER00")
    product.fill("sign_ups", SUNDAY)
    product.fill("revenue", SUNDAY, scale=50)
    for name, value in product.env.items():
        monkeypatch.setenv(name, value)
    return product


@pytest.fixture
def metrics_yaml(product: Product) -> str:
    return product.text()


async def metric_id(stage: Stage, name: str) -> str:
    """The id of a metric, whoever may see it."""
    everybody = Asker(
        stage.workspace_id,
        stage.who.ana,
        sees_public=True,
        channel_ids=frozenset({stage.rooms.leads}),
    )
    async with stage.deps.db.read() as session:
        return (await find_metric(session, everybody, name)).id


async def subscribe(stage: Stage, target: str, *names: str, owner: str = "", **more: Any) -> Digest:
    """Set a digest up without its form: weekdays at 9:00 in Berlin."""
    wanted = {
        "name": "Product numbers",
        "target": target,
        "metric_ids": [await metric_id(stage, name) for name in names or ("sign_ups",)],
        "rule": WEEKDAYS_AT_NINE,
        "words": "weekdays at 9:00 Berlin",
        "timezone": "Europe/Berlin",
    }
    async with stage.deps.db.write() as session:
        return await service.create_digest(
            session,
            stage.workspace_id,
            service.Wanted(**(wanted | more)),
            by=owner or stage.who.ana,
            at=stage.daybook.clock.now(),
        )


def declare_all(product: Product, stage: Stage) -> None:
    """The metrics of every audience: for all, for the leads, and one that cannot be read."""
    product.declare(FILE, PRIVATE, BROKEN, audience=stage.rooms.leads)


async def resync(stage: Stage, product: Product) -> None:
    """Let the bot notice that the metrics file changed."""
    stat = product.file.stat()
    os.utime(product.file, (stat.st_atime, stat.st_mtime + 10))
    await stage.deps.metrics.follow(stage.workspace_id, at=stage.daybook.clock.now())
