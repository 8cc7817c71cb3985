import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from playground.sample.product import DATABASE_VARIABLE, write_product
from playground.sample.series import AHEAD_DAYS, HISTORY_DAYS, HOURS, Days
from playground.sample.setting import DEFAULT_SEED, METRICS_FILE
from playground.sample.team import CHANNELS, LEADERSHIP, MEMBERS

MEGABYTE = 1_000_000
SPEC = yaml.safe_load(METRICS_FILE.read_text())
METRICS: dict[str, dict[str, Any]] = {metric["name"]: metric for metric in SPEC["metrics"]}


def read(path: Path, sql: str, since: date, until: date) -> dict[date, float]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(sql, {"since": str(since), "until": str(until)}).fetchall()
    return {date.fromisoformat(day): float(value) for day, value in rows}


def whole_history(path: Path, name: str, today: date) -> dict[date, float]:
    first = today - timedelta(days=HISTORY_DAYS)
    return read(path, METRICS[name]["sql"], first, today)


def dump(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def test_the_same_seed_writes_the_same_rows(tmp_path: Path, database: Path, today: date) -> None:
    write_product(tmp_path / "again.db", DEFAULT_SEED, today)
    assert dump(tmp_path / "again.db") == dump(database)


def test_another_seed_writes_other_rows(tmp_path: Path, database: Path, today: date) -> None:
    write_product(tmp_path / "other.db", DEFAULT_SEED + 1, today)
    assert dump(tmp_path / "other.db") != dump(database)


def test_writing_again_replaces_the_file_and_leaves_no_draft(tmp_path: Path, today: date) -> None:
    path = tmp_path / "product.db"
    path.write_text("not a database")
    write_product(path, DEFAULT_SEED, today)
    assert [found.name for found in tmp_path.iterdir()] == ["product.db"]
    assert len(whole_history(path, "sign_ups", today)) == HISTORY_DAYS


def test_the_file_stays_under_thirty_megabytes(database: Path) -> None:
    assert database.stat().st_size < 30 * MEGABYTE


@pytest.mark.parametrize("name", sorted(METRICS.keys() - {"annual_upgrades"}))
def test_every_day_up_to_yesterday_has_a_value(name: str, database: Path, today: date) -> None:
    found = whole_history(database, name, today)
    assert sorted(found) == [today - timedelta(days=n) for n in range(HISTORY_DAYS, 0, -1)]
    assert all(value > 0 for value in found.values())


@pytest.mark.parametrize("name", sorted(METRICS))
def test_days_ahead_are_there_for_a_clock_that_moves_but_not_before(
    name: str, database: Path, today: date
) -> None:
    sql, end = METRICS[name]["sql"], today + timedelta(days=AHEAD_DAYS)
    assert read(database, sql, today, today) == {}
    assert max(read(database, sql, today, end)) >= end - timedelta(days=7)


def counted(days: Days, values: Sequence[float]) -> dict[date, float]:
    pairs = zip(days.calendar.days[:HISTORY_DAYS], values[:HISTORY_DAYS], strict=True)
    return {day: float(value) for day, value in pairs if value}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("sign_ups", "sign_ups"),
        ("activation_rate", "activation_rate"),
        ("importing_teams", "importing_teams"),
        ("annual_upgrades", "upgrades"),
    ],
)
def test_the_metric_reads_exactly_what_happened(
    name: str, field: str, database: Path, days: Days, today: date
) -> None:
    truth = counted(days, getattr(days, field).tolist())
    assert whole_history(database, name, today) == pytest.approx(truth)


def test_error_rate_and_latency_are_weighed_over_the_hours(
    database: Path, days: Days, today: date
) -> None:
    requests = days.requests[HISTORY_DAYS - 1]
    errors = whole_history(database, "error_rate", today)[today - timedelta(days=1)]
    p95 = whole_history(database, "p95_latency", today)[today - timedelta(days=1)]
    assert days.requests.shape[1] == HOURS
    assert errors == pytest.approx(100 * days.errors[HISTORY_DAYS - 1].sum() / requests.sum())
    assert p95 == pytest.approx((days.p95[HISTORY_DAYS - 1] * requests).sum() / requests.sum())


def test_every_event_lies_in_its_local_day(database: Path) -> None:
    query = (
        "select count(*) from {} where date(at, 'unixepoch', '+1 hour') <> day"
        " and date(at, 'unixepoch', '+2 hours') <> day"
    )
    with closing(sqlite3.connect(database)) as connection:
        for table in ("sign_ups", "activations", "imports", "upgrades", "payments"):
            assert connection.execute(query.format(table)).fetchone() == (0,)


def test_nobody_acts_before_their_team_exists(database: Path) -> None:
    query = "select count(*) from {0} e left join teams t on t.id = e.team_id"
    query += " where t.id is null or t.created_day > e.day"
    with closing(sqlite3.connect(database)) as connection:
        for table in ("sign_ups", "activations", "imports", "upgrades", "payments"):
            assert connection.execute(query.format(table)).fetchone() == (0,)


def test_the_guided_importer_is_used_from_its_launch_day_on(database: Path, days: Days) -> None:
    launch = days.calendar.days[days.calendar.importer].isoformat()
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("select importer, min(day), max(day) from imports group by 1")
        spans = {importer: (first, last) for importer, first, last in rows}
    assert spans["guided"][0] == launch
    assert spans["classic"][1] < launch


def test_each_metric_is_owned_by_a_member_and_read_from_a_named_source() -> None:
    members = {member.id for member in MEMBERS}
    for metric in METRICS.values():
        assert metric["owner"] in members
        assert metric["source"] in SPEC["sources"]
        assert ":since" in metric["sql"]
        assert ":until" in metric["sql"]


def test_the_source_names_an_environment_variable_and_no_secret() -> None:
    assert SPEC["sources"]["product"]["url"] == f"${{{DATABASE_VARIABLE}}}"


def test_revenue_alone_is_for_a_private_channel() -> None:
    limited = {name: metric["audience"] for name, metric in METRICS.items() if "audience" in metric}
    private = {channel.id for channel in CHANNELS if channel.kind == "private"}
    assert limited == {"revenue": LEADERSHIP}
    assert LEADERSHIP in private
