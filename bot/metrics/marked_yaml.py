"""YAML as plain strings, lists and dicts that remember their lines.

Every scalar stays the string that was written (so ``06:00`` is no number and ``no`` no truth
value); ``${NAME}`` may stand unquoted anywhere, also between braces, where YAML itself forbids it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.errors import BadSetting

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OPEN, _CLOSE = "\ue000", "\ue001"  # private signs: YAML takes them as letters
_HELD = re.compile(f"{_OPEN}([A-Za-z0-9_]+){_CLOSE}")
_NOTHING = ("", "~", "null")

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class MarkedYaml:
    """What a YAML text says, and on which line (from 1) each path begins."""

    data: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """Return the line of ``path``, or of the nearest that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read_yaml(text: str) -> MarkedYaml:
    """Read one YAML document. Keys without a value are left out. Raises ``BadSetting``."""
    held = REFERENCE.sub(f"{_OPEN}\\1{_CLOSE}", text)
    try:
        root = yaml.compose(held, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _unreadable(
            str(error.problem or "it is not YAML"), mark.line + 1 if mark else 1
        ) from None
    except yaml.YAMLError:
        raise _unreadable("it holds a sign that YAML does not allow", 1) from None
    except RecursionError:
        raise _unreadable("it is nested too deeply", 1) from None
    lines: dict[Path, int] = {}
    return MarkedYaml(_plain(root, (), lines, set()) if root else None, lines)


def resolve_references(value: str, env: Mapping[str, str]) -> str:
    """Put the values of ``env`` for each ``${NAME}``; raises ``KeyError`` with a missing name."""
    return REFERENCE.sub(lambda found: env[found[1]], value)


def _unreadable(problem: str, line: int) -> BadSetting:
    return BadSetting(
        field=f"line {line}",
        problem=f"Line {line} of the metrics file cannot be read: {problem}.",
        fix="Check its indentation, colons and quotes.",
    )


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int], above: set[int]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if id(node) in above:
        raise _unreadable("an alias holds itself", line)
    above = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, above)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, n), lines, above) for n, item in enumerate(node.value)]
    return _HELD.sub(r"${\1}", node.value)


def _mapping(
    node: yaml.MappingNode, path: Path, lines: dict[Path, int], above: set[int]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in found:
            raise _unreadable(f"“{key}” stands there twice", line)
        lines[(*path, key)] = line
        if value_node.value not in _NOTHING or value_node.style:
            found[key] = _plain(value_node, (*path, key), lines, above)
    return found
