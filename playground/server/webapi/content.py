"""The content of a message that the app sends: text, blocks, metadata, checked as Slack does."""

from dataclasses import dataclass
from typing import Any

from playground.server import blockkit
from playground.server.block_checks import characters_in, check_blocks, with_ids
from playground.server.refusals import RefusedError, refuse_problems
from playground.server.rows import Json
from playground.server.webapi.call import Call

TEXT_CHARACTERS = 40_000  # of a message's text
METADATA_CHARACTERS = 20_000  # of a message's metadata as JSON


@dataclass(frozen=True, slots=True)
class Content:
    """What is None was not sent; `blocks` have all their ids."""

    text: str | None
    blocks: list[Json] | None
    metadata: Json | None


def read_content(call: Call, *, is_empty_allowed: bool = False) -> Content:
    """Reads and checks a message's content; no_text when there is nothing to show."""
    text = call.text("text")
    markdown = call.text("markdown_text")
    blocks = _blocks(call)
    if markdown is not None:
        if text is not None or blocks is not None:
            raise RefusedError("markdown_text_conflict")
        text = markdown
    if text is not None and len(text) > TEXT_CHARACTERS:
        raise RefusedError("msg_too_long")
    if not (text or "").strip() and not blocks and not is_empty_allowed:
        raise RefusedError("no_text")
    return Content(text, blocks, _metadata(call))


def _blocks(call: Call) -> list[Json] | None:
    blocks = call.parsed("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise RefusedError("invalid_blocks_format")
    refused = call.workspace.settings.refused_blocks
    refuse_problems("invalid_blocks", check_blocks(blocks, "message", refused=refused))
    if characters_in(blocks) > blockkit.MESSAGE_CHARACTERS:
        raise RefusedError("msg_blocks_too_long")
    call.workspace.check_files(blocks)
    return with_ids(blocks)


def _metadata(call: Call) -> Json | None:
    metadata: Any = call.parsed("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload"}:
        raise RefusedError("invalid_metadata_schema")
    is_right = isinstance(metadata.get("event_type"), str)
    if not is_right or not isinstance(metadata.get("event_payload"), dict):
        raise RefusedError("invalid_metadata_schema")
    if len(str(metadata)) > METADATA_CHARACTERS:
        raise RefusedError("metadata_too_large")
    return metadata
