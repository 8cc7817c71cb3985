"""Open modals (each person has one stack) and App Homes of a World."""

import json
from sqlite3 import Row
from typing import Any

from playground.server.ids import new_id
from playground.server.rows import Json, View
from playground.server.store import Store

STACK_LIMIT = 3  # views in one person's stack, Slack's own limit


class Views:
    """A modal stack grows with `push` and shrinks with `close`; its root is replaced by `open`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, user: str, body: Json, *, view_hash: str) -> View:
        """A new modal stack; whatever this person had open before is gone."""
        with self._store.transaction():
            self.clear(user)
            view_id = new_id("V")
            return self._insert(View(view_id, "modal", user, body, view_hash, view_id))

    def push(self, below: View, body: Json, *, view_hash: str) -> View:
        """A modal on top of another one; the caller checks STACK_LIMIT."""
        view_id, root = new_id("V"), below.root_view_id
        return self._insert(View(view_id, "modal", below.user, body, view_hash, root, below.id))

    def publish(self, user: str, body: Json, *, view_hash: str) -> View:
        """A person's App Home; its id stays the same from one publication to the next."""
        home = self.home(user)
        if home is not None:
            return self.change(home.id, body=body, hash=view_hash, state={})
        view_id = new_id("V")
        return self._insert(View(view_id, "home", user, body, view_hash, view_id))

    def change(self, view_id: str, **fields: Any) -> View:
        """Sets body, hash or state by name."""
        for name, value in fields.items():
            if name not in ("body", "hash", "state"):
                raise ValueError(f"a view's {name} cannot be changed")
            kept = value if name == "hash" else json.dumps(value)
            column = f"UPDATE view SET {name} = ? WHERE id = ?"  # noqa: S608 -- one of three names
            self._store.run(column, kept, view_id)
        external = fields.get("body", {}).get("external_id")
        if external:
            self._store.run("UPDATE view SET external_id = ? WHERE id = ?", external, view_id)
        view = self.get(view_id)
        if view is None:
            raise KeyError(view_id)
        return view

    def get(self, view_id: str) -> View | None:
        """An open modal or a home, or None."""
        return _from_row(self._store.one("SELECT * FROM view WHERE id = ?", view_id))

    def with_external_id(self, external_id: str) -> View | None:
        """By the id that the app chose for it."""
        row = self._store.one("SELECT * FROM view WHERE external_id = ?", external_id)
        return _from_row(row)

    def stack(self, user: str) -> list[View]:
        """A person's open modals, the one on top last; empty when none is open."""
        rows = self._store.all(
            "SELECT * FROM view WHERE kind = 'modal' AND user = ? ORDER BY rowid", user
        )
        return [view for view in map(_from_row, rows) if view is not None]

    def home(self, user: str) -> View | None:
        """What the app last published for this person, or None."""
        row = self._store.one("SELECT * FROM view WHERE kind = 'home' AND user = ?", user)
        return _from_row(row)

    def close(self, view_id: str) -> None:
        """Removes one modal from its stack."""
        self._store.run("DELETE FROM view WHERE id = ?", view_id)

    def clear(self, user: str) -> None:
        """Removes a person's whole stack."""
        self._store.run("DELETE FROM view WHERE kind = 'modal' AND user = ?", user)

    def _insert(self, view: View) -> View:
        self._store.run(
            "INSERT INTO view VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(view.id, view.kind, view.user, view.body.get("external_id") or None),
            *(view.root_view_id, view.previous_view_id, view.hash),
            *(json.dumps(view.body), json.dumps(view.state)),
        )
        return view


def _from_row(row: Row | None) -> View | None:
    if row is None:
        return None
    return View(
        id=row["id"],
        kind=row["kind"],
        user=row["user"],
        body=json.loads(row["body"]),
        hash=row["hash"],
        root_view_id=row["root_view_id"],
        previous_view_id=row["previous_view_id"],
        state=json.loads(row["state"]),
    )
