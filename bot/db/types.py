"""Column types shared by all tables, and the identity of a row."""

from datetime import UTC, datetime
from typing import Annotated, Any

import uuid_utils
from sqlalchemy import JSON, DateTime, Dialect, String, Text
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on both databases (SQLite drops zones by itself)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database; pass aware UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant back as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """Return a UUIDv7 as text: unique, and in order of creation."""
    return str(uuid_utils.uuid7())


# A row's own id, or a reference to one (UUIDv7 as text).
Id = Annotated[str, mapped_column(String(36))]
# An id that Slack gave: user, channel, team.
SlackId = Annotated[str, mapped_column(String(64))]
# Slack's message timestamp; text, since it is an identity and not a number.
Ts = Annotated[str, mapped_column(String(32))]
# A word from a closed list kept in code (kind, state, stage ...).
Word = Annotated[str, mapped_column(String(64))]
# What a person wrote.
Prose = Annotated[str, mapped_column(Text)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
Json = Annotated[dict[str, Any], mapped_column(JSON)]
JsonList = Annotated[list[Any], mapped_column(JSON)]
