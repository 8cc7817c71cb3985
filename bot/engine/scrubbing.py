"""Take words out of what was or will be said, and of the events that brought them.

Deliveries keep what they say for a day, to be sent again; so do events. What stands in Slack
already is edited, as far as it was sent within that day.
"""

import html
import json
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.deliveries import Cause, plan_update
from bot.engine.tables import Delivery, Inbox
from bot.slack.blocks import Message, section

REMOVED = "The words that stood here were removed."
# Quotes are cut from their end, never from their start: so many letters and digits say whose
# words they are. Fewer than ``CERTAIN`` could be anybody's: then the number must stand there too.
KNOWN_BY, CERTAIN = 48, 12


@dataclass(frozen=True)
class Words:
    """What is to go: a text, and a sign that stands beside it where it is too short to be sure."""

    text: str
    sign: str = ""


class Trace:
    """Finds words again in what was said, however they were escaped, cut or laid out."""

    def __init__(self, words: Collection[Words]) -> None:
        self._prints = [(_letters(one.text)[:KNOWN_BY], one.sign) for one in words]

    def is_in(self, said: Any) -> bool:
        """Tell whether any of the words stand in a JSON value."""
        raw = json.dumps(said, ensure_ascii=False)
        letters = _letters(raw)
        return any(
            known and known in letters and (len(known) >= CERTAIN or (sign and sign in raw))
            for known, sign in self._prints
        )


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", html.unescape(text.replace("\\n", " "))).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


async def scrub(session: AsyncSession, cause: Cause, words: Sequence[Words]) -> int:
    """Take ``words`` out of all deliveries and events; returns how many messages said them.

    What is not sent yet is sent without them; what stands in Slack is edited.
    """
    trace = Trace(words)
    for event in await session.scalars(
        select(Inbox).where(Inbox.workspace_id == cause.workspace_id)
    ):
        if event.payload and trace.is_in(event.payload):
            event.payload = _without_text(event.payload)
    query = (
        select(Delivery)
        .where(Delivery.workspace_id == cause.workspace_id)
        .order_by(Delivery.planned_at, Delivery.id)
    )
    standing: dict[tuple[str, str], dict[str, Any]] = {}
    count = 0
    for row in await session.scalars(query):
        if "message" not in row.payload or not trace.is_in(row.payload["message"]):
            if row.ts and "message" in row.payload:
                standing.pop((row.channel, row.ts), None)
            continue
        row.payload = row.payload | {"message": _scrubbed(row.payload["message"], trace)}
        count += 1
        if row.state == "sent" and row.ts:
            standing[row.channel, row.ts] = row.payload["message"]
    await session.flush()
    for (channel, ts), said in standing.items():
        message = Message(said["text"], said["blocks"])
        await plan_update(session, cause, f"scrubbed.{ts}", message, channel=channel, ts=ts)
    return count


def _scrubbed(message: dict[str, Any], trace: Trace) -> dict[str, Any]:
    text = REMOVED if trace.is_in(message["text"]) else message["text"]
    blocks = [section(REMOVED) if trace.is_in(one) else one for one in message["blocks"]]
    if trace.is_in([text, *blocks]):  # told over several blocks
        return {"text": REMOVED, "blocks": []}
    return {"text": text, "blocks": blocks}


def _without_text(payload: dict[str, Any]) -> dict[str, Any]:
    """Keep ids; drop all that may be words."""
    kept = ("channel", "ts", "thread_ts", "user", "launch", "feedback", "event")
    return {name: value for name, value in payload.items() if name in kept}
