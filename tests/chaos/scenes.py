"""What a seed means: digests in zones whose clocks change, and what befalls them when. Pure."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from tests.chaos.slots import Version, due_slots

# The first of three local dates, a zone and an hour: the second or third date is the odd one.
STORIES = (
    ("gap", "Europe/Berlin", time(2, 30), date(2026, 3, 28)),
    ("fold", "America/New_York", time(1, 30), date(2026, 10, 31)),
    ("midnight gap", "Asia/Beirut", time(0, 0), date(2026, 3, 28)),
    ("gap that ends a day", "America/Nuuk", time(23, 30), date(2026, 3, 27)),
    ("half an hour's gap", "Australia/Lord_Howe", time(2, 15), date(2026, 10, 3)),
    ("midnight gap in Chile", "America/Santiago", time(0, 30), date(2026, 9, 5)),
    ("end of a month", "Asia/Kathmandu", time(9, 0), date(2026, 5, 30)),
)
OTHERS = (
    ("Europe/London", time(9, 0)),
    ("Asia/Tokyo", time(8, 30)),
    ("America/Sao_Paulo", time(9, 15)),
    ("Pacific/Auckland", time(9, 0)),
    ("Asia/Kolkata", time(9, 0)),
)
CHANNELS = 5

# One seed in so many ends with a post that nobody can look up.
HOPELESS = 10

# What may befall one due instant, by database. Each seed goes through all of them in an order of
# its own, as far as its instants reach.
ANYWHERE = (
    *("kill_before_the_intent", "kill_after_the_intent", "kill_after_the_send"),
    *("kill_after_the_record", "stop_past_the_lease", "stop_after_the_send"),
    *("rate_limits", "server_errors", "time_out_after_acceptance", "lost_answers", "slow_look_up"),
    *("clock_jump", "downtime", "edits", "removal", "stormy_events", "poison_job"),
    *("token_revoked", "two_versions", "channel_archived", "bot_kicked"),
)
ONLY = {
    "sqlite": ("database_busy", "disk_full", "second_process"),
    "postgres": ("database_restart", "database_crash", "cut_connections", "skew", "clock_ahead"),
}


@dataclass
class Digest:
    """One digest of the trial: what it was when. ``removed_at`` ends it."""

    name: str
    channel: int
    at: time
    zone: str
    since: datetime
    weekdays_only: bool = False
    lived: tuple[Version, ...] = ()
    removed_at: datetime | None = None
    id: str = ""
    # By version: when the edit that ended it was done, if a slot came due while it was under way.
    unsure: dict[int, datetime] = field(default_factory=dict)
    # While its channel was closed to the bot, or it was paused for that: its owner is told instead.
    shut: list[tuple[datetime, datetime]] = field(default_factory=list)

    def is_due_on(self, day: date) -> bool:
        """Tell whether its rule names the date."""
        return not self.weekdays_only or day.weekday() < 5

    def versions(self, until: datetime) -> list[Version]:
        """Return all it was, up to ``until``."""
        end = min(until, self.removed_at or until)
        last = Version(self.since, end, self.at, self.zone, self.is_due_on)
        return [*self.lived, last]

    def edit(self, at: time, zone: str, *, when: datetime, done: datetime) -> None:
        """Change its hour or zone from ``when`` on; the edit was under way until ``done``."""
        if any(when < slot <= done for _, slot in self.due(done)):
            self.unsure[len(self.lived)] = done
        self.lived = tuple(self.versions(when))
        self.at, self.zone, self.since = at, zone, when

    def due(self, until: datetime) -> list[tuple[date, datetime]]:
        """Return its slots up to ``until``."""
        return list(due_slots(self.versions(until)))

    def histories(self, until: datetime) -> list[list[tuple[date, datetime]]]:
        """Return its slots in every order that is right: an edit that was under way when a slot
        came due counts wholly before it, or wholly after it.
        """
        found = [self.versions(until)]
        for number, done in self.unsure.items():
            found += [_moved(versions, number, min(done, until)) for versions in found]
        return [list(due_slots(versions)) for versions in found]


def _moved(versions: list[Version], number: int, done: datetime) -> list[Version]:
    before, after = versions[number : number + 2]
    ends = replace(before, until=done), replace(after, since=done)
    return [*versions[:number], *ends, *versions[number + 2 :]]


@dataclass(frozen=True)
class Scene:
    """One seed's beginning and end, its digests, and its troubles in order."""

    seed: int
    kind: str
    story: str
    opens: datetime
    ends: datetime
    digests: tuple[Digest, ...]
    troubles: tuple[tuple[str, ...], ...]

    @property
    def is_hopeless(self) -> bool:
        """Whether it ends with a post of which nobody can know."""
        return self.seed % HOPELESS == HOPELESS - 1

    def next_instant(self, after: datetime) -> datetime | None:
        """Return when something comes due next, or None at the end."""
        found = [at for one in self.digests for _, at in one.due(self.ends) if at > after]
        return min(found, default=None)


def make_scene(
    seed: int,
    kind: str,
    slots: int,
    *,
    dates: int = 3,
    troubles: tuple[tuple[str, ...], ...] = (),
) -> Scene:
    """Make up a seed's scene of about ``slots`` slots, its troubles too unless given."""
    rng = random.Random(seed * 2 + (kind == "sqlite"))
    story, zone, at, first = STORIES[seed % len(STORIES)]
    opens = datetime.combine(first, time(0), UTC) - timedelta(hours=14)
    groups = [(zone, at), OTHERS[rng.randrange(len(OTHERS))]]
    count = max(len(groups), round(slots / dates))
    digests = tuple(
        Digest(f"s{seed}d{n}", n % CHANNELS, groups[n % 2][1], groups[n % 2][0], opens)
        for n in range(count)
    )
    ends = max(at for one in digests for _, at in _first(one, dates)) + timedelta(minutes=1)
    return Scene(seed, kind, story, opens, ends, digests, troubles or _troubles(rng, kind, seed))


def _first(one: Digest, dates: int) -> list[tuple[date, datetime]]:
    return replace(one).due(one.since + timedelta(days=dates + 2))[:dates]


def _troubles(rng: random.Random, kind: str, seed: int) -> tuple[tuple[str, ...], ...]:
    """Two at a time; every seed begins elsewhere in the list, so that a few seeds see all."""
    names = [*ANYWHERE, *ONLY[kind]]
    turned = names[(seed * 5) % len(names) :] + names[: (seed * 5) % len(names)]
    others = rng.sample(names, len(names))
    return tuple(tuple(dict.fromkeys(two)) for two in zip(turned, others, strict=True))
