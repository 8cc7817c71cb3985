"""The sample's team, moved into a world and into the bot's database by living its three weeks."""

import shutil
from datetime import datetime
from pathlib import Path

import yaml

from playground.sample.facts import read_facts
from playground.sample.history import write_history
from playground.sample.player import Player, StoryClock, living
from playground.sample.product import DEFAULT_SEED, write_product
from playground.sample.team import CHANNELS, COMPANY, MEMBERS
from playground.sample.timeline import Timeline, story_today
from playground.server.world import World

WORLD_DATABASE = "playground.db"
BOT_DATABASE = "daybook.db"
PRODUCT_DATABASE = "product.db"
# Set when the whole story is written: a half-written one is started over.
DONE = "story-done"


def needs_story(folder: Path) -> bool:
    """Tell whether there is no whole story in the folder yet."""
    return not (folder / DONE).exists()


async def write_story(folder: Path, now: datetime, *, seed: int = DEFAULT_SEED) -> None:
    """Live the sample's history up to ``now`` and leave its three databases in ``folder``.

    People's messages are written into the world; everything that Daybook does with them is done by
    Daybook, at the story's times.
    """
    for old in folder.glob("*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    today = story_today(now)
    days = write_product(folder / PRODUCT_DATABASE, seed, today)
    script = write_history(today, read_facts(days))
    clock = StoryClock(script[0].at)
    world = World.open(folder / WORLD_DATABASE, team_name=COMPANY, real_now=clock)
    _people_the_world(world)
    async with living(folder, world, clock) as (daybook, people):
        player = Player(world, daybook, clock, Timeline(today), people)
        await player.prepare()
        for scripted in script:
            await player.play(scripted)
        await player.finish(now)
    world.close()
    (folder / DONE).touch()


def _people_the_world(world: World) -> None:
    for member in MEMBERS:
        world.users.add(
            member.handle,
            member.name,
            tz=member.zone,
            email=member.email,
            title=member.title,
            user_id=member.id,
            team_id=member.team_id if member.is_outsider else None,
            is_admin=member.is_admin,
            is_restricted=member.is_guest,
        )
    for channel in CHANNELS:
        world.channels.add(
            channel.name,
            [*channel.members, world.bot.id],
            channel_id=channel.id,
            is_private=channel.kind == "private",
            is_ext_shared=channel.kind == "shared",
            topic=channel.topic,
        )


def read_manifest() -> dict[str, object]:
    """Return app.yaml, from which the playground knows commands, shortcuts and scopes."""
    path = Path(__file__).parent.parent.parent / "app.yaml"
    manifest: dict[str, object] = yaml.safe_load(path.read_text())
    return manifest
