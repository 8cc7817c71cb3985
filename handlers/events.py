"""Events matched in memory. What matches nothing is never stored."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.engine.inbox import Arrival
from bot.workspaces.watch import Watch

MENTION = re.compile(r"^\s*<@[A-Z0-9]+(?:\|[^>]*)?>[\s,:]*")


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


Matcher = Callable[[Event, Watch], Arrival | None]


def read_event(body: Mapping[str, Any]) -> Event:
    """Read an event's envelope. The tenant is the installation's, not the author's."""
    raw = body.get("event") or {}
    authorization = (body.get("authorizations") or [{}])[0]
    channel = raw.get("channel") or (raw.get("item") or {}).get("channel") or ""
    user = raw.get("user") or ""
    return Event(
        id=str(body.get("event_id") or f"{raw.get('type')}.{raw.get('event_ts')}"),
        team_id=str(authorization.get("team_id") or body.get("team_id") or ""),
        enterprise_id=str(authorization.get("enterprise_id") or body.get("enterprise_id") or ""),
        kind=str(raw.get("type") or ""),
        user=str(user.get("id") if isinstance(user, Mapping) else user),
        channel=str(channel.get("id") if isinstance(channel, Mapping) else channel),
        raw=raw,
    )


def match_all(
    event: Event, watch: Watch, matchers: Mapping[str, Sequence[Matcher]]
) -> list[Arrival]:
    """Return what the rituals make of this event; usually nothing."""
    found = (match(event, watch) for match in matchers.get(event.kind, ()))
    return [arrival for arrival in found if arrival is not None]


def without_mention(text: str) -> str:
    """Return what stands after the leading mention of the bot."""
    return MENTION.sub("", text, count=1).strip()
