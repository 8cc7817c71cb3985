"""What a digest or a bundle says of messages that were put off. Pure."""

import json
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.calendars.rules import say_moment
from bot.slack import limits
from bot.slack.blocks import Block, Message, section
from bot.slack.text import escape, plain

SHOWN = 10
LINE = 140
# A picture is put into a digest once it is drawn: a block with its words (Slack's 2,000).
PICTURE_BLOCKS, PICTURE_CHARACTERS = 1, 2_200


def render_bundle(told: Sequence[tuple[str, str]], since: datetime, zone: ZoneInfo) -> Message:
    """The one message of the next morning; ``told`` are (label, text), the urgent ones first."""
    count = "One message" if len(told) == 1 else f"{len(told)} messages"
    text = f"{count} came after this channel had its messages of the day."
    return Message(text, [section(text), also_since(told, since, zone)])


def with_also(
    message: Message, told: Sequence[tuple[str, str]], since: datetime, zone: ZoneInfo
) -> Message:
    """Return a digest with what was put off since, if anything was."""
    if not told:
        return message
    return Message(message.text, [*message.blocks, also_since(told, since, zone)])


def has_room(message: Message) -> bool:
    """Tell whether a message is still one message when its picture has come."""
    size = sum(len(json.dumps(block, ensure_ascii=False)) for block in message.blocks)
    return (
        len(message.blocks) + PICTURE_BLOCKS <= limits.BLOCKS_PER_MESSAGE
        and size + PICTURE_CHARACTERS <= limits.CHARACTERS_PER_MESSAGE
    )


def also_since(told: Sequence[tuple[str, str]], since: datetime, zone: ZoneInfo) -> Block:
    """List what was put off; the whole of it stands in the thread."""
    lines = [f"• {_line(label, text)}" for label, text in told[:SHOWN]]
    if len(told) > SHOWN:
        lines.append(f"• and {len(told) - SHOWN} more")
    lead = f"*Also since {say_moment(since, zone)}* ({zone.key}), whole in the thread:"
    return section("\n".join([lead, *lines]))


def _line(label: str, text: str) -> str:
    words = " ".join(plain(text).split()) or label
    return escape(words, limit=LINE)
