"""What Tallywren's product truly did each day: the truth that the events then spell out.

Every daily count is a Poisson draw (activation: binomial) around level x trend x weekday x holiday
x outage x launch x exp(autocorrelated noise). Each metric draws from its own stream of the seed, so
that changing one leaves the others as they are.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import holidays
import numpy as np
from numpy.typing import NDArray

from playground.sample.timeline import OUTAGE_FROM, OUTAGE_TO, Timeline

HISTORY_DAYS = 500
AHEAD_DAYS = 60  # the playground's clock can be moved this far; SQL shows only days before :until
HOURS = 24

IMPORTER_EFFECT = 1.25  # moved
CHECKLIST_EFFECT = 1.0  # did not move
ANNUAL_EFFECT = 1.10  # cannot be told: about one upgrade a day

HOLIDAY_DIP = 0.72  # many customers are not in Germany
YEARLY_GROWTH = 0.22  # on the log scale

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days in Berlin, `HISTORY_DAYS` before `until` and `AHEAD_DAYS` from it on.

    `importer`, `checklist`, `annual`, `outage` and `until` are indexes into `days`.
    """

    days: tuple[date, ...]
    weekday: Ints
    holiday: Bools
    importer: int
    checklist: int
    annual: int
    outage: int
    until: int = HISTORY_DAYS

    @property
    def size(self) -> int:
        """How many days there are."""
        return len(self.days)


@dataclass(frozen=True, slots=True)
class Days:
    """Daily counts; the hourly request figures are (days, 24) arrays, `p95` in milliseconds."""

    calendar: Calendar
    sign_ups: Ints
    activated: Ints
    importing_teams: Ints
    upgrades: Ints
    payments: Ints
    requests: Ints
    errors: Ints
    p95: Floats

    @property
    def activation_rate(self) -> Floats:
        """Percent of a day's new teams that finish a first count that same day."""
        return 100.0 * self.activated / np.maximum(self.sign_ups, 1)


def lay_calendar(until: date) -> Calendar:
    """The days around `until`, with the launches and the outage on the timeline's dates."""
    line = Timeline(until)
    first = until - timedelta(days=HISTORY_DAYS)
    days = tuple(first + timedelta(days=n) for n in range(HISTORY_DAYS + AHEAD_DAYS))
    german = holidays.country_holidays("DE", years=range(first.year, days[-1].year + 1))
    return Calendar(
        days=days,
        weekday=np.array([day.weekday() for day in days], dtype=np.int64),
        holiday=np.array([day in german for day in days]),
        importer=(line.importer_live - first).days,
        checklist=(line.checklist_live - first).days,
        annual=(line.annual_live - first).days,
        outage=(line.outage - first).days,
    )


def simulate(seed: int, until: date) -> Days:
    """The same seed and date give the same days, on every machine with the same numpy."""
    calendar = lay_calendar(until)
    sign_ups = _draw_sign_ups(calendar, _stream(seed, 1))
    requests, errors, p95 = _draw_requests(calendar, _stream(seed, 6))
    return Days(
        calendar=calendar,
        sign_ups=sign_ups,
        activated=_draw_activated(calendar, sign_ups, _stream(seed, 2)),
        importing_teams=_draw_importing_teams(calendar, _stream(seed, 3)),
        upgrades=_draw_upgrades(calendar, _stream(seed, 4)),
        payments=_draw_payments(calendar, _stream(seed, 5)),
        requests=requests,
        errors=errors,
        p95=p95,
    )


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, number])


def _autocorrelated(rng: np.random.Generator, size: int, spread: float, memory: float) -> Floats:
    """AR(1) on the log scale with standard deviation `spread`."""
    steps = rng.normal(0.0, spread * np.sqrt(1.0 - memory**2), size)
    noise = np.empty(size)
    level = rng.normal(0.0, spread)
    for day in range(size):
        level = memory * level + steps[day]
        noise[day] = level
    return noise


def _growth(calendar: Calendar, yearly: float = YEARLY_GROWTH) -> Floats:
    """1 on the day of `until`."""
    ages = np.arange(calendar.size) - calendar.until
    return np.asarray(np.exp(yearly * ages / 365.0))


def _rhythm(calendar: Calendar, week: tuple[float, ...]) -> Floats:
    """Weekday shape, Monday first, with Germany's public holidays."""
    shape = np.array(week)[calendar.weekday]
    dip = np.where(calendar.holiday & (calendar.weekday < 5), HOLIDAY_DIP, 1.0)
    return np.asarray(shape * dip)


def _outage(calendar: Calendar, kept: float) -> Floats:
    factor = np.ones(calendar.size)
    factor[calendar.outage] = kept
    return factor


