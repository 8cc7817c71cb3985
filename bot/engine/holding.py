"""Hold messages back until the calendar of their reader lets them come, and let them go earlier.

The message waits, the check does not. What waits says so when it comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.queries import read_keeper
from bot.calendars.rules import hold, names_weekday, say_waited
from bot.clock import Rule, zone_named
from bot.db.session import wake_after_commit
from bot.engine.tables import Delivery
from bot.slack import limits
from bot.slack.blocks import Message, context
from bot.slack.text import escape


@dataclass(frozen=True)
class Held:
    """Until when a message waits, and why; ``zone`` is where its moments are told."""

    due: datetime
    until: datetime
    reason: str
    zone: str
    own_zone: str = ""  # its schedule's
    keeps_weekday: bool = False
    is_measured: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return what the delivery keeps, to say it and to look again."""
        return {
            "due": self.due.isoformat(),
            "reason": self.reason,
            "zone": self.zone,
            "own_zone": self.own_zone,
            "keeps_weekday": self.keeps_weekday,
            "is_measured": self.is_measured,
        }


async def hold_back(
    session: AsyncSession,
    workspace_id: str,
    target: str,
    *,
    due: datetime,
    at: datetime,
    zone: str,
    keeps_weekday: bool = False,
    is_measured: bool = False,
) -> Held | None:
    """Return how long a message to a channel or person has to wait; None: it may come at ``at``."""
    keeper = await read_keeper(session, workspace_id, target, zone=zone, at=at)
    permitted = hold(keeper, due, keeps_weekday=keeps_weekday)
    if permitted.at <= at:
        permitted = hold(keeper, at, keeps_weekday=keeps_weekday)
    if permitted.at <= at:
        return None
    return Held(
        due, permitted.at, permitted.reason, keeper.zone.key, zone, keeps_weekday, is_measured
    )


async def hold_anew(
    session: AsyncSession, workspace_id: str, *, at: datetime, target: str = ""
) -> int:
    """Look again at what waits, after a calendar changed; ``target`` empty: everywhere.

    Returns how many messages come at another time now.
    """
    query = select(Delivery).where(
        Delivery.workspace_id == workspace_id,
        Delivery.state == "planned",
        Delivery.held_for.is_not(None),
    )
    if target:
        query = query.where(Delivery.target == target)
    changed = 0
    for row in await session.scalars(query):
        before = row.not_before
        await _hold_row(session, row, at)
        changed += row.not_before != before
    wake_after_commit(session)
    return changed


async def _hold_row(session: AsyncSession, row: Delivery, at: datetime) -> None:
    told = row.payload.get("held")
    if told is None:
        return
    held = await hold_back(
        session,
        row.workspace_id,
        row.target,
        due=datetime.fromisoformat(told["due"]),
        at=at,
        zone=told["own_zone"],
        keeps_weekday=told["keeps_weekday"],
    )
    row.not_before = held.until if held else at
    if held:
        row.held_for = held.reason
        row.payload = row.payload | {"held": told | {"reason": held.reason}}


def with_note(message: Message, held: Mapping[str, Any] | None) -> Message:
    """Return a message with the small print that it was held back, if it was."""
    if not held or not held["says"]:
        return message
    due = datetime.fromisoformat(held["due"])
    words = say_waited(
        due,
        zone_named(held["zone"]),
        held["reason"],
        is_scheduled=bool(held["own_zone"]),
        is_measured=held["is_measured"],
    )
    note = escape(words, limit=300)
    if not message.blocks or len(message.blocks) >= limits.BLOCKS_PER_MESSAGE:
        return Message(f"{message.text}\n{note}", message.blocks)
    return Message(message.text, [*message.blocks, context(note)])


def is_weekday_named(rule: str, day: date) -> bool:
    """Tell whether a schedule's rule (as JSON) names the weekday of ``day`` by itself."""
    try:
        return names_weekday(Rule.from_json(rule), day)
    except ValidationError:
        return False
