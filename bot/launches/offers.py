"""Which messages look like a launch. Pure; a message that does not match is not kept."""

import re

from bot.slack.text import plain, shorten

# Longer messages are reports, threads or pasted text; launches are told in a few sentences.
LONGEST = 700
# As Slack sends it, with the addresses of its links: what is over this is not even read.
LONGEST_WRITTEN = 10 * LONGEST
TITLE_LENGTH = 100
ROCKET = re.compile(
    r"^\s*(?::(?:rocket|ship|shipit|tada):|\U0001f680|\U0001f6a2)\s*", re.IGNORECASE
)
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
QUOTED = re.compile(r"^[^\S\n]*(?:>|&gt;).*$", re.MULTILINE)
EMOJI = re.compile(r":[a-z0-9_+'-]+(?:::skin-tone-\d)?:")

# "Shipped the new importer", "we just launched annual billing"
DID = re.compile(
    r"^(?:ok(?:ay)?[,!]?\s+|hey (?:all|team|everyone)[,!:]?\s+|team[,!:]\s+|and\s+)?"
    r"(?:(?:we|i)(?:'ve|’ve| have)?\s+)?(?:just\s+|finally\s+|now\s+)?"
    r"(?:shipped|launched|released|rolled out)[:,]?\s+(?P<what>.+)$",
    re.IGNORECASE | re.DOTALL,
)
# "The new importer is live", "Annual billing just went live for everyone"
IS_LIVE = re.compile(
    r"^(?P<what>(?!(?:i|he|she|they|that|this|it|there|who|what)\b)[^.?!\n]{3,90}?)\s+"
    r"(?:(?:is|are)\s+(?:now\s+|finally\s+)?(?:live|shipped|launched|released)\b"
    r"|(?:has|have)\s+(?:just\s+)?(?:been\s+)?(?:shipped|launched|released|rolled out)\b"
    r"|(?:just\s+)?went live\b|(?:just\s+)?shipped\s*(?:[.!]|$)"
    r"|(?:just\s+)?launched\s*(?:today\b|[.!]|$))",
    re.IGNORECASE,
)
# What makes the same words something else: a plan, a doubt, a negation, the past, a rival.
NOT_YET = re.compile(
    r"n['’]t\b|\b(?:not|never|until|unless|before|once|when|if|should|could|would|might|may|can|"
    r"will|going to|gonna|about to|plan(?:s|ned|ning)? to|want(?:s|ed)? to|hope(?:s|d)? to|"
    r"almost|nearly|ready to|wait(?:ing)?|tomorrow|ago|back then|rolled back|revert(?:ed)?|"
    r"(?:next|last) (?:week|sprint|month|quarter|year)|"
    r"postponed|blocked|delayed|broken|competitors?)\b",
    re.IGNORECASE,
)
# The verbs in another sense, or something that no customer meets.
OTHER_SENSE = re.compile(
    r"\b(?:parcels?|t-?shirts?|stickers|laptops?|swag|by (?:post|mail|courier)|"
    r"hostages?|prisoners?|a statement|an? (?:party|lawsuit|investigation|album|film|movie)|"
    r"missiles?|(?:live)? ?stream|(?:db |database |table )lock|the lock)\b",
    re.IGNORECASE,
)
A_THING = re.compile(
    r"(?:the|our|a|an|new|v?\d+\.\d+|[A-Z][\w-]+)\b(?!\s+(?:file|link|docs?|notes?|deck|pdf))"
)
WHEN_OR_WHOM = re.compile(
    r"(?<!\s)\s+(?:today|now|just now|this (?:morning|afternoon|week)"
    r"|(?:to|for) (?:everyone|everybody|all(?: \w+)?|100 ?%.*))\s*$",
    re.IGNORECASE,
)
ARTICLE = re.compile(r"^(?:the|our|a|an)\s+", re.IGNORECASE)


def launch_title(text: str) -> str | None:
    """Return what a message (Slack's mrkdwn) says was launched, or None when it is no launch."""
    if len(text) > LONGEST_WRITTEN:
        return None
    words = plain(QUOTED.sub("", CODE.sub(" ", text)))
    if not words or len(words) > LONGEST:
        return None
    has_rocket = bool(ROCKET.match(words))
    first = EMOJI.sub("", ROCKET.sub("", words)).strip().splitlines()
    sentence = _first_sentence(first[0]) if first else ""
    if not sentence or "?" in sentence or NOT_YET.search(sentence) or OTHER_SENSE.search(sentence):
        return None
    did, is_live = DID.match(sentence), IS_LIVE.match(sentence)
    if did and (has_rocket or _names_something(did["what"])):
        return _title(did["what"])
    if is_live:
        return _title(is_live["what"])
    return None


def title_of(text: str) -> str:
    """Return a title for a message that a person calls a launch: what it says, else its start."""
    found = launch_title(text)
    if found:
        return found
    lines = [line for line in EMOJI.sub("", plain(text)).splitlines() if line.strip()]
    return _title(_first_sentence(lines[0].strip())) if lines else ""


def _names_something(what: str) -> bool:
    """Whether it is a thing of ours: "the new importer", not "it" or "you the file"."""
    return bool(A_THING.match(what))


def _first_sentence(line: str) -> str:
    return re.split(r"(?<=[.!?])\s+(?=\S)|\s+[-–—]\s+", line.strip(), maxsplit=1)[0].strip()


def _title(what: str) -> str:
    cleaned = ARTICLE.sub("", WHEN_OR_WHOM.sub("", what.strip(" .!,:;")))
    cleaned = re.sub(r"\s+", " ", cleaned.replace("*", "")).strip(" .!,:;_~\"'")
    return shorten(cleaned[:1].upper() + cleaned[1:], TITLE_LENGTH) if cleaned else ""
