"""Pure decisions about feedback: what is logged, whose it is, what may be undone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import BadInput
from bot.slack.gateway import SlackMessage
from bot.slack.text import plain, shorten

KINDS = ("bug", "request", "praise", "question", "competitor")
MOODS = ("positive", "neutral", "negative")
# Un-reacting soon means "I did not mean that"; later the log stands and corrections are explicit.
UNDO_WINDOW = timedelta(minutes=10)
# Slack's own limit of a message; what a form takes is shorter.
TEXT_LIMIT = 40_000
# From a word's beginning only: of a text without blanks each letter would be one otherwise.
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@([\w-]+(?:\.[\w-]+)+)")
# Subtypes that a person wrote; all others are Slack's own notes (joined, renamed ...).
WRITTEN = frozenset({"", "thread_broadcast", "file_share", "me_message"})
# What a form or a support desk posts for a customer: logged when a person points at it.
POSTED = WRITTEN | {"bot_message"}


@dataclass(frozen=True)
class CustomerCard:
    """What identifies a customer."""

    id: str
    name: str
    domains: tuple[str, ...] = ()
    channel_id: str = ""


def message_words(message: SlackMessage, *, bot_user: str = "", is_customers: bool = False) -> str:
    """Return what the message says, for the log; names of files where it says nothing.

    ``is_customers``: a customer wrote it, so that what it quotes are not the customer's words.
    Raises ``BadInput`` when there is nothing to log.
    """
    if message.subtype not in POSTED:
        raise BadInput(
            field="message",
            problem="That is a note by Slack, not something a person wrote.",
            fix="React to the message itself.",
        )
    own = without_call(message.text, bot_user)
    text = plain(own if is_customers else customers_words(own, message.shared))
    if not text and message.files:
        text = "File: " + ", ".join(message.files)
    if not text:
        raise BadInput(
            field="message", problem="That message has no words.", fix="Nothing was logged."
        )
    return shorten(text, TEXT_LIMIT)


def without_call(text: str, bot_user: str) -> str:
    """Return Slack's text without a leading "@Daybook feedback"; all of it without a bot's id."""
    if not bot_user:
        return text
    call = rf"\s*<@{re.escape(bot_user)}(?:\|[^>]*)?>\s*(?:feedback\b\s*)?"
    found = re.match(call, text, re.IGNORECASE)
    return text[found.end() :] if found else text


def whole_text(message: SlackMessage) -> str:
    """Return everything that may say whose words they are, forwarded ones included."""
    return plain(f"{message.text}\n{message.shared}")


def customers_words(text: str, shared: str = "") -> str:
    """Return what the customer said: where a member pasted a quote or forwarded a message, that.

    Both are Slack's own (still with entities); a heading such as "Acme, ann@acme.example:" above
    the quote says whose it is, and would draw the text to other texts of that customer. Lines stay
    lines, so that several asks of one quote are still seen.
    """
    lines = text.replace("&gt;", ">").splitlines()
    quoted = [line.lstrip("> ").strip() for line in lines if line.startswith(">")]
    return "\n".join(quoted).strip() or shared or text


def named_domain(text: str) -> str:
    """Return the one e-mail domain that stands in the text, or an empty string."""
    domains = {domain.lower().rstrip(".") for domain in ADDRESS.findall(text)}
    return domains.pop() if len(domains) == 1 else ""


def check_not_ours(message: SlackMessage, *, bot_user: str, bot_id: str) -> None:
    """Raise ``BadInput`` for the bot's own messages: they are no customer's words."""
    if message.user == bot_user or (bot_id and message.bot_id == bot_id):
        raise BadInput(
            field="message",
            problem="That is one of my own messages.",
            fix="Nothing was logged; react to what the customer wrote.",
        )


def find_customer(
    customers: Iterable[CustomerCard], *, channel_id: str, email: str, text: str
) -> CustomerCard | None:
    """Return whose words these are: by shared channel, the author's e-mail domain, the one address
    or else the one name in the text. None when nobody or more than one fits.
    """
    cards = list(customers)
    domain = email.rpartition("@")[2].lower()
    pasted = named_domain(text)
    for fits in (
        [c for c in cards if c.channel_id and c.channel_id == channel_id],
        [c for c in cards if domain and domain in c.domains],
        [c for c in cards if pasted and pasted in c.domains],
        [c for c in cards if is_named_in(c.name, text)],
    ):
        if fits:
            return fits[0] if len(fits) == 1 else None
    return None


def named_customer(customers: Iterable[CustomerCard], name: str) -> CustomerCard | None:
    """Return the customer of exactly this name, in any case."""
    wanted = " ".join(name.split()).casefold()
    return next((c for c in customers if wanted and c.name.casefold() == wanted), None)


def named_person(text: str) -> str:
    """Return the one e-mail address that stands in the text, or an empty string."""
    found = {match.group().lower().rstrip(".") for match in ADDRESS.finditer(text)}
    return found.pop() if len(found) == 1 else ""


def is_named_in(name: str, text: str) -> bool:
    """Tell whether the text names the customer, as a whole word and in any case."""
    pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
    return len(name) >= 3 and re.search(pattern, text, re.IGNORECASE) is not None


def can_undo(logged_at: datetime, now: datetime) -> bool:
    """Tell whether taking the emoji back still undoes the log."""
    return now - logged_at <= UNDO_WINDOW


def is_news(known_event_ts: str, event_ts: str, *, is_change: bool) -> bool:
    """Tell whether an event is newer than what is known; Slack keeps no order.

    Servers that only speak like Slack may give all their events one time, or none: then what comes
    in later, and says otherwise (``is_change``), is newer.
    """
    known, told = float(known_event_ts or 0), float(event_ts or 0)
    return told > known or (is_change and told == known)


def check_kind(kind: str) -> str:
    """Return the kind, or raise ``BadInput`` naming the known ones."""
    if kind not in KINDS:
        raise BadInput(
            field="kind",
            problem=f"“{kind}” is no kind of feedback.",
            fix=f"Use {', '.join(KINDS)}.",
        )
    return kind
