"""Checks blocks and views against the table in `blockkit`, as Slack does before it takes them."""

import copy
import secrets
from collections.abc import Iterator
from typing import Any

from playground.server import blockkit
from playground.server.rows import Json
from playground.server.shape_rules import Problem, kinds


def check_blocks(
    blocks: list[Any], surface: str, *, refused: tuple[str, ...] = (), root: str = "/blocks"
) -> list[Problem]:
    """Problems of the blocks on a surface (message, modal, home). `refused` block types are
    treated as unknown: Slack rolls new ones out in phases."""
    most = blockkit.BLOCKS_IN_MESSAGE if surface == "message" else blockkit.BLOCKS_IN_VIEW
    found: list[Problem] = []
    if len(blocks) > most:
        found.append(Problem(root, f"no more than {most} items allowed"))
    allowed = [
        kind
        for kind, shape in blockkit.BLOCKS.items()
        if surface in shape.surfaces and kind not in refused
    ]
    rule = kinds(blockkit.BLOCKS, *allowed)
    for place, block in enumerate(blocks):
        problems = list(rule(block, f"{root}/{place}"))
        if not problems:
            problems = list(_deeper(block, surface, f"{root}/{place}"))
        found += problems
    return found + list(_duplicates(blocks, root)) + list(_too_much_markdown(blocks, root))


def check_view(view: Any, *, kind: str, refused: tuple[str, ...] = ()) -> list[Problem]:
    """Problems of a whole view that should be of `kind` ("modal" or "home")."""
    if not isinstance(view, dict) or view.get("type") != kind:
        return [Problem("/view/type", f"must be a valid enum value: {kind}")]
    found = list(blockkit.VIEWS[kind](view, "/view"))
    blocks = view.get("blocks")
    if blocks is None:
        return found
    if not isinstance(blocks, list):
        return [*found, Problem("/view/blocks", "must be an array")]
    found += check_blocks(blocks, kind, refused=refused, root="/view/blocks")
    if kind == "modal" and not view.get("submit") and any(map(_is_input, blocks)):
        words = "missing required field: submit, since the view has input blocks"
        found.append(Problem("/view", words))
    return found


def characters_in(blocks: list[Any]) -> int:
    """Characters of text in all blocks."""
    return sum(len(text) for text in _texts(blocks))


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks with the block and action ids that Slack fills in where they are missing."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element in elements_of(block):
            if element.get("type") in blockkit.ELEMENTS and element["type"] != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return filled


def elements_of(block: Json) -> list[Json]:
    """The elements that stand in a block, whichever field they stand in."""
    found = list(block.get("elements") or [])
    found += [block[name] for name in ("element", "accessory") if block.get(name)]
    return [element for element in found if isinstance(element, dict)]


def file_ids(blocks: list[Json]) -> list[str]:
    """The ids of uploaded files that blocks show."""
    places = [place for block in blocks for place in (block, *elements_of(block))]
    files = (place.get("slack_file") for place in places)
    return [file["id"] for file in files if isinstance(file, dict) and file.get("id")]


def _deeper(block: Json, surface: str, pointer: str) -> Iterator[Problem]:
    yield from _id_problem(block, pointer)
    seen: set[str] = set()
    for element in elements_of(block):
        shape = blockkit.ELEMENTS.get(element.get("type", ""))
        if shape is not None and surface not in shape.surfaces:
            yield Problem(f"{pointer}/element/type", f"unsupported type: {element['type']}")
        action = element.get("action_id")
        if action is not None and action in seen:
            yield Problem(pointer, f"`action_id` {action} already exists")
        seen.add(action or "")
        yield from _initial_problems(element, pointer)


def _id_problem(block: Json, pointer: str) -> Iterator[Problem]:
    if block.get("block_id") is not None:
        yield from blockkit.ID(block["block_id"], f"{pointer}/block_id")


def _initial_problems(element: Json, pointer: str) -> Iterator[Problem]:
    """Slack wants an initial option to equal one of the options."""
    options = [*(element.get("options") or [])]
    for group in element.get("option_groups") or []:
        options += group.get("options") or []
    chosen = [*(element.get("initial_options") or [])]
    chosen += [element["initial_option"]] if element.get("initial_option") else []
    if options and any(option not in options for option in chosen):
        yield Problem(f"{pointer}/element", "initial option is not one of the options")


def _duplicates(blocks: list[Any], root: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if isinstance(block_id, str):
            if block_id in seen:
                yield Problem(f"{root}/{place}/block_id", f"`block_id` {block_id} already exists")
            seen.add(block_id)


def _too_much_markdown(blocks: list[Any], root: str) -> Iterator[Problem]:
    texts = [b.get("text") for b in blocks if isinstance(b, dict) and b.get("type") == "markdown"]
    if sum(len(text) for text in texts if isinstance(text, str)) > blockkit.MARKDOWN_CHARACTERS:
        most = blockkit.MARKDOWN_CHARACTERS
        yield Problem(root, f"markdown blocks must be less than {most + 1} characters in sum")


def _is_input(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "input"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "text" and isinstance(item, str):
                yield item
            else:
                yield from _texts(item)
