"""The uploaded files of a World, with their bytes."""

import json
from dataclasses import asdict, replace
from typing import Any

from playground.server.ids import new_id
from playground.server.rows import File
from playground.server.store import Store


class Files:
    """A file is announced with `add`, filled with `write`, and complete once it is shared."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        name: str,
        *,
        user: str,
        created: int,
        size: int = 0,
        title: str = "",
        mimetype: str = "application/octet-stream",
        alt_txt: str = "",
    ) -> File:
        """Announces a file whose bytes come later. `created` is in epoch seconds."""
        file = File(
            *(new_id("F"), name, title or name, mimetype, size, user, created), alt_txt=alt_txt
        )
        body = json.dumps(asdict(file))
        self._store.run("INSERT INTO file (id, body) VALUES (?, ?)", file.id, body)
        return file

    def get(self, file_id: str) -> File | None:
        """A file's facts without its bytes, or None."""
        row = self._store.one("SELECT body FROM file WHERE id = ?", file_id)
        if row is None:
            return None
        body = json.loads(row["body"])
        return File(**{**body, "channels": tuple(body["channels"])})

    def change(self, file_id: str, **fields: Any) -> File:
        """Sets fields of File by name."""
        found = self.get(file_id)
        if found is None:
            raise KeyError(file_id)
        file = replace(found, **fields)
        self._store.run("UPDATE file SET body = ? WHERE id = ?", json.dumps(asdict(file)), file_id)
        return file

    def write(self, file_id: str, content: bytes) -> File:
        """Keeps the bytes and their number."""
        self._store.run("UPDATE file SET content = ? WHERE id = ?", content, file_id)
        return self.change(file_id, size=len(content))

    def content(self, file_id: str) -> bytes | None:
        """The bytes, or None when they never arrived."""
        row = self._store.one("SELECT content FROM file WHERE id = ?", file_id)
        return None if row is None else row["content"]

    def refuse_once_more(self, file_id: str, limit: int) -> bool:
        """True for the first `limit` tries to show a file: Slack takes a moment to know it."""
        sql = "UPDATE file SET refused = refused + 1 WHERE id = ? AND refused < ?"
        return self._store.run(sql, file_id, limit) == 1
