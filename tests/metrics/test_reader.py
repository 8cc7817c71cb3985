"""The metrics file becomes the table, and what is due is read from the sources."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from bot.entries.tables import Entry
from bot.errors import BadSetting, NotFound
from bot.metrics.declared_file import DeclaredFile
from bot.metrics.kept import read_kept_series
from bot.metrics.queries import Series, find_metric, list_metrics, read_series
from bot.metrics.reader import MetricReader
from bot.metrics.readings import Read, store_read
from bot.metrics.tables import Metric, MetricVersion, Reading
from bot.workspaces.asker import Asker
from tests.conftest import Stage
from tests.metrics.product import BROKEN, FILE, PRIVATE, Product

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)  # Monday 08:00 in Berlin
SUNDAY = date(2026, 5, 17)


@pytest.fixture
def product(tmp_path: Path, stage: Stage) -> Product:
    product = Product(tmp_path, stage.who.ana)
    product.declare()
    product.fill("sign_ups", SUNDAY)
    return product


@pytest.fixture
def reader(stage: Stage, product: Product) -> MetricReader:
    return MetricReader(
        stage.deps.db, stage.deps.places, product.file, product.env, is_required=True
    )


def _member(stage: Stage) -> Asker:
    return Asker(stage.workspace_id, stage.who.ben, sees_public=True)


async def _readings(stage: Stage, name: str = "sign_ups") -> dict[date, Reading]:
    async with stage.deps.db.read() as session:
        metric = await find_metric(session, _member(stage), name)
        query = select(Reading).where(Reading.metric_id == metric.id)
        return {row.day: row for row in await session.scalars(query)}


async def _kinds(stage: Stage) -> list[str]:
    async with stage.deps.db.read() as session:
        rows = await session.scalars(
            select(Entry).where(Entry.subject_kind == "metric").order_by(Entry.seq)
        )
        return [row.kind for row in rows if row.facts["name"] == "sign_ups"]


async def test_the_first_read_takes_the_whole_history_up_to_the_last_complete_day(
    stage: Stage, reader: MetricReader
) -> None:
    await reader.start(at=AT)
    assert await reader.refresh(stage.workspace_id, at=AT) == []

    async with stage.deps.db.read() as session:
        metric = await find_metric(session, _member(stage), "sign_ups")
        series = await read_series(session, _member(stage), metric.id, until=SUNDAY)
    assert (series.last_complete, len(series.dates)) == (SUNDAY, 120)
    assert series.as_of == AT
    assert np.isfinite(series.values).all()
    assert metric.read_through == SUNDAY


async def test_before_ready_after_yesterday_is_not_read(stage: Stage, reader: MetricReader) -> None:
    early = datetime(2026, 5, 18, 3, 59, tzinfo=UTC)  # 05:59 in Berlin
    await reader.start(at=early)
    await reader.refresh(stage.workspace_id, at=early)
    assert max(await _readings(stage)) == SUNDAY - timedelta(days=1)


async def test_a_day_that_comes_late_is_a_gap_first_and_filled_later(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    product.drop("sign_ups", SUNDAY - timedelta(days=3))
    await reader.start(at=AT)
    await reader.refresh(stage.workspace_id, at=AT)
    gap = (await _readings(stage))[SUNDAY - timedelta(days=3)]
    assert (gap.value, gap.is_complete) == (None, True)

    product.put("sign_ups", SUNDAY - timedelta(days=3), 117)
    await reader.refresh(stage.workspace_id, at=AT + timedelta(days=1))
    filled = (await _readings(stage))[SUNDAY - timedelta(days=3)]
    assert (filled.value, filled.corrected_at) == (117, None)


async def test_a_late_day_that_changed_is_noted_with_its_value_before(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    await reader.start(at=AT)
    await reader.refresh(stage.workspace_id, at=AT)
    before = (await _readings(stage))[SUNDAY].value
    product.put("sign_ups", SUNDAY, 99)
    later = AT + timedelta(days=1)
    await reader.refresh(stage.workspace_id, at=later)

    row = (await _readings(stage))[SUNDAY]
    assert (row.value, row.previous_value, row.corrected_at) == (99, before, later)


async def test_a_series_is_kept_until_its_metric_is_read_again_be_it_at_the_same_instant(
    stage: Stage, reader: MetricReader
) -> None:
    await reader.start(at=AT)
    await reader.refresh(stage.workspace_id, at=AT)

    async def series() -> Series:
        async with stage.deps.db.read() as session:
            metric = await find_metric(session, _member(stage), "sign_ups")
            return await read_kept_series(session, _member(stage), metric, until=SUNDAY)

    first = await series()
    assert await series() is first
    async with stage.deps.db.write() as session:
        metric = await find_metric(session, _member(stage), "sign_ups")
        read = Read(metric.id, metric.version, {SUNDAY: 99.0}, SUNDAY, AT)
        await store_read(session, stage.workspace_id, read)
    assert (await series()).values[-1] == 99


async def test_what_was_read_minutes_ago_is_not_read_again(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    await reader.start(at=AT)
    await reader.refresh(stage.workspace_id, at=AT)
    product.put("sign_ups", SUNDAY, 99)
    await reader.refresh(stage.workspace_id, at=AT + timedelta(minutes=5))
    assert (await _readings(stage))[SUNDAY].value != 99


async def test_one_source_that_fails_stops_no_other_metric(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    product.declare(FILE, BROKEN)
    await reader.start(at=AT)
    [failed] = await reader.refresh(stage.workspace_id, at=AT)

    assert (failed.metric, failed.problem) == ("Uptime", "The database file does not exist.")
    assert "/nowhere" not in str(failed)
    assert SUNDAY in await _readings(stage)
    async with stage.deps.db.read() as session:
        metric = await find_metric(session, _member(stage), "uptime")
    assert (metric.problem, metric.read_through) == (failed.problem, None)


async def test_a_read_that_works_again_clears_the_problem(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    product.database.rename(product.database.with_suffix(".away"))
    await reader.start(at=AT)
    assert len(await reader.refresh(stage.workspace_id, at=AT)) == 1
    product.database.with_suffix(".away").rename(product.database)
    assert await reader.refresh(stage.workspace_id, at=AT + timedelta(minutes=1)) == []
    async with stage.deps.db.read() as session:
        assert (await find_metric(session, _member(stage), "sign_ups")).problem == ""


async def test_a_changed_query_makes_a_new_version_and_reads_all_again(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    await reader.start(at=AT)
    await reader.refresh(stage.workspace_id, at=AT)
    product.declare(FILE.replace("select day, value", "select day, 2 * value as value"))
    _touch(product)
    await reader.refresh(stage.workspace_id, at=AT + timedelta(hours=1))

    rows = await _readings(stage)
    assert {row.version for row in rows.values()} == {2}
    assert rows[SUNDAY].value == 110
    assert rows[SUNDAY].corrected_at is None
    assert await _kinds(stage) == ["metric.declared", "metric.changed"]
    async with stage.deps.db.read() as session:
        query = select(MetricVersion.version).where(
            MetricVersion.metric_id.in_(select(Metric.id).where(Metric.name == "sign_ups"))
        )
        assert sorted(await session.scalars(query)) == [1, 2]


async def test_a_new_label_or_target_is_a_change_and_no_new_version(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    await reader.start(at=AT)
    product.declare(FILE.replace("target: 130", "target: 140"))
    _touch(product)
    await reader.refresh(stage.workspace_id, at=AT)
    async with stage.deps.db.read() as session:
        metric = await find_metric(session, _member(stage), "sign-ups")
    assert (metric.target, metric.version) == (140, 1)
    assert await _kinds(stage) == ["metric.declared", "metric.changed"]


async def test_a_metric_that_left_the_file_is_retired_and_comes_back_with_its_readings(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    await reader.start(at=AT)
    await reader.refresh(stage.workspace_id, at=AT)
    known = len(await _readings(stage))
    product.file.write_text("metrics: []\n")
    _touch(product)
    await reader.refresh(stage.workspace_id, at=AT)
    with pytest.raises(NotFound):
        await _readings(stage)
    product.declare()
    _touch(product, seconds=20)
    await reader.refresh(stage.workspace_id, at=AT)
    assert len(await _readings(stage)) == known


async def test_a_file_that_breaks_while_running_leaves_the_last_good_one_in_force(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    await reader.start(at=AT)
    product.file.write_text("metrics: [{name: sign_ups\n")
    _touch(product)
    assert await reader.refresh(stage.workspace_id, at=AT) == []
    [problem] = reader.problems(stage.workspace_id)
    assert "metrics file" in problem
    assert "the last good file counts" in problem
    assert SUNDAY in await _readings(stage)

    product.declare()
    _touch(product, seconds=20)
    await reader.refresh(stage.workspace_id, at=AT)
    assert reader.problems(stage.workspace_id) == []


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"", b" \n", b"[" * 4000, b"metrics: [a"])
async def test_whatever_the_file_becomes_the_last_good_one_stays_in_force(
    tmp_path: Path, text: bytes
) -> None:
    path = tmp_path / "metrics.yaml"
    path.write_text("sources: {s: {type: csv, file: x}}\nmetrics: [{name: a, label: A, source: s, "
                    "good: up}]\n")  # fmt: skip
    file = DeclaredFile(path, {}, is_required=True)
    assert await file.follow()
    path.write_bytes(text)
    os.utime(path, (0, 0))
    assert not await file.follow()
    assert file.problem
    assert [one.name for one in file.declaration.metrics] == ["a"]


async def test_a_file_that_was_away_or_a_folder_for_a_while_is_taken_up_again(
    tmp_path: Path,
) -> None:
    path, aside = tmp_path / "metrics.yaml", tmp_path / "aside.yaml"
    path.write_text("metrics: []\n")
    file = DeclaredFile(path, {}, is_required=True)
    await file.reload()
    path.rename(aside)
    await file.follow()
    assert "there is no file" in file.problem
    path.mkdir()
    await file.follow()
    assert "cannot be read" in file.problem
    path.rmdir()
    aside.rename(path)
    assert await file.follow()
    assert file.problem == ""


async def test_a_missing_file_that_was_asked_for_is_named_at_start(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    product.file.unlink()
    with pytest.raises(BadSetting, match=r"METRICS_FILE: there is no file"):
        await reader.start(at=AT)


async def test_without_any_file_daybooks_own_metrics_are_there(
    stage: Stage, tmp_path: Path
) -> None:
    reader = MetricReader(stage.deps.db, stage.deps.places, tmp_path / "none.yaml", {})
    await reader.start(at=AT)
    async with stage.deps.db.read() as session:
        names = {one.name for one in await list_metrics(session, _member(stage))}
    assert names == {
        "daybook_feedback", "daybook_launches", "daybook_open_themes", "daybook_told_rate",
    }  # fmt: skip


async def test_a_private_metric_is_seen_by_its_channels_readers_alone(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    product.declare(FILE, PRIVATE, audience=stage.rooms.leads)
    assert await reader.start(at=AT) == []
    directory = stage.deps.places.of(stage.workspace_id).directory
    ana = await directory.asker(stage.who.ana, at=AT)
    ben = await directory.asker(stage.who.ben, at=AT, here=stage.rooms.product)
    channel = await directory.audience(stage.rooms.product, at=AT)
    async with stage.deps.db.read() as session:
        private = await find_metric(session, ana, "revenue")
        for asker in (ben, channel):
            assert "revenue" not in {one.name for one in await list_metrics(session, asker)}
            with pytest.raises(NotFound):
                await read_series(session, asker, private.id, until=SUNDAY)


async def test_an_audience_that_is_no_channel_is_told_to_the_operator_and_shown_to_nobody(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    product.declare(FILE, PRIVATE, audience="C0NOSUCHONE")
    [problem] = await reader.start(at=AT)
    assert "revenue" in problem
    assert "C0NOSUCHONE" in problem
    directory = stage.deps.places.of(stage.workspace_id).directory
    ana = await directory.asker(stage.who.ana, at=AT)
    async with stage.deps.db.read() as session:
        assert "revenue" not in {one.name for one in await list_metrics(session, ana)}


async def test_a_source_that_failed_is_asked_once_a_minute_and_by_a_person_at_once(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    product.declare(FILE, BROKEN)
    await reader.start(at=AT)
    [first] = await reader.refresh(stage.workspace_id, at=AT)
    asked = []
    source = reader._file.sources["broken"]

    class Counted:
        async def read(self, *about: Any) -> Any:
            asked.append(about)
            return await source.read(*about)

    reader._file.sources["broken"] = Counted()
    [again] = await reader.refresh(stage.workspace_id, at=AT + timedelta(seconds=20))
    assert (again.problem, asked) == (first.problem, [])
    await reader.refresh(stage.workspace_id, at=AT + timedelta(seconds=20), is_asked=True)
    assert len(asked) == 1
    await reader.refresh(stage.workspace_id, at=AT + timedelta(minutes=3))
    assert len(asked) == 2


async def test_an_alert_whose_channel_is_not_known_is_told(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    product.declare(FILE, "    alert: {channel: C0NOSUCHONE}\n")
    [problem] = await reader.start(at=AT)
    assert problem.startswith("metric sign_ups, alert: I know no channel C0NOSUCHONE; its owner")


async def test_an_audience_whose_channel_invites_the_bot_later_is_found_at_the_next_read(
    stage: Stage, reader: MetricReader, product: Product
) -> None:
    product.declare(FILE, PRIVATE, audience=stage.rooms.board)
    product.fill("revenue", SUNDAY)
    assert len(await reader.start(at=AT)) == 1
    stage.world.channels.add_member(stage.rooms.board, stage.world.bot.id)
    await reader.refresh(stage.workspace_id, at=AT)
    directory = stage.deps.places.of(stage.workspace_id).directory
    ana = await directory.asker(stage.who.ana, at=AT + timedelta(minutes=5))
    async with stage.deps.db.read() as session:
        assert (await find_metric(session, ana, "revenue")).read_through == SUNDAY


def _touch(product: Product, *, seconds: float = 10) -> None:
    # A change within the file system's resolution would not be seen by a test's speed.
    stat = product.file.stat()
    os.utime(product.file, (stat.st_atime, stat.st_mtime + seconds))
