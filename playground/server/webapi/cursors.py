"""Slack's cursors: opaque to the app, a word and a place to us."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from playground.server.refusals import RefusedError
from playground.server.rows import Json
from playground.server.webapi.call import Call

Item = TypeVar("Item")


def encode_cursor(word: str, place: str) -> str:
    """For example encode_cursor("next_ts", "1717.000100")."""
    return base64.b64encode(f"{word}:{place}".encode()).decode()


def read_cursor(call: Call, word: str) -> str | None:
    """The place of the call's cursor, or None at the beginning; invalid_cursor otherwise."""
    cursor = call.text("cursor")
    if cursor is None:
        return None
    try:
        found, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise RefusedError("invalid_cursor") from None
    if found != word or not place:
        raise RefusedError("invalid_cursor")
    return place


def page_of(call: Call, items: Sequence[Item], *, default: int = 100) -> tuple[list[Item], Json]:
    """The call's page of a list, and the answer's response_metadata."""
    limit = call.number("limit", default, code="invalid_limit")
    place = read_cursor(call, "offset") or "0"
    if not place.isdigit():
        raise RefusedError("invalid_cursor")
    start = int(place)
    end = start + limit
    following = encode_cursor("offset", str(end)) if end < len(items) else ""
    metadata: dict[str, Any] = {"next_cursor": following}
    return list(items[start:end]), metadata
