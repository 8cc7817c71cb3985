"""The story's clock: what moves it, and what the bar at the top shows."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

_MORNING = time(9, 0)


class Clockwork(Protocol):
    """Moves story time and lets the bot do what falls due on the way, in order.

    Both return when all of it is done, and raise ClockError when the bot cannot be reached.
    """

    async def next_due(self) -> datetime | None:
        """Goes on to the next thing due that anybody notices, with what comes soon after it; the
        story time then, or None when nothing lies ahead."""
        ...

    async def run_until(self, at: datetime) -> None:
        """Does everything due up to `at` (aware UTC, story time), which then is the present."""
        ...


class ClockError(Exception):
    """The clock could not be moved; the message is for the person who clicked."""


@dataclass(frozen=True, slots=True)
class Face:
    """A drawn clock: hands in degrees from twelve; `is_day` between 6 and 18 o'clock."""

    hour_hand: int
    minute_hand: int
    is_day: bool


def face(local: datetime) -> Face:
    """The hands at a wall-clock time."""
    minutes = local.hour % 12 * 60 + local.minute
    return Face(math.floor(minutes / 2), local.minute * 6, 6 <= local.hour < 18)


def tomorrow_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """09:00 on the next local day, as aware UTC."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, _MORNING, zone).astimezone(UTC)
