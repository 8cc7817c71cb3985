"""The days of the story, counted back from the morning on which the next digest is due.

Counting in working days from that morning keeps weekends quiet and every gap between two events
the same whatever weekday the playground is started on: ten working days are always fourteen days.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE_NAME = "Europe/Berlin"
DIGEST_AT = time(9, 0)
SATURDAY = 5

IMPORTER_LIVE_BACK = 14
CHECKLIST_LIVE_BACK = 10
ANNUAL_LIVE_BACK = 6
OUTAGE_BACK = 17  # not on the weekday of the next digest: its comparison would be spoilt
OUTAGE_FROM = time(9, 40)
OUTAGE_TO = time(13, 10)


@dataclass(frozen=True, slots=True)
class Moment:
    """A Berlin wall-clock time on the day `back` working days before the next morning.

    `back=1` is today before 09:00 on a working day and Friday at a weekend, so `clock` must
    then be earlier than 09:00 to lie in the past whatever the day.
    """

    back: int
    clock: str


@dataclass(frozen=True, slots=True)
class Day:
    """A date: `back` working days before the next morning, plus some calendar days."""

    back: int
    plus_days: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Resolves the story's days for one `today` (a date in Berlin whose 09:00 has passed)."""

    today: date

    @property
    def next_morning(self) -> date:
        """The first working day after today: the next digest, and the first verdict due."""
        day = self.today + timedelta(days=1)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
        return day

    def on(self, day: Day) -> date:
        """The date in Berlin; nothing keeps it off a weekend once `plus_days` is added."""
        weeks, rest = divmod(day.back, 5)
        found = self.next_morning - timedelta(weeks=weeks)
        for _ in range(rest):
            found -= timedelta(days=1)
            while found.weekday() >= SATURDAY:
                found -= timedelta(days=1)
        return found + timedelta(days=day.plus_days)

    def instant(self, moment: Moment) -> datetime:
        """Aware UTC."""
        wall = datetime.combine(self.on(Day(moment.back)), time.fromisoformat(moment.clock))
        return wall.replace(tzinfo=ZoneInfo(ZONE_NAME)).astimezone(UTC)

    @property
    def importer_live(self) -> date:
        """The guided importer reaches everybody."""
        return self.on(Day(IMPORTER_LIVE_BACK))

    @property
    def checklist_live(self) -> date:
        """The first-count checklist reaches everybody."""
        return self.on(Day(CHECKLIST_LIVE_BACK))

    @property
    def annual_live(self) -> date:
        """The annual-billing offer reaches everybody."""
        return self.on(Day(ANNUAL_LIVE_BACK))

    @property
    def outage(self) -> date:
        """The day on which the database ran out of connections."""
        return self.on(Day(OUTAGE_BACK))


def story_today(now: datetime) -> date:
    """The `today` for a playground started at `now` (aware).

    Before 09:00 in Berlin it is still yesterday's story: so the next digest is always ahead and
    all of the history is always past.
    """
    local = now.astimezone(ZoneInfo(ZONE_NAME))
    return local.date() if local.time() >= DIGEST_AT else local.date() - timedelta(days=1)
