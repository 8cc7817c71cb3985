"""Deliveries as plain values: what may be taken, and what was taken."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.engine.holding import with_note
from bot.engine.tables import Delivery
from bot.slack.blocks import Message


@dataclass(frozen=True)
class Item:
    """A claimed delivery: plain values, no session behind it."""

    workspace_id: str
    id: str
    target: str
    method: str
    payload: dict[str, Any]
    key: str
    attempts: int
    was_sending: bool
    after_state: str
    after_channel: str
    after_ts: str
    owner_id: str
    label: str
    planned_at: datetime
    cause: str

    @property
    def message(self) -> Message:
        """What is said."""
        told = self.payload["message"]
        message = Message(told["text"], told["blocks"])
        return with_note(message, self.payload.get("held"))

    @property
    def where(self) -> str:
        """The channel or person it goes to."""
        return self.after_channel or str(self.payload.get("channel") or "") or self.target


@dataclass(frozen=True)
class Candidate:
    """A delivery that may be taken now, as far as the tables know."""

    workspace_id: str
    id: str
    method: str
    channel: str
    priority: int
    is_left: bool  # by a process that ended: it may have been sent


def item_of(row: Delivery, after_state: str | None, channel: str | None, ts: str | None) -> Item:
    """Return a claimed delivery, with what became of the one that it belongs to."""
    return Item(
        workspace_id=row.workspace_id,
        id=row.id,
        target=row.target,
        method=row.method,
        payload=dict(row.payload),
        key=row.key,
        attempts=row.attempts,
        was_sending=row.state == "sending",
        after_state=after_state or "",
        after_channel=channel or "",
        after_ts=ts or "",
        owner_id=row.owner_id,
        label=row.label,
        planned_at=row.planned_at,
        cause=row.cause,
    )
