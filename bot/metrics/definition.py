"""What a metrics file may declare: sources and metrics, as checked models."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from bot.clock import zone_named
from bot.errors import BadInput
from bot.metrics.units import CURRENCIES, Unit

_PLACEHOLDER = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # what SQLAlchemy takes for a parameter


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


def _share(value: Any) -> Any:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", value) if isinstance(value, str) else None
    if isinstance(value, str) and not found:
        raise ValueError(f"“{value}” is no percentage")
    return float(found[1]) / 100 if found else value


def _checked_query(sql: str) -> str:
    query = sql.strip().rstrip(";").strip()
    if not re.match(r"(select|with)\b", query, re.IGNORECASE):
        raise ValueError("it must be one query that begins with select or with")
    named = set(_PLACEHOLDER.findall(query))
    if named < {"since", "until"}:
        raise ValueError("it does not use both :since and :until")
    if named != {"since", "until"}:
        others = ", ".join(f":{name}" for name in sorted(named - {"since", "until"}))
        raise ValueError(f"it uses {others}, which Daybook does not know")
    return query


class Part(BaseModel):
    """Base of all that is declared: frozen, and no message of its holds a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SqlConnection(Part):
    """A database, by any SQLAlchemy URL. It is only ever read."""

    type: Literal["sql"]
    url: SecretStr
    timeout_seconds: float = Field(default=20, gt=0, le=300)
    row_limit: int = Field(default=5000, ge=1, le=100_000)


class Alert(Part):
    """When a move between digests is worth a message. ``min_change`` is a share (.1 is 10 %)."""

    min_change: Annotated[float, BeforeValidator(_share)] = Field(default=0.1, gt=0)
    min_count: float = Field(default=30, ge=0)
    budget_per_week: float = Field(default=1, gt=0)


class MetricDefinition(Part):
    """One declared metric. Days are local dates of ``timezone``; a percent runs from 0 to 100.

    ``audience`` is the channel whose members may see it; None: all full members.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)
    label: str = Field(min_length=1, max_length=75)
    source: str
    sql: Annotated[str, AfterValidator(_checked_query)]
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

    @property
    def counted(self) -> Unit:
        """What its values are counted in."""
        return Unit(self.unit, self.currency or "", self.percent, self.minor_units)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its days."""
        return zone_named(self.timezone)


Connection = SqlConnection
"""What a source may be; a union as more types come."""

SOURCE_TYPES: dict[str, type[Connection]] = {"sql": SqlConnection}


@dataclass(frozen=True)
class Declaration:
    """A whole metrics file: sources by name, metrics in the order of the file."""

    sources: Mapping[str, Connection]
    metrics: tuple[MetricDefinition, ...]
