"""How thanks are said: quietly, together, with what came of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack.blocks import Message, section
from bot.slack.text import link, shorten

EVENT_WORDS = {"decided": "was decided", "shipped": "is live", "verdict": "has its verdict"}
# Numbers named for one thing; who logged more knows it.
NUMBERS = 5


@dataclass(frozen=True)
class Fed:
    """What came of something that a person logged; ``numbers`` are of theirs."""

    event: str
    number: int
    title: str
    permalink: str
    numbers: tuple[int, ...]


def render_thanks(fed: Sequence[Fed]) -> Message:
    """One private message for all of it."""
    head = "Thank you: what you logged has led somewhere."
    lines = [head, *(f"• {_line(one)}" for one in fed)]
    return Message(head, [section("\n".join(lines))])


def _line(one: Fed) -> str:
    name = f"#{one.number} {shorten(one.title, 100)}"
    numbers = ", ".join(f"#{n}" for n in one.numbers[:NUMBERS])
    more = " and more" if len(one.numbers) > NUMBERS else ""
    return f"*{link(one.permalink, name)}* {EVENT_WORDS[one.event]}: you logged {numbers}{more}"
