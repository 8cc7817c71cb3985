"""When a message may come, from what a workspace and its people have set. Pure.

The message waits, the check does not: what is due is measured on its date.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bot.clock import (
    MonthlyWeekday,
    Rule,
    Slot,
    Weekly,
    local_date,
    next_slot,
    slot_instant,
    zone_named,
)
from bot.errors import BadInput
from bot.workdays import (
    WEEKEND,
    Calendar,
    Permitted,
    QuietHours,
    is_quiet,
    next_permitted,
    rest_reason,
)

STATUS = "away by Slack status"
TIME_OFF = "time off"
# Longer absences hold nothing back: whoever waits for an answer must hear that there is none.
LONGEST_ABSENCE = timedelta(days=45)
# A moment at night is no hour that anybody chose for a working day: something happened then.
DAY_BEGINS, DAY_ENDS, MORNING = time(6), time(20), time(9)
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Slots looked at for a preview: those of a long holiday season fold into later ones.
PREVIEW_SLOTS = 40
_HOURS = re.compile(r"(\d{1,2})[:.](\d{2})\s*(?:-|–|to|until)\s*(\d{1,2})[:.](\d{2})")


@dataclass(frozen=True)
class TeamRest:
    """What an admin set for the workspace; ``zone`` empty: each schedule's own zone counts."""

    zone: str = ""
    country: str = ""
    region: str = ""
    rest_days: frozenset[int] = WEEKEND
    quiet: QuietHours | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what ``team_rest`` reads back unchanged."""
        return {
            "zone": self.zone,
            "country": self.country,
            "region": self.region,
            "rest_days": sorted(self.rest_days),
            "quiet": say_quiet(self.quiet),
        }


@dataclass(frozen=True)
class TimeOff:
    """Days off of a person, both ends included."""

    since: date
    until: date

    def to_json(self) -> list[str]:
        """Return the two dates as text."""
        return [self.since.isoformat(), self.until.isoformat()]


@dataclass(frozen=True)
class PersonRest:
    """What a person set for themselves, and until when their Slack status says they are away."""

    zone: str = "UTC"
    quiet: QuietHours | None = None
    time_off: tuple[TimeOff, ...] = ()
    away_until: datetime | None = None


@dataclass(frozen=True)
class Keeper:
    """Holds messages back: the days and hours of rest, and an absence with an end."""

    calendar: Calendar
    away_until: datetime | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Where its hours are counted."""
        return self.calendar.zone


class Coming(NamedTuple):
    """A post to come: when it is due, when it comes, and why it waits (empty: it does not)."""

    due: datetime
    at: datetime
    reason: str = ""


def team_rest(stored: dict[str, Any] | None) -> TeamRest:
    """Read what ``TeamRest.to_json`` wrote; nothing stored is the default."""
    if not stored:
        return TeamRest()
    return TeamRest(
        zone=str(stored["zone"]),
        country=str(stored["country"]),
        region=str(stored["region"]),
        rest_days=frozenset(int(day) for day in stored["rest_days"]),
        quiet=read_quiet(str(stored["quiet"])),
    )


def keeper_of_channel(team: TeamRest, zone: str) -> Keeper:
    """Return what holds back a post to a channel; ``zone`` is its schedule's."""
    return Keeper(_calendar(team, zone_named(team.zone or zone or "UTC"), team.quiet))


def keeper_of_person(team: TeamRest, person: PersonRest, at: datetime) -> Keeper:
    """Return what holds back a message to a person: the team's rest in their zone, and theirs.

    Time off that ends beyond ``LONGEST_ABSENCE`` holds nothing back.
    """
    zone = zone_named(person.zone or "UTC")
    today = local_date(at, zone)
    last = today + LONGEST_ABSENCE
    off: set[date] = set()
    for one in person.time_off:
        if today <= one.until <= last:
            days = (one.until - max(one.since, today)).days + 1
            off |= {one.until - timedelta(days=n) for n in range(days)}
    calendar = _calendar(team, zone, person.quiet or team.quiet)
    return Keeper(replace(calendar, days_off=frozenset(off)), person.away_until)


