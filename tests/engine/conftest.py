"""One workspace with its engine, against the playground's server."""

from collections.abc import AsyncIterator

import pytest

from bot.clock import OffsetClock
from bot.db.session import Database
from bot.slack.gateway import SlackGateway
from bot.workspaces.directory import register
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings
from playground.server.world import World
from tests.conftest import MANIFEST, FrozenClock
from tests.engine.works import Works


@pytest.fixture
async def works(db: Database) -> AsyncIterator[Works]:
    base = FrozenClock()
    clock = OffsetClock(base)
    world = World.open(":memory:", team_name="Northstar", real_now=base)
    server = Settings(port=0, file_refusals=0)
    people = People(world, MANIFEST, server)
    ana = world.users.add("ana", "Ana Lima").id
    room = world.channels.add("product", [ana, world.bot.id]).id
    other = world.channels.add("other", [ana, world.bot.id]).id
    async with serving(build_app(world, people, MANIFEST, server), server) as url:
        gateway = SlackGateway(world.app.bot_token, f"{url}/api/")
        workspace = await register(db, await gateway.identity(), at=clock.now())
        yield Works(db, clock, workspace.id, gateway, world, people, ana, room, other)
        await gateway.close()
    world.close()
