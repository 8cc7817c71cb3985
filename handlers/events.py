"""Events matched in memory. What matches nothing is never stored."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.engine.inbox import Arrival
from bot.slack.text import SLACK_ID
from bot.workspaces.watch import Watch

# Slack's times: seconds since 1970, with a fraction.
SLACK_TIME = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
# Some Slack-compatible servers leave the name as it was typed.
MENTION = re.compile(rf"^\s*(?:<@({SLACK_ID})(?:\|[^>]*)?>|@?daybook\b)[\s,:]*", re.IGNORECASE)


@dataclass(frozen=True)
class Event:
    """One event of Slack's, with its envelope's ids."""

    id: str
    team_id: str
    enterprise_id: str
    kind: str
    user: str
    channel: str
    raw: Mapping[str, Any]
    ts: str = "0"  # when it happened; 0: nobody says


Matcher = Callable[[Event, Watch], Arrival | None]


def read_event(body: Mapping[str, Any]) -> Event:
    """Read an event's envelope. The tenant is the installation's, not the author's."""
    raw = body.get("event") or {}
    authorization = (body.get("authorizations") or [{}])[0]
    channel = raw.get("channel") or (raw.get("item") or {}).get("channel") or ""
    user = raw.get("user") or ""
    return Event(
        id=str(body.get("event_id") or _own_id(body)),
        team_id=str(authorization.get("team_id") or body.get("team_id") or ""),
        enterprise_id=str(authorization.get("enterprise_id") or body.get("enterprise_id") or ""),
        kind=str(raw.get("type") or ""),
        user=str(user.get("id") if isinstance(user, Mapping) else user),
        channel=str(channel.get("id") if isinstance(channel, Mapping) else channel),
        raw=raw,
        ts=_time(raw.get("event_ts")) or _time(body.get("event_time")) or "0",
    )


def _own_id(body: Mapping[str, Any]) -> str:
    """Return an id made of what an event says, for servers that give it none."""
    said = json.dumps([body.get("event"), body.get("event_time")], sort_keys=True)
    return f"said:{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def _time(told: object) -> str:
    text = str(told or "")
    return text if SLACK_TIME.fullmatch(text) else ""


def mention_of(event: Event, watch: Watch) -> Event | None:
    """Return a mention of the bot as ``app_mention``, also where only its message is told of.

    Slack tells of both; they have one id, so that the mention is answered once.
    """
    raw = event.raw
    if event.kind == "message":
        at = MENTION.match(str(raw.get("text") or ""))
        if not at or at[1] not in watch.bot_users or raw.get("subtype") or _is_direct(event):
            return None
    elif event.kind != "app_mention":
        return None
    ts = (raw.get("edited") or {}).get("ts") or raw.get("ts")
    id_ = f"mention:{event.channel}:{ts}" if ts else event.id
    return replace(event, id=id_, kind="app_mention")


def _is_direct(event: Event) -> bool:
    return event.raw.get("channel_type") == "im" or event.channel.startswith("D")


def match_all(
    event: Event, watch: Watch, matchers: Mapping[str, Sequence[Matcher]]
) -> list[Arrival]:
    """Return what the rituals make of this event; usually nothing."""
    found = (match(event, watch) for match in matchers.get(event.kind, ()))
    return [arrival for arrival in found if arrival is not None]


def without_mention(text: str) -> str:
    """Return what stands after the leading mention of the bot."""
    return MENTION.sub("", text, count=1).strip()
