"""A whole Daybook against the playground's server, on both databases."""

import asyncio
import gc
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import uvloop
import yaml
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from bot.ai.lexical import Lexical
from bot.ai.llm import Drafter
from bot.ai.vectors import Vectors
from bot.bootstrap import Daybook, running
from bot.db.migrate import migrate
from bot.db.session import Database
from bot.digests.chart import ChartSpec
from bot.settings import Settings
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.rows import Message
from playground.server.settings import Settings as ServerSettings
from playground.server.world import World
from tests.compiled import share_statements
from tests.postgres import Postgres, running_postgres

# A Monday, before the usual hours of rituals in Europe.
START = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
MANIFEST = yaml.safe_load((Path(__file__).parent.parent / "app.yaml").read_text())
DATABASES = ("sqlite", "postgres")
# Each test leaves a whole Daybook behind: fewer, larger collections. Python's own: 700, 10, 10.
COLLECT = (10_000, 20, 20)


def pytest_configure() -> None:
    share_statements()
    # How long an example took says how busy the machine is, not whether the code is right.
    hypothesis.settings.register_profile("daybook", deadline=None)
    hypothesis.settings.load_profile("daybook")


def pytest_collection_finish() -> None:
    """Spare the collector what lives as long as the run: modules and thousands of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that `daybook run` uses."""
    return {"uvloop": uvloop.new_event_loop}


class FrozenClock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def __call__(self) -> datetime:
        # Slack's own time goes on by a hair at each look, so that no two messages share a ts.
        self.at += timedelta(microseconds=1000)
        return self.at


@dataclass
class Rooms:
    """Ids of the test workspace."""

    product: str = ""
    voice: str = ""
    leads: str = ""  # private, with the bot
    board: str = ""  # private, without the bot
    acme: str = ""  # shared with a customer


@dataclass
class Humans:
    """Ids of the people: ana (Berlin, admin), ben (New York), gil (guest), olga (outsider)."""

    ana: str = ""
    ben: str = ""
    gil: str = ""
    olga: str = ""


@dataclass
class Stage:
    """What a behaviour test holds in its hands."""

    world: World
    people: People
    daybook: Daybook
    clock: FrozenClock
    rooms: Rooms
    who: Humans
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def deps(self) -> Any:
        return self.daybook.deps

    @property
    def workspace_id(self) -> str:
        return self.daybook.deps.places.all()[0].workspace_id

    async def settle(self) -> None:
        """Let everything that is under way arrive and be answered."""
        sent = -1
        # What the bot does may send it events, and these are work again.
        while (now_sent := await self.people.settled()) != sent:
            sent = now_sent
            await self.daybook.engine.run_due()

    async def run_until(self, at: datetime) -> None:
        await self.settle()
        await self.daybook.engine.run_until(at, self.daybook.clock.set)
        await self.settle()

    async def after(self, **delta: float) -> None:
        await self.run_until(self.daybook.clock.now() + timedelta(**delta))

    def posts(self, channel: str) -> list[Message]:
        """The bot's messages that stand in a channel, threads included, oldest first."""
        messages = self.world.messages
        tops = messages.history(channel, limit=1000)
        everything = {m.ts: m for top in tops for m in (top, *messages.replies(channel, top.ts))}
        bot = self.world.bot.id
        return [m for ts, m in sorted(everything.items()) if m.user == bot]

    async def whispers(self, user: str, channel: str) -> list[str]:
        """What only this person was told in a channel."""
        return [m.text for m in await self.people.ephemerals(user, channel)]

    def dms(self, user: str) -> list[Message]:
        """What the bot wrote to a person directly."""
        room = self.world.channels.find_direct(user, self.world.bot.id)
        return self.posts(room.id) if room else []


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not in pytest's folder: another run of pytest takes other users' rights to it away, and run
    # by root the server is another user.
    with (
        tempfile.TemporaryDirectory(prefix="daybook-pg-", ignore_cleanup_errors=True) as folder,
        running_postgres(Path(folder) / "data") as server,
    ):
        name = server.create()
        asyncio.run(_migrated(server.url(name)))
        server.run(f"alter database {name} rename to migrated")
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("db") / "migrated.db"
    asyncio.run(_migrated(f"sqlite+aiosqlite:///{path}"))
    return path


