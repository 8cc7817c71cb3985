"""Small rules about JSON values, joined into Block Kit's table in `blockkit`.

A rule is called with a value and its JSON pointer and yields the problems it sees, in the
words that Slack puts into `response_metadata.messages`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where."""

    pointer: str
    words: str

    def __str__(self) -> str:
        return f"[ERROR] {self.words} [json-pointer:{self.pointer}]"


Rule = Callable[[Any, str], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object with these fields and no others. `either` names fields of which one must be."""

    required: Mapping[str, Rule] = field(default_factory=dict)
    optional: Mapping[str, Rule] = field(default_factory=dict)
    either: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ("message", "modal", "home")
    is_open: bool = False  # other fields pass: Slack's newest shapes, not written down here

    def __call__(self, value: Any, pointer: str) -> Iterator[Problem]:
        """As a Rule."""
        if not isinstance(value, dict):
            yield Problem(pointer, "must be an object")
            return
        for name in self.required:
            if value.get(name) is None:
                yield Problem(pointer, f"missing required field: {name}")
        if self.either and not any(value.get(name) is not None for name in self.either):
            yield Problem(pointer, f"missing required field: {self.either[0]}")
        for name, content in value.items():
            rule = self.required.get(name) or self.optional.get(name)
            if rule is not None and content is not None:
                yield from rule(content, f"{pointer}/{name}")
            elif rule is None and name not in ("type", "block_id") and not self.is_open:
                yield Problem(pointer, f"invalid additional property: {name}")


def string(most: int, least: int = 1) -> Rule:
    """Text of `least` to `most` characters."""

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(pointer, "must be a string")
        elif len(value) > most:
            yield Problem(pointer, f"must be less than {most + 1} characters")
        elif len(value.strip() if least else value) < least:
            yield Problem(pointer, f"must be more than {least - 1} characters")

    return rule


def matching(pattern: str, words: str) -> Rule:
    """Text that matches a regular expression as a whole."""
    compiled = re.compile(pattern)

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield Problem(pointer, words)

    return rule


def number(least: int, most: int) -> Rule:
    """An integer between two bounds, both allowed."""

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            yield Problem(pointer, f"must be an integer from {least} to {most}")

    return rule


def boolean(value: Any, pointer: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem(pointer, "must be a boolean")


def anything(value: Any, pointer: str) -> Iterator[Problem]:
    """No rule."""
    yield from ()


def choice(*allowed: str) -> Rule:
    """One of these words."""

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(pointer, f"must be a valid enum value: {', '.join(allowed)}")

    return rule


def several(item: Rule, most: int, least: int = 1) -> Rule:
    """A list of `least` to `most` items."""

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(pointer, "must be an array")
            return
        if len(value) > most:
            yield Problem(pointer, f"no more than {most} items allowed")
        if len(value) < least:
            yield Problem(pointer, f"no fewer than {least} items allowed")
        for place, content in enumerate(value):
            yield from item(content, f"{pointer}/{place}")

    return rule


def kinds(table: Mapping[str, Shape], *allowed: str) -> Rule:
    """An object whose `type` is in `allowed` and that has the shape of that type."""

    def rule(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(pointer, "must be an object")
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            yield Problem(pointer, "missing required field: type")
        elif kind not in allowed or kind not in table:
            yield Problem(f"{pointer}/type", f"unsupported type: {kind}")
        else:
            yield from table[kind](value, pointer)

    return rule
