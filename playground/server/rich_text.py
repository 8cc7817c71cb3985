"""What a person types, in Slack's written form, and that form as a rich_text block."""

import hashlib
import re
from collections.abc import Callable

from playground.server.rows import Json

_TOKEN = re.compile(
    r"<(@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|!(?:here|channel|everyone)|https?://[^<>\s]+)>"
)
_MENTION = re.compile(r"(?<![\w@<])@([\w.-]*\w)")
_ROOM = re.compile(r"(?<![\w#<&])#([\w-]*\w)")
_LINK = re.compile(r"(?<![<|\w])(https?://[^\s<>|]*[^\s<>|.,;:!?)\]'\"])")
_SPECIAL = {"here", "channel", "everyone"}
_PARTS = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>|:([a-z0-9_+'-]+(?:::skin-tone-\d)?):")
_PLAIN = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def encode_typed(
    text: str,
    user_id: Callable[[str], str | None],
    channel_id: Callable[[str], str | None],
) -> str:
    """Text as Slack stores it: `&`, `<`, `>` escaped, @names, #channels and links marked.

    Marks that are there already ("<@U123>") stay. The callables find an id by name."""
    kept: list[str] = []

    def keep(mark: str) -> str:
        kept.append(mark)
        return f"\x00{len(kept) - 1}\x00"

    def mention(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in _SPECIAL:
            return keep(f"<!{name}>")
        known = user_id(name)
        return keep(f"<@{known}>") if known else found.group(0)

    def room(found: re.Match[str]) -> str:
        known = channel_id(found.group(1))
        return keep(f"<#{known}|{found.group(1)}>") if known else found.group(0)

    text = _TOKEN.sub(lambda found: keep(found.group(0)), text.replace("\x00", ""))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _LINK.sub(lambda found: keep(f"<{found.group(1)}>"), text)
    text = _ROOM.sub(room, _MENTION.sub(mention, text))
    return re.sub("\x00(\\d+)\x00", lambda found: kept[int(found.group(1))], text)


def mentions(text: str) -> set[str]:
    """The ids of the users that a text mentions."""
    return {found.group(2) for found in _PARTS.finditer(text) if found.group(1) == "@"}


def render_rich_text(text: str) -> list[Json]:
    """The rich_text block that Slack attaches to what a person wrote."""
    elements: list[Json] = []
    end = 0
    for found in _PARTS.finditer(text):
        _add_text(elements, text[end : found.start()])
        elements.append(_element(found))
        end = found.end()
    _add_text(elements, text[end:])
    block_id = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:5]
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


def _add_text(elements: list[Json], text: str) -> None:
    for coded, sign in _PLAIN:
        text = text.replace(coded, sign)
    if text:
        elements.append({"type": "text", "text": text})


def _element(found: re.Match[str]) -> Json:
    sign, target, label, emoji = found.groups()
    if emoji:
        return {"type": "emoji", "name": emoji}
    if sign == "@":
        return {"type": "user", "user_id": target}
    if sign == "#":
        return {"type": "channel", "channel_id": target}
    if sign == "!":
        return {"type": "broadcast", "range": target}
    return {"type": "link", "url": target, **({"text": label} if label else {})}
