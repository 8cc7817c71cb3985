"""Tells the page (change feed) and the app (events) what happened to messages and rooms."""

from playground.server.outbox import Outbox
from playground.server.rich_text import mentions
from playground.server.rows import Channel, Json, Message
from playground.server.settings import Settings
from playground.server.shapes import render_message, render_user
from playground.server.world import World


class Announcer:
    """One method for each thing that can happen; the caller has already written it down."""

    def __init__(self, world: World, outbox: Outbox, settings: Settings) -> None:
        self._world = world
        self._outbox = outbox
        self._settings = settings

    def posted(self, message: Message) -> None:
        """A new message: `message`, and `app_mention` where a person names the app."""
        self._notify(message)
        channel = self._channel(message)
        if message.ephemeral_to is not None or channel is None:
            return
        event = self._message(message, metadata=False)
        event |= {"channel": channel.id, "event_ts": message.ts, "channel_type": _kind(channel)}
        if message.files:
            event |= {"subtype": "file_share", "upload": False}
        self._outbox.emit(_subscription(channel), event, channel)
        for file in map(self._world.files.get, message.files):
            if file is not None:
                self._shared(file.id, file.user, channel, message.ts)
        is_named = self._world.app.bot_user_id in mentions(message.text)
        is_said = message.bot_id is None and message.subtype in (None, "thread_broadcast")
        if is_named and is_said and not channel.is_im:
            self._mention(message, channel)

    def changed(self, before: Message, after: Message) -> None:
        """An edited message (message_changed)."""
        parts = {
            "subtype": "message_changed",
            "message": self._message(after, metadata=False),
            "previous_message": self._message(before, metadata=False),
        }
        self._hidden(after, parts)

    def deleted(self, before: Message) -> None:
        """A deleted message (message_deleted)."""
        parts = {
            "subtype": "message_deleted",
            "deleted_ts": before.ts,
            "previous_message": self._message(before, metadata=False),
        }
        self._hidden(before, parts)

    def reacted(self, message: Message, user: str, emoji: str, *, added: bool) -> None:
        """A reaction put on a message or taken away."""
        self._notify(message)
        name = "reaction_added" if added else "reaction_removed"
        event: Json = {
            "type": name,
            "user": user,
            "reaction": emoji,
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
            "item_user": message.user,
            "event_ts": self._world.messages.new_ts(),
        }
        self._outbox.emit(name, event, self._channel(message))

    def membership(
        self, channel: Channel, user: str, *, joined: bool, inviter: str | None = None
    ) -> None:
        """Somebody came into a channel or left it."""
        self._world.notify("channel", channel=channel.id)
        name = "member_joined_channel" if joined else "member_left_channel"
        event: Json = {
            "type": name,
            "user": user,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": self._world.team.id,
            "event_ts": self._world.messages.new_ts(),
        }
        if inviter is not None:
            event["inviter"] = inviter
        self._outbox.emit(name, event, channel)

    def bot_removed(self, channel: Channel, actor: str) -> None:
        """The app was taken out of a channel: channel_left, or group_left of a private one."""
        self._world.notify("channel", channel=channel.id)
        name = "group_left" if channel.is_private else "channel_left"
        event = {"type": name, "channel": channel.id, "actor_id": actor}
        self._outbox.emit(name, event | {"event_ts": self._world.messages.new_ts()})

    def room(self, what: str, channel: Channel, **parts: object) -> None:
        """What happened to a channel itself: rename, archive, unarchive, deleted, shared."""
        self._world.notify("channel", channel=channel.id)
        prefix = "group" if channel.is_private and what != "shared" else "channel"
        subject: object = channel.id
        if what == "rename":
            subject = {"id": channel.id, "name": channel.name, "created": channel.created}
        event: Json = {"type": f"{prefix}_{what}", "channel": subject, **parts}
        event["event_ts"] = self._world.messages.new_ts()
        self._outbox.emit(event["type"], event, channel)

    def user(self, name: str, user_id: str) -> None:
        """A person's profile changed (user_change) or a person is new (team_join)."""
        self._world.notify("user", user=user_id)
        user = self._world.users.get(user_id)
        if user is not None:
            shape = render_user(user, self._world.now(), has_email=True)
            ts = self._world.messages.new_ts()
            event = {"type": name, "user": shape, "cache_ts": int(float(ts)), "event_ts": ts}
            self._outbox.emit(name, event)

    def home_opened(self, user: str, channel: str, tab: str, view: Json | None) -> None:
        """A person looks at the app's Home."""
        event: Json = {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab}
        event["event_ts"] = self._world.messages.new_ts()
        if view is not None and tab == "home":
            event["view"] = view
        self._outbox.emit("app_home_opened", event)

    def _hidden(self, message: Message, parts: Json) -> None:
        self._notify(message)
        channel = self._channel(message)
        if channel is None or message.ephemeral_to is not None:
            return
        ts = self._world.messages.new_ts()
        frame = {"type": "message", "channel": channel.id, "hidden": True, "ts": ts}
        event = frame | {"event_ts": ts, "channel_type": _kind(channel), **parts}
        self._outbox.emit(_subscription(channel), event, channel)

    def _mention(self, message: Message, channel: Channel) -> None:
        event = self._message(message, metadata=False)
        event |= {"type": "app_mention", "channel": channel.id, "event_ts": message.ts}
        self._outbox.emit("app_mention", event, channel)

    def _shared(self, file_id: str, user: str, channel: Channel, ts: str) -> None:
        event: Json = {"type": "file_shared", "file_id": file_id, "user_id": user}
        event |= {"channel_id": channel.id, "event_ts": ts}
        self._outbox.emit("file_shared", event | {"file": {"id": file_id}}, channel)

    def _message(self, message: Message, *, metadata: bool) -> Json:
        return render_message(self._world, message, self._settings.base_url, metadata=metadata)

    def _channel(self, message: Message) -> Channel | None:
        return self._world.channels.get(message.channel)

    def _notify(self, message: Message) -> None:
        user = message.ephemeral_to
        self._world.notify("message", channel=message.channel, ts=message.ts, user=user)


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "group" if channel.is_private else "channel"


def _subscription(channel: Channel) -> str:
    return {"im": "message.im", "group": "message.groups", "channel": "message.channels"}[
        _kind(channel)
    ]
