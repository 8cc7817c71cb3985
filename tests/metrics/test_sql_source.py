import re
import sqlite3
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from bot.errors import MetricUnreadable
from bot.metrics.connections import SqlConnection
from bot.metrics.definition import MetricDefinition
from bot.metrics.sources.protocol import DayValue
from bot.metrics.sources.sql import SqlSource
from tests.postgres import Postgres

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 8)
BETWEEN = "day >= :since and day < :until"


def bounded(query: str, *more: str) -> str:
    return " ".join([query, "where", BETWEEN, *more])


PLAIN = bounded("select day, value from daily", "order by day")


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table daily (day text, value, at text)")
        connection.executemany(
            "insert into daily values (?, ?, ?)",
            [
                ("2026-10-31", 9, ""),
                ("2026-11-02", 2.5, ""),
                ("2026-11-01", 1, ""),
                ("2026-11-03", None, ""),
                ("2026-11-08", 8, ""),
            ],
        )
    connection.close()
    return path


def metric(sql: str) -> MetricDefinition:
    return MetricDefinition.model_validate(
        {"name": "imports", "label": "Imports", "source": "facts", "sql": sql, "good": "up"}
    )


def source_of(url: str, **settings: float) -> SqlSource:
    return SqlSource(SqlConnection.model_validate({"type": "sql", "url": url, **settings}))


async def read(url: str, sql: str = PLAIN, **settings: float) -> list[DayValue]:
    return await source_of(url, **settings).read(metric(sql), SINCE, UNTIL)


async def failure(url: str, sql: str = PLAIN, **settings: float) -> MetricUnreadable:
    with pytest.raises(MetricUnreadable) as caught:
        await read(url, sql, **settings)
    assert caught.value.metric == "Imports"
    assert caught.value.fix
    return caught.value


async def test_days_come_oldest_first_and_only_those_asked_for(facts: Path) -> None:
    assert await read(f"sqlite:///{facts}") == [
        DayValue(date(2026, 11, 1), 1.0),
        DayValue(date(2026, 11, 2), 2.5),
    ]


async def test_the_url_of_an_asyncio_driver_works_too(facts: Path) -> None:
    assert len(await read(f"sqlite+aiosqlite:///{facts}")) == 2


async def test_columns_may_stand_in_any_order_and_case(facts: Path) -> None:
    sql = bounded("select value * 2 as VALUE, day as Day from daily")
    assert [row.value for row in await read(f"sqlite:///{facts}", sql)] == [2.0, 5.0]


async def test_a_query_that_ignores_its_bounds_is_cut_to_them(facts: Path) -> None:
    sql = "select day, value from daily where :since < :until and value is not null"
    days = [row.day for row in await read(f"sqlite:///{facts}", sql)]
    assert days == [date(2026, 11, 1), date(2026, 11, 2)]


async def test_sqlite_is_never_written(facts: Path) -> None:
    sql = bounded("with gone as (select 1) delete from daily", "returning day, value")
    error = await failure(f"sqlite:///{facts}", sql)
    assert "tries to change data" in error.problem
    assert len(await read(f"sqlite:///{facts}")) == 2


async def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "secret-name.db"
    error = await failure(f"sqlite:///{path}")
    assert "does not exist" in error.problem
    assert "secret-name" not in str(error)
    assert not path.exists()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (bounded("select day, value from dailyy"), "no such table: dailyy"),
        (bounded("select day, val as value from daily"), "no such column: val"),
        (bounded("select day value fromm daily"), "does not understand"),
        (bounded("select day, value as total from daily"), "day and value"),
        (bounded("select 'soon' as day, value from daily"), "no date"),
        (bounded("select day, 'many' as value from daily"), "no number"),
        (bounded("select day, 9e999 as value from daily"), "no number"),
        (bounded("select '2026-11-02' as day, 1 as value from daily"), "two rows"),
    ],
)
async def test_a_wrong_query_is_explained(facts: Path, sql: str, says: str) -> None:
    assert says in (await failure(f"sqlite:///{facts}", sql)).problem


async def test_too_many_rows_are_refused(facts: Path) -> None:
    assert "more than 2 rows" in (await failure(f"sqlite:///{facts}", row_limit=2)).problem


async def test_a_query_without_end_is_stopped(facts: Path) -> None:
    endless = (
        "with recursive n(i) as (select 1 union all select i + 1 from n) "
        "select max(i) as value, :since as day from n where :until <> ''"
    )
    error = await failure(f"sqlite:///{facts}", endless, timeout_seconds=0.05)
    assert "took too long" in error.problem


