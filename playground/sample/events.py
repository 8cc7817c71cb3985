"""Spells the daily truth out as the rows that a product's database would hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from playground.sample.customers import Customer
from playground.sample.series import Days, Ints
from playground.sample.timeline import ZONE_NAME

OLDER_TEAMS = 4_000  # signed up before the 500 days; their sign-ups are not kept
CUSTOMER_IDS = 20  # the first ids are named customers; self-serve teams come after them
LATE_SHARE = 0.12  # of teams that do not activate on their first day, a share does within a week
SECONDS_PER_HOUR = 3_600
SOURCES = ("search", "friend", "marketplace", "newsletter")
PLAN_CENTS = {"starter": 2_900, "growth": 5_900, "team": 14_900}
PLAN_SHARES = (0.55, 0.33, 0.12)
ANNUAL_CENTS = 59_000  # ten months of the growth plan
EUROS_PER = {"EUR": 1.0, "GBP": 1.16, "USD": 0.91}  # fixed, so that a seed gives the same cents


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for one table of the product database, in the order of `columns`."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[object]]


@dataclass(frozen=True, slots=True)
class SignUps:
    """`day` is each new team's index into the calendar, in the order of team ids."""

    table: Table
    first_id: int
    day: Ints


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, 100 + number])


def _midnights(days: Sequence[date]) -> Ints:
    """Each local midnight in seconds since 1970."""
    zone = ZoneInfo(ZONE_NAME)
    found = [datetime.combine(day, time(), tzinfo=zone).astimezone(UTC) for day in days]
    return np.array([int(at.timestamp()) for at in found], dtype=np.int64)


def _moments(days: Days, index: Ints, rng: np.random.Generator) -> list[int]:
    """A second in each day's waking hours: 06:00 to 22:00 (no clock change moves those)."""
    seconds = rng.triangular(6, 11, 22, len(index)) * SECONDS_PER_HOUR
    found: list[int] = (_midnights(days.calendar.days)[index] + seconds.astype(np.int64)).tolist()
    return found


def _texts(days: Days, index: Ints) -> list[str]:
    names = [day.isoformat() for day in days.calendar.days]
    return [names[n] for n in index.tolist()]


def _each(counts: Ints) -> Ints:
    """The day's index once for each event of that day."""
    return np.repeat(np.arange(len(counts)), counts)


def spell_teams(days: Days, customers: Sequence[Customer]) -> Table:
    """Customers first, then older teams, then everybody who signed up, one id each."""
    first = days.calendar.days[0]
    older = [(first - timedelta(days=1 + n % 900)).isoformat() for n in range(OLDER_TEAMS)]
    known = list(customers) + [None] * (OLDER_TEAMS - len(customers))
    rows: list[tuple[object, ...]] = [
        (n + 1, who.name if who else None, who.domain if who else None, older[n])
        for n, who in enumerate(known)
    ]
    new = _texts(days, _each(days.sign_ups))
    rows += [(OLDER_TEAMS + 1 + n, None, None, day) for n, day in enumerate(new)]
    return Table("teams", ("id", "name", "domain", "created_day"), rows)


def spell_sign_ups(days: Days, seed: int) -> SignUps:
    """One row for each new team, in the order of days."""
    rng = _stream(seed, 1)
    index = _each(days.sign_ups)
    sources = rng.choice(len(SOURCES), len(index), p=(0.46, 0.24, 0.19, 0.11)).tolist()
    rows = zip(
        range(OLDER_TEAMS + 1, OLDER_TEAMS + 1 + len(index)),
        _texts(days, index),
        _moments(days, index, rng),
        (SOURCES[n] for n in sources),
        strict=True,
    )
    return SignUps(
        Table("sign_ups", ("team_id", "day", "at", "source"), rows), OLDER_TEAMS + 1, index
    )


