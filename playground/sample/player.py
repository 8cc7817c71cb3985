"""Plays the sample's script: people speak in the world, Daybook does its part for real."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from sqlalchemy import select

from bot.bootstrap import Daybook, running
from bot.db.migrate import migrate
from bot.db.session import Database
from bot.feedback import service as feedback
from bot.feedback.tables import Feedback
from bot.settings import Settings
from bot.workspaces.customers import CustomerFacts, put_customer
from playground.sample.acts import MarkFeedback, React, Say
from playground.sample.customers import CUSTOMERS
from playground.sample.history import Scripted
from playground.sample.story.themes import THEMES
from playground.sample.team import FEEDBACK_EMOJI
from playground.sample.timeline import Timeline
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings as ServerSettings
from playground.server.world import World

MANIFEST = Path(__file__).parent.parent.parent / "app.yaml"


class StoryClock:
    """The story's time: stands still until it is moved, but for a hair at each look, so that no
    two messages share a ts.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the story's time."""
        return self.at

    def __call__(self) -> datetime:
        """Return the story's time for the world, a millisecond later at each look."""
        self.at += timedelta(milliseconds=1)
        return self.at

    def set(self, at: datetime) -> None:
        """Move on; the story never goes back."""
        self.at = max(self.at, at)


@asynccontextmanager
async def living(
    folder: Path, world: World, clock: StoryClock
) -> AsyncIterator[tuple[Daybook, People]]:
    """Serve the world and run Daybook on it, in this process, on the story's time."""
    manifest = yaml.safe_load(MANIFEST.read_text())
    server = ServerSettings(port=0, ack_seconds=30, retry_seconds=(0.0,), file_refusals=0)
    people = People(world, manifest, server)
    database = f"sqlite+aiosqlite:///{folder / 'daybook.db'}"
    db = Database(database)
    await migrate(db)
    await db.close()
    async with serving(build_app(world, people, manifest, server), server) as url:
        settings = Settings(
            _env_file=None,
            slack_bot_token=world.app.bot_token,
            slack_app_token=world.app.app_token,
            slack_api_url=f"{url}/api/",
            database_url=database,
            default_timezone="Europe/Berlin",
        )
        async with running(settings, base_clock=clock) as daybook:
            handler = AsyncSocketModeHandler(
                daybook.app, world.app.app_token, web_client=daybook.app.client
            )
            await handler.connect_async()
            yield daybook, people
            await people.settled()
            await handler.close_async()


class Player:
    """Plays one act after the other; keeps what the script's keys became."""

    def __init__(
        self, world: World, daybook: Daybook, clock: StoryClock, timeline: Timeline, people: People
    ) -> None:
        self._world, self._daybook, self._clock = world, daybook, clock
        self._line, self._people = timeline, people
        self._workspace = daybook.deps.places.all()[0].workspace_id
        self._messages: dict[str, tuple[str, str]] = {}  # message key -> channel, ts
        self._themes: dict[str, str] = {}
        self._theme_names = {theme.key: theme.name for theme in THEMES}
        self._customers: dict[str, str] = {}
        self._acts: dict[type, Callable[[Any, datetime], Awaitable[None]]] = {
            Say: self._say,
            React: self._react,
            MarkFeedback: self._mark,
        }

    async def prepare(self) -> None:
        """Bring in the customers."""
        async with self._daybook.deps.db.write() as session:
            for customer in CUSTOMERS:
                self._customers[customer.key] = await put_customer(
                    session,
                    self._workspace,
                    CustomerFacts(
                        name=customer.name,
                        domains=(customer.domain,),
                        channel_id=customer.channel,
                        tier=customer.tier,
                        status=customer.status,
                        monthly_revenue=customer.monthly_revenue_minor,
                        currency=customer.currency,
                    ),
                    at=self._clock.at,
                )

    async def play(self, scripted: Scripted) -> None:
        """Let time come to the act, do what falls due on the way, then play it."""
        if not isinstance(scripted.act, Say | React):
            await self._until(scripted.at)
        await self._acts[type(scripted.act)](scripted.act, scripted.at)

    async def finish(self, now: datetime) -> None:
        """Come to the present."""
        await self._until(now)

    async def _until(self, at: datetime) -> None:
        engine = self._daybook.engine
        due = await engine.next_due()
        if due and due <= at:
            await engine.run_until(max(at, self._clock.at), self._clock.set)
        self._clock.set(at)

    async def _settle(self) -> None:
        await self._people.settled()
        await self._daybook.engine.run_due()

    async def _say(self, act: Say, at: datetime) -> None:
        thread = self._messages[act.thread][1] if act.thread else None
        message = self._world.messages.add(
            act.channel, act.who, self._people.encoded(act.text), thread_ts=thread, at=at
        )
        self._messages[act.key] = act.channel, message.ts

    async def _react(self, act: React, _at: datetime) -> None:
        channel, ts = self._messages[act.message]
        self._world.messages.react(channel, ts, act.emoji, act.who)

    async def _mark(self, act: MarkFeedback, at: datetime) -> None:
        channel, ts = self._messages[act.message]
        await self._people.react(act.who, channel, ts, FEEDBACK_EMOJI)
        await self._settle()
        async with self._daybook.deps.db.write() as session:
            item = await session.scalar(
                select(Feedback).where(
                    Feedback.source_channel_id == channel, Feedback.message_ts == ts
                )
            )
            if item is None:
                raise LookupError(f"{act.message} was not logged")
            who = {"by": act.who, "at": at}
            await feedback.correct(
                session,
                self._workspace,
                item.id,
                kind=act.kind,
                customer_id=self._customers[act.customer] if act.customer else "",
                **who,
            )
            if act.theme and act.theme in self._themes:
                theme = self._themes[act.theme]
                await feedback.move_to_theme(session, self._workspace, item.id, theme, **who)
            elif act.theme and item.theme_id:
                self._themes[act.theme] = item.theme_id
                name = self._theme_names[act.theme]
                await feedback.rename_theme(session, self._workspace, item.theme_id, name, **who)
