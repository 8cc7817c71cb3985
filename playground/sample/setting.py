"""The sample's team, moved into a world and into the bot's database by living its three weeks."""

import shutil
from datetime import datetime
from pathlib import Path

from playground.sample.team import CHANNELS, COMPANY, MEMBERS
from playground.sample.timeline import Timeline, story_today
from playground.server.world import World

WORLD_DATABASE = "playground.db"
BOT_DATABASE = "daybook.db"
PRODUCT_DATABASE = "product.db"
METRICS_FILE = Path(__file__).with_name("metrics.yaml")
DEFAULT_SEED = 7
DATABASES = (WORLD_DATABASE, BOT_DATABASE, PRODUCT_DATABASE)
# Stories as they were written, by their day: starting over copies one instead of living it again.
STORIES = "stories"
# Set when a whole story is written or copied: a half one is started over.
DONE = "story-done"


def has_data(folder: Path) -> bool:
    """Tell whether there is something to go on with."""
    return (folder / DONE).exists()


def start_over(folder: Path) -> None:
    """Throw away what was played; the story stays."""
    (folder / DONE).unlink(missing_ok=True)
    for path in folder.glob("*.db*"):
        path.unlink()


async def lay_out(folder: Path, now: datetime) -> None:
    """Put today's story into ``folder``, ready to be played; lives it first where needed."""
    story = await ensure_story(folder, now)
    start_over(folder)
    for name in DATABASES:
        shutil.copy(story / name, folder / name)
    (folder / DONE).touch()


async def ensure_story(folder: Path, now: datetime) -> Path:
    """Return the folder of today's story; written once a day."""
    story = folder / STORIES / story_today(now).isoformat()
    if not (story / DONE).exists():
        shutil.rmtree(folder / STORIES, ignore_errors=True)
        story.mkdir(parents=True)
        await write_story(story, now)
    return story


async def write_story(folder: Path, now: datetime, *, seed: int = DEFAULT_SEED) -> None:
    """Live the sample's history up to ``now`` and leave its three databases in ``folder``.

    People's messages are written into the world; everything that Daybook does with them is done by
    Daybook, at the story's times.
    """
    # Living a story loads the whole bot; going on with one, as most starts do, needs none of it.
    from playground.sample.facts import read_facts
    from playground.sample.history import write_history
    from playground.sample.player import Player, StoryClock, living
    from playground.sample.product import write_product

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
