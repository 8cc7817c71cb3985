"""The one place where text that somebody typed becomes harmless in Slack."""

import re
import unicodedata
from datetime import datetime

# Slack's own ids are of capitals and digits; other servers give ids like U_ana or C_my-room.
SLACK_ID = r"[A-Za-z0-9][A-Za-z0-9_-]*"
# Letters that show nothing, beside all signs of Unicode's categories below.
BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u3164\uffa0]")
# Control, format (zero-width, direction), surrogate and private-use signs: invisible, and able to
# reorder or hide what stands around them.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co"})
# What an emoji of several signs is joined by (a woman and a computer are a programmer): the one
# invisible sign that is kept, and only between two pictures.
JOINER = "\u200d"
_PICTURE = "[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
LONE_JOINER = re.compile(f"(?<!{_PICTURE})(?<!{_PICTURE}\ufe0f){JOINER}|{JOINER}(?!{_PICTURE})")
# Signs that mrkdwn reads as formatting, which may open or close it, or our own around it. A
# look-alike takes their place, since mrkdwn has no way to quote them; snake_case alone is too
# common in names to be touched, and ends nothing inside a word.
FORMATTING = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
LOOKS_LIKE = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
QUOTE_SIGN = re.compile(r"^([^\S\n]*)(?=&gt;)", re.MULTILINE)
# Only what Slack makes: "<200 ms, errors >" and "<b>" are somebody's own words.
ENTITY = re.compile(
    rf"<([@#]{SLACK_ID}(?:\|[^<>]*)?|!(?:here|channel|everyone|subteam\^|date\^)[^<>]*"
    r"|[A-Za-z][A-Za-z0-9+.-]*:[^\s<>|]+(?:\|[^<>]*)?)>"
)
# A bare address would be linked by Slack by itself; an invisible sign after the scheme prevents it.
BARE_LINK = re.compile(r"(?<![A-Za-z0-9])(https?|ftp|mailto|tel|slack):", re.IGNORECASE)
EMOJI = re.compile(r":(?=[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:)")
# What Daybook's own sentences tell people to type; inert in code, whoever wrote it.
COMMAND = re.compile(r"(`(?:/|@Daybook )[a-z]+(?: [a-z]+){0,7}`)")
MENTION = re.compile(r"(?<![A-Za-z0-9])([@#])(?=\w)")


def escape(text: str, *, limit: int = 2_900) -> str:
    """Return hostile ``text`` as inert mrkdwn: no mention, link, formatting or invisible sign.

    What is returned has at most ``limit`` characters (3 at least), an ellipsis where it was cut.
    """
    text = visible(text)
    room = limit
    while len(inert := _inert(shorten(text, room))) > limit:
        room = min(room - 1, max(1, room * limit // len(inert)))
    return inert


def refusal(text: str, *, limit: int = 2_900) -> str:
    """As `escape`, but commands in code stay so: ``Type `/retro list` `` is our own sentence."""
    parts = [escape(part) if part else "" for part in COMMAND.split(text)[::2]]
    whole = "".join(map("".join, zip(parts, [*COMMAND.findall(text), ""], strict=True)))
    return whole if len(whole) <= limit else escape(text, limit=limit)


def say_test(where: str) -> str:
    """Say of a post that it is a test; ``where`` is where it would go, ours and escaped."""
    return f"A test: only you see it. It would go to {where}."


def visible(text: str) -> str:
    """Return ``text`` as it reads: one form of each letter, lines by \\n, nothing invisible."""
    text = unicodedata.normalize("NFC", "\n".join(text.splitlines()).replace("\t", " "))
    shown = (c for c in text if c in ("\n", JOINER) or not _is_invisible(c))
    return LONE_JOINER.sub("", BLANK.sub("", "".join(shown)))


def storable(text: str) -> str:
    """Return ``text`` without what a database refuses: NUL and halves of surrogate pairs."""
    return "".join(c for c in text if c != "\0" and unicodedata.category(c) != "Cs")


def _is_invisible(sign: str) -> bool:
    return unicodedata.category(sign) in INVISIBLE


def _inert(text: str) -> str:
    text = FORMATTING.sub(lambda m: LOOKS_LIKE[m.group()], text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = BARE_LINK.sub(lambda m: m.group(1) + "\u200b:", text)
    text = EMOJI.sub(":\u200b", text)
    text = QUOTE_SIGN.sub("\\1\u200b", text)
    return MENTION.sub("\\1\u200b", text)


def plain(text: str) -> str:
    """Return what a person reads in a Slack message: entities undone, marks removed.

    ``<@U1>`` becomes ``@U1``, ``<https://x|label>`` becomes ``label``.
    """
    text = ENTITY.sub(_entity, text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return visible(text).strip()


def _entity(match: re.Match[str]) -> str:
    body, _, label = match.group(1).partition("|")
    if body.startswith(("@", "#")):
        return body[0] + (label or body[1:])
    if body.startswith("!"):
        return "@" + (label or body[1:].split("^")[0])
    return label or body


def quote(text: str, *, limit: int = 600) -> str:
    """Return hostile ``text`` as an inert block quote."""
    lines = escape(text, limit=limit).split("\n")
    return "\n".join("> " + line for line in lines)


def shorten(text: str, limit: int) -> str:
    """Cut ``text`` to ``limit`` characters, with an ellipsis, at a word where one is near."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit * 0.7 else cut).rstrip().rstrip(JOINER) + "…"


def link(url: str, label: str) -> str:
    """Return a link of ours; ``label`` is escaped, ``url`` must be one that we or Slack made."""
    if not url:
        return escape(label)
    safe = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{safe}|{' '.join(escape(label).split()).replace('|', '/')}>"


def person(user_id: str) -> str:
    """Return a mention of a member; only for ids that Slack gave."""
    return f"<@{user_id}>" if re.fullmatch(SLACK_ID, user_id) else "somebody"


def channel(channel_id: str) -> str:
    """Return a link to a channel; only for ids that Slack gave."""
    return f"<#{channel_id}>" if re.fullmatch(SLACK_ID, channel_id) else "a channel"


def when(at: datetime, style: str = "{date_short_pretty} at {time}") -> str:
    """Return an instant in the reader's own zone, with UTC for clients that cannot."""
    return f"<!date^{int(at.timestamp())}^{style}|{at:%Y-%m-%d %H:%M} UTC>"


def emoji_name(name: str) -> str:
    """Return an emoji's name without colons and skin tone."""
    return name.strip(":").split("::")[0]
