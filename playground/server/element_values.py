"""What stands in the fields of blocks: from a person's value to Slack's `state.values`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from playground.server.block_checks import elements_of
from playground.server.rows import Json

_TEXTS = ("plain_text_input", "number_input", "email_text_input", "url_text_input")
_SINGLES = {
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", ""),
}
_ONE_OPTION = ("static_select", "external_select", "radio_buttons")
_MANY_OPTIONS = ("multi_static_select", "multi_external_select", "checkboxes")
_REQUIRED = "Please complete this required field."
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")


def is_stateful(element: Json) -> bool:
    """Whether something stands in it (a button only acts)."""
    kind = element.get("type")
    return kind in _TEXTS or kind in _SINGLES or kind in _ONE_OPTION or kind in _MANY_OPTIONS


def initial_state(blocks: list[Json]) -> Json:
    """`state.values` of blocks that nobody has touched."""
    values: Json = {}
    for block in blocks:
        for element in filter(is_stateful, elements_of(block)):
            values.setdefault(block["block_id"], {})[element["action_id"]] = _initial(element)
    return values


def typed_state(
    blocks: list[Json],
    before: Json,
    values: Mapping[str, Any],
    offered: Mapping[str, Json] | None = None,
) -> Json:
    """`state.values` after a person filled in `values`, by block_id or action_id, over what
    stood there `before`. `offered` are the options an external select showed, by value.
    ValueError names a field that is not there or a choice that is not offered."""
    state = initial_state(blocks)
    for block_id, entries in before.items():
        for action_id, entry in entries.items():
            if action_id in state.get(block_id, {}):
                state[block_id][action_id] = entry
    for key, value in values.items():
        block_id, element = find_field(blocks, key)
        state[block_id][element["action_id"]] = entry_of(element, value, offered or {})
    return state


def find_field(blocks: list[Json], key: str) -> tuple[str, Json]:
    """The block_id and the element of a field named by block_id or by action_id."""
    fields = [
        (block["block_id"], element)
        for block in blocks
        for element in filter(is_stateful, elements_of(block))
    ]
    for block_id, element in fields:
        if key in (block_id, element["action_id"]):
            return block_id, element
    raise ValueError(f"there is no field {key!r}")


def entry_of(element: Json, value: Any, offered: Mapping[str, Json]) -> Json:
    """One field's entry in `state.values` (and the like part of an action)."""
    kind = element["type"]
    if kind in _TEXTS:
        return {"type": kind, "value": None if value in (None, "") else str(value)}
    if kind in _SINGLES:
        return {"type": kind, _SINGLES[kind][0]: value or None}
    if kind in _ONE_OPTION:
        option = None if value in (None, "") else _option(element, value, offered)
        return {"type": kind, "selected_option": option}
    chosen = [_option(element, one, offered) for one in value or []]
    return {"type": kind, "selected_options": chosen}


def field_errors(blocks: list[Json], state: Json) -> dict[str, str]:
    """What Slack itself refuses before it asks the app: block_id to words."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        entry = state[block["block_id"]][element["action_id"]]
        words = _field_error(element, entry, is_optional=bool(block.get("optional")))
        if words is not None:
            errors[block["block_id"]] = words
    return errors


def options_of(element: Json) -> Iterator[Json]:
    """The options of a static element, those in groups too."""
    yield from element.get("options") or []
    for group in element.get("option_groups") or []:
        yield from group.get("options") or []


def _initial(element: Json) -> Json:
    kind = element["type"]
    if kind in _TEXTS:
        return {"type": kind, "value": element.get("initial_value")}
    if kind in _SINGLES:
        name, initial = _SINGLES[kind]
        empty: Any = [] if kind.startswith("multi_") else None
        return {"type": kind, name: element.get(initial, empty)}
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    return {"type": kind, "selected_options": element.get("initial_options") or []}


def _option(element: Json, value: Any, offered: Mapping[str, Json]) -> Json:
    if isinstance(value, dict):
        return value
    for option in options_of(element):
        if option["value"] == value:
            return option
    if value in offered:
        return offered[value]
    raise ValueError(f"{value!r} is not among the choices of {element['action_id']!r}")


def _field_error(element: Json, entry: Json, *, is_optional: bool) -> str | None:
    content = next((part for name, part in entry.items() if name != "type"), None)
    if not content:
        return None if is_optional else _REQUIRED
    kind = element["type"]
    if kind == "plain_text_input":
        return _length_error(element, str(content))
    if kind == "number_input":
        return _number_error(element, str(content))
    if kind == "email_text_input" and not _EMAIL.fullmatch(content):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not _URL.fullmatch(content):
        return "Please enter a valid URL."
    return None


def _length_error(element: Json, text: str) -> str | None:
    least, most = element.get("min_length") or 0, element.get("max_length") or 3_000
    if len(text) < least:
        return f"Please enter at least {least} characters."
    if len(text) > most:
        return f"Please enter no more than {most} characters."
    return None


def _number_error(element: Json, text: str) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return "Please enter a valid number."
    if not element.get("is_decimal_allowed") and number != int(number):
        return "Please enter a whole number."
    if element.get("min_value") is not None and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if element.get("max_value") is not None and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
