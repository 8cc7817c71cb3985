"""What the templates ask about interactive elements, and what their fields were filled with."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from playground.page.reader import Reader

Json = dict[str, Any]
_PEOPLE = ("users_select", "multi_users_select")
_ROOMS = ("channels_select", "multi_channels_select")
_MANY = ("checkboxes",)
# Files are uploaded before they stand in a field: see `chosen_files`.
_STATELESS = ("button", "overflow", "image", "workflow_button", "file_input")


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu."""

    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines of a menu; no label when the menu has one group only."""

    label: str
    options: tuple[Choice, ...]


class Fields(Protocol):
    """A posted form: Starlette's FormData, or a plain stand-in."""

    def getlist(self, key: Any) -> list[Any]: ...


def field_name(block_id: str, action_id: str) -> str:
    """The form field of an element."""
    return f"f|{block_id}|{action_id}"


def field_id(block_id: str) -> str:
    """A DOM id; unlike in block ids, only letters, digits and - stand in it."""
    return "f-" + re.sub(r"[^A-Za-z0-9-]", lambda found: f"_{ord(found.group()):x}", block_id)


def is_many(element: Json) -> bool:
    """Whether several values can be chosen."""
    return element.get("type") in _MANY or str(element.get("type")).startswith("multi_")


def option_groups(element: Json, reader: Reader) -> list[Group]:
    """The lines of a menu; people and channels come from the workspace."""
    kind = element["type"]
    if kind in _PEOPLE:
        return [_named(reader.users, "")]
    if kind in _ROOMS:
        return [_named(reader.channels, "#")]
    if kind.endswith("conversations_select"):
        return [_named(reader.channels, "#")]
    groups = element.get("option_groups") or [{"options": element.get("options") or []}]
    return [
        Group(
            (group.get("label") or {}).get("text", ""),
            tuple(Choice(option["text"]["text"], option["value"]) for option in group["options"]),
        )
        for group in groups
    ]


def initial_options(element: Json) -> list[Json]:
    """The option objects that are chosen at first."""
    one = element.get("initial_option")
    return [one] if one else list(element.get("initial_options") or [])


def chosen_values(element: Json) -> list[str]:
    """The values that are chosen at first, of any kind of menu."""
    chosen = [option["value"] for option in initial_options(element)]
    for name in ("user", "channel", "conversation"):
        chosen += filter(None, [element.get(f"initial_{name}")])
        chosen += element.get(f"initial_{name}s") or []
    return chosen


def chosen_words(element: Json, reader: Reader) -> str:
    """The same in words, for the closed menu."""
    chosen = set(chosen_values(element))
    groups = option_groups(element, reader)
    return ", ".join(c.text for group in groups for c in group.options if c.value in chosen)


def initial_value(element: Json, reader: Reader) -> str:
    """What stands in a number, date, time or address field at first."""
    if element.get("initial_date_time"):
        return f"{reader.from_epoch(element['initial_date_time']):%Y-%m-%dT%H:%M}"
    for name in ("initial_value", "initial_date", "initial_time"):
        if element.get(name):
            return str(element[name])
    return ""


def interactive(blocks: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """(block_id, element) of each element that a person can use."""
    for block in blocks:
        found = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        if block.get("type") in ("input", "actions", "section"):
            yield from ((block.get("block_id", ""), item) for item in found if item)


def read_fields(blocks: Sequence[Json], form: Fields, reader: Reader) -> dict[str, Any]:
    """What stands in the fields of a view or message, in the forms of `People.submit`: a value,
    a list of values, or None where nothing was chosen. Inputs are named by their block_id,
    elements that stand in other blocks by their action_id."""
    inputs = {block.get("block_id") for block in blocks if block.get("type") == "input"}
    return {
        (block_id if block_id in inputs else element["action_id"]): read_value(
            element, block_id, form, reader
        )
        for block_id, element in interactive(blocks)
        if element["type"] not in _STATELESS
    }


def read_value(element: Json, block_id: str, form: Fields, reader: Reader) -> Any:
    """The value of one element of a posted form."""
    given = [v for v in form.getlist(field_name(block_id, element["action_id"])) if v]
    if is_many(element):
        return [str(value) for value in given]
    if not given:
        return None
    if element["type"] == "datetimepicker":
        local = datetime.fromisoformat(str(given[0])).replace(tzinfo=reader.zone)
        return int(local.timestamp())
    return str(given[0]).replace("\r\n", "\n")


def chosen_files(blocks: Sequence[Json], form: Fields) -> Iterator[tuple[str, Json, list[Any]]]:
    """(block_id, element, uploads) of each file field in which something was chosen."""
    for block_id, element in interactive(blocks):
        if element["type"] == "file_input":
            given = form.getlist(field_name(block_id, element["action_id"]))
            # A browser sends a file without a name where none was chosen.
            if uploads := [one for one in given if getattr(one, "filename", "")]:
                yield block_id, element, uploads


def is_taken(element: Json, file_name: str) -> bool:
    """Whether a file field takes a file of this name."""
    kinds = [kind.lower().lstrip(".") for kind in element.get("filetypes") or []]
    return not kinds or file_name.rpartition(".")[2].lower() in kinds


def _named(names: Mapping[str, str], sign: str) -> Group:
    ordered = sorted(names.items(), key=lambda item: item[1].casefold())
    return Group("", tuple(Choice(sign + name, key) for key, name in ordered))
