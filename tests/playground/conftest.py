"""A served playground with two members, a guest, an outsider, and the app in #product."""

import asyncio
import copy
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings
from playground.server.world import World

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Daybook"},
    "features": {
        "app_home": {"home_tab_enabled": True},
        "bot_user": {"display_name": "Daybook"},
        "slash_commands": [
            {"command": "/launch", "description": "Log a launch", "url": "http://unset/"},
            {"command": "/why", "description": "Explain", "url": "http://unset/"},
        ],
        "shortcuts": [
            {"name": "New launch", "type": "global", "callback_id": "launch.new"},
            {"name": "Log as feedback", "type": "message", "callback_id": "feedback.log"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                *("commands", "chat:write", "reactions:read", "reactions:write"),
                *("app_mentions:read", "channels:read", "channels:history", "channels:join"),
                *("users:read", "im:read", "im:write", "im:history", "files:write"),
                *("groups:read", "groups:history"),
            ]
        }
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": [
                *("message.channels", "message.groups", "message.im", "app_mention"),
                *("reaction_added", "reaction_removed", "app_home_opened", "user_change"),
                *("member_joined_channel", "channel_rename", "channel_archive", "team_join"),
                *("channel_left", "group_left"),
            ]
        },
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}


class Clock:
    """Real time, moved by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_seconds(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Playground:
    """What a test holds in its hands."""

    world: World
    people: People
    settings: Settings
    clock: Any
    manifest: dict[str, Any]
    ids: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> str:
        try:
            return str(self.__dict__["ids"][name])
        except KeyError:
            raise AttributeError(name) from None

    @property
    def client(self) -> AsyncWebClient:
        return self.client_with(self.world.app.bot_token)

    def client_with(self, token: str | None) -> AsyncWebClient:
        client = AsyncWebClient(token=token, base_url=f"{self.settings.base_url}/api/")
        client.proxy = None
        return client

    def bolt(self) -> AsyncApp:
        return AsyncApp(
            client=self.client,
            signing_secret=self.world.app.signing_secret,
            process_before_response=True,
        )


def make_playground(
    manifest: dict[str, Any], clock: Callable[[], datetime] | None = None
) -> Playground:
    clock = clock or Clock()
    world = World.open(":memory:", team_name="Northstar", real_now=clock)
    settings = Settings(port=0, ack_seconds=20.0, retry_seconds=(0.0, 0.0, 0.0), file_refusals=0)
    people = People(world, manifest, settings)
    made = Playground(world, people, settings, clock, manifest)
    add = world.users.add
    users = {
        "ana": add("ana", "Ana Lima", tz="America/Sao_Paulo", email="ana@northstar.test"),
        "ben": add("ben", "Ben Okafor", tz="Africa/Lagos", is_admin=True),
        "guest": add("gil", "Gil Guest", is_ultra_restricted=True),
        "outsider": add("olga", "Olga Other", team_id="T0ACMECORP0"),
    }
    made.ids = {name: user.id for name, user in users.items()} | {"bot": world.bot.id}
    room, who = world.channels.add, made.ids
    inside = [who["ana"], who["ben"]]
    made.ids |= {
        "product": room("product", [*inside, who["bot"]]).id,
        "random": room("random", inside).id,
        "board": room("board", inside, is_private=True).id,
        "leads": room("leads", [*inside, who["bot"]], is_private=True).id,
        "acme": room("acme", [who["ana"], who["outsider"], who["bot"]], is_ext_shared=True).id,
    }
    return made


@pytest.fixture
def manifest() -> dict[str, Any]:
    return copy.deepcopy(MANIFEST)


@pytest.fixture
async def play(manifest: dict[str, Any]) -> AsyncIterator[Playground]:
    made = make_playground(manifest)
    app = build_app(made.world, made.people, manifest, made.settings)
    async with serving(app, made.settings):
        yield made
    made.world.close()


class Heard:
    """What the app was sent, and how long to wait for it."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    def add(self, body: dict[str, Any]) -> None:
        self.bodies.append(body)
        self._news.set()

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        found = [body["event"] for body in self.bodies if "event" in body]
        return [event for event in found if kind in (None, event["type"])]

    def as_happened(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Events may overtake each other on their way, as Slack's do."""
        return sorted(self.events(kind), key=lambda event: float(event["event_ts"]))

    async def wait(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(5):
            while len(self.bodies) < count:
                self._news.clear()
                await self._news.wait()
        return self.bodies


def listen_to_all(app: AsyncApp, heard: Heard) -> None:
    """Every event goes to `heard` and is acknowledged."""

    @app.event(re.compile(".*"))
    async def listener(body: dict[str, Any]) -> None:
        heard.add(body)


@asynccontextmanager
async def linked(play: Playground, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app connected in Socket Mode while the block lasts."""
    client = play.client_with(play.world.app.app_token)
    handler = AsyncSocketModeHandler(app, app_token=play.world.app.app_token, web_client=client)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await play.people.workspace.hub.connected()
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def bolt(play: Playground, heard: Heard) -> AsyncIterator[AsyncApp]:
    """A Bolt app on Socket Mode that hears every event; tests add their own listeners."""
    app = play.bolt()
    listen_to_all(app, heard)
    async with linked(play, app):
        yield app


class Hands:
    """Functions that test modules need (they cannot import this file)."""

    linked = staticmethod(linked)
    listen_to_all = staticmethod(listen_to_all)
    make_playground = staticmethod(make_playground)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def play_world() -> Iterator[World]:
    """A world without people, on the hand-moved clock."""
    world = World.open(":memory:", real_now=Clock())
    yield world
    world.close()
