"""Time: what the edge reads, and the pure calculator of local slots.

A slot is one local date of a schedule with the instant it falls on. Dates are the key (an edit
from 9:00 to 10:00 after posting must not post twice), instants are when to act:

- a wall time that a change to summer time skips falls on the first instant after the gap;
  where the gap ends the day (Nuuk, 23:00 to 24:00) that instant already reads the next date,
  and the slot keeps its own;
- a wall time that occurs twice falls on its first;
- a date that a zone never had (Samoa's 2011-12-30) has no slot: every other date of the rule
  keeps its own, nothing is moved. A rule for that date alone has no slot at all.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Annotated, Literal, NamedTuple, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.errors import BadInput

LAST_DATE = date(9000, 1, 1)
"""No slot is looked for beyond it: an instant near year 9999 overflows in a zone west of UTC."""

HORIZON_DAYS = 60 * 7 * 2
"""Days searched for the next match: twice the longest cycle (52 weeks), for one skipped date."""


class Clock(Protocol):
    """Where the edge gets its time from."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


class OffsetClock:
    """A clock moved by a fixed amount; it goes on ticking. Only the playground has one."""

    def __init__(self, base: Clock | None = None, offset: timedelta = timedelta(0)) -> None:
        self._base = base or SystemClock()
        self.offset = offset

    def now(self) -> datetime:
        """Return the moved instant, aware, in UTC."""
        return self._base.now() + self.offset

    def set(self, at: datetime) -> None:
        """Make it ``at`` now; ``at`` must be aware."""
        self.offset = at.astimezone(UTC) - self._base.now()


def _sorted_days(days: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(days)))


Days = Annotated[
    tuple[Annotated[int, Field(ge=0, le=6)], ...],
    Field(min_length=1),
    AfterValidator(_sorted_days),
]
"""Weekdays as in ``date.weekday()``: 0 is Monday. Sorted, no repeats."""

WORKING_DAYS = (0, 1, 2, 3, 4)

Nth = Literal["first", "second", "third", "fourth", "last"]
_NTH: dict[Nth, int] = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}