async def _migrated(url: str) -> None:
    db = Database(url)
    await migrate(db)
    await db.close()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database; every test that asks runs on both."""
    if request.param == "sqlite":
        source: Path = request.getfixturevalue("migrated_sqlite")
        path = tmp_path / "daybook.db"
        shutil.copy(source, path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    yield server.url_of_used()


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def more_settings() -> dict[str, Any]:
    """Overridden by test modules that need other settings."""
    return {}


@pytest.fixture
def drafter() -> Drafter | None:
    """Overridden by test modules that need a model."""
    return None


@pytest.fixture
def vectors() -> Vectors:
    """Words, which need no model; overridden by test modules that need meaning."""
    return Lexical()


@pytest.fixture
def metrics_yaml() -> str:
    """Overridden by test modules that need metrics."""
    return "sources: {}\nmetrics: []\n"


async def draw(spec: dict[str, Any]) -> bytes:
    """Stand in for the picture worker, whose own tests draw for real: the spec must be drawable."""
    ChartSpec.model_validate(spec)
    return b"\x89PNG\r\n\x1a\n" + json.dumps(spec, default=str).encode()


@pytest.fixture
async def stage(
    database_url: str,
    tmp_path: Path,
    metrics_yaml: str,
    more_settings: dict[str, Any],
    drafter: Drafter | None,
    vectors: Vectors,
) -> AsyncIterator[Stage]:
    (tmp_path / "metrics.yaml").write_text(metrics_yaml)
    clock = FrozenClock()
    world = World.open(":memory:", team_name="Northstar", real_now=clock)
    server = ServerSettings(
        port=0, ack_seconds=20.0, retry_seconds=(0.0, 0.0, 0.0), file_refusals=0
    )
    people = People(world, MANIFEST, server)
    who, rooms = _people_the_world(world)
    async with serving(build_app(world, people, MANIFEST, server), server) as base_url:
        settings = Settings(
            _env_file=None,
            slack_bot_token=world.app.bot_token,
            slack_app_token=world.app.app_token,
            slack_signing_secret=world.app.signing_secret,
            slack_api_url=f"{base_url}/api/",
            database_url=database_url,
            metrics_file=tmp_path / "metrics.yaml",
            **more_settings,
        )
        async with running(
            settings, base_clock=clock, drafter=drafter, draw=draw, vectors=vectors
        ) as daybook:
            handler = AsyncSocketModeHandler(
                daybook.app, world.app.app_token, web_client=daybook.app.client
            )
            await handler.connect_async()
            yield Stage(world, people, daybook, clock, rooms, who, MANIFEST)
            await handler.close_async()
    world.close()


def _people_the_world(world: World) -> tuple[Humans, Rooms]:
    add, room, bot = world.users.add, world.channels.add, world.bot.id
    who = Humans(
        ana=add(
            "ana", "Ana Lima", tz="Europe/Berlin", email="ana@northstar.test", is_admin=True
        ).id,
        ben=add("ben", "Ben Okafor", tz="America/New_York", email="ben@northstar.test").id,
        gil=add("gil", "Gil Guest", is_ultra_restricted=True).id,
        olga=add("olga", "Olga Other", team_id="T0ACMECORP0", email="olga@acme.test").id,
    )
    members = [who.ana, who.ben]
    rooms = Rooms(
        product=room("product", [*members, bot]).id,
        voice=room("customer-voice", [*members, who.gil, bot]).id,
        leads=room("leads", [who.ana, bot], is_private=True).id,
        board=room("board", members, is_private=True).id,
        acme=room("ext-acme", [who.ana, who.olga, bot], is_ext_shared=True).id,
    )
    return who, rooms
