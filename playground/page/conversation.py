"""A channel's or a thread's messages in the order and grouping in which a person reads them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from playground.page.authors import Author, author_of
from playground.page.moments import ago, clock_time, day_name
from playground.page.mrkdwn import plain
from playground.page.reader import Reader
from playground.server.rows import Message
from playground.server.world import World

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")  # never SVG: it may hold scripts
_GROUPED = timedelta(minutes=5)  # messages of one author closer than this share one heading
_MARK = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Badge:
    """One reaction under a message; `who` names the people in words."""

    name: str
    count: int
    is_mine: bool
    who: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file below a message; `is_picture` when the browser may draw it."""

    src: str
    name: str
    alt: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, ready for the template."""

    message: Message
    author: Author
    time: str
    moment: str
    is_compact: bool
    is_mine: bool
    badges: tuple[Badge, ...]
    attachments: tuple[Attachment, ...]
    reply_authors: tuple[Author, ...]
    last_reply: str
    typed: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the list: `kind` is "day", "new" or "message"."""

    kind: str
    label: str = ""
    entry: Entry | None = None


def compose(
    messages: Sequence[Message], world: World, reader: Reader, *, unread_after: str | None = None
) -> list[Item]:
    """Oldest first, with day separators and, before the first unread message, a "new" line."""
    items: list[Item] = []
    before: Message | None = None
    is_new_shown = unread_after is None
    for message in sorted(messages, key=lambda one: (one.shown_at, one.ts)):
        day = reader.local(message.shown_at).date()
        if before is None or day != reader.local(before.shown_at).date():
            items.append(Item("day", day_name(day, reader.local(reader.now).date())))
            before = None
        if not is_new_shown and _is_unread(message, unread_after, reader):
            items.append(Item("new", "New"))
            is_new_shown, before = True, None
        is_compact = before is not None and _belongs(message, before)
        items.append(Item("message", entry=entry(message, world, reader, is_compact=is_compact)))
        before = message
    return items


def entry(message: Message, world: World, reader: Reader, *, is_compact: bool = False) -> Entry:
    """One message with everything that stands around it."""
    local = reader.local(message.shown_at)
    writers = (world.users.get(user) for user in message.reply_users[:3])
    return Entry(
        message=message,
        author=author_of(message, world),
        time=clock_time(local),
        moment=f"{local:%A}, {local.day} {local:%B %Y, %H:%M} ({reader.zone.key})",
        is_compact=is_compact,
        is_mine=message.user == reader.user_id,
        badges=tuple(_badges(message, reader)),
        attachments=tuple(_attachments(message, world, reader)),
        reply_authors=tuple(
            author_of(_by(user.id, message), world) for user in writers if user is not None
        ),
        last_reply=_last_reply(message, world, reader),
        typed=typed_form(message.text, world),
    )


def typed_form(text: str, world: World) -> str:
    """Stored text as its author typed it, for editing."""
    return plain(_MARK.sub(lambda found: _typed_mark(found, world), text))


def unread_count(messages: Iterable[Message], mark: str | None, reader: Reader) -> int:
    """How many messages after `mark` others wrote for this reader."""
    return sum(_is_unread(message, mark, reader) for message in messages)


def _is_unread(message: Message, mark: str | None, reader: Reader) -> bool:
    return mark is not None and message.ts > mark and message.user != reader.user_id


def _belongs(message: Message, before: Message) -> bool:
    """Whether a message needs no heading of its own."""
    is_same = (message.user, message.username) == (before.user, before.username)
    is_plain = not (message.ephemeral_to or before.ephemeral_to or message.bot_id)
    return is_same and is_plain and message.shown_at - before.shown_at < _GROUPED


def _badges(message: Message, reader: Reader) -> Iterable[Badge]:
    for reaction in message.reactions:
        who = [
            "you" if user == reader.user_id else reader.users.get(user, "somebody")
            for user in reaction.users
        ]
        is_mine = reader.user_id in reaction.users
        yield Badge(reaction.name, len(who), is_mine, ", ".join(who))


def _attachments(message: Message, world: World, reader: Reader) -> Iterable[Attachment]:
    drawn = _files_in_blocks(message.blocks or [])
    for file_id in message.files:
        file = world.files.get(file_id)
        if file is None or file_id in drawn:
            continue
        src = reader.file(file_id)
        is_picture = file.mimetype in PICTURES
        yield Attachment(src, file.title or file.name, file.alt_txt or file.title, is_picture)


def _files_in_blocks(blocks: Sequence[dict[str, Any]]) -> set[str]:
    return {(block.get("slack_file") or {}).get("id", "") for block in blocks}


def _by(user: str, message: Message) -> Message:
    return Message(message.channel, message.ts, user, "", message.shown_at)


def _last_reply(message: Message, world: World, reader: Reader) -> str:
    if message.latest_reply is None:
        return ""
    last = world.messages.get(message.channel, message.latest_reply)
    shown: datetime = last.shown_at if last is not None else message.shown_at
    return ago(shown, reader.now)


def _typed_mark(found: re.Match[str], world: World) -> str:
    sign, target, label = found.groups()
    if sign == "@":
        user = world.users.get(target)
        return f"@{user.name}" if user is not None else f"@{target}"
    if sign == "#":
        channel = world.channels.get(target)
        return f"#{channel.name}" if channel is not None else f"#{label or target}"
    return f"@{target}" if sign == "!" else target
