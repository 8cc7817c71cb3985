"""Slack-shaped ids and moments."""

import secrets
from datetime import UTC, datetime, timedelta

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id(prefix: str, length: int = 10) -> str:
    """For example new_id("U") -> "U07QK2M9XAZ"."""
    return prefix + "0" + "".join(secrets.choice(_ALPHABET) for _ in range(length - 1))


def to_micros(at: datetime) -> int:
    """Exact microseconds since the epoch."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def to_ts(micros: int) -> str:
    """Slack's text form of microseconds since the epoch."""
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def micros_of(ts: str) -> int:
    """Microseconds since the epoch of a Slack ts; ValueError when it is none."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction or "0")


def from_epoch(seconds: float) -> datetime:
    """Aware UTC."""
    return datetime.fromtimestamp(seconds, UTC)
