"""A world with everything that lives around it while the server runs."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import timedelta

from playground.server.announcer import Announcer
from playground.server.block_checks import file_ids
from playground.server.faults import Faults
from playground.server.http_sender import HttpSender
from playground.server.ids import from_epoch
from playground.server.manifest import Manifest
from playground.server.outbox import Outbox
from playground.server.refusals import RefusedError
from playground.server.rows import Channel, Json, Message
from playground.server.settings import Settings
from playground.server.socket_hub import SocketHub
from playground.server.triggers import Triggers
from playground.server.world import SLACKBOT, World


class Workspace:
    """Attributes: world, manifest, settings, faults, triggers, hub (Socket Mode), http (signed
    requests), outbox, announce."""

    def __init__(
        self, world: World, manifest: Manifest, settings: Settings, faults: Faults
    ) -> None:
        self.world = world
        self.manifest = manifest
        self.settings = settings
        self.faults = faults
        self.triggers = Triggers(world.real_now, lambda: settings.trigger_seconds)
        self.hub = SocketHub(settings, world.app.app_id)
        self.http = HttpSender(manifest, settings, world.app, world.real_now)
        transport = self.hub if manifest.is_socket_mode else self.http
        self.outbox = Outbox(world, manifest, settings, faults, transport)
        self.announce = Announcer(world, self.outbox, settings)

    @property
    def has_app(self) -> bool:
        """Whether the app is there: a socket is open, or its address was answered last time."""
        return bool(self.hub.count) if self.manifest.is_socket_mode else self.http.is_answered

    async def app_change(self, *, had_app: bool) -> None:
        """Waits until the app is there, or not, other than it was; over HTTP nobody can know."""
        if not self.manifest.is_socket_mode:
            await asyncio.Event().wait()
        await (self.hub.lost() if had_app else self.hub.connected())

    def tell(self, user: str, channel: str, text: str) -> None:
        """Slackbot tells one person something in a channel, as Slack does on errors."""
        message = self.world.messages.add(channel, SLACKBOT, text, ephemeral_to=user)
        self.announce.posted(message)

    def enter(self, room: Channel, user: str, inviter: str | None = None) -> bool:
        """Lets somebody into a channel, with the line that Slack writes there; False when they
        were in it already."""
        if not self.world.channels.add_member(room.id, user):
            return False
        words = f"<@{user}> has joined the channel"
        line = self.world.messages.add(room.id, user, words, subtype="channel_join")
        self.announce.posted(line)
        now = self.world.channels.get(room.id) or room
        self.announce.membership(now, user, joined=True, inviter=inviter)
        return True

    def erase(self, message: Message) -> None:
        """Deletes a message; a parent with replies leaves a tombstone."""
        messages = self.world.messages
        if message.reply_count:
            words = "This message was deleted."
            parts: Json = {"text": words, "blocks": None, "metadata": None, "files": []}
            messages.change(message.channel, message.ts, subtype="tombstone", **parts)
            after = messages.get(message.channel, message.ts)
            if after is not None:
                self.announce.changed(message, after)
            return
        messages.change(message.channel, message.ts, deleted=True)
        self.announce.deleted(message)

    def check_files(self, blocks: Sequence[Json]) -> None:
        """Refuses blocks that show a file which Slack does not know yet."""
        for place, file_id in enumerate(file_ids(list(blocks))):
            file = self.world.files.get(file_id)
            limit = self.settings.file_refusals
            if (
                file is None
                or not file.is_complete
                or self.world.files.refuse_once_more(file_id, limit)
            ):
                words = f"invalid slack file [json-pointer:/blocks/{place}/slack_file]"
                raise RefusedError(
                    "invalid_blocks",
                    errors=[words],
                    response_metadata={"messages": [f"[ERROR] {words}"]},
                )

    def show_files(self, channel: str, blocks: Sequence[Json] | None) -> None:
        """Lets those who read a channel see the files that a message's blocks show there."""
        for file_id in file_ids(list(blocks or ())):
            file = self.world.files.get(file_id)
            if file is not None and channel not in file.channels:
                self.world.files.change(file_id, channels=(*file.channels, channel))

    def issue_response_url(
        self, user: str, channel: str, *, ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        """A URL by which the app may answer what `user` did; `ts` is the message it happened on."""
        key = secrets.token_urlsafe(24)
        life = timedelta(seconds=self.settings.response_url_seconds)
        self.world.store.run(
            "INSERT INTO response_url VALUES (?, ?, ?, ?, ?, 0, ?)",
            *(key, channel, user, ts, thread_ts, (self.world.real_now() + life).timestamp()),
        )
        return f"{self.settings.base_url}/response/{key}"

    def take_response_url(self, key: str) -> tuple[str, str, str | None, str | None]:
        """One use of a response URL: channel, user, ts, thread_ts. Raises RefusedError with
        "invalid_url", "expired_url" or "used_url"."""
        row = self.world.store.one("SELECT * FROM response_url WHERE key = ?", key)
        if row is None:
            raise RefusedError("invalid_url")
        if self.world.real_now() > from_epoch(row["expires"]):
            raise RefusedError("expired_url")
        if row["uses"] >= self.settings.response_url_uses:
            raise RefusedError("used_url")
        self.world.store.run("UPDATE response_url SET uses = uses + 1 WHERE key = ?", key)
        return row["channel"], row["user"], row["ts"], row["thread_ts"]

    async def stop(self) -> None:
        """Ends deliveries and client sessions; the world stays open."""
        await self.outbox.stop()
        await self.http.close()