class _Cadence(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Daily(_Cadence):
    """Every date."""

    kind: Literal["daily"] = "daily"

    def is_due_on(self, day: date) -> bool:
        """Tell whether ``day`` is one of the cadence's dates."""
        return True


class Weekly(_Cadence):
    """Some weekdays of every n-th week; ``anchor`` is any date of a week that counts."""

    kind: Literal["weekly"] = "weekly"
    days: Days
    every: int = Field(default=1, ge=1, le=52)
    anchor: date = date(1970, 1, 5)

    def is_due_on(self, day: date) -> bool:
        """Tell whether ``day`` is one of the cadence's dates; weeks begin on Monday."""
        if day.weekday() not in self.days:
            return False
        return ((_monday(day) - _monday(self.anchor)).days // 7) % self.every == 0


class MonthlyWeekday(_Cadence):
    """The n-th of a month's dates that fall on ``days``: one day, or all working days."""

    kind: Literal["monthly_weekday"] = "monthly_weekday"
    nth: Nth
    days: Days

    def is_due_on(self, day: date) -> bool:
        """Tell whether ``day`` is one of the cadence's dates."""
        dates = (date(day.year, day.month, n) for n in range(1, _days_in_month(day) + 1))
        return day == [d for d in dates if d.weekday() in self.days][_NTH[self.nth]]


class MonthlyDay(_Cadence):
    """A day of each month, clipped to the month's end: 31 is always the last day."""

    kind: Literal["monthly_day"] = "monthly_day"
    day: int = Field(ge=1, le=31)

    def is_due_on(self, day: date) -> bool:
        """Tell whether ``day`` is one of the cadence's dates."""
        return day.day == min(self.day, _days_in_month(day))


class Once(_Cadence):
    """One date."""

    kind: Literal["once"] = "once"
    on: date

    def is_due_on(self, day: date) -> bool:
        """Tell whether ``day`` is the date."""
        return day == self.on


def _whole_minute(at: time) -> time:
    if at.second or at.microsecond or at.tzinfo:
        raise ValueError("a slot's time is hours and minutes, without a zone")
    return at


Cadence = Annotated[
    Daily | Weekly | MonthlyWeekday | MonthlyDay | Once, Field(discriminator="kind")
]


class Rule(BaseModel):
    """When a ritual runs: a local time of day and the dates it falls on. The zone is apart."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    at: Annotated[time, AfterValidator(_whole_minute)]
    on: Cadence

    def is_due_on(self, day: date) -> bool:
        """Tell whether the rule names ``day``."""
        return self.on.is_due_on(day)

    def to_json(self) -> str:
        """Return the rule as one line of JSON; ``from_json`` reads it back unchanged."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> "Rule":
        """Read what ``to_json`` wrote; raises pydantic's ``ValidationError``."""
        return cls.model_validate_json(text)


class Slot(NamedTuple):
    """A local date of a schedule and its instant (aware, UTC)."""

    date: date
    at: datetime


def zone_named(name: str) -> ZoneInfo:
    """Return the IANA zone of that exact name; raises ``BadInput`` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(
            field="time zone",
            problem=f'There is no time zone "{name}".',
            fix="Use a name such as Europe/Berlin.",
        ) from None


def slot_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the first instant (aware, UTC) at which the zone's wall clock reads ``day`` ``at``.

    In a gap it is the first instant after it. Instants have whole seconds.
    """
    wall = datetime.combine(day, at)
    low, high = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    while high - low > timedelta(seconds=1):  # only in a gap: look for its end, 17 steps at most
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (low, middle) if _wall(middle, zone) >= wall else (middle, high)
    return high


def has_date(day: date, zone: ZoneInfo) -> bool:
    """Tell whether the zone ever had that date; a move of the date line skips one."""
    return _wall(slot_instant(day, time(0), zone), zone).date() == day


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the date that the zone's calendar shows at an aware instant."""
    return at.astimezone(zone).date()


def next_slot(
    rule: Rule, zone: ZoneInfo, after: datetime, last_date: date | None = None
) -> Slot | None:
    """Return the first slot after ``after`` (aware) whose date is past ``last_date``, or none.

    ``last_date`` is the local date that ran last, under whatever rule and zone it ran: so a date
    is never run twice, also after an edit. A slot exactly at ``after`` counts only where
    ``last_date`` shows that it is another one than that which just ran (two slots share an
    instant where a gap ends a day).
    """
    for slot in _slots(rule, zone, after, last_date):
        if slot.at > after or (slot.at == after and last_date is not None):
            return slot
    return None


def preview(rule: Rule, zone: ZoneInfo, after: datetime, n: int = 3) -> list[Slot]:
    """Return the next ``n`` slots, fewer when the rule ends."""

    def following() -> Iterator[Slot]:
        slot = next_slot(rule, zone, after)
        while slot:
            yield slot
            slot = next_slot(rule, zone, slot.at, slot.date)

    return list(islice(following(), n))


def _slots(rule: Rule, zone: ZoneInfo, after: datetime, last_date: date | None) -> Iterator[Slot]:
    first = local_date(after, zone) - timedelta(days=1)  # a gap may push a slot past midnight
    if last_date:
        first = max(first, last_date + timedelta(days=1))
    for day in _due_dates(rule, first):
        if has_date(day, zone):
            yield Slot(day, slot_instant(day, rule.at, zone))


def _due_dates(rule: Rule, first: date) -> Iterator[date]:
    if isinstance(rule.on, Once):
        if first <= rule.on.on <= LAST_DATE:
            yield rule.on.on
        return
    for n in range(min(HORIZON_DAYS, (LAST_DATE - first).days)):
        day = first + timedelta(days=n)
        if rule.is_due_on(day):
            yield day


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days_in_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]
