"""Trigger ids: the short right to open a modal that comes with a person's act."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from playground.server.ids import to_micros

_KEPT = 10_000  # newest ids remembered; older ones are long expired


@dataclass(slots=True)
class Trigger:
    """Whose act it was, when it ends, and the modal it happened in, if any."""

    user: str
    expires: datetime
    view_id: str | None
    is_used: bool = False


class Triggers:
    """On real time; forgotten on restart, when all have expired anyway."""

    def __init__(self, real_now: Callable[[], datetime], life: Callable[[], float]) -> None:
        self._real_now = real_now
        self._life_seconds = life
        self._known: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        """A new trigger id for something `user` just did."""
        now = self._real_now()
        trigger_id = f"{to_micros(now)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        expires = now + timedelta(seconds=self._life_seconds())
        self._known[trigger_id] = Trigger(user, expires, view_id)
        while len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        return trigger_id

    def find(
        self, trigger_id: str
    ) -> Trigger | Literal["invalid_trigger_id", "exchanged_trigger_id", "expired_trigger_id"]:
        """The trigger, or Slack's error code."""
        trigger = self._known.get(trigger_id)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.is_used:
            return "exchanged_trigger_id"
        if self._real_now() > trigger.expires:
            return "expired_trigger_id"
        return trigger
