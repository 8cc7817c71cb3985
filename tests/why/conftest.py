"""A whole loop, lived through the bot: said, decided, launched, measured, judged, told."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.decisions.tables import Decision
from bot.feedback.tables import Feedback
from bot.launches.tables import Launch
from tests.conftest import Stage
from tests.decisions.conftest import decide
from tests.feedback.telling import add_customer, log_words, reread
from tests.launches.conftest import CHECK_AT, Numbers, judge, metric, rows, submit
from tests.launches.conftest import fold_out as fold_out_bet
from tests.launches.conftest import open_form as open_launch_form
from tests.launches.conftest import product as numbers_product

IMPORT = (
    "The CSV import fails on decimal commas, says ann@acme.test",
    "Importing our CSV fails on decimal commas, says joe@bolt.test",
)


@pytest.fixture
def product(tmp_path: Path) -> Numbers:
    return numbers_product.__wrapped__(tmp_path)  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def metrics_yaml(product: Numbers, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in product.env.items():
        monkeypatch.setenv(name, value)
    return product.file.read_text()


@dataclass
class Loop:
    """What a loop is made of."""

    items: list[Feedback]
    decision: Decision
    launch: Launch


async def said(stage: Stage) -> list[Feedback]:
    for name in ("Acme", "Bolt"):
        await add_customer(stage, name, owner=stage.who.ben)
    return [await log_words(stage, text) for text in IMPORT]


async def lived(stage: Stage, product: Numbers) -> Loop:
    """All of it, up to the verdict and one customer told."""
    product.write("sign_ups", effect=0.3)
    items = await said(stage)
    themes = [str(items[0].theme_id)]
    decision = await decide(
        stage, "Importer for everybody", "At once, with a way back", themes=themes,
        status="accepted",
    )  # fmt: skip
    await open_launch_form(stage, "/launch Guided importer")
    await fold_out_bet(stage)
    wanted = {"metric": await metric(stage, "sign_ups"), "target": "+10 %"}
    await submit(stage, {**wanted, "themes": themes, "decision": decision.id})
    [launch] = await rows(stage, Launch)
    await stage.run_until(CHECK_AT + timedelta(minutes=1))
    await judge(stage, "hit", lesson="Fewer steps beat more hints")
    await tell_one(stage)
    return Loop(items, decision, launch)


async def tell_one(stage: Stage) -> None:
    """Ben tells the first customer that it is live."""
    message = next(m for m in stage.dms(stage.who.ben) if "told.item.told" in str(m.blocks))
    action = next(
        element["action_id"]
        for block in reread(stage, message).blocks or []
        for element in [*block.get("elements", []), block.get("accessory") or {}]
        if str(element.get("action_id", "")).startswith("told.item.told")
    )
    await stage.people.click(stage.who.ben, action, channel=message.channel, ts=message.ts)
    await stage.settle()


async def ask(stage: Stage, line: str, *, user: str = "", channel: str = "") -> str:
    """What one person is answered privately, without invisible signs."""
    user, channel = user or stage.who.ana, channel or stage.rooms.product
    answer = await stage.people.command(user, channel, line)
    assert answer.ok, answer
    await stage.settle()
    newest = (await stage.people.ephemerals(user, channel))[-1]
    blocks = [{k: v for k, v in b.items() if k != "block_id"} for b in newest.blocks or []]
    shown = json.dumps(blocks or newest.text, ensure_ascii=False)
    return shown.replace("\u200b", "").replace("\u202f", " ")