async def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("not a database " * 100)
    assert "no SQLite database" in (await failure(f"sqlite:///{path}")).problem


async def test_a_locked_file_says_so(facts: Path) -> None:
    writer = sqlite3.connect(facts, isolation_level=None)
    writer.execute("begin exclusive")
    try:
        error = await failure(f"sqlite:///{facts}", timeout_seconds=0.05)
    finally:
        writer.close()
    assert "locked by another program" in error.problem


async def test_the_query_does_not_run_on_the_event_loops_thread(facts: Path) -> None:
    seen: list[threading.Thread] = []

    class Watching(SqlSource):
        def _rows(self, sql: str, since: date, until: date) -> list[dict[str, object]]:
            seen.append(threading.current_thread())
            return super()._rows(sql, since, until)

    declared = SqlConnection.model_validate({"type": "sql", "url": f"sqlite:///{facts}"})
    await Watching(declared).read(metric(PLAIN), SINCE, UNTIL)
    assert seen
    assert seen[0] is not threading.main_thread()


async def test_an_unknown_kind_of_database_names_no_address() -> None:
    error = await failure("oraclish://reader:hunter2@db.internal/x")
    assert "no driver" in error.problem
    assert "hunter2" not in str(error)
    assert "db.internal" not in str(error)


async def test_an_unreachable_server_names_no_address_and_chains_no_error() -> None:
    error = await failure("postgresql://reader:hunter2@127.0.0.1:1/facts")
    assert "cannot be reached" in error.problem
    assert not any(word in str(error) for word in ("hunter2", "reader", "127.0.0.1"))
    assert error.__cause__ is None
    assert error.__context__ is None


# --- Postgres


@pytest.fixture
def server_url(postgres: Postgres) -> Iterator[str]:
    name = postgres.create()
    url = postgres.url(name)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("create table daily (day date, value numeric, at timestamptz)")
        connection.execute(
            "insert into daily values ('2026-11-01', 1, '2026-11-01 23:30+00'),"
            " ('2026-11-02', 2.5, '2026-11-02 12:00+00'), ('2026-11-08', 8, '2026-11-08 12:00+00')"
        )
    yield url
    postgres.drop(name)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
async def test_postgres_is_read_by_any_of_its_urls(server_url: str, scheme: str) -> None:
    assert await read(server_url.replace("postgresql+psycopg", scheme)) == [
        DayValue(date(2026, 11, 1), 1.0),
        DayValue(date(2026, 11, 2), 2.5),
    ]


async def test_an_instant_counts_for_its_date_in_the_metrics_zone(server_url: str) -> None:
    sql = bounded("select at as day, value from daily", "and value = 1")
    in_berlin = metric(sql).model_copy(update={"timezone": "Europe/Berlin"})
    found = await source_of(server_url).read(in_berlin, SINCE, UNTIL)
    assert found == [DayValue(date(2026, 11, 2), 1.0)]


async def test_postgres_is_never_written(server_url: str) -> None:
    gone = "with gone as (delete from daily returning day, value) select day, value from gone"
    sql = bounded(gone)
    assert "tries to change data" in (await failure(server_url, sql)).problem
    assert len(await read(server_url)) == 2


async def test_postgres_stops_a_query_that_takes_too_long(server_url: str) -> None:
    sql = bounded("select day, value from daily cross join pg_sleep(60)")
    error = await failure(server_url, sql, timeout_seconds=0.05)
    assert "took too long" in error.problem


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (bounded("select day, value from dailyy"), 'relation "dailyy" does not exist'),
        (bounded("select day, val as value from daily"), 'column "val" does not exist'),
        (bounded("select day, value / 0 as value from daily"), "divides by zero"),
        (bounded("select day, value from daily", "and at = 'x'"), "refused the query"),
    ],
)
async def test_a_wrong_query_on_postgres_is_explained(server_url: str, sql: str, says: str) -> None:
    assert says in (await failure(server_url, sql)).problem


@pytest.mark.parametrize(
    ("part", "instead", "says"),
    [
        (r"/t[0-9a-f]{12}", "/nowhere", "no database of that name"),
        (r"//postgres:", "//nobody:", "refused this user"),
    ],
)
async def test_a_refused_connection_says_why(
    server_url: str, part: str, instead: str, says: str
) -> None:
    error = await failure(re.sub(part, instead, server_url))
    assert says in error.problem
    assert "nobody" not in str(error)
