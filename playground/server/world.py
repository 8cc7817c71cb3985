"""A whole Slack workspace in one SQLite file: its people, channels, messages, views, files.

    world = World.open("play.sqlite3")            # ":memory:" in tests
    ana = world.users.add("ana", "Ana Lima", tz="America/Sao_Paulo")
    general = world.channels.add("general", [ana.id, world.bot.id])
    world.messages.add(general.id, ana.id, "Good morning", at=three_weeks_ago)
    for message in world.messages.history(general.id, viewer=ana.id): ...

Reading is plain and synchronous. Writing here tells nobody: what people do goes through
`playground.server.people.People`, which also sends the app its events.
One process holds a world; other processes use the Web API and the control endpoints.
"""

import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playground.server.channels import Channels
from playground.server.feed import Feed
from playground.server.files import Files
from playground.server.ids import new_id, to_micros
from playground.server.ledger import Ledger
from playground.server.messages import Messages
from playground.server.rows import AppIdentity, Change, Json, Team, User
from playground.server.store import Store
from playground.server.users import Users
from playground.server.views import Views

SLACKBOT = "USLACKBOT"  # who speaks when Slack itself tells a person something


def utc_now() -> datetime:
    """The real clock: the playground server is an edge."""
    return datetime.now(UTC)


class World:
    """Attributes: team, app, users, channels, messages, views, files, ledger, store."""

    def __init__(self, store: Store, real_now: Callable[[], datetime]) -> None:
        self.store = store
        self.real_now = real_now
        self.team = Team(**store.setting("team"))
        self.app = AppIdentity(**store.setting("app"))
        self._offset = timedelta(seconds=store.setting("clock_offset_seconds") or 0)
        self._feed = Feed(to_micros(real_now()))
        self.users = Users(store, self.team.id)
        self.channels = Channels(store, real_now)
        self.messages = Messages(store, real_now, self.now)
        self.views = Views(store)
        self.files = Files(store)
        self.ledger = Ledger(store)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        team_name: str = "Playground",
        app_name: str = "Daybook",
        real_now: Callable[[], datetime] = utc_now,
    ) -> "World":
        """Opens the workspace in a file; a new file gets a team, the app with its bot user and
        secrets, and Slackbot, but no people and no channels."""
        store = Store(path)
        with store.transaction():
            if store.setting("app") is None:
                _create(store, team_name, app_name)
        return cls(store, real_now)

    @property
    def bot(self) -> User:
        """The app's own user."""
        user = self.users.get(self.app.bot_user_id)
        if user is None:
            raise LookupError("this world has lost its bot user")
        return user

    def now(self) -> datetime:
        """Story time: real time plus the offset that the playground's clock was moved by."""
        return self.real_now() + self._offset

    @property
    def offset(self) -> timedelta:
        """How far story time is ahead of real time."""
        return self._offset

    def set_offset(self, offset: timedelta) -> None:
        """Moves story time; ts, signatures and trigger ids stay on real time."""
        self._offset = offset
        self.store.set_setting("clock_offset_seconds", offset.total_seconds())
        self.notify("clock")

    @property
    def version(self) -> int:
        """Grows with every change that a person may see."""
        return self._feed.version

    def notify(
        self,
        kind: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        user: str | None = None,
    ) -> None:
        """Adds to the change feed; see Change for the kinds."""
        self._feed.add(kind, channel=channel, ts=ts, user=user)

    async def changes(self, since: int, timeout_seconds: float = 25.0) -> list[Change]:
        """The changes after version `since`; waits for one up to the timeout (then empty)."""
        return await self._feed.wait(since, timeout_seconds)

    def record(
        self, method: str, args: Json, channel: str | None = None, ts: str | None = None
    ) -> int:
        """Appends an accepted call to the ledger; returns its sequence number."""
        return self.ledger.add(
            method, args, real_at=self.real_now(), story_at=self.now(), channel=channel, ts=ts
        )

    def can_see(self, user_id: str, channel_id: str) -> bool:
        """Whether a person may read a channel: members always, everybody of the workspace but
        guests in public channels."""
        channel, user = self.channels.get(channel_id), self.users.get(user_id)
        if channel is None or user is None:
            return False
        if user_id in channel.members:
            return True
        is_open = not channel.is_private and not channel.is_im
        return is_open and user.team_id == self.team.id and not user.is_restricted

    def close(self) -> None:
        """Closes the file; the world is of no use afterwards."""
        self.store.close()


def _create(store: Store, team_name: str, app_name: str) -> None:
    domain = "".join(c for c in team_name.lower().replace(" ", "-") if c.isalnum() or c == "-")
    team = Team(new_id("T"), team_name, domain)
    app = _new_app(team.id)
    store.set_setting("team", asdict(team))
    store.set_setting("app", asdict(app))
    users = Users(store, team.id)
    users.add(app_name.lower(), app_name, user_id=app.bot_user_id, is_bot=True)
    users.add("slackbot", "Slackbot", user_id=SLACKBOT, is_bot=True)


def _new_app(team_id: str) -> AppIdentity:
    app_id = new_id("A")
    return AppIdentity(
        app_id=app_id,
        bot_id=new_id("B"),
        bot_user_id=new_id("U"),
        bot_token=f"xoxb-{team_id[1:]}-{secrets.token_hex(16)}",
        app_token=f"xapp-1-{app_id}-{secrets.token_hex(16)}",
        signing_secret=secrets.token_hex(16),
        verification_token=secrets.token_hex(12),
    )
