"""``daybook metrics backfill``: the past read anew, in pieces, and what changed noted."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db.session import Database
from bot.entries.tables import Entry
from bot.errors import BadSetting
from bot.metrics.backfill import Backfilled, Step, backfill_metrics, pieces, render_backfilled
from bot.metrics.declaration import load
from bot.metrics.service import Declared, sync_metrics
from bot.metrics.tables import Reading
from bot.workspaces.tables import Workspace
from tests.metrics.product import BROKEN, FILE, Product

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
SUNDAY = date(2026, 5, 17)


@pytest.fixture
def product(tmp_path: Path) -> Product:
    product = Product(tmp_path, "U0OWNER00")
    product.fill("sign_ups", SUNDAY, days=200)
    return product


async def _declare(db: Database, product: Product, *parts: str) -> None:
    async with db.write() as session:
        session.add(Workspace(id="w1", team_id="T1", created_at=AT, settings={}))
        await session.flush()
        declared = [
            Declared(
                name=one.name,
                label=one.label,
                source=one.source,
                definition=one.asked(),
                timezone=one.timezone,
            )
            for one in load(product.text(*parts), product.env).metrics
        ]
        await sync_metrics(session, "w1", "file", declared, at=AT)


async def _backfill(
    db: Database, product: Product, *names: str, steps: list[Step] | None = None
) -> list[Backfilled]:
    declaration = load(product.text(FILE, BROKEN), product.env)
    shown: list[Step] = steps if steps is not None else []
    return await backfill_metrics(
        db, declaration, names=names, days=300, at=AT, progress=shown.append
    )


async def _readings(db: Database) -> dict[date, Reading]:
    async with db.read() as session:
        return {row.day: row for row in await session.scalars(select(Reading))}


async def test_the_past_is_read_in_pieces_and_shown_as_it_goes(
    db: Database, product: Product
) -> None:
    await _declare(db, product)
    steps: list[Step] = []
    [found] = await _backfill(db, product, steps=steps)
    assert (found.days, found.values, found.corrected, found.problem) == (300, 200, 0, "")
    assert [step.done for step in steps] == [90, 180, 270, 300]
    rows = await _readings(db)
    # Before its first day the metric did not exist: no gaps are made up.
    assert (min(rows), max(rows), len(rows)) == (SUNDAY - timedelta(days=199), SUNDAY, 200)


async def test_a_past_value_that_changed_is_noted_with_the_old_one_and_logged(
    db: Database, product: Product
) -> None:
    await _declare(db, product)
    await _backfill(db, product)
    day = SUNDAY - timedelta(days=150)
    before = (await _readings(db))[day].value
    product.put("sign_ups", day, 7)
    [found] = await _backfill(db, product)
    assert found.corrected == 1
    row = (await _readings(db))[day]
    assert (row.value, row.previous_value, row.corrected_at) == (7, before, AT)
    async with db.read() as session:
        query = select(Entry).where(Entry.kind == "metric.corrected")
        [entry] = await session.scalars(query)
    assert entry.facts["days"] == [{"day": day.isoformat(), "was": before, "value": 7.0}]


async def test_one_that_fails_stops_no_other(db: Database, product: Product) -> None:
    await _declare(db, product, FILE, BROKEN)
    found = {one.name: one for one in await _backfill(db, product)}
    assert found["uptime"].problem == "The database file does not exist."
    assert found["sign_ups"].values == 200


async def test_only_the_named_ones_are_read(db: Database, product: Product) -> None:
    await _declare(db, product, FILE, BROKEN)
    assert [one.name for one in await _backfill(db, product, "sign_ups")] == ["sign_ups"]


async def test_an_unknown_name_names_the_known_ones(db: Database, product: Product) -> None:
    await _declare(db, product)
    with pytest.raises(BadSetting, match="no metric signups") as caught:
        await _backfill(db, product, "signups")
    assert "sign_ups" in caught.value.fix


async def test_before_the_first_start_it_says_what_to_do(db: Database, product: Product) -> None:
    with pytest.raises(BadSetting, match="Start Daybook once"):
        await _backfill(db, product)


async def test_a_database_without_any_table_says_the_same(empty_url: str, product: Product) -> None:
    empty = Database(empty_url)
    try:
        with pytest.raises(BadSetting, match="Start Daybook once"):
            await _backfill(empty, product)
    finally:
        await empty.close()


def test_pieces_touch_and_cover_both_ends() -> None:
    found = pieces(date(2026, 1, 1), date(2026, 4, 2))
    assert found == [
        (date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 4, 2)),
    ]


def test_the_terminal_says_how_many_and_what_failed() -> None:
    said = render_backfilled(
        [
            Backfilled("sign_ups", "Sign-ups", 300, 200, 1),
            Backfilled("uptime", "Uptime", 90, problem="It is away.", fix="Bring it back."),
        ]
    )
    assert "ok sign_ups: 200 values in 300 days, 1 came out differently" in said
    assert "!! uptime: It is away.\n   Bring it back. 90 days were read." in said
