"""A metric bound that reopens a decision: set in the form, said only to who may see the metric."""

from pathlib import Path

import pytest

from tests.conftest import Stage
from tests.decisions.conftest import click, decide, decisions, post, submit, top_view, words
from tests.launches.conftest import Numbers, declare_all, metric
from tests.metrics.product import FILE


@pytest.fixture
def product(tmp_path: Path) -> Numbers:
    product = Numbers(tmp_path, "U0OWNER00")
    product.write("sign_ups")
    product.declare(FILE)
    return product


@pytest.fixture
def metrics_yaml(product: Numbers, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in product.env.items():
        monkeypatch.setenv(name, value)
    return product.file.read_text()


async def test_a_tripwire_is_kept_and_said_in_the_message(stage: Stage) -> None:
    wire = {"metric": await metric(stage, "sign_ups"), "side": "below", "bound": "320", "days": "3"}
    row = await decide(stage, "Free plan stays", "Keep it", **wire)
    assert (row.tripwire_side, row.tripwire_bound, row.tripwire_days) == ("below", 320.0, 3)
    said = words(post(stage))
    assert "Reopens when Sign-ups stays below 320" in said
    assert "3 days running" in said


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"bound": "320"}, "side"),
        ({"side": "below"}, "bound"),
        ({"side": "below", "bound": "soon"}, "bound"),
        ({"side": "below", "bound": "320", "days": "0"}, "days"),
    ],
)
async def test_half_a_tripwire_is_refused_under_its_field(
    stage: Stage, typed: dict[str, str], field: str
) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Free plan stays")
    wired = {"choice": "Keep it", "metric": await metric(stage, "sign_ups"), **typed}
    answer = await submit(stage, wired)
    assert set(answer.errors) == {field}
    assert await decisions(stage) == []


async def test_a_metric_that_the_channel_may_not_see_is_not_named_there_and_stays_on_an_edit(
    stage: Stage, product: Numbers
) -> None:
    await declare_all(stage, product)
    wire = {"metric": await metric(stage, "revenue"), "side": "below", "bound": "8000"}
    await decide(stage, "Free plan stays", "Keep it", **wire)
    assert "Reopens" not in words(post(stage))

    await click(stage, post(stage), "decision.item.edit", user=stage.who.ben)
    form = words(top_view(stage, stage.who.ben))
    assert "8000" not in form
    assert "Revenue" not in form
    await submit(stage, {"choice": "Keep it for now"}, stage.who.ben)
    [row] = await decisions(stage)
    assert (row.choice, row.tripwire_bound) == ("Keep it for now", 8000.0)
