"""The one place where text that somebody typed becomes harmless in Slack."""

import re
import unicodedata
from datetime import datetime

# Zero-width and direction marks: invisible, and able to reorder what stands around them.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
# Signs that mrkdwn reads as formatting at the edge of a word.
FORMATTING = re.compile(r"[*_~`]")
ENTITY = re.compile(r"<([^<>]*)>")
# A bare address would be linked by Slack by itself; an invisible sign after the scheme prevents it.
BARE_LINK = re.compile(r"\b(https?|mailto|tel):", re.IGNORECASE)


def escape(text: str, *, limit: int = 2_900) -> str:
    """Return hostile ``text`` as inert mrkdwn: no mention, link, formatting or invisible sign.

    Cut to ``limit`` characters with an ellipsis.
    """
    text = INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")
    text = shorten(text, limit)
    text = FORMATTING.sub(lambda m: m.group() + "\u200b", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = BARE_LINK.sub(lambda m: m.group(1) + "\u200b:", text)
    return re.sub(r"(?<!\w)([@#:])(?=\w)", "\\1\u200b", text)


def plain(text: str) -> str:
    """Return what a person reads in a Slack message: entities undone, marks removed.

    ``<@U1>`` becomes ``@U1``, ``<https://x|label>`` becomes ``label``.
    """
    text = ENTITY.sub(_entity, text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return INVISIBLE.sub("", text).strip()


def _entity(match: re.Match[str]) -> str:
    body, _, label = match.group(1).partition("|")
    if body.startswith(("@", "#")):
        return body[0] + (label or body[1:])
    if body.startswith("!"):
        return "@" + (label or body[1:].split("^")[0])
    return label or body


def quote(text: str, *, limit: int = 600) -> str:
    """Return hostile ``text`` as an inert block quote."""
    return "\n".join("> " + line for line in escape(text, limit=limit).splitlines() or [""])


def shorten(text: str, limit: int) -> str:
    """Cut ``text`` to ``limit`` characters, with an ellipsis, at a word where one is near."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit * 0.7 else cut).rstrip() + "…"


def link(url: str, label: str) -> str:
    """Return a link of ours; ``label`` is escaped, ``url`` must be one that we or Slack made."""
    if not url:
        return escape(label)
    safe = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{safe}|{escape(label).replace('|', '/')}>"


def person(user_id: str) -> str:
    """Return a mention of a member; only for ids that Slack gave."""
    return f"<@{user_id}>" if re.fullmatch(r"[A-Z0-9]+", user_id) else "somebody"


def channel(channel_id: str) -> str:
    """Return a link to a channel; only for ids that Slack gave."""
    return f"<#{channel_id}>" if re.fullmatch(r"[A-Z0-9]+", channel_id) else "a channel"


def when(at: datetime, style: str = "{date_short_pretty} at {time}") -> str:
    """Return an instant in the reader's own zone, with UTC for clients that cannot."""
    return f"<!date^{int(at.timestamp())}^{style}|{at:%Y-%m-%d %H:%M} UTC>"


def emoji_name(name: str) -> str:
    """Return an emoji's name without colons and skin tone."""
    return name.strip(":").split("::")[0]
