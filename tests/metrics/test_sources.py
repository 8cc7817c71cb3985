"""The one contract that every kind of source keeps, each against a real server."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.db.migrate import migrate
from bot.db.session import Database
from bot.entries.log import Line, append
from bot.errors import MetricUnreadable
from bot.metrics.connections import SOURCE_TYPES
from bot.metrics.definition import MetricDefinition
from bot.metrics.sources.daybook import DaybookSource
from bot.metrics.sources.known import open_source
from bot.metrics.sources.protocol import DayValue, Source
from bot.workspaces.tables import Workspace
from tests.metrics import servers
from tests.metrics.servers import SECRET, Numbers, Shelf, serving
from tests.postgres import Postgres

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 4)
NUMBERS: Numbers = {
    date(2026, 11, 3): 3.0,
    date(2026, 11, 1): 1.0,
    date(2026, 11, 2): 2.0,
    date(2026, 10, 31): 9.0,
    date(2026, 11, 4): 8.0,
}
SQL = "select day, value from daily where day >= :since and day < :until"


@dataclass
class Kind:
    """One kind of source with ``NUMBERS`` in it. ``settings`` are those of its declaration."""

    ask: dict[str, str]
    settings: dict[str, Any] = field(default_factory=dict)
    made: Source | None = None
    away: dict[str, Any] | None = None  # the settings under which nobody answers
    shelf: Shelf | None = None

    def source(self, **more: Any) -> Source:
        if self.made:
            return self.made
        return open_source(SOURCE_TYPES[self.settings["type"]].model_validate(self.settings | more))

    def definition(self, **more: Any) -> MetricDefinition:
        base = {"name": "daybook_launches", "label": "Imports", "source": "facts", "good": "up"}
        return MetricDefinition.model_validate(base | self.ask | more)

    async def read(self, *, more: dict[str, Any] | None = None, **ask: Any) -> list[DayValue]:
        return await self.source(**(more or {})).read(self.definition(**ask), SINCE, UNTIL)

    async def failure(self, **kwargs: Any) -> MetricUnreadable:
        with pytest.raises(MetricUnreadable) as caught:
            await self.read(**kwargs)
        return caught.value


@dataclass
class Building:
    """What a kind is built with."""

    folder: Path
    server: Postgres | None
    stack: AsyncExitStack

    async def web(self, answer: servers.Answer) -> Shelf:
        shelf = await self.stack.enter_async_context(serving(answer))
        shelf.numbers.update(NUMBERS)
        return shelf


async def _sqlite(build: Building) -> Kind:
    path = build.folder / "facts.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table daily (day text, value real)")
        rows = [(str(day), value) for day, value in NUMBERS.items()]
        connection.executemany("insert into daily values (?, ?)", rows)
    settings = {"type": "sql", "url": f"sqlite:///{path}"}
    return Kind({"sql": SQL}, settings, away={"url": f"sqlite:////{SECRET}/none.db"})


async def _postgres(build: Building) -> Kind:
    server = build.server
    assert server
    name = server.create()
    build.stack.callback(server.drop, name)
    url = server.url(name)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("create table daily (day date, value numeric)")
        with connection.cursor() as cursor:
            cursor.executemany("insert into daily values (%s, %s)", list(NUMBERS.items()))
    away = {"url": f"postgresql://reader:{SECRET}@127.0.0.1:1/facts"}
    return Kind({"sql": SQL}, {"type": "sql", "url": url}, away=away)


async def _posthog(build: Building) -> Kind:
    shelf = await build.web(servers.posthog)
    settings = {"type": "posthog", "host": shelf.url, "project": "42", "key": SECRET}
    return Kind({"sql": SQL}, settings | LOCAL, away={"host": AWAY}, shelf=shelf)


async def _csv_file(build: Building) -> Kind:
    path = build.folder / "facts.csv"
    path.write_text(servers.csv_text(NUMBERS))
    settings = {"type": "csv", "file": str(path)}
    return Kind({"date": "day", "value": "teams"}, settings, away={"file": f"/{SECRET}/none.csv"})


async def _csv_address(build: Building) -> Kind:
    shelf = await build.web(servers.sheet)
    settings = {"type": "csv", "url": f"{shelf.url}/pub?output=csv&token={SECRET}"}
    ask = {"date": "day", "value": "teams"}
    return Kind(ask, settings | LOCAL, away={"url": AWAY}, shelf=shelf)


async def _http(build: Building) -> Kind:
    shelf = await build.web(servers.api)
    settings = {"type": "http", "url": f"{shelf.url}/v1", "token": SECRET}
    ask = {"path": "stats", "rows": "$.data[*]", "date": "$.on", "value": "$.n.total"}
    return Kind(ask, settings | LOCAL, away={"url": AWAY}, shelf=shelf)


async def _prometheus(build: Building) -> Kind:
    shelf = await build.web(servers.prometheus)
    settings = {"type": "prometheus", "url": shelf.url, "token": SECRET}
    ask = {"promql": "sum(increase(imports_total[1d]))"}
    return Kind(ask, settings | LOCAL, away={"url": AWAY}, shelf=shelf)


async def _daybook(build: Building) -> Kind:
    db = Database(f"sqlite+aiosqlite:///{build.folder / 'daybook.db'}")
    build.stack.push_async_callback(db.close)
    await migrate(db)
    at = datetime(2026, 10, 31, tzinfo=UTC)
    async with db.write() as session:
        session.add(Workspace(id="w1", team_id="T1", created_at=at, settings={}))
        await session.flush()
        for day, value in NUMBERS.items():
            for number in range(int(value)):
                line = Line("launch.created", "launch", f"{day}.{number}")
                noon = datetime.combine(day, time(12), tzinfo=UTC)
                await append(session, "w1", line, at=noon)
    return Kind({}, made=DaybookSource(db, "w1"))


LOCAL = {"allow_private": True}
AWAY = f"http://127.0.0.1:1/{SECRET}"
KINDS = {
    "sqlite": _sqlite,
    "postgres": _postgres,
    "posthog": _posthog,
    "csv_file": _csv_file,
    "csv_address": _csv_address,
    "http": _http,
    "prometheus": _prometheus,
    "daybook": _daybook,
}
WEB = ("posthog", "csv_address", "http", "prometheus")


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Postgres | None:
    """Postgres, started only for the kind that is read from it."""
    is_needed = request.node.callspec.params.get("kind") == "postgres"
    return request.getfixturevalue("postgres") if is_needed else None


@pytest.fixture
async def kind(
    request: pytest.FixtureRequest, tmp_path: Path, server: Postgres | None
) -> AsyncIterator[Kind]:
    async with AsyncExitStack() as stack:
        build = Building(tmp_path, server, stack)
        yield await KINDS[request.param](build)


def of(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", names, indirect=True)


every = of(*KINDS)
outside = of(*(name for name in KINDS if name != "daybook"))


@every
async def test_days_come_oldest_first_and_only_those_asked_for(kind: Kind) -> None:
    assert await kind.read() == [DayValue(date(2026, 11, n), float(n)) for n in (1, 2, 3)]


@every
async def test_two_reads_give_the_same(kind: Kind) -> None:
    assert await kind.read() == await kind.read()


@every
async def test_a_time_before_all_numbers_gives_nothing(kind: Kind) -> None:
    long_ago = SINCE - timedelta(days=400)
    assert await kind.source().read(kind.definition(), long_ago, long_ago + timedelta(3)) == []


@outside
async def test_nobody_there_is_told_without_address_or_secret(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    error = await kind.failure(more=kind.away)
    assert error.metric == "Imports"
    assert error.problem.endswith(".")
    assert error.fix
    for told in (str(error), caplog.text):
        assert SECRET not in told
        assert "127.0.0.1" not in told
    assert error.__cause__ is None
    assert error.__context__ is None


@outside
async def test_more_rows_than_allowed_are_refused(kind: Kind) -> None:
    error = await kind.failure(more={"row_limit": 2})
    assert "more than 2 rows" in error.problem
    assert error.fix


@of(*WEB)
async def test_a_source_that_does_not_answer_in_time_is_left(kind: Kind) -> None:
    assert kind.shelf
    kind.shelf.is_slow = True
    error = await kind.failure(more={"timeout_seconds": 0.1})
    assert "did not answer in time" in error.problem


@of(*WEB)
async def test_an_address_in_a_private_network_is_refused_unless_allowed(kind: Kind) -> None:
    assert kind.shelf
    address = kind.shelf.url.replace("http://", "https://")
    more = {"allow_private": False, "host" if "host" in kind.settings else "url": address}
    error = await kind.failure(more=more)
    assert "private network" in error.problem
    assert "allow_private" in error.fix
    assert kind.shelf.seen == []


@of(*WEB)
@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "does not accept Daybook's key"),
        (403, "refuses Daybook's key"),
        (404, "nothing at the source's address"),
        (429, "asked too often"),
        (503, "a problem of its own"),
    ],
)
async def test_a_refusal_says_what_to_do(kind: Kind, status: int, says: str) -> None:
    assert kind.shelf
    kind.shelf.status, kind.shelf.body = status, f'{{"detail": "{SECRET} <html>"}}'
    error = await kind.failure()
    assert says in error.problem
    assert error.fix
    assert SECRET not in str(error)


@of(*WEB)
async def test_a_page_for_people_is_no_answer(kind: Kind) -> None:
    assert kind.shelf
    kind.shelf.body = "<!doctype html><title>Sign in</title>"
    error = await kind.failure()
    assert "page" in f"{error.problem} {error.fix}"


@of(*WEB)
async def test_nothing_is_changed_at_the_source(kind: Kind) -> None:
    assert kind.shelf
    await kind.read()
    # PostHog takes its queries by POST.
    methods = {request.method for request in kind.shelf.seen}
    assert methods == ({"POST"} if kind.settings["type"] == "posthog" else {"GET"})
