"""How themes stand beside each other: who asked, what they pay, how lately. Pure.

Every part is between 0 and 1, the best of the list at 1; the weights add up to 100 and are shown
to whoever reads the list, one line each.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

WEEK = timedelta(days=7)
# A quarter: long enough to see a theme grow, short enough for one line on a phone.
TREND_WEEKS = 12
# Weeks of "lately", and of what they are compared with.
RECENT_WEEKS = 4
# After so many days without a word a theme is half as recent.
HALF_LIFE_DAYS = 30

OVERALL, CUSTOMERS, REVENUE, TIER, RECENCY, TREND = (
    "overall", "customers", "revenue", "tier", "recency", "trend",
)  # fmt: skip
WEIGHTS: Mapping[str, int] = {CUSTOMERS: 35, REVENUE: 25, TIER: 15, RECENCY: 15, TREND: 10}
MEANINGS: Mapping[str, str] = {
    CUSTOMERS: "different customers, beside the theme that has most",
    REVENUE: "what they paid a month when they said it, beside the theme that has most",
    TIER: "the mean place of its customers' tiers; tiers stand as their customers pay on average",
    RECENCY: f"halves with every {HALF_LIFE_DAYS} days since it was last said",
    TREND: f"how many more in the last {RECENT_WEEKS} weeks than in the {RECENT_WEEKS} before",
}


@dataclass(frozen=True)
class Voice:
    """One feedback, as far as ranking needs it. ``who`` is the customer, or else the author."""

    theme_id: str
    who: str
    is_customer: bool
    tier: str
    revenue: int | None  # monthly, in minor units
    currency: str
    kind: str
    area: str
    said_at: datetime


@dataclass(frozen=True)
class Tally:
    """What the voices of one theme come to. ``revenue`` is by currency, in minor units.

    ``weeks`` are counts a week, the oldest first; the last one ends now.
    """

    items: int
    customers: int
    revenue: Mapping[str, int] = field(default_factory=dict)
    tiers: Mapping[str, int] = field(default_factory=dict)
    weeks: tuple[int, ...] = ()
    newest_at: datetime | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)
    areas: Mapping[str, int] = field(default_factory=dict)

    @property
    def recent(self) -> int:
        """Said in the last weeks."""
        return sum(self.weeks[-RECENT_WEEKS:])

    @property
    def before(self) -> int:
        """Said in as many weeks before those."""
        return sum(self.weeks[-2 * RECENT_WEEKS : -RECENT_WEEKS])


def tally(voices: Iterable[Voice], at: datetime) -> Tally:
    """Count one theme's voices; each customer once, with what was newest of them."""
    rows = sorted(voices, key=lambda voice: voice.said_at)
    newest = {voice.who: voice for voice in rows}
    revenue: Counter[str] = Counter()
    for voice in newest.values():
        if voice.revenue and voice.currency:
            revenue[voice.currency] += voice.revenue
    return Tally(
        items=len(rows),
        customers=len(newest),
        revenue=dict(revenue),
        tiers=dict(Counter(voice.tier for voice in newest.values() if voice.tier)),
        weeks=_weeks(rows, at),
        newest_at=rows[-1].said_at if rows else None,
        kinds=dict(Counter(voice.kind for voice in rows)),
        areas=dict(Counter(voice.area for voice in rows if voice.area)),
    )


def _weeks(rows: Sequence[Voice], at: datetime) -> tuple[int, ...]:
    counts = [0] * TREND_WEEKS
    for voice in rows:
        ago = int((at - voice.said_at) / WEEK)
        if 0 <= ago < TREND_WEEKS:
            counts[TREND_WEEKS - 1 - ago] += 1
    return tuple(counts)


def tier_places(voices: Iterable[Voice]) -> dict[str, float]:
    """Return each tier's place from just over 0 to 1, as its customers pay on average.

    Tiers of which nobody's revenue is known stand lowest, by name.
    """
    paid: dict[str, dict[str, int]] = defaultdict(dict)
    for voice in voices:
        if voice.tier:
            paid[voice.tier][voice.who] = voice.revenue or 0
    mean = {tier: sum(who.values()) / len(who) for tier, who in paid.items()}
    order = sorted(mean, key=lambda tier: (mean[tier], tier))
    return {tier: (place + 1) / len(order) for place, tier in enumerate(order)}


def main_currency(tallies: Iterable[Tally]) -> str:
    """Return the currency that most themes are paid in; only it is compared."""
    counts = Counter(currency for one in tallies for currency in one.revenue)
    return min(counts, key=lambda code: (-counts[code], code), default="")


@dataclass(frozen=True)
class Scale:
    """What the themes of one list are measured by."""

    currency: str
    places: Mapping[str, float]
    most_customers: int
    most_revenue: int
    most_growth: int
    at: datetime


def scale_of(tallies: Sequence[Tally], places: Mapping[str, float], at: datetime) -> Scale:
    """Build the scale of a list."""
    currency = main_currency(tallies)
    return Scale(
        currency=currency,
        places=places,
        most_customers=max((one.customers for one in tallies), default=0),
        most_revenue=max((one.revenue.get(currency, 0) for one in tallies), default=0),
        most_growth=max((one.recent - one.before for one in tallies), default=0),
        at=at,
    )


def parts_of(one: Tally, scale: Scale) -> dict[str, float]:
    """Return the five parts of a theme's score, each from 0 to 1."""
    days = (scale.at - one.newest_at).total_seconds() / 86_400 if one.newest_at else None
    known = sum(one.tiers.values())
    tiers = sum(scale.places.get(tier, 0) * n for tier, n in one.tiers.items())
    return {
        CUSTOMERS: _share(one.customers, scale.most_customers),
        REVENUE: _share(one.revenue.get(scale.currency, 0), scale.most_revenue),
        TIER: tiers / known if known else 0.0,
        RECENCY: 0.5 ** (max(days, 0.0) / HALF_LIFE_DAYS) if days is not None else 0.0,
        TREND: _share(max(one.recent - one.before, 0), scale.most_growth),
    }


def score_of(one: Tally, scale: Scale) -> float:
    """Return the weighted sum, from 0 to 100."""
    parts = parts_of(one, scale)
    return sum(weight * parts[name] for name, weight in WEIGHTS.items())


def rank(themes: Sequence[T], sort: str, tally_of: Callable[[T], Tally], scale: Scale) -> list[T]:
    """Return themes, the first one first; equal ones by customers, then by how often."""

    def weight(theme: T) -> tuple[float, int, int]:
        one = tally_of(theme)
        parts = parts_of(one, scale)
        first = parts[sort] if sort in parts else score_of(one, scale)
        if sort == TREND:
            first = float(one.recent - one.before)
        return -first, -one.customers, -one.items

    return sorted(themes, key=weight)


def _share(value: int, most: int) -> float:
    return value / most if most > 0 else 0.0
