"""Small builders of Block Kit, each holding Slack's limits. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.slack import limits
from bot.slack.text import shorten

Block = dict[str, Any]
View = dict[str, Any]
Style = Literal["primary", "danger", ""]


@dataclass(frozen=True)
class Message:
    """What is said: ``text`` stands alone; ``blocks`` show the same."""

    text: str
    blocks: list[Block] = field(default_factory=list)

    def parts(self) -> "list[Message]":
        """Split into messages that Slack takes; the first one carries the text."""
        if not self.blocks:
            return [Message(shorten(self.text, limits.MESSAGE_TEXT).strip() or "(no text)")]
        pieces: list[list[Block]] = [[]]
        used = 0
        for block in self.blocks:
            size = len(json.dumps(block, ensure_ascii=False))
            full = len(pieces[-1]) >= limits.BLOCKS_PER_MESSAGE
            if pieces[-1] and (full or used + size > limits.CHARACTERS_PER_MESSAGE):
                pieces.append([])
                used = 0
            pieces[-1].append(block)
            used += size
        first, *rest = pieces
        text = shorten(self.text, limits.SECTION_TEXT).strip() or "(no text)"
        return [Message(text, first), *(Message("(continued)", piece) for piece in rest)]


def header(text: str) -> Block:
    """Build a header; plain text, cut to Slack's 150 characters."""
    return {"type": "header", "text": _plain(text, limits.HEADER_TEXT)}


def section(text: str, *, accessory: Block | None = None, block_id: str = "") -> Block:
    """Build a paragraph of mrkdwn. What people typed must have been escaped before."""
    block: Block = {"type": "section", "text": _mrkdwn(text, limits.SECTION_TEXT)}
    if accessory:
        block["accessory"] = accessory
    if block_id:
        block["block_id"] = block_id
    return block


def fields(texts: Sequence[str]) -> Block:
    """Build a section of up to ten short mrkdwn fields."""
    kept = [_mrkdwn(text, limits.FIELD_TEXT) for text in texts[: limits.FIELDS]]
    return {"type": "section", "fields": kept}


def context(*texts: str) -> Block:
    """Build a line of small print."""
    kept = [_mrkdwn(text, limits.FIELD_TEXT) for text in texts if text]
    return {"type": "context", "elements": kept[: limits.CONTEXT_ELEMENTS]}


def divider() -> Block:
    """Build a thin line."""
    return {"type": "divider"}


def actions(*elements: Block, block_id: str = "") -> Block:
    """Build a row of buttons and selects."""
    block: Block = {"type": "actions", "elements": list(elements)[: limits.ACTION_ELEMENTS]}
    return block | ({"block_id": block_id} if block_id else {})


def button(
    text: str, action_id: str, value: str = "", *, style: Style = "", confirm: str = ""
) -> Block:
    """Build a button; ``confirm`` asks that question first."""
    block: Block = {
        "type": "button",
        "text": _plain(text, limits.BUTTON_TEXT),
        "action_id": action_id,
    }
    if value:
        block["value"] = value[: limits.BUTTON_VALUE]
    if style:
        block["style"] = style
    if confirm:
        block["confirm"] = {
            "title": _plain("Are you sure?", 100),
            "text": _plain(confirm, 300),
            "confirm": _plain("Yes", 30),
            "deny": _plain("No", 30),
        }
    return block


def link_button(text: str, url: str, action_id: str) -> Block:
    """Build a button that opens ``url``; the click still reports ``action_id``."""
    return button(text, action_id) | {"url": url}


def option(text: str, value: str) -> Block:
    """Build one option of a select."""
    return {
        "text": _plain(text or "(no name)", limits.OPTION_TEXT),
        "value": value[: limits.OPTION_VALUE],
    }


def overflow(action_id: str, options: Iterable[tuple[str, str]]) -> Block:
    """Build a ⋯ menu of (text, value), at most five."""
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [option(text, value) for text, value in list(options)[:5]],
    }


def select(
    action_id: str,
    options: Iterable[tuple[str, str]],
    *,
    chosen: str = "",
    placeholder: str = "",
    multiple: bool = False,
) -> Block:
    """Build a menu of (text, value); Slack refuses an empty one, so callers check."""
    built = [option(text, value) for text, value in list(options)[: limits.OPTIONS]]
    block: Block = {
        "type": "multi_static_select" if multiple else "static_select",
        "action_id": action_id,
        "options": built,
    }
    if placeholder:
        block["placeholder"] = _plain(placeholder, 150)
    picked = [o for o in built if o["value"] in chosen.split(",")] if chosen else []
    if picked:
        block |= {"initial_options": picked} if multiple else {"initial_option": picked[0]}
    return block


