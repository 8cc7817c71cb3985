"""conversations.history and conversations.replies: reading messages back."""

from playground.server.ids import micros_of, to_ts
from playground.server.refusals import RefusedError
from playground.server.rows import Channel, Json, Message
from playground.server.shapes import render_message
from playground.server.webapi.call import Call
from playground.server.webapi.cursors import encode_cursor, read_cursor


def history(call: Call) -> Json:
    """conversations.history: newest first."""
    channel = _readable(call)
    limit = call.number("limit", 100, most=999, code="invalid_limit")
    oldest, latest = _bounds(call)
    place, is_inclusive = read_cursor(call, "next_ts"), call.flag("inclusive")
    found = call.world.messages.history(
        channel.id,
        limit=limit + 1,
        before=_moved(place, 0 if is_inclusive else 1) or latest,
        after=oldest,
        inclusive=is_inclusive,
    )
    page = found[:limit]
    answer = _answer(call, page, found[limit].ts if len(found) > limit else None)
    return answer | {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}


def replies(call: Call) -> Json:
    """conversations.replies: the parent, then its replies, oldest first; the parent stands on
    every page. A reply's own ts gives that reply alone."""
    channel = _readable(call)
    parent = call.world.messages.get(channel.id, call.needed("ts", "thread_not_found"))
    if parent is None:
        raise RefusedError("thread_not_found")
    if parent.is_reply:
        return _answer(call, [parent], None)
    limit = call.number("limit", 1000, code="invalid_limit")
    oldest, latest = _bounds(call)
    place, is_inclusive = read_cursor(call, "next_ts"), call.flag("inclusive")
    wanted = max(limit - 1, 1)
    found = call.world.messages.replies(
        channel.id,
        parent.ts,
        limit=wanted + 1,
        before=latest,
        after=_moved(place, 0 if is_inclusive else -1) or oldest,
        inclusive=is_inclusive,
    )
    following = found[wanted].ts if len(found) > wanted else None
    return _answer(call, [parent, *found[:wanted]], following)


def _readable(call: Call) -> Channel:
    channel = call.find_channel()
    call.check_kind_scope(channel, "history")
    if call.bot not in channel.members:
        raise RefusedError("not_in_channel")
    return channel


def _moved(place: str | None, micros: int) -> str | None:
    """A cursor names the first message of the next page; a bound that excludes itself stands
    one microsecond beside it."""
    if place is None:
        return None
    if not place.replace(".", "", 1).isdigit():
        raise RefusedError("invalid_cursor")
    return to_ts(micros_of(place) + micros)


def _bounds(call: Call) -> tuple[str | None, str | None]:
    oldest = _ts(call.text("oldest"), "invalid_ts_oldest")
    return oldest, _ts(call.text("latest"), "invalid_ts_latest")


def _ts(value: str | None, code: str) -> str | None:
    """A ts in full length, so that it compares as text: "1717000000" and "0" are given too."""
    if value is None or value == "now":
        return None
    seconds, _, fraction = value.partition(".")
    if not seconds.isdigit() or (fraction and not fraction.isdigit()):
        raise RefusedError(code)
    return f"{int(seconds):010d}.{fraction[:6].ljust(6, '0')}"


def _answer(call: Call, messages: list[Message], following: str | None) -> Json:
    has_metadata = call.flag("include_all_metadata")
    base_url = call.workspace.settings.base_url
    answer: Json = {
        "messages": [
            render_message(call.world, message, base_url, metadata=has_metadata)
            for message in messages
        ],
        "has_more": following is not None,
    }
    if following is not None:
        answer["response_metadata"] = {"next_cursor": encode_cursor("next_ts", following)}
    return answer
