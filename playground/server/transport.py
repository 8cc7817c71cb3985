"""How something reaches the app: one delivery, one acknowledgement or none."""

from dataclasses import dataclass
from typing import Literal, Protocol

from playground.server.rows import Json

Kind = Literal["events_api", "slash_commands", "interactive", "options"]


class UnansweredError(Exception):
    """The app did not acknowledge. `reason` is Slack's retry reason: timeout, http_error,
    connection_failed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Delivery:
    """A payload on its way. `retry_attempt` counts from 0 (not a retry)."""

    kind: Kind
    payload: Json
    retry_attempt: int = 0
    retry_reason: str = ""


class Transport(Protocol):
    """Socket Mode or signed HTTP."""

    async def send(self, delivery: Delivery) -> Json:
        """Delivers once; returns what the app acknowledged with ({} for nothing), and raises
        UnansweredError when it did not within Slack's limit."""
        ...
