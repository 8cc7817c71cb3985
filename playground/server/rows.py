"""The values a playground workspace is made of, as read from its tables.

All are immutable snapshots: read again after a change. Times are aware UTC datetimes;
`ts` is Slack's text form of a moment, "1717000000.000100", and also a message's id.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Team:
    """The workspace."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """The one app installed in the workspace, with what it signs in and is signed with."""

    app_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    verification_token: str


@dataclass(frozen=True, slots=True)
class User:
    """A person, an outsider (another `team_id`), or a bot."""

    id: str
    team_id: str
    name: str  # the handle, without @
    real_name: str
    tz: str = "UTC"
    email: str = ""
    title: str = ""
    is_admin: bool = False
    is_restricted: bool = False  # a guest in several channels
    is_ultra_restricted: bool = False  # a guest in one channel
    is_bot: bool = False
    deleted: bool = False
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0  # epoch seconds; 0: never


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, or a DM when `is_im` (then `name` is empty and `members` are its two people)."""

    id: str
    name: str
    is_private: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    is_im: bool = False
    topic: str = ""
    purpose: str = ""
    creator: str = ""
    created: int = 0  # epoch seconds, real time
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji on a message, with who put it there, first first."""

    name: str  # without colons; skin tone as "thumbsup::skin-tone-2"
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message, a thread's reply, or an ephemeral (`ephemeral_to`)."""

    channel: str
    ts: str
    user: str  # for the bot's messages, the bot's user id
    text: str
    shown_at: datetime  # story time: what a person sees beside the message
    thread_ts: str | None = None  # set on replies, and on a parent once it has replies
    bot_id: str | None = None
    subtype: str | None = None
    blocks: list[Json] | None = None
    metadata: Json | None = None
    files: tuple[str, ...] = ()  # file ids
    edited_by: str | None = None
    edited_ts: str | None = None
    deleted: bool = False
    ephemeral_to: str | None = None
    username: str | None = None  # chat:write.customize; None means the author's own
    reactions: tuple[Reaction, ...] = ()
    reply_count: int = 0
    reply_users: tuple[str, ...] = ()
    latest_reply: str | None = None

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(frozen=True, slots=True)
class View:
    """An open modal or a person's App Home. `body` is Slack's view object as the app sent it,
    with block and action ids filled in; `state` is Slack's `state.values`."""

    id: str
    kind: str  # "modal" or "home"
    user: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    state: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file's facts."""

    id: str
    name: str
    title: str
    mimetype: str
    size: int  # bytes
    user: str
    created: int  # epoch seconds, real time
    alt_txt: str = ""
    channels: tuple[str, ...] = ()  # where it was shared
    shares: dict[str, list[str]] = field(default_factory=dict)  # channel id to ts
    is_complete: bool = False  # the upload was completed


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One accepted Web API call (or use of a response_url, as method "response_url", or answer in
    the acknowledgement of a command, as method "ack")."""

    seq: int
    real_at: datetime
    story_at: datetime
    method: str
    args: Json
    channel: str | None
    ts: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a person may see has changed. kind: message, channel, user, view, home,
    clock, notice, or reload (the reader is too far behind: read everything again)."""

    version: int
    kind: str
    channel: str | None = None
    ts: str | None = None
    user: str | None = None
