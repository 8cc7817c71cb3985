"""Help and other words that belong to no ritual. Pure."""

from collections.abc import Sequence

from bot.slack.blocks import Message, context, section
from bot.slack.text import escape

HELP = (
    ("launch", "put something in front of customers, with a bet on what it will do"),
    ("feedback", "log what a customer said"),
    ("themes", "what customers ask for, in order; `/daybook theme #7` shows one"),
    ("decision", "log what was decided, and why"),
    ("digest", "a channel's daily numbers"),
    ("metrics", "what is measured; add, change or retire a number"),
    ("alerts", "what is out of the ordinary now, and what is muted"),
    ("retro", "look back, with what really happened"),
    ("why", "the whole story of something, e.g. `/daybook why importer`"),
    ("search", "find what was said, e.g. `/daybook search csv`"),
    ("status", "what is due, what ran, what failed"),
    ("settings", "this channel, the calendar, your time off; customers, files"),
    ("customers", "who they are: add, edit, archive"),
    ("import", "bring in feedback or customers from a file"),
    ("export", "take out what you may see, as CSV or JSON"),
    ("redact", "remove what was said, e.g. `/daybook redact 412`"),
    ("erase", "erase a person: you, or for an admin anybody"),
)


def render_help(emoji: Sequence[str], *, lead: str = "") -> Message:
    """What Daybook understands, on one screen."""
    lines = "\n".join(f"`/daybook {word}`  {what}" for word, what in HELP)
    signs = " or ".join(f":{name}:" for name in emoji)
    text = lead or "Daybook runs your team's rituals and remembers what came of them."
    return Message(
        text,
        [
            section(text),
            section(lines),
            context(
                f"React with {signs} to a customer's message to log it. "
                "In a thread, mention me: `@Daybook decision`, `launch`, `feedback`, `why`."
            ),
        ],
    )


def render_use_command(word: str) -> Message:
    """Say where a form is opened: Slack does not open one from a mention."""
    return Message(f"Type `/daybook {word}` in the channel's message field: it opens a form.")


def render_nothing_found(words: str) -> Message:
    """Nothing found is a good answer."""
    text = f"Nothing found for “{escape(words, limit=100)}” among what you can see."
    return Message(text, [section(text), context("Try fewer or shorter words.")])