def spell_activations(days: Days, sign_ups: SignUps, seed: int) -> Table:
    """First counts finished: on the day of sign-up as drawn, and some later that week."""
    rng = _stream(seed, 2)
    day = sign_ups.day
    shuffled = np.lexsort((rng.random(len(day)), day))
    starts = np.cumsum(days.sign_ups) - days.sign_ups
    rank = np.arange(len(day)) - starts[day]
    is_same_day = rank < days.activated[day]
    is_late = ~is_same_day & (rng.random(len(day)) < LATE_SHARE)
    delay = np.where(is_late, rng.integers(1, 8, len(day)), 0)
    keep = (is_same_day | is_late) & (day + delay < days.calendar.size)
    index = (day + delay)[keep]
    teams = (shuffled[keep] + sign_ups.first_id).tolist()
    rows = zip(teams, _texts(days, index), _moments(days, index, rng), strict=True)
    return Table("activations", ("team_id", "day", "at"), rows)


def spell_imports(days: Days, seed: int, older: int) -> Table:
    """As many different teams a day as drawn; about one in ten imports twice."""
    rng = _stream(seed, 3)
    alive = older + np.cumsum(days.sign_ups) - days.sign_ups
    picked = [
        1 + rng.choice(int(alive[n]), int(count), replace=False)
        for n, count in enumerate(days.importing_teams)
    ]
    teams = np.concatenate(picked)
    index = _each(days.importing_teams)
    again = rng.random(len(teams)) < 0.1
    teams, index = np.concatenate((teams, teams[again])), np.concatenate((index, index[again]))
    names = np.where(index >= days.calendar.importer, "guided", "classic").tolist()
    rows = zip(
        teams.tolist(),
        _texts(days, index),
        _moments(days, index, rng),
        names,
        rng.geometric(1 / 240, len(index)).tolist(),
        strict=True,
    )
    return Table("imports", ("team_id", "day", "at", "importer", "lines"), rows)


def spell_upgrades(days: Days, seed: int) -> Table:
    """Teams that moved from monthly to annual billing."""
    rng = _stream(seed, 4)
    index = _each(days.upgrades)
    teams = rng.integers(CUSTOMER_IDS, OLDER_TEAMS, len(index)).tolist()
    rows = zip(teams, _texts(days, index), _moments(days, index, rng), strict=True)
    return Table("upgrades", ("team_id", "day", "at"), rows)


def spell_payments(days: Days, customers: Sequence[Customer], seed: int) -> Table:
    """Self-serve plans, annual plans on the day of the upgrade, customers' monthly invoices."""
    rng = _stream(seed, 5)
    plans = rng.choice(len(PLAN_CENTS), int(days.payments.sum()), p=PLAN_SHARES)
    names, cents = list(PLAN_CENTS), np.array(list(PLAN_CENTS.values()))
    invoices = list(_invoices(days.calendar.days, customers))
    annual = _each(days.upgrades)
    index = np.concatenate(
        (_each(days.payments), annual, np.array([day for day, _, _ in invoices], dtype=np.int64))
    )
    teams = rng.integers(CUSTOMER_IDS, OLDER_TEAMS, len(plans) + len(annual)).tolist()
    rows = zip(
        teams + [team for _, team, _ in invoices],
        _texts(days, index),
        _moments(days, index, rng),
        [names[n] for n in plans.tolist()] + ["annual"] * len(annual) + ["invoice"] * len(invoices),
        cents[plans].tolist() + [ANNUAL_CENTS] * len(annual) + [paid for _, _, paid in invoices],
        strict=True,
    )
    return Table("payments", ("team_id", "day", "at", "plan", "amount_cents"), rows)


def _invoices(
    days: Sequence[date], customers: Sequence[Customer]
) -> Iterable[tuple[int, int, int]]:
    """(day index, team id, euro cents); each customer pays on a day of the month of its own."""
    for n, day in enumerate(days):
        for number, who in enumerate(customers):
            if who.monthly_revenue_minor and day.day == 1 + 5 * number % 28:
                yield n, number + 1, round(who.monthly_revenue_minor * EUROS_PER[who.currency])


def spell_request_hours(days: Days) -> Table:
    """An hourly rollup: the requests themselves would be 20 million rows."""
    names = [day.isoformat() for day in days.calendar.days]
    requests, errors, p95 = days.requests.tolist(), days.errors.tolist(), days.p95.tolist()
    rows = [
        (names[n], hour, requests[n][hour], errors[n][hour], p95[n][hour])
        for n in range(len(names))
        for hour in range(len(requests[n]))
    ]
    return Table("request_hours", ("day", "hour", "requests", "errors", "p95_ms"), rows)