def _calendar(team: TeamRest, zone: ZoneInfo, quiet: QuietHours | None) -> Calendar:
    return Calendar(
        zone,
        quiet=quiet,
        rest_days=team.rest_days,
        country=team.country,
        region=team.region,
    )


def hold(keeper: Keeper, due: datetime, *, keeps_weekday: bool = False) -> Permitted:
    """Return when a message due at ``due`` may come, and why it waits (empty: it does not).

    After days of rest it comes at the same time of day, or at ``MORNING`` where that is at night.
    ``keeps_weekday``: the schedule names
    this very weekday ("Saturdays at 10:00"), so that a weekend does not hold it back.
    """
    calendar, reason = keeper.calendar, ""
    if keeps_weekday:
        calendar = replace(calendar, rest_days=frozenset())
    at = due
    if keeper.away_until and due < keeper.away_until <= due + LONGEST_ABSENCE:
        at, reason = _after_absence(calendar, due, keeper.away_until), STATUS
    try:
        permitted = _same_time(calendar, at)
    except BadInput:
        return Permitted(at, reason)
    why = permitted.reason.replace("day off", TIME_OFF)
    return Permitted(permitted.at, reason or why)


def _after_absence(calendar: Calendar, due: datetime, until: datetime) -> datetime:
    wall = _by_day(_wall(due, calendar.zone))
    day = local_date(until, calendar.zone)
    same = slot_instant(day, wall, calendar.zone)
    return same if same >= until else until


def _same_time(calendar: Calendar, due: datetime) -> Permitted:
    """Return ``next_permitted``, but not before the same time of day where it is another day."""
    first = next_permitted(calendar, due)
    wall = _wall(due, calendar.zone)
    rested = rest_reason(calendar, local_date(due, calendar.zone))
    if not rested:
        return first
    day = local_date(first.at, calendar.zone)
    same = slot_instant(day, wall, calendar.zone)
    if same < first.at or is_quiet(calendar, same):
        return first
    return Permitted(slot_instant(day, _by_day(wall), calendar.zone), first.reason)


def _by_day(wall: time) -> time:
    return wall if DAY_BEGINS <= wall < DAY_ENDS else MORNING


def _wall(at: datetime, zone: ZoneInfo) -> time:
    return at.astimezone(zone).time().replace(second=0, microsecond=0)


def names_weekday(rule: Rule, day: date) -> bool:
    """Tell whether a schedule names the weekday of ``day`` by itself; "every day" does not."""
    return isinstance(rule.on, Weekly | MonthlyWeekday) and day.weekday() in rule.on.days


def coming_posts(
    keeper: Keeper, rule: Rule, zone: ZoneInfo, after: datetime, n: int = 3
) -> list[Coming]:
    """Return the next ``n`` posts of a schedule as they will come.

    A slot that would have to wait until the next one is told by that one.
    """
    slots = _slots(rule, zone, after)
    found: list[Coming] = []
    for slot, following in zip(slots, [*slots[1:], None], strict=True):
        permitted = hold(keeper, slot.at, keeps_weekday=names_weekday(rule, slot.date))
        if following is None or not is_folded(permitted, following.at):
            found.append(Coming(slot.at, permitted.at, permitted.reason))
        if len(found) == n:
            break
    return found


def is_folded(permitted: Permitted, following: datetime | None) -> bool:
    """Tell whether a slot that has to wait is told by the next slot of its schedule instead."""
    return bool(permitted.reason and following and following <= permitted.at)


def _slots(rule: Rule, zone: ZoneInfo, after: datetime) -> list[Slot]:
    found: list[Slot] = []
    slot = next_slot(rule, zone, after)
    while slot and len(found) < PREVIEW_SLOTS:
        found.append(slot)
        slot = next_slot(rule, zone, slot.at, slot.date)
    return found


