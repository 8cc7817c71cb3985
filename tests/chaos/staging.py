"""A trial's Slack, database and bots: set up, and taken down after it."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.bootstrap import running
from bot.db.session import Database
from bot.digests import service
from bot.metrics.queries import find_metric
from bot.settings import Settings
from bot.workspaces.asker import Asker
from tests.chaos.clockfile import ClockFile
from tests.chaos.databases import Base, migrated
from tests.chaos.nursery import Nursery
from tests.chaos.processes import Bot, start_slack
from tests.chaos.scenes import CHANNELS, Scene
from tests.chaos.trial import Trial, wanted_digest

METRIC = "daybook_launches"
OURS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "DATABASE_URL")


@asynccontextmanager
async def staged(
    scene: Scene,
    folder: Path,
    base: Base,
    commands: list[str],
    nursery: Nursery,
    *,
    quiet: bool = True,
) -> AsyncIterator[Trial]:
    """Set a trial up, and take everything down after it."""
    true = ClockFile(folder / "true.clock")
    true.set(scene.opens)
    slack = await start_slack(nursery, folder, CHANNELS)
    db = Database(base.url)
    bots: list[Bot] = []
    rng = random.Random(scene.seed)
    trial = Trial(scene, folder, base, slack, true, bots, rng, db, quiet=quiet)
    try:
        await migrated(base.url)
        world = await slack.ask("/control/world")
        await _set_up(trial, world)
        for number, command in enumerate(commands):
            name = f"{command}{number}"
            environment = _environment(world, slack.url, base.url, name)
            bots.append(Bot(name, command, environment, folder, nursery))
        trial.follow()
        for bot in bots:
            await bot.start()
        for bot in bots:
            if not await bot.ready():
                raise RuntimeError(f"{bot.name} does not start: {bot.log.read_text()[-2000:]}")
        yield trial
    finally:
        await asyncio.gather(*(bot.stop() for bot in bots))
        await db.close()
        await slack.close()
        await base.close()


async def _set_up(trial: Trial, world: dict[str, Any]) -> None:
    """Create the digests as their owner does, before the first of them is due."""
    trial.bot_user = world["app"]["bot_user_id"]
    trial.owner = next(user["id"] for user in world["users"] if user["name"] == "ana")
    rooms = {room["name"]: room["id"] for room in world["channels"] if room.get("name")}
    trial.channels = [rooms[f"chaos-{n}"] for n in range(CHANNELS)]
    environment = _environment(world, trial.slack.url, trial.base.url, "setup")
    names = {name.lower(): value for name, value in environment.items() if name in OURS}
    settings = Settings(_env_file=None, **names)
    async with running(settings, base_clock=trial.true) as daybook:
        trial.workspace_id = daybook.deps.places.all()[0].workspace_id
        everybody = Asker(workspace_id=trial.workspace_id, sees_public=True)
        async with daybook.deps.db.write() as session:
            metric = await find_metric(session, everybody, METRIC)
            for digest in trial.scene.digests:
                channel = trial.channels[digest.channel]
                wanted = wanted_digest(digest.name, channel, [metric.id], digest.at, digest.zone)
                row = await service.create_digest(
                    session, trial.workspace_id, wanted, by=trial.owner, at=trial.scene.opens
                )
                digest.id = row.id


def _environment(world: dict[str, Any], url: str, database: str, name: str) -> dict[str, str]:
    ours = {
        "SLACK_BOT_TOKEN": world["app"]["bot_token"],
        "SLACK_APP_TOKEN": world["app"]["app_token"],
        "SLACK_API_URL": f"{url}/{name}/api/",
        "DATABASE_URL": database,
        "LOG_LEVEL": "INFO",
    }
    return os.environ | ours
