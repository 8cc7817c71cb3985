"""Metrics set up, changed and retired in Slack, of what the metrics file offers."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.entries.tables import Entry
from bot.errors import BadInput
from bot.metrics.connections import SOURCE_TYPES
from bot.metrics.declaring import read_definition, read_unit
from bot.metrics.service import free_name
from bot.metrics.tables import Metric, Reading
from bot.metrics.views import MetricDraft, offer_of, render_file_problems, render_metric_form
from playground.server.views import View
from tests.conftest import Stage
from tests.digests.conftest import resync
from tests.metrics.product import Product

SUNDAY = date(2026, 5, 17)
FILE = """
sources:
  warehouse:
    type: sql
    url: "${PRODUCT_DB_URL}"
    slack: members
    queries:
      teams: select day, value from numbers where name = 'sign_ups' and day >= :since and day < :until
  vault:
    type: sql
    url: "${PRODUCT_DB_URL}"
    slack: {leads}
    queries:
      money: select day, value from numbers where name = 'revenue' and day >= :since and day < :until
  closed: {type: sql, url: "${PRODUCT_DB_URL}"}
"""


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    product = Product(tmp_path, "U0OWNER00")
    product.fill("sign_ups", SUNDAY)
    product.fill("revenue", SUNDAY)
    for name, value in product.env.items():
        monkeypatch.setenv(name, value)
    return product


@pytest.fixture
async def desk(stage: Stage, product: Product) -> Stage:
    product.file.write_text(FILE.replace("{leads}", stage.rooms.leads))
    await resync(stage, product)
    return stage


@pytest.fixture
def metrics_yaml(product: Product) -> str:
    return FILE.replace("{leads}", "C0LEADS00")


async def _open(stage: Stage, user: str) -> View:
    answer = await stage.people.command(user, stage.rooms.product, "/daybook metrics add")
    assert answer.ok, answer
    return stage.world.views.stack(user)[-1]


async def _save(stage: Stage, user: str, **values: str) -> Any:
    view = stage.world.views.stack(user)[-1]
    answer = await stage.people.submit(user, view.id, values)
    await stage.settle()
    return answer


async def _press(stage: Stage, user: str, action: str) -> None:
    """Press a button of the last private note."""
    note = (await stage.people.ephemerals(user, stage.rooms.product))[-1]
    await stage.people.click(user, action, channel=stage.rooms.product, ts=note.ts)
    await stage.settle()


async def _rows(stage: Stage) -> list[Metric]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(Metric).where(Metric.origin == "form")))


def _sources(view: View) -> list[str]:
    block = next(b for b in view.body["blocks"] if b.get("block_id") == "source")
    return [option["value"] for option in block["element"]["options"]]


async def test_a_metric_is_set_up_of_a_named_query_and_its_first_value_is_told(
    desk: Stage,
) -> None:
    ben = desk.who.ben
    view = await _open(desk, ben)
    assert _sources(view) == ["warehouse"]
    await _save(
        desk, ben, label="Teams that signed up", query="teams", unit="teams", target="130",
        timezone="Europe/Berlin",
    )  # fmt: skip
    [row] = await _rows(desk)
    assert (row.name, row.label, row.unit, row.target, row.owner_id) == (
        "teams_that_signed_up", "Teams that signed up", "teams", 130.0, ben,
    )  # fmt: skip
    assert row.definition["query"] == "teams"
    told = desk.dms(ben)[-1].text
    assert told == "Teams that signed up on Sunday 17 May: 55 teams. Days read: 120."


async def test_a_source_for_a_channel_is_offered_to_its_readers_and_keeps_its_audience(
    desk: Stage,
) -> None:
    ana = desk.who.ana
    assert _sources(await _open(desk, ana)) == ["warehouse", "vault"]
    view = desk.world.views.stack(ana)[-1]
    await desk.people.click(ana, "metric.form.source", view_id=view.id, value="vault")
    await _save(desk, ana, label="Money", query="money", unit="EUR")
    [row] = await _rows(desk)
    assert row.source_channel_id == desk.rooms.leads


async def test_what_was_filled_in_wrongly_is_said_under_its_field(desk: Stage) -> None:
    await _open(desk, desk.who.ben)
    base = {"label": "Teams", "query": "teams"}
    answer = await _save(desk, desk.who.ben, **base, timezone="Berlin")
    assert set(answer.errors) == {"timezone"}
    answer = await _save(desk, desk.who.ben, **base, timezone="UTC", target="many")
    assert set(answer.errors) == {"target"}
    assert await _rows(desk) == []


async def test_retiring_can_be_undone_and_only_the_owner_or_an_admin_may(desk: Stage) -> None:
    ben, product = desk.who.ben, desk.rooms.product
    await _open(desk, ben)
    await _save(desk, ben, label="Teams", query="teams")
    [row] = await _rows(desk)
    await desk.people.command(ben, product, "/daybook metrics")
    listed = str((await desk.people.ephemerals(ben, product))[-1].blocks)
    assert re.search(r"\*Teams\* from \w+\\n[\d\u202f]+ on \w{3} 1\d May", listed)
    await _press(desk, ben, "metric.item.retire:teams")
    [row] = await _rows(desk)
    assert row.retired_at is not None
    await _press(desk, ben, "metric.item.restore")
    [row] = await _rows(desk)
    assert row.retired_at is None
    async with desk.deps.db.read() as session:
        query = select(Entry.kind, Entry.actor).where(Entry.subject_id == row.id)
        lines = [tuple(line) for line in await session.execute(query.order_by(Entry.seq))]
    assert lines == [
        ("metric.declared", ben), ("metric.retired", ben), ("metric.restored", ben),
    ]  # fmt: skip


async def test_a_named_query_that_changes_in_the_file_is_read_anew(
    desk: Stage, product: Product
) -> None:
    await _open(desk, desk.who.ben)
    await _save(desk, desk.who.ben, label="Teams", query="teams", timezone="UTC")
    text = product.file.read_text().replace("select day, value", "select day, 2 * value as value")
    product.file.write_text(text)
    await resync(desk, product)
    at = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)
    await desk.deps.metrics.refresh(desk.workspace_id, at=at + timedelta(hours=1))
    [row] = await _rows(desk)
    assert row.version == 2
    async with desk.deps.db.read() as session:
        reading = await session.scalar(
            select(Reading).where(Reading.metric_id == row.id, Reading.day == SUNDAY)
        )
    assert (reading.value, reading.previous_value) == (110.0, None)


def test_without_an_offered_source_the_form_says_who_can_change_that() -> None:
    view = render_metric_form(MetricDraft(), [])
    assert "slack: members" in json.dumps(view)
    assert "submit" not in view


def test_posthog_takes_an_event_and_a_table_its_columns_and_nobody_types_sql() -> None:
    shapes = {
        "posthog": ({"project": "1", "key": "k"}, {"event", "count"}),
        "csv": ({"file": "x.csv"}, {"date", "value"}),
        "http": ({"url": "https://x.test"}, set()),
        "sql": ({"url": "sqlite:///x.db"}, set()),
        "prometheus": ({"url": "https://x.test"}, set()),
    }
    for kind, (settings, fields) in shapes.items():
        source = SOURCE_TYPES[kind].model_validate({"type": kind, "slack": "members", **settings})
        view = render_metric_form(MetricDraft(), [offer_of("it", source)])
        shown = {block.get("block_id") for block in view["blocks"]}
        assert shown & {"sql", "event", "count", "date", "value", "path", "promql"} == fields


def test_a_form_without_a_query_says_so_at_its_field() -> None:
    source = SOURCE_TYPES["sql"].model_validate({"type": "sql", "url": "sqlite:///x.db"})
    with pytest.raises(BadInput) as caught:
        read_definition({"label": "X", "source": "it", "good": "up"}, source)
    assert caught.value.field == "sql"


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("", {}),
        ("%", {"percent": True}),
        ("eur", {"currency": "EUR", "minor_units": False}),
        ("USD cents", {"currency": "USD", "minor_units": True}),
        ("teams", {"unit": "teams"}),
    ],
)
def test_a_unit_is_read_from_a_few_letters(words: str, unit: dict[str, Any]) -> None:
    assert read_unit(words) == unit


def test_a_name_is_made_of_the_label_and_never_taken_twice() -> None:
    assert free_name("Teams, die importieren: Größe", set()) == "teams_die_importieren_groe"
    assert free_name("Teams", {"teams", "teams_2"}) == "teams_3"
    assert free_name("2nd week", set()) == "m_2nd_week"
    assert free_name("日本", set()) == "metric"


async def test_a_metric_of_the_form_tells_its_owner_of_an_unusual_day(
    desk: Stage, product: Product
) -> None:
    product.put("sign_ups", SUNDAY, 8)
    product.put("sign_ups", SUNDAY + timedelta(days=1), 400)
    ben = desk.who.ben
    await _open(desk, ben)
    zone = "Europe/Berlin"
    await _save(
        desk, ben, label="Sign-ups", query="teams", timezone=zone, ready_after="06:00",
        alerts="owner",
    )  # fmt: skip
    await desk.run_until(datetime(2026, 5, 19, 16, tzinfo=UTC))
    assert any("Sign-ups stood out on " in message.text for message in desk.dms(ben))


async def test_a_metrics_file_that_breaks_is_told_to_admins_in_the_list_and_their_home(
    desk: Stage, product: Product
) -> None:
    product.file.write_text(product.text() + "  - {name: secret_metric, label: S, source: gone}\n")
    await resync(desk, product)
    told = {}
    for user in (desk.who.ana, desk.who.ben):
        await desk.people.command(user, desk.rooms.product, "/daybook metrics")
        listed = (await desk.people.ephemerals(user, desk.rooms.product))[-1]
        told[user] = json.dumps(listed.blocks)
    assert "there is no source" in told[desk.who.ana]
    assert "the last good file counts" in told[desk.who.ana]
    assert "an admin sees here why" in told[desk.who.ben]
    assert "secret_metric" not in told[desk.who.ben]
    [block] = render_file_problems(desk.deps.metrics.problems(desk.workspace_id))
    assert "secret_metric" in block["text"]["text"]
    assert render_file_problems([]) == []


async def test_a_name_that_a_metric_of_slack_has_is_told_while_daybook_runs(
    desk: Stage, product: Product
) -> None:
    await _open(desk, desk.who.ben)
    await _save(desk, desk.who.ben, label="Teams", query="teams", timezone="UTC")
    mine = (
        product.text()
        .replace("name: sign_ups", "name: teams")
        .replace("source: product", "source: closed")
    )
    product.file.write_text(
        FILE.replace("{leads}", desk.rooms.leads) + mine[mine.index("metrics:") :]
    )
    await resync(desk, product)
    [problem] = desk.deps.metrics.problems(desk.workspace_id)
    assert problem.startswith("metric teams, name:")
