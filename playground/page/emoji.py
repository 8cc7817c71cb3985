"""Emoji by name, drawn from a table file, so that they look the same on every machine."""

import functools
import json
import re
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

_TABLE = Path(__file__).with_name("emoji.json")
_TONES = {f"skin-tone-{n}": chr(0x1F3F9 + n) for n in range(2, 7)}  # U+1F3FB to U+1F3FF
_ICON = Markup('<img class="emoji" src="/page/emoji/{}.svg" alt=":{}:" title=":{}:">')
_SIGN = Markup('<span class="emoji" role="img" aria-label=":{}:" title=":{}:">{}</span>')
_SHELL = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{}</svg>'

# What the picker offers before anything is typed.
PICKER = ("memo", "+1", "eyes", "white_check_mark", "tada", "heart", "rocket", "bulb", "pray")


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_TABLE.read_text("utf-8"))
    return table


@functools.cache
def _name_of() -> dict[str, str]:
    """The shortest name of each character that has a drawing."""
    known = sorted(_table()["names"].items(), key=lambda item: -len(item[0]))
    drawn = {char: name for name, char in known if _has_drawing(char)}
    bare = {char.rstrip("\ufe0f"): name for char, name in drawn.items()}
    return {**bare, **drawn}


@functools.cache
def _characters() -> re.Pattern[str]:
    """Matches drawn characters written as such; plain ASCII and text arrows stay text."""
    found = sorted((c for c in _name_of() if ord(c[0]) >= 0x231A), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, found))})[\U0001f3fb-\U0001f3ff]?\ufe0f?")


def _has_drawing(char: str) -> bool:
    return char in _table()["drawings"]


@functools.cache
def _names_too() -> re.Pattern[str]:
    names = r":(?P<name>[a-z0-9_+'-]+(?:::skin-tone-[2-6])?):"
    return re.compile(f"{_characters().pattern}|{names}")


def names() -> list[str]:
    """All names of the table, in alphabetical order."""
    return sorted(_table()["names"])


def is_known(name: str) -> bool:
    """Whether the table has this name (a skin tone does not matter)."""
    return name.partition("::")[0] in _table()["names"]


def drawing(name: str) -> str | None:
    """The emoji as a whole SVG document, or None."""
    body = _table()["drawings"].get(_table()["names"].get(name, ""))
    return None if body is None else _SHELL.format(body)


def render_emoji(name: str) -> Markup:
    """One emoji by name without colons ("memo", "+1::skin-tone-3"); unknown names as text."""
    base, _, tone = name.partition("::")
    char = _table()["names"].get(base)
    if char is None:
        return Markup('<span class="emoji-name">:{}:</span>').format(name)
    if _has_drawing(char):
        return _ICON.format(base, name, name)
    return _SIGN.format(name, name, char + _TONES.get(tone, ""))


def render_plain(text: str, *, with_names: bool = False) -> Markup:
    """Plain text, escaped; emoji characters in it become drawings, line ends become breaks.
    `with_names` also draws ":memo:"."""
    parts, end = [], 0
    for found in (_names_too() if with_names else _characters()).finditer(text):
        name = found.groupdict().get("name") or _name_of().get(found.group(1) or "", "")
        shown = render_emoji(name) if is_known(name) else escape(found.group())
        parts += [escape(text[end : found.start()]), shown]
        end = found.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts).replace("\n", Markup("<br>\n"))