# --- words


def say_moment(at: datetime, zone: ZoneInfo) -> str:
    """Return e.g. ``Mon 25 May, 09:00``; the zone is for the caller to name."""
    local = at.astimezone(zone)
    return f"{DAY_NAMES[local.weekday()]} {local.day} {local:%b}, {local:%H:%M}"


def say_coming(posts: Sequence[Coming], zone: ZoneInfo) -> str:
    """Return the posts to come in one line, in their schedule's zone, which is named."""
    if not posts:
        return "There is no further date in this schedule."
    return f"Next posts: {', '.join(_say_post(one, zone) for one in posts)} ({zone.key})"


def _say_post(one: Coming, zone: ZoneInfo) -> str:
    said = say_moment(one.at, zone).replace(",", "")
    if not one.reason:
        return said
    return f"{said} (due {say_moment(one.due, zone).replace(',', '')}: {one.reason})"


def say_waited(
    due: datetime,
    zone: ZoneInfo,
    reason: str,
    *,
    is_scheduled: bool = True,
    is_measured: bool = False,
) -> str:
    """Return the small print of a message that was held back; escaped by the caller.

    What no schedule was due for (a draft for a customer) was ready.
    """
    begin = "Due" if is_scheduled else "Ready"
    end = " Measured on its date." if is_measured else ""
    return f"{begin} {say_moment(due, zone)} ({zone.key}), held back: {reason}.{end}"


def say_quiet(quiet: QuietHours | None) -> str:
    """Return ``19:00-08:00``, or nothing."""
    return f"{quiet.since:%H:%M}-{quiet.until:%H:%M}" if quiet else ""


def read_quiet(words: str) -> QuietHours | None:
    """Read quiet hours such as ``19:00-08:00``; empty is none. Raises ``BadInput``."""
    if not words.strip():
        return None
    found = _HOURS.fullmatch(words.strip())
    try:
        if found:
            hours = [int(part) for part in found.groups()]
            return QuietHours(time(hours[0], hours[1]), time(hours[2], hours[3]))
    except ValueError:
        found = None
    raise BadInput(
        field="quiet",
        problem=f"“{words.strip()[:40]}” is not read as hours.",
        fix="Write both ends, as in 19:00-08:00, or leave it empty.",
    )


def read_time_off(since: date | None, until: date | None, today: date) -> TimeOff:
    """Return days off; the last day defaults to the first. Raises ``BadInput``."""
    if since is None:
        raise BadInput(field="since", problem="The first day is missing.", fix="Pick a date.")
    until = until or since
    if until < since:
        raise BadInput(field="until", problem="It ends before it begins.", fix="Pick a later day.")
    if until < today:
        raise BadInput(field="until", problem="That is over already.", fix="Pick a later day.")
    return TimeOff(since, until)


def merge_time_off(known: Sequence[TimeOff], new: TimeOff) -> tuple[TimeOff, ...]:
    """Add days off to those known; what touches or overlaps becomes one, in order."""
    merged: list[TimeOff] = []
    for one in sorted((*known, new), key=lambda off: (off.since, off.until)):
        if merged and one.since <= merged[-1].until + timedelta(days=1):
            merged[-1] = TimeOff(merged[-1].since, max(merged[-1].until, one.until))
        else:
            merged.append(one)
    return tuple(merged)


def holidays_ahead(team: TeamRest, today: date, n: int = 2) -> list[tuple[date, str]]:
    """Return the next public holidays on working days, as far as a year ahead."""
    calendar = _calendar(team, ZoneInfo("UTC"), None)
    days = (today + timedelta(days=n) for n in range(366))
    found: list[tuple[date, str]] = []
    for day in takewhile(lambda _day: len(found) < n, days):
        reason = rest_reason(calendar, day)
        if reason and day.weekday() not in team.rest_days:
            found.append((day, reason))
    return found
