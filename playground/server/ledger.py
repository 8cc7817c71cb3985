"""The append-only list of every Web API call that the playground accepted."""

import json
from datetime import datetime

from playground.server.ids import from_epoch
from playground.server.rows import Json, LedgerRow
from playground.server.store import Store


class Ledger:
    """A row is written in the transaction of the change it stands for. Tables hold triggers
    that refuse an update or a delete."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        method: str,
        args: Json,
        *,
        real_at: datetime,
        story_at: datetime,
        channel: str | None = None,
        ts: str | None = None,
    ) -> int:
        """Appends a row; returns its sequence number. `args` never holds a token."""
        return self._store.insert(
            "INSERT INTO ledger (real_at, story_at, method, args, channel, ts)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            *(real_at.timestamp(), story_at.timestamp(), method, json.dumps(args), channel, ts),
        )

    def rows(
        self, *, since: int = 0, method: str | None = None, channel: str | None = None
    ) -> list[LedgerRow]:
        """Rows after sequence number `since`, oldest first."""
        where, values = "seq > ?", [str(since)]
        for name, value in (("method", method), ("channel", channel)):
            if value is not None:
                where, values = f"{where} AND {name} = ?", [*values, value]
        sql = f"SELECT * FROM ledger WHERE {where} ORDER BY seq"  # noqa: S608 -- two fixed names
        found = self._store.all(sql, *values)
        return [
            LedgerRow(
                seq=row["seq"],
                real_at=from_epoch(row["real_at"]),
                story_at=from_epoch(row["story_at"]),
                method=row["method"],
                args=json.loads(row["args"]),
                channel=row["channel"],
                ts=row["ts"],
            )
            for row in found
        ]
