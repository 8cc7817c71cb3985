"""What a metric asks of its source: a named query filled in, and checked against the type. Pure."""

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.errors import BadInput
from bot.metrics.connections import Connection, CsvConnection, HttpConnection
from bot.metrics.definition import ASKS, MetricDefinition
from bot.metrics.parts import checked_json_path

_CSV_COLUMNS = {"date": "day", "value": "value"}


def complete_ask(one: MetricDefinition, source: Connection) -> MetricDefinition:
    """Return ``one`` with all that it asks, its named query put in.

    Raises ``BadInput`` whose field is the setting that is wrong.
    """
    asked = one.asked()
    name = asked.pop("query", None)
    if name is not None:
        asked = {**_named(source, name), **asked}
    if isinstance(source, CsvConnection):
        asked = _CSV_COLUMNS | asked
    _check_uses(asked, source)
    if isinstance(source, HttpConnection):
        _check_paths(asked)
    try:
        # A named query's words were checked where it stands; together they must fit as well.
        filled = MetricDefinition.model_validate(one.model_dump(exclude={"alert"}) | asked)
        return filled.model_copy(update={"alert": one.alert})
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise BadInput(field=field, problem="It does not fit its source.") from None


def describe_ask(definition: Mapping[str, Any]) -> str:
    """Return in words or code what a metric asks, for people who want to know what it means."""
    said = {key: str(value) for key, value in definition.items() if value is not None}
    for whole in ("meaning", "sql", "promql"):
        if whole in said:
            return said[whole]
    if "event" in said:
        counted = "People with" if said.get("count") == "people" else "Count of"
        return f"{counted} the event “{said['event']}”, by day."
    if "date" in said:
        what = "Added up by day" if said.get("combine") == "sum" else "One a day"
        where = [said[key] for key in ("path", "rows") if key in said]
        beyond = f" in {', '.join(where)}" if where else ""
        return f"{what}: {said.get('value', 'value')} by {said['date']}{beyond}."
    return ""


def _named(source: Connection, name: str) -> dict[str, str]:
    offered = source.named()
    if name in offered:
        return {key: str(value) for key, value in offered[name].items()}
    known = ", ".join(offered) or "none"
    near = difflib.get_close_matches(name, list(offered), n=1, cutoff=0.6)
    hint = f"Did you mean “{near[0]}”? " if near else ""
    raise BadInput(
        field="query",
        problem=f"Its source has no query “{name}”.",
        fix=f"{hint}Queries of this source: {known}.",
    )


def _check_uses(asked: dict[str, str], source: Connection) -> None:
    uses = ", ".join(source.uses)
    for key in ASKS:
        if key in asked and key not in source.uses:
            raise BadInput(
                field=key,
                problem=f"A source of type {source.type} does not take {key}.",
                fix=f"It takes: {uses}.",
            )
    given = [key for key in source.needs if key in asked]
    if source.needs and not given:
        raise BadInput(
            field=source.needs[0], problem="It is missing.", fix=f"Write {_either(source.needs)}."
        )
    if {"sql", "event"} <= asked.keys():
        raise BadInput(field="event", problem="Sql and event exclude each other.")


def _check_paths(asked: dict[str, str]) -> None:
    if "value" not in asked:
        raise BadInput(field="value", problem="It is missing.", fix="Write value: $.count, say.")
    for key in ("rows", "date", "value"):
        try:
            checked_json_path(asked.get(key, "$"))
        except ValueError:
            raise BadInput(
                field=key, problem="It is no JSONPath.", fix="Write it like: $.data[*].day"
            ) from None


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(f"{name}: ..." for name in names)
