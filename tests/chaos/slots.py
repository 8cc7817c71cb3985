"""Slots by brute force: walk the zone's wall clock and see. Shares no code with bot.clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# No zone was further ahead of UTC.
WIDEST = timedelta(hours=16)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@dataclass(frozen=True)
class Version:
    """What a schedule was from ``since`` until ``until``: an edit begins another one."""

    since: datetime
    until: datetime
    at: time
    zone: str
    is_due_on: Callable[[date], bool]


@lru_cache(maxsize=4096)
def first_reading(day: date, at: time, zone: str) -> datetime:
    """Return the first instant at which the zone's wall clock has reached ``day`` ``at``."""
    wanted, here = datetime.combine(day, at), ZoneInfo(zone)
    instant = datetime.combine(day, at, UTC) - WIDEST
    while _wall(instant, here) < wanted:
        instant += MINUTE
    while _wall(instant - SECOND, here) >= wanted:
        instant -= SECOND
    return instant


@lru_cache(maxsize=4096)
def is_in_calendar(day: date, zone: str) -> bool:
    """Tell whether the zone's clocks ever showed that date (Samoa has no 2011-12-30)."""
    return _wall(first_reading(day, time(0), zone), ZoneInfo(zone)).date() == day


def due_slots(versions: list[Version]) -> Iterator[tuple[date, datetime]]:
    """Yield every slot of a schedule's life: each local date at most once, in order.

    An edit counts from its own instant on: what came due before it ran as it was.
    """
    last: date | None = None
    for version in versions:
        day = version.since.date() - timedelta(days=3)
        while day <= version.until.date() + timedelta(days=3):
            if (last is None or day > last) and _is_slot(version, day, is_first=last is None):
                last = day
                yield day, first_reading(day, version.at, version.zone)
            day += timedelta(days=1)


def _is_slot(version: Version, day: date, *, is_first: bool) -> bool:
    if not version.is_due_on(day) or not is_in_calendar(day, version.zone):
        return False
    at = first_reading(day, version.at, version.zone)
    begins = version.since < at or (version.since == at and not is_first)
    return begins and at <= version.until


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)
