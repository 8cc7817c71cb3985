"""Faults on demand: what Slack and the network do to an app on a bad day."""

import itertools
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from playground.server.rows import Json

FaultKind = Literal[
    "rate_limited",
    "server_error",
    "error",
    "delay",
    "timeout_after",
    "lost_answer",
    "drop_event",
    "duplicate_event",
    "reorder_event",
]
BEFORE: tuple[FaultKind, ...] = ("rate_limited", "server_error", "error", "delay")
AFTER: tuple[FaultKind, ...] = ("timeout_after", "lost_answer")
ON_EVENTS: tuple[FaultKind, ...] = ("drop_event", "duplicate_event", "reorder_event")


@dataclass(slots=True)
class Fault:
    """One rule. `method` and `channel` narrow it (for events, `method` is the event's type);
    `remaining` is how often it still strikes, None for always.

    rate_limited: 429 with Retry-After. server_error: `status`. error: 200 with Slack's code
    `error`. delay: waits `seconds`, then works. timeout_after: accepts, then says nothing for
    `seconds`. lost_answer: accepts, then closes the connection. drop_event: one attempt is not
    sent. duplicate_event: sent twice. reorder_event: sent after the next event.
    """

    kind: FaultKind
    method: str | None = None
    channel: str | None = None
    remaining: int | None = 1
    retry_after_seconds: int = 1
    status: int = 503
    error: str = "internal_error"
    seconds: float = 0.0
    id: int = 0

    def strikes(self, method: str, channel: str | None) -> bool:
        """Whether it applies to this call."""
        if self.remaining is not None and self.remaining <= 0:
            return False
        return self.method in (None, method) and self.channel in (None, channel)


class Faults:
    """The rules in force, oldest first."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, kind: FaultKind, **narrowing: Any) -> Fault:
        """Adds a rule; fields as in Fault."""
        fault = Fault(kind, **narrowing)
        fault.id = next(self._ids)
        self._rules.append(fault)
        return fault

    def add_from(self, source: Json) -> Fault:
        """Adds a rule from JSON; ValueError names what is wrong with it."""
        known = {field.name for field in fields(Fault)} - {"id"}
        unknown = set(source) - known
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        if source.get("kind") not in get_args(FaultKind):
            raise ValueError(f"kind must be one of {', '.join(get_args(FaultKind))}")
        return self.add(**source)

    def all(self) -> list[Fault]:
        """Every rule, used-up ones included."""
        return list(self._rules)

    def clear(self) -> None:
        """Good weather again."""
        self._rules.clear()

    def take(
        self, kinds: tuple[FaultKind, ...], method: str, channel: str | None = None
    ) -> Fault | None:
        """The first rule that strikes now, counted down."""
        for fault in self._rules:
            if fault.kind in kinds and fault.strikes(method, channel):
                if fault.remaining is not None:
                    fault.remaining -= 1
                return fault
        return None
