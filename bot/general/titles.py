"""A title that is longer than titles are: shortened where people see it, with nothing lost. Pure.

Commands and mentions hand on whatever was typed, and Slack does not keep what a command said.
"""

from bot.slack.blocks import Message, section
from bot.slack.text import escape, shorten

# Slack's own limit of a message is 40,000 characters; a section takes 3,000, escaped.
_PIECE_CHARACTERS, _PIECES = 1_000, 40


def fit_title(text: str, limit: int) -> tuple[str, str]:
    """Return the title, of at most ``limit`` characters, and the whole text if that is more."""
    said = text.strip()
    title = shorten(" ".join(said.split()), limit)
    return title, said if title != " ".join(said.split()) else ""


def shortened_words(limit: int, kept: str) -> str:
    """Say that a title was shortened; ``kept`` is where all of it stands, as in “Summary”."""
    return f"A title takes {limit} characters, so I shortened yours. All you wrote is in {kept}."


def render_too_long(text: str, *, limit: int) -> Message:
    """Refuse a title that is too long for any place, and give back what was typed."""
    lead = (
        f"A title takes {limit} characters, and this is {len(text):,}, so nothing was logged. "
        "Please use a shorter one. This is what you typed:"
    )
    starts = range(0, min(len(text), _PIECE_CHARACTERS * _PIECES), _PIECE_CHARACTERS)
    pieces = [text[start : start + _PIECE_CHARACTERS] for start in starts]
    return Message(lead, [section(lead), *(section(escape(one)) for one in pieces if one.strip())])
