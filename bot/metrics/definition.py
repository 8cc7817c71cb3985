"""What a metrics file may declare: sources and metrics, as checked models."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)

from bot.clock import zone_named
from bot.errors import BadInput
from bot.metrics.connections import Connection, Query
from bot.metrics.parts import QUERY_NAME, Part, known_share
from bot.metrics.units import CURRENCIES, Unit

ASKS = ("query", "sql", "event", "count", "promql", "path", "rows", "date", "value", "combine")
"""The settings of a metric that say what it asks of its source."""


def _clock_time(value: Any) -> Any:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", value) if isinstance(value, str) else None
    return f"{found[1]:0>2}:{found[2]}" if found else value


def _known_zone(name: str) -> str:
    try:
        return zone_named(name).key
    except BadInput as error:
        raise ValueError(error.problem.rstrip(".")) from None


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"“{code}” is no currency code")
    return code


class Alert(Part):
    """When a move between digests is worth a message. ``min_change`` is a share (.1 is 10 %).

    ``channel`` is where it goes (the owner's DM unless said); a day ``above`` or ``below`` a bound
    is told too.
    """

    channel: str | None = Field(default=None, pattern=r"^[CGD][A-Z0-9]{2,}$")
    above: float | None = Field(default=None, allow_inf_nan=False)
    below: float | None = Field(default=None, allow_inf_nan=False)

    min_change: Annotated[float, BeforeValidator(known_share)] = Field(default=0.1, gt=0)
    min_count: float | None = Field(default=None, ge=0)  # None: as its unit needs it
    budget_per_week: float = Field(default=1, gt=0)

    @model_validator(mode="after")
    def _leaves_room(self) -> "Alert":
        if self.above is not None and self.below is not None and self.below >= self.above:
            raise ValueError("below is not smaller than above, so that every day would be told")
        return self


class MetricDefinition(Part):
    """One declared metric. Days are local dates of ``timezone``; a percent runs from 0 to 100.

    ``audience`` is the channel whose members may see it; None: all full members. Of the settings
    named in ``ASKS`` each type of source takes its own (bot/metrics/asks.py).
    """

    name: str = Field(pattern=QUERY_NAME, max_length=100)
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]
    source: str
    query: str | None = None  # the name of one of its source's queries
    sql: Query | None = None
    event: str | None = Field(default=None, min_length=1, max_length=200)
    count: Literal["events", "people"] | None = None
    promql: str | None = Field(default=None, min_length=1, max_length=4000)
    path: str | None = Field(default=None, max_length=1000)
    rows: str | None = Field(default=None, max_length=300)
    date: str | None = Field(default=None, min_length=1, max_length=300)
    value: str | None = Field(default=None, min_length=1, max_length=300)
    combine: Literal["one", "sum"] | None = None
    unit: str = Field(default="", max_length=30)
    currency: Annotated[str, AfterValidator(_known_currency)] | None = None
    minor_units: bool = False
    percent: bool = False
    good: Literal["up", "down"]
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    ready_after: Annotated[time, BeforeValidator(_clock_time)] = time(0)
    late_days: int = Field(default=2, ge=0, le=60)
    missing: Literal["gap", "zero"] = "gap"
    owner: str = Field(default="", pattern=r"^([UW][A-Z0-9]{2,})?$")
    audience: str | None = Field(default=None, pattern=r"^[CGD][A-Z0-9]{2,}$")
    target: float | None = Field(default=None, allow_inf_nan=False)
    alert: Alert | None = None
    link: str | None = Field(default=None, pattern=r"^https?://[^\s<>|]+$", max_length=500)

    @property
    def counted(self) -> Unit:
        """What its values are counted in."""
        return Unit(self.unit, self.currency or "", self.percent, self.minor_units)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its days."""
        return zone_named(self.timezone)

    def asked(self) -> dict[str, str]:
        """Return what it asks of its source, as far as it says so."""
        return {name: str(value) for name in ASKS if (value := getattr(self, name)) is not None}


@dataclass(frozen=True)
class Declaration:
    """A whole metrics file: sources by name, metrics in the order of the file."""

    sources: Mapping[str, Connection]
    metrics: tuple[MetricDefinition, ...]