def users_select(action_id: str, *, chosen: str = "", multiple: bool = False) -> Block:
    """Build a picker of people; ``chosen`` is one id, or several with commas."""
    block: Block = {
        "type": "multi_users_select" if multiple else "users_select",
        "action_id": action_id,
    }
    if chosen:
        block |= {"initial_users": chosen.split(",")} if multiple else {"initial_user": chosen}
    return block


def channels_select(action_id: str, *, chosen: str = "") -> Block:
    """Build a picker of channels, private ones and DMs of the person included."""
    block: Block = {"type": "conversations_select", "action_id": action_id}
    return block | ({"initial_conversation": chosen} if chosen else {})


def file_input(action_id: str, filetypes: Sequence[str]) -> Block:
    """Build a field that takes one file."""
    kinds = list(filetypes)
    return {"type": "file_input", "action_id": action_id, "filetypes": kinds, "max_files": 1}


def date_picker(action_id: str, *, chosen: str = "") -> Block:
    """Build a date picker; ``chosen`` as YYYY-MM-DD."""
    return {"type": "datepicker", "action_id": action_id} | (
        {"initial_date": chosen} if chosen else {}
    )


def text_input(
    action_id: str,
    *,
    initial: str = "",
    placeholder: str = "",
    multiline: bool = False,
    limit: int = limits.TYPED_TEXT,
) -> Block:
    """Build a field to type in, of at most ``limit`` characters."""
    block: Block = {
        "type": "plain_text_input",
        "action_id": action_id,
        "multiline": multiline,
        "max_length": limit,
    }
    if initial:
        block["initial_value"] = initial[:limit]
    if placeholder:
        block["placeholder"] = _plain(placeholder, 150)
    return block


def field_input(
    block_id: str,
    label: str,
    element: Block,
    *,
    optional: bool = False,
    hint: str = "",
    dispatch: bool = False,
) -> Block:
    """Build an input of a modal. Its errors are named by ``block_id``.

    ``dispatch`` reports each change as an action, so that the modal can answer while typing.
    """
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": _plain(label, limits.INPUT_LABEL),
        "element": element,
        "optional": optional,
    }
    if hint:
        block["hint"] = _plain(hint, limits.INPUT_LABEL)
    if dispatch:
        block["dispatch_action"] = True
    return block


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str = "",
    state: dict[str, Any] | None = None,
) -> View:
    """Build a modal; ``state`` is what the submission must know (private metadata, as JSON)."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": _plain(title, limits.VIEW_TITLE),
        "close": _plain("Close", 24),
        "blocks": _fitting(blocks),
    }
    if submit:
        view["submit"] = _plain(submit, 24)
    return view | (_metadata(state) if state else {})


def _metadata(state: dict[str, Any]) -> View:
    text = json.dumps(state, separators=(",", ":"))
    if len(text) > limits.PRIVATE_METADATA:
        raise ValueError("a view's state is an id or two, not content")
    return {"private_metadata": text}


def home(blocks: Sequence[Block], *, state: dict[str, Any] | None = None) -> View:
    """Build the App Home; ``state`` comes back with every click in it."""
    view: View = {"type": "home", "blocks": _fitting(blocks)}
    return view | (_metadata(state) if state else {})


def _fitting(blocks: Sequence[Block]) -> list[Block]:
    kept: list[Block] = []
    used = 0
    for block in blocks[: limits.BLOCKS_PER_VIEW]:
        used += len(json.dumps(block)) + 2
        if used > limits.VIEW_CHARACTERS:
            break
        kept.append(block)
    return kept


def image(file_id: str, alt: str) -> Block:
    """Build a picture that was uploaded to Slack."""
    return {
        "type": "image",
        "slack_file": {"id": file_id},
        "alt_text": shorten(alt, limits.ALT_TEXT),
    }


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": _filled(text, limit), "emoji": True}


def _mrkdwn(text: str, limit: int) -> Block:
    # Verbatim: Slack must not make links, mentions or channels out of what only looks like them.
    return {"type": "mrkdwn", "text": _filled(text, limit), "verbatim": True}


def _filled(text: str, limit: int) -> str:
    # Slack refuses a text without any sign in it.
    return shorten(text, limit) if text.strip() else "–"
