"""What the bodies of webhooks say: Daybook's own form, Zendesk's, Intercom's and Typeform's. Pure.

Nothing in a body is trusted: what is not a text where a text is due is left out.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.errors import BadInput
from bot.feedback.rules import ADDRESS, KINDS, TEXT_LIMIT
from bot.intake.cells import read_instant
from bot.intake.signatures import DAYBOOK, INTERCOM, TYPEFORM, ZENDESK
from bot.slack.text import shorten, storable, visible

NAME_LIMIT, ID_LIMIT = 200, 120
BREAK = re.compile(r"<\s*(?:br|/p|/div|/li)\b[^>]*>", re.IGNORECASE)
# "fails with <100 rows, not with >100" holds none.
TAG = re.compile(r"</?[a-z][^<>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Incoming:
    """One thing that a customer said elsewhere. ``id`` is the source's own, never empty.

    ``item`` is what it is part of there (a reply's ticket), for its address; empty: ``id`` itself.
    """

    id: str
    text: str
    address: str = ""
    customer: str = ""
    kind: str = ""
    said_at: datetime | None = None
    item: str = ""

    def to_json(self) -> dict[str, str]:
        """Return it for a job."""
        said_at = self.said_at.isoformat() if self.said_at else ""
        return {
            "id": self.id,
            "text": self.text,
            "address": self.address,
            "customer": self.customer,
            "kind": self.kind,
            "said_at": said_at,
            "item": self.item,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, str]) -> "Incoming":
        """Read what ``to_json`` wrote."""
        said_at = datetime.fromisoformat(raw["said_at"]) if raw["said_at"] else None
        return cls(
            id=raw["id"],
            text=raw["text"],
            address=raw["address"],
            customer=raw["customer"],
            kind=raw["kind"],
            said_at=said_at,
            item=raw.get("item", ""),  # what waited while this was installed has none
        )


def read_body(shape: str, body: Any) -> Incoming | None:
    """Return what was said; None where nobody said anything (a ping, an agent's own reply).

    Raises ``BadInput`` that names the field and the fix.
    """
    if not isinstance(body, Mapping):
        raise BadInput(field="body", problem="The body must be one JSON object.")
    found = _READERS[shape](body)
    if found is None:
        return None
    if not found.id:
        raise BadInput(field="id", problem="There is no id.", fix="Send the source's own id.")
    if not visible(found.text).strip():
        raise BadInput(field="text", problem="There are no words.", fix="Send what they wrote.")
    return found


def _daybook(body: Mapping[str, Any]) -> Incoming:
    kind = _text(body.get("kind")).lower()
    if kind and kind not in KINDS:
        fix = f"Use {', '.join(KINDS)}, or leave it out."
        raise BadInput(field="kind", problem=f"“{kind[:40]}” is no kind of feedback.", fix=fix)
    typed = _text(body.get("said_at"))
    said_at = _instant(typed)
    if typed and said_at is None:
        problem = f"“{typed[:40]}” is no time."
        raise BadInput(field="said_at", problem=problem, fix="Use 2026-05-18T06:00:00Z.")
    return Incoming(
        id=_id(body.get("id")),
        text=_words(body.get("text")),
        address=_address(body.get("email")),
        customer=_name(body.get("customer")),
        kind=kind,
        said_at=said_at,
    )


def _zendesk(body: Mapping[str, Any]) -> Incoming | None:
    """A ticket: of a trigger's own body (``ticket``), or of an event (``detail``)."""
    ticket = _map(body.get("ticket")) or _map(body.get("detail"))
    if not ticket:
        return None
    event = _map(body.get("event"))
    comment = _map(event.get("comment"))
    if event and comment and _map(comment.get("author")).get("is_staff") is True:
        return None
    requester = _map(ticket.get("requester"))
    said = comment.get("body") or ticket.get("latest_comment") or ticket.get("description")
    words = _words(said)
    title = _words(ticket.get("subject") or ticket.get("title"))
    return Incoming(
        id=_id(comment.get("id") or ticket.get("id")),
        text=words if not title or title in words or comment else f"{title}\n{words}".strip(),
        address=_address(requester.get("email")),
        customer=_name(_map(ticket.get("organization")).get("name")),
        said_at=_instant(_text(comment.get("created_at") or ticket.get("created_at"))),
        item=_id(ticket.get("id")),
    )


def _intercom(body: Mapping[str, Any]) -> Incoming | None:
    """A conversation's first message, or the newest reply of the customer in it."""
    item = _map(_map(body.get("data")).get("item"))
    if _text(item.get("type")) != "conversation":
        return None
    parts = _map(item.get("conversation_parts")).get("conversation_parts")
    newest = _map(parts[-1]) if isinstance(parts, Sequence) and parts else {}
    source = newest if newest.get("body") else _map(item.get("source"))
    author = _map(source.get("author"))
    if _text(author.get("type")) in {"admin", "bot", "team"}:
        return None
    at = source.get("created_at") or item.get("created_at")
    return Incoming(
        id=_id(source.get("id") or item.get("id")),
        text=_words(source.get("body")),
        # A reply names its author by id alone; the conversation says who began it.
        address=_address(author.get("email") or _first_author(item).get("email")),
        said_at=_epoch(at),
        item=_id(item.get("id")),
    )


def _first_author(item: Mapping[str, Any]) -> Mapping[str, Any]:
    author = _map(_map(item.get("source")).get("author"))
    return author if _text(author.get("type")) not in {"admin", "bot", "team"} else {}


def _typeform(body: Mapping[str, Any]) -> Incoming | None:
    """A response: its answers in words, each under its question; the address among them."""
    response = _map(body.get("form_response"))
    if not response:
        return None
    fields = _map(response.get("definition")).get("fields")
    asked = {
        _text(_map(one).get("id")): _words(_map(one).get("title"))
        for one in (fields if isinstance(fields, list) else [])
    }
    pairs: list[tuple[str, str]] = []
    address = ""
    answers = response.get("answers")
    for answer in map(_map, answers if isinstance(answers, list) else []):
        if answer.get("type") == "email":
            address = _address(answer.get("email"))
        elif said := _words(answer.get("text")):
            pairs.append((asked.get(_text(_map(answer.get("field")).get("id")), ""), said))
    if not pairs:
        return None
    lines = [f"{question}: {said}" if question else said for question, said in pairs]
    text = pairs[0][1] if len(pairs) == 1 else "\n".join(lines)
    hidden = _map(response.get("hidden"))
    return Incoming(
        id=_id(response.get("token") or body.get("event_id")),
        text=text,
        address=address or _address(hidden.get("email")),
        customer=_name(hidden.get("customer") or hidden.get("company")),
        said_at=_instant(_text(response.get("submitted_at"))),
    )


_READERS: dict[str, Callable[[Mapping[str, Any]], Incoming | None]] = {
    DAYBOOK: _daybook,
    ZENDESK: _zendesk,
    INTERCOM: _intercom,
    TYPEFORM: _typeform,
}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return storable(value).strip() if isinstance(value, str) else ""


def _words(value: Any) -> str:
    """Return a text without HTML: support desks send both."""
    text = TAG.sub("", BREAK.sub("\n", _text(value)))
    return shorten(visible(html.unescape(text)).strip(), TEXT_LIMIT)


def _name(value: Any) -> str:
    return shorten(" ".join(_words(value).split()), NAME_LIMIT)


def _id(value: Any) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else visible(_text(value))[:ID_LIMIT]


def _address(value: Any) -> str:
    text = _text(value).lower()
    return text if ADDRESS.fullmatch(text) and len(text) <= 320 else ""


def _instant(text: str) -> datetime | None:
    try:
        return read_instant(text)
    except ValueError:
        return None


def _epoch(value: Any) -> datetime | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return datetime.fromtimestamp(value, UTC) if is_number and 0 < value < 4_000_000_000 else None
