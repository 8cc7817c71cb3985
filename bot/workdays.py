"""When a message may come: quiet hours, days of rest, public holidays. Pure; a check never waits.

What is due is measured when it is due; only the message about it waits for ``next_permitted``.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.clock import local_date, slot_instant
from bot.errors import BadInput

WEEKEND = frozenset({5, 6})
"""Saturday and Sunday, as ``date.weekday()`` counts. Elsewhere it is another: {4, 5} in Egypt."""

LONGEST_REST_DAYS = 60
"""Days of rest in a row that a message waits for. More is a calendar filled in by mistake."""


@dataclass(frozen=True)
class QuietHours:
    """Local wall times between which no message comes; ``until`` may be on the next day."""

    since: time
    until: time

    def __post_init__(self) -> None:
        if self.since == self.until:
            raise BadInput(
                field="quiet hours",
                problem="Quiet hours cannot begin and end at the same time.",
                fix="Leave them empty, or let some hours of the day be free.",
            )

    def has(self, at: time) -> bool:
        """Tell whether a wall time lies in them; ``until`` itself does not."""
        if self.since < self.until:
            return self.since <= at < self.until
        return at >= self.since or at < self.until


@dataclass(frozen=True)
class Calendar:
    """When a channel or a person wants no message.

    ``country`` is an ISO 3166 code ("DE"), ``region`` one of its parts ("BY"); empty: no public
    holidays. ``days_off`` are a team's own.
    """

    zone: ZoneInfo
    quiet: QuietHours | None = None
    rest_days: frozenset[int] = WEEKEND
    country: str = ""
    region: str = ""
    days_off: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.rest_days & set(range(7))) == 7:
            raise BadInput(
                field="days of rest",
                problem="There is no day left for a message.",
                fix="Leave out at least one weekday.",
            )


class Permitted(NamedTuple):
    """The first instant for a message, and why it waits; ``reason`` is empty if it does not."""

    at: datetime
    reason: str


def next_permitted(calendar: Calendar, at: datetime) -> Permitted:
    """Return when a message due at ``at`` (aware) may come: then, or at the first time after it.

    Raises ``BadInput`` when no day is free within ``LONGEST_REST_DAYS``.
    """
    instant, reason = at, ""
    for _ in range(LONGEST_REST_DAYS * 2):  # each day may be left for rest, and for quiet hours
        day = local_date(instant, calendar.zone)
        rest = rest_reason(calendar, day)
        if rest:
            instant = _coming(day + timedelta(days=1), time(0), calendar.zone, instant)
        elif is_quiet(calendar, instant):
            instant = _quiet_end(calendar, instant)
        else:
            return Permitted(instant, reason)
        reason = reason or rest or "quiet hours"
    raise BadInput(
        field="days of rest",
        problem=f"No message may come for {LONGEST_REST_DAYS} days.",
        fix="Check the days off.",
    )


def is_quiet(calendar: Calendar, at: datetime) -> bool:
    """Tell whether an aware instant lies in the quiet hours."""
    wall = at.astimezone(calendar.zone).time()
    return calendar.quiet is not None and calendar.quiet.has(wall)


def _quiet_end(calendar: Calendar, at: datetime) -> datetime:
    quiet, local = calendar.quiet, at.astimezone(calendar.zone)
    if quiet is None:
        return at
    day = local.date() + timedelta(days=local.time() >= quiet.until)
    return _coming(day, quiet.until, calendar.zone, at)


def _coming(day: date, wall: time, zone: ZoneInfo, after: datetime) -> datetime:
    first = slot_instant(day, wall, zone)
    if first > after:
        return first
    # In an hour that occurs twice the first round is over: it is the second that comes.
    return datetime.combine(day, wall, zone).replace(fold=1).astimezone(UTC)


def rest_reason(calendar: Calendar, day: date) -> str:
    """Return why no message comes on a local date ("weekend", a holiday's name), or nothing."""
    if day.weekday() in calendar.rest_days:
        return "weekend"
    if day in calendar.days_off:
        return "day off"
    return holiday_name(day, calendar.country, calendar.region)


def is_workday(calendar: Calendar, day: date) -> bool:
    """Tell whether messages come on a local date."""
    return not rest_reason(calendar, day)


def covered_days(calendar: Calendar, day: date) -> list[date]:
    """Return the days that a message on ``day`` tells of: since the last workday before, with it.

    A Monday covers Friday, Saturday and Sunday; oldest first.
    """
    before = (day - timedelta(days=n) for n in range(1, LONGEST_REST_DAYS + 1))
    resting = list(takewhile(lambda earlier: not is_workday(calendar, earlier), before))
    last_workday = day - timedelta(days=len(resting) + 1)
    return [last_workday, *reversed(resting)]


def holiday_name(day: date, country: str, region: str = "") -> str:
    """Return the English name of a public holiday, or nothing. Raises ``BadInput``.

    By the package ``holidays``: full public holidays only, observed dates included.
    """
    return _public_holidays(country, region, day.year).get(day, "") if country else ""


def check_country(country: str, region: str = "") -> None:
    """Raise ``BadInput`` where the country or its region has no known holidays."""
    if country:
        _regions(country, region)


def _regions(country: str, region: str) -> None:
    import holidays

    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise BadInput(
            field="country",
            problem=f"“{country}” is no country whose holidays are known.",
            fix="Use its code of two letters, such as DE or US.",
        )
    if region and region not in known[country]:
        raise BadInput(
            field="region",
            problem=f"“{region}” is no region of {country}.",
            fix=f"Known: {', '.join(known[country]) or 'none; leave it empty'}.",
        )


def public_holidays(country: str, region: str, since: date, until: date) -> tuple[date, ...]:
    """Return a country's public holidays, both ends included; none where no country is set."""
    if not country:
        return ()
    years = range(since.year, until.year + 1)
    days = sorted(day for year in years for day in _public_holidays(country, region, year))
    return tuple(day for day in days if since <= day <= until)


@lru_cache(maxsize=256)
def _public_holidays(country: str, region: str, year: int) -> dict[date, str]:
    import holidays

    _regions(country, region)
    found = holidays.country_holidays(country, subdiv=region or None, years=year)
    english = [code for code in (found.supported_languages or ()) if code.startswith("en")]
    if english:
        found = holidays.country_holidays(
            country, subdiv=region or None, years=year, language=english[0]
        )
    return dict(found.items())
