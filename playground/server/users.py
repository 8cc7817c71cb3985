"""The people (and bots) of a World."""

import json
from dataclasses import asdict, replace
from typing import Any

from playground.server.ids import new_id
from playground.server.rows import User
from playground.server.store import Store


class Users:
    """Kept in memory too: they are few and read at every call."""

    def __init__(self, store: Store, team_id: str) -> None:
        self._store = store
        self._team_id = team_id
        self._cache: dict[str, User] = {
            row["id"]: User(**json.loads(row["body"]))
            for row in store.all("SELECT id, body FROM user ORDER BY rowid")
        }

    def add(  # noqa: PLR0913 -- a person's fields, all by name
        self,
        name: str,
        real_name: str,
        *,
        tz: str = "UTC",
        email: str = "",
        title: str = "",
        user_id: str | None = None,
        team_id: str | None = None,
        is_admin: bool = False,
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        is_bot: bool = False,
    ) -> User:
        """Adds a person. An outsider (Slack Connect) has another `team_id` than the workspace."""
        user = User(
            id=user_id or new_id("U"),
            team_id=team_id or self._team_id,
            name=name,
            real_name=real_name,
            tz=tz,
            email=email,
            title=title,
            is_admin=is_admin,
            is_restricted=is_restricted or is_ultra_restricted,
            is_ultra_restricted=is_ultra_restricted,
            is_bot=is_bot,
        )
        self._store.run("INSERT INTO user VALUES (?, ?)", user.id, json.dumps(asdict(user)))
        self._cache[user.id] = user
        return user

    def change(self, user_id: str, **fields: Any) -> User:
        """Sets fields of User by name, for example `deleted=True`."""
        user = replace(self._cache[user_id], **fields)
        self._store.run("UPDATE user SET body = ? WHERE id = ?", json.dumps(asdict(user)), user.id)
        self._cache[user_id] = user
        return user

    def get(self, user_id: str) -> User | None:
        """One person or bot, or None."""
        return self._cache.get(user_id)

    def all(self) -> list[User]:
        """Everybody, in the order they were added, bots and the deactivated included."""
        return list(self._cache.values())

    def named(self, name: str) -> User | None:
        """By handle, without @."""
        return next((user for user in self._cache.values() if user.name == name), None)

    def with_email(self, email: str) -> User | None:
        """By e-mail address, in any case of letters."""
        wanted = email.casefold()
        found = (u for u in self._cache.values() if u.email.casefold() == wanted and u.email)
        return next(found, None)
