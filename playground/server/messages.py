"""The messages, threads, ephemerals and reactions of a World."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from sqlite3 import Row
from typing import Any

from playground.server.ids import from_epoch, micros_of, to_micros, to_ts
from playground.server.rows import Json, Message, Reaction
from playground.server.store import Store

_BODY_FIELDS = (
    "bot_id",
    "subtype",
    "blocks",
    "metadata",
    "files",
    "edited_by",
    "edited_ts",
    "username",
)


class Messages:
    """`ts` is on real time, unique and growing within a channel; `shown_at` is story time."""

    def __init__(
        self, store: Store, real_now: Callable[[], datetime], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._real_now = real_now
        self._now = now
        self._last_micros = 0

    def add(  # noqa: PLR0913 -- a message's fields, all by name
        self,
        channel: str,
        user: str,
        text: str,
        *,
        at: datetime | None = None,
        thread_ts: str | None = None,
        broadcast: bool = False,
        ephemeral_to: str | None = None,
        bot_id: str | None = None,
        subtype: str | None = None,
        blocks: list[Json] | None = None,
        metadata: Json | None = None,
        files: Sequence[str] = (),
        username: str | None = None,
    ) -> Message:
        """Writes a message, telling nobody. With `at` in the past it is history: ts and the
        shown time both come from it. `broadcast` shows a reply in the channel too."""
        ts, shown_at = self._moment(channel, at)
        body = {
            "bot_id": bot_id,
            "subtype": subtype or ("thread_broadcast" if broadcast else None),
            "blocks": blocks,
            "metadata": metadata,
            "files": list(files),
            "username": username,
        }
        self._store.run(
            "INSERT INTO message (channel, ts, thread_ts, user, ephemeral_to, broadcast, shown_at,"
            " text, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(channel, ts, thread_ts, user, ephemeral_to, int(broadcast)),
            *(shown_at.timestamp(), text, json.dumps(body)),
        )
        return self._built(channel, ts, thread_ts, user, ephemeral_to, shown_at, text, body)

    def get(self, channel: str, ts: str) -> Message | None:
        """One message, deleted ones and ephemerals excluded."""
        found = self._read("channel = ? AND ts = ? AND NOT deleted", channel, ts)
        return next((m for m in found if m.ephemeral_to is None), None)

    def ephemeral(self, channel: str, ts: str) -> Message | None:
        """One ephemeral message, or None."""
        found = self._read("channel = ? AND ts = ? AND NOT deleted", channel, ts)
        return next((m for m in found if m.ephemeral_to is not None), None)

    def history(
        self,
        channel: str,
        *,
        limit: int = 100,
        before: str | None = None,
        after: str | None = None,
        inclusive: bool = False,
        viewer: str | None = None,
    ) -> list[Message]:
        """Top-level messages and broadcast replies, newest first. `before` and `after` are ts.
        With `viewer`, also the ephemerals that only this user sees."""
        where = "channel = ? AND NOT deleted AND (thread_ts IS NULL OR broadcast)"
        return self._page(where, [channel], limit, before, after, inclusive, viewer, "DESC")

    def replies(
        self,
        channel: str,
        thread_ts: str,
        *,
        limit: int = 1000,
        before: str | None = None,
        after: str | None = None,
        inclusive: bool = False,
        viewer: str | None = None,
    ) -> list[Message]:
        """A thread's replies, oldest first, without the parent."""
        where = "channel = ? AND NOT deleted AND thread_ts = ?"
        values = [channel, thread_ts]
        return self._page(where, values, limit, before, after, inclusive, viewer, "ASC")

    def ephemerals(self, channel: str, user: str) -> list[Message]:
        """What only `user` sees in a channel, oldest first."""
        where = "channel = ? AND ephemeral_to = ? AND NOT deleted ORDER BY ts"
        return self._read(where, channel, user)

    def change(self, channel: str, ts: str, **fields: Any) -> None:
        """Sets text, blocks, metadata, files, edited_by, edited_ts, deleted by name."""
        row = self._store.one(
            "SELECT text, deleted, body FROM message WHERE channel = ? AND ts = ?", channel, ts
        )
        if row is None:
            raise KeyError((channel, ts))
        body = {**json.loads(row["body"]), **{k: fields[k] for k in _BODY_FIELDS if k in fields}}
        self._store.run(
            "UPDATE message SET text = ?, deleted = ?, body = ? WHERE channel = ? AND ts = ?",
            *(fields.get("text", row["text"]), int(fields.get("deleted", row["deleted"]))),
            *(json.dumps(body), channel, ts),
        )

    def react(self, channel: str, ts: str, name: str, user: str) -> bool:
        """False when this user's reaction is there already."""
        place = (
            "INSERT OR IGNORE INTO reaction SELECT ?, ?, ?, ?, COALESCE(MAX(position), 0) + 1"
            " FROM reaction WHERE channel = ? AND ts = ?"
        )
        return self._store.run(place, channel, ts, name, user, channel, ts) == 1

    def unreact(self, channel: str, ts: str, name: str, user: str) -> bool:
        """False when there was no such reaction."""
        where = "DELETE FROM reaction WHERE channel = ? AND ts = ? AND name = ? AND user = ?"
        return self._store.run(where, channel, ts, name, user) == 1

    def new_ts(self) -> str:
        """The present moment, never given out before."""
        micros = max(to_micros(self._real_now()), self._last_micros + 1)
        self._last_micros = micros
        return to_ts(micros)

    def _moment(self, channel: str, at: datetime | None) -> tuple[str, datetime]:
        if at is None:
            return self._free(channel, micros_of(self.new_ts())), self._now()
        if at >= self._real_now():  # a story moment ahead of real time cannot be a real ts
            return self._free(channel, micros_of(self.new_ts())), at
        return self._free(channel, to_micros(at)), at

    def _free(self, channel: str, micros: int) -> str:
        taken = "SELECT 1 FROM message WHERE channel = ? AND ts = ?"
        while self._store.one(taken, channel, to_ts(micros)) is not None:
            micros += 1
        return to_ts(micros)

    def _page(
        self,
        where: str,
        values: list[Any],
        limit: int,
        before: str | None,
        after: str | None,
        inclusive: bool,
        viewer: str | None,
        order: str,
    ) -> list[Message]:
        equal = "=" if inclusive else ""
        for sign, bound in (("<", before), (">", after)):
            if bound is not None:
                where, values = f"{where} AND ts {sign}{equal} ?", [*values, bound]
        where += " AND (ephemeral_to IS NULL OR ephemeral_to = ?)"
        return self._read(f"{where} ORDER BY ts {order} LIMIT ?", *values, viewer or "", limit)

    def _read(self, where: str, *values: Any) -> list[Message]:
        sql = f"SELECT * FROM message WHERE {where}"  # noqa: S608 -- conditions written in this file
        rows = self._store.all(sql, *values)
        return [self._from_row(row) for row in rows]

    def _from_row(self, row: Row) -> Message:
        return self._built(
            *(row["channel"], row["ts"], row["thread_ts"], row["user"], row["ephemeral_to"]),
            *(from_epoch(row["shown_at"]), row["text"], json.loads(row["body"])),
            deleted=bool(row["deleted"]),
        )

    def _built(
        self,
        channel: str,
        ts: str,
        thread_ts: str | None,
        user: str,
        ephemeral_to: str | None,
        shown_at: datetime,
        text: str,
        body: Json,
        deleted: bool = False,
    ) -> Message:
        replies = [] if thread_ts is not None else self._thread(channel, ts)
        return Message(
            channel=channel,
            ts=ts,
            user=user,
            text=text,
            shown_at=shown_at,
            thread_ts=ts if replies else thread_ts,
            deleted=deleted,
            ephemeral_to=ephemeral_to,
            reactions=self._reactions(channel, ts),
            reply_count=len(replies),
            reply_users=tuple(dict.fromkeys(row["user"] for row in replies)),
            latest_reply=replies[-1]["ts"] if replies else None,
            **{**body, "files": tuple(body["files"])},
        )

    def _thread(self, channel: str, ts: str) -> list[Row]:
        return self._store.all(
            "SELECT ts, user FROM message WHERE channel = ? AND thread_ts = ? AND NOT deleted"
            " AND ephemeral_to IS NULL ORDER BY ts",
            *(channel, ts),
        )

    def _reactions(self, channel: str, ts: str) -> tuple[Reaction, ...]:
        users: dict[str, list[str]] = {}
        where = "SELECT name, user FROM reaction WHERE channel = ? AND ts = ? ORDER BY position"
        for row in self._store.all(where, channel, ts):
            users.setdefault(row["name"], []).append(row["user"])
        return tuple(Reaction(name, tuple(who)) for name, who in users.items())