def _launched(calendar: Calendar, first: int, effect: float) -> Floats:
    return np.where(np.arange(calendar.size) >= first, effect, 1.0)


def _draw_sign_ups(calendar: Calendar, rng: np.random.Generator) -> Ints:
    mean = 128.0 * _growth(calendar) * _outage(calendar, 0.7)
    mean *= _rhythm(calendar, (1.08, 1.14, 1.10, 1.04, 0.94, 0.42, 0.46))
    mean *= np.exp(_autocorrelated(rng, calendar.size, 0.05, 0.5))
    return rng.poisson(mean)


def _draw_activated(calendar: Calendar, sign_ups: Ints, rng: np.random.Generator) -> Ints:
    rate = 0.38 * _growth(calendar, 0.04) * _outage(calendar, 0.8)
    rate *= np.array((1.02, 1.03, 1.02, 1.0, 0.98, 0.93, 0.94))[calendar.weekday]
    rate *= _launched(calendar, calendar.checklist, CHECKLIST_EFFECT)
    rate *= np.exp(_autocorrelated(rng, calendar.size, 0.025, 0.4))
    return rng.binomial(sign_ups, np.minimum(rate, 0.9))


def _draw_importing_teams(calendar: Calendar, rng: np.random.Generator) -> Ints:
    mean = 158.0 * _growth(calendar, 0.18) * _outage(calendar, 0.6)
    mean *= _rhythm(calendar, (1.12, 1.14, 1.10, 1.05, 0.96, 0.40, 0.38))
    mean *= _launched(calendar, calendar.importer, IMPORTER_EFFECT)
    mean *= np.exp(_autocorrelated(rng, calendar.size, 0.04, 0.4))
    return rng.poisson(mean)


def _draw_upgrades(calendar: Calendar, rng: np.random.Generator) -> Ints:
    mean = 1.1 * _growth(calendar, 0.1) * _rhythm(calendar, (1.3, 1.3, 1.2, 1.1, 1.0, 0.5, 0.6))
    mean *= _launched(calendar, calendar.annual, ANNUAL_EFFECT)
    mean *= np.exp(_autocorrelated(rng, calendar.size, 0.15, 0.6))
    return rng.poisson(mean)


def _draw_payments(calendar: Calendar, rng: np.random.Generator) -> Ints:
    mean = 46.0 * _growth(calendar) * _rhythm(calendar, (1.1, 1.05, 1.05, 1.0, 1.0, 0.88, 0.92))
    mean *= np.exp(_autocorrelated(rng, calendar.size, 0.05, 0.3))
    return rng.poisson(mean)


_HOUR_SHARE = np.array(
    (1, 1, 1, 2, 3, 5, 12, 28, 52, 66, 68, 64, 54, 58, 64, 62, 54, 42, 30, 22, 16, 10, 6, 3),
    dtype=np.float64,
)


def _draw_requests(calendar: Calendar, rng: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """Requests, failed requests and 95th percentile of the answer time, for each hour."""
    shape = (calendar.size, HOURS)
    daily = 52_000.0 * _growth(calendar)
    daily *= _rhythm(calendar, (1.1, 1.12, 1.1, 1.06, 0.98, 0.42, 0.36))
    daily *= np.exp(_autocorrelated(rng, calendar.size, 0.04, 0.5))
    mean = np.outer(daily, _HOUR_SHARE / _HOUR_SHARE.sum())
    failing = 0.0031 * np.exp(_autocorrelated(rng, calendar.size, 0.10, 0.5))
    error_rate = np.repeat(failing[:, None], HOURS, axis=1)
    load = (mean / mean.max()) ** 2
    p95 = (208.0 + 70.0 * load) * _growth(calendar, 0.07)[:, None]
    p95 *= np.exp(_autocorrelated(rng, calendar.size, 0.03, 0.6))[:, None]
    p95 *= np.exp(rng.normal(0.0, 0.05, shape))
    _break_hours(calendar, mean, error_rate, p95)
    requests = rng.poisson(mean)
    return requests, rng.binomial(requests, error_rate), np.round(p95, 1)


def _break_hours(calendar: Calendar, mean: Floats, error_rate: Floats, p95: Floats) -> None:
    """The outage: in its hours, weighed by their broken minutes, half of all requests fail."""
    opens = OUTAGE_FROM.hour + OUTAGE_FROM.minute / 60
    closes = OUTAGE_TO.hour + OUTAGE_TO.minute / 60
    for hour in range(HOURS):
        broken = max(0.0, min(closes, hour + 1) - max(opens, hour))
        if broken > 0:
            mean[calendar.outage, hour] *= 1 - 0.4 * broken
            error_rate[calendar.outage, hour] += 0.48 * broken
            p95[calendar.outage, hour] *= 1 + 14 * broken
