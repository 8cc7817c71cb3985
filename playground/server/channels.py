"""The channels and DMs of a World, and who is in them."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from playground.server.ids import new_id
from playground.server.rows import Channel
from playground.server.store import Store


class Channels:
    """Kept in memory too: they are few and read at every call."""

    def __init__(self, store: Store, real_now: Callable[[], datetime]) -> None:
        self._store = store
        self._real_now = real_now
        self._cache: dict[str, Channel] = {}
        members: dict[str, list[str]] = {}
        for row in store.all("SELECT channel, user FROM member ORDER BY position"):
            members.setdefault(row["channel"], []).append(row["user"])
        for row in store.all("SELECT id, body FROM channel ORDER BY rowid"):
            body = json.loads(row["body"])
            self._cache[row["id"]] = Channel(**body, members=tuple(members.get(row["id"], ())))

    def add(
        self,
        name: str,
        members: Iterable[str] = (),
        *,
        channel_id: str | None = None,
        is_private: bool = False,
        is_ext_shared: bool = False,
        topic: str = "",
        purpose: str = "",
        creator: str = "",
    ) -> Channel:
        """Adds a channel with its members (user ids), telling nobody."""
        channel = Channel(
            id=channel_id or new_id("C"),
            name=name,
            is_private=is_private,
            is_ext_shared=is_ext_shared,
            topic=topic,
            purpose=purpose,
            creator=creator,
            created=int(self._real_now().timestamp()),
        )
        return self._insert(channel, members)

    def direct(self, one: str, other: str) -> Channel:
        """The DM of two users, made when it is not there yet."""
        found = self.find_direct(one, other)
        if found is not None:
            return found
        created = int(self._real_now().timestamp())
        channel = Channel(id=new_id("D"), name="", is_im=True, created=created, creator=one)
        return self._insert(channel, dict.fromkeys((one, other)))

    def find_direct(self, one: str, other: str) -> Channel | None:
        """The DM of two users if there is one."""
        wanted = {one, other}
        ims = (c for c in self._cache.values() if c.is_im and set(c.members) == wanted)
        return next(ims, None)

    def get(self, channel_id: str) -> Channel | None:
        """A channel or DM, or None."""
        return self._cache.get(channel_id)

    def named(self, name: str) -> Channel | None:
        """By name, with or without #."""
        wanted = name.removeprefix("#")
        found = (c for c in self._cache.values() if c.name == wanted and not c.is_im)
        return next(found, None)

    def all(self) -> list[Channel]:
        """Every channel and DM, in the order they were made."""
        return list(self._cache.values())

    def of(self, user_id: str) -> list[Channel]:
        """The channels and DMs that a user is in."""
        return [channel for channel in self._cache.values() if user_id in channel.members]

    def change(self, channel_id: str, **fields: Any) -> Channel:
        """Sets fields of Channel by name, except members."""
        channel = replace(self._cache[channel_id], **fields)
        body = _body(channel)
        self._store.run(
            "UPDATE channel SET name = ?, body = ? WHERE id = ?", channel.name, body, channel.id
        )
        self._cache[channel_id] = channel
        return channel

    def add_member(self, channel_id: str, user_id: str) -> bool:
        """False when the user was in it already."""
        channel = self._cache[channel_id]
        if user_id in channel.members:
            return False
        place = (
            "INSERT INTO member SELECT ?, ?, COALESCE(MAX(position), 0) + 1 FROM member"
            " WHERE channel = ?"
        )
        self._store.run(place, channel_id, user_id, channel_id)
        self._cache[channel_id] = replace(channel, members=(*channel.members, user_id))
        return True

    def remove_member(self, channel_id: str, user_id: str) -> bool:
        """False when the user was not in it."""
        channel = self._cache[channel_id]
        if user_id not in channel.members:
            return False
        self._store.run("DELETE FROM member WHERE channel = ? AND user = ?", channel_id, user_id)
        left = tuple(member for member in channel.members if member != user_id)
        self._cache[channel_id] = replace(channel, members=left)
        return True

    def remove(self, channel_id: str) -> None:
        """Deletes a channel for good; its messages can no longer be read through Slack."""
        with self._store.transaction():
            self._store.run("DELETE FROM member WHERE channel = ?", channel_id)
            self._store.run("DELETE FROM channel WHERE id = ?", channel_id)
        del self._cache[channel_id]

    def _insert(self, channel: Channel, members: Iterable[str]) -> Channel:
        channel = replace(channel, members=tuple(members))
        with self._store.transaction():
            self._store.run(
                "INSERT INTO channel VALUES (?, ?, ?)", channel.id, channel.name, _body(channel)
            )
            for position, user in enumerate(channel.members):
                self._store.run("INSERT INTO member VALUES (?, ?, ?)", channel.id, user, position)
        self._cache[channel.id] = channel
        return channel


def _body(channel: Channel) -> str:
    body = asdict(channel)
    del body["members"]
    return json.dumps(body)
