"""One Web API call: its arguments, read as Slack reads them."""

import json
from dataclasses import dataclass
from typing import Any

from playground.server.refusals import RefusedError
from playground.server.rows import Channel, Json, User
from playground.server.workspace import Workspace
from playground.server.world import World

_TRUE = ("1", "true", "True")


@dataclass(slots=True)
class Call:
    """`channel` and `ts` are what the call resulted in, for the ledger."""

    workspace: Workspace
    method: str
    args: Json
    channel: str | None = None
    ts: str | None = None

    @property
    def world(self) -> World:
        """The workspace's state."""
        return self.workspace.world

    @property
    def bot(self) -> str:
        """The caller's user id."""
        return self.world.app.bot_user_id

    def text(self, name: str) -> str | None:
        """An argument as text; an empty one counts as missing."""
        value = self.args.get(name)
        if value is None or value == "":
            return None
        return value if isinstance(value, str) else json.dumps(value)

    def needed(self, name: str, code: str = "invalid_arguments") -> str:
        """An argument that must be there."""
        value = self.text(name)
        if value is None:
            words = f"[ERROR] missing required field: {name}"
            raise RefusedError(code, response_metadata={"messages": [words]})
        return value

    def flag(self, name: str) -> bool:
        """A boolean argument; missing is false."""
        value = self.args.get(name)
        return value is True or (isinstance(value, str | int) and str(value) in _TRUE)

    def number(self, name: str, default: int, *, most: int = 1000, code: str) -> int:
        """A positive integer argument, capped at `most`."""
        value = self.args.get(name)
        if value in (None, ""):
            return default
        if not str(value).isdigit() or int(str(value)) < 1:
            raise RefusedError(code)
        return min(int(str(value)), most)

    def parsed(self, name: str, code: str) -> Any:
        """A JSON argument: an object or array, or its text; None when missing."""
        value = self.args.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise RefusedError(code) from None

    def has_scope(self, scope: str) -> bool:
        """Whether the app was granted a scope."""
        return scope in self.workspace.manifest.scopes

    def check_scope(self, *scopes: str) -> None:
        """Refuses unless the app has one of these scopes."""
        granted = self.workspace.manifest.scopes
        if scopes and not any(scope in granted for scope in scopes):
            raise RefusedError("missing_scope", needed=scopes[0], provided=",".join(granted))

    def find_channel(self, name: str = "channel") -> Channel:
        """The conversation named by an argument (an id, or #name of one the bot sees). Private
        ones that the bot is not in do not exist for it."""
        wanted = self.needed(name, "channel_not_found")
        channel = self.world.channels.get(wanted) or self.world.channels.named(wanted)
        if channel is None or self.is_hidden(channel):
            raise RefusedError("channel_not_found")
        self.channel = channel.id
        return channel

    def is_hidden(self, channel: Channel) -> bool:
        """Whether the app must not know that a conversation exists."""
        return (channel.is_private or channel.is_im) and self.bot not in channel.members

    def find_user(self, name: str = "user", code: str = "user_not_found") -> User:
        """The person named by an argument."""
        user = self.world.users.get(self.needed(name, code))
        if user is None:
            raise RefusedError(code)
        return user

    def check_kind_scope(self, channel: Channel, right: str) -> None:
        """Refuses without the scope of the channel's kind, such as groups:history."""
        kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
        self.check_scope(f"{kind}:{right}")
