"""From a checked definition to what the table takes, and from a form's words to a definition."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.errors import BadInput
from bot.metrics.advice import FIXES, PLAIN
from bot.metrics.asks import complete_ask
from bot.metrics.connections import Connection
from bot.metrics.definition import MetricDefinition
from bot.metrics.service import Declared
from bot.metrics.units import CURRENCIES

KEPT = {"ready_after", "late_days", "missing", "alert"}


def declared_of(one: MetricDefinition, audience: str | None) -> Declared:
    """Return a definition as its row takes it. ``audience`` is a channel's id, None: all."""
    known = one.model_dump(mode="json", include=KEPT)
    if one.link:
        known["link"] = one.link
    return Declared(
        name=one.name,
        label=one.label,
        source=one.source,
        definition=one.asked() | known,
        unit=one.unit,
        currency=one.currency or "",
        is_minor=one.minor_units,
        is_percent=one.percent,
        good=one.good,
        owner_id=one.owner,
        timezone=one.timezone,
        target=one.target,
        source_channel_id=audience,
    )


def read_definition(typed: Mapping[str, Any], source: Connection) -> MetricDefinition:
    """Read what somebody filled in. Raises ``BadInput`` whose field is the setting's name."""
    given = {key: value for key, value in typed.items() if value not in ("", None)}
    given |= read_unit(str(given.pop("unit", "")))
    try:
        one = MetricDefinition.model_validate({"name": "new", **given})
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)[0]
        field = str(told["loc"][0]) if told["loc"] else "label"
        said = PLAIN.get(told["type"], str(told["msg"]).removeprefix("Value error, "))
        problem = said[0].upper() + said[1:].rstrip(".") + "."
        raise BadInput(field=field, problem=problem, fix=FIXES.get(field, "")) from None
    return complete_ask(one, source)


def read_unit(words: str) -> dict[str, Any]:
    """Read "%", "EUR", "EUR cents" or a word such as "teams" as settings of a metric."""
    plain = words.strip()
    code, _, rest = plain.partition(" ")
    if plain in {"%", "percent"}:
        return {"percent": True}
    if code.upper() in CURRENCIES and rest in {"", "cents"}:
        return {"currency": code.upper(), "minor_units": rest == "cents"}
    return {"unit": plain} if plain else {}


def unit_words(one: MetricDefinition) -> str:
    """Return what ``read_unit`` reads back."""
    if one.percent:
        return "%"
    if one.currency:
        return one.currency + (" cents" if one.minor_units else "")
    return one.unit
