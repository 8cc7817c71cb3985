"""Plan what is to be said in Slack; the runner says it after the commit.

A delivery is keyed by cause, target and part: planning it twice leaves one. See
docs/decisions/0002-the-engine.md for the states.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import wake_after_commit
from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.engine.budget import ROLLED, ensure_bundle, find_heir, is_over_budget, zone_of_day
from bot.engine.holding import Held, hold_back
from bot.engine.tables import Delivery
from bot.slack.blocks import Message
from bot.slack.kinds import is_channel

ANSWER, ORDINARY, HOUSEKEEPING = 1, 5, 9


@dataclass(frozen=True)
class Waits:
    """What makes a message wait for its calendar: when it was due, in the zone of its schedule.

    ``keeps_weekday``: the schedule names this very weekday, so that a weekend does not count.
    ``is_measured``: it tells of numbers that were read on their date, which a late reader asks.
    """

    at: datetime
    zone: str = ""
    keeps_weekday: bool = False
    is_measured: bool = False


@dataclass(frozen=True)
class Cause:
    """Why something is said, where blame goes if it fails, and when it was planned.

    With ``waits`` a new message is held until its reader's calendar lets it come; edits are not.
    """

    workspace_id: str
    key: str  # occurrence:<id>, event:<id>, act:<id>
    at: datetime
    owner_id: str = ""
    label: str = ""
    priority: int = ORDINARY
    waits: Waits | None = None

    @property
    def is_unasked(self) -> bool:
        """Whether Daybook says it by itself; what people do or ask for counts in no budget."""
        return self.priority > ANSWER and not self.key.startswith("act:")

    def about(self, label: str, owner_id: str = "") -> "Cause":
        """Return the same cause with what it is about and who is told when it fails."""
        return replace(self, label=label, owner_id=owner_id or self.owner_id)


@dataclass(frozen=True)
class Sent:
    """Where a delivery ended up."""

    id: str
    state: str
    channel: str = ""
    ts: str = ""


@dataclass(frozen=True)
class _Plan:
    cause: Cause
    target: str
    part: str
    method: str
    payload: dict[str, Any]
    after_id: str | None = None
    priority: int | None = None
    not_before: datetime | None = field(default=None)
    held: Held | None = None
    counts: bool = False
    is_rolled: bool = False


async def plan_post(
    session: AsyncSession,
    cause: Cause,
    target: str,
    part: str,
    message: Message,
    *,
    thread: str = "",
    under: str = "",
    not_before: datetime | None = None,
    is_headline: bool = False,
) -> str:
    """Plan a message to a channel or, with a person's id, a DM. Returns the delivery's id.

    ``thread`` is a message's ts; ``under`` is the delivery whose message it answers. What Slack
    takes as one message only in parts goes on in the thread. A channel that has had its messages
    of the day gets it with its next digest, unless it ``is_headline``: edited, answered, clicked.
    """
    first, *rest = message.parts()
    under = await _root_of(session, cause, under)
    held = None if not_before else await hold_cause(session, cause, target)
    is_piece = bool(held and under) and await _is_of(session, cause, under)
    payload = {"message": _as_json(first), "thread": thread}
    if held:
        payload["held"] = held.to_json() | {"says": not is_piece}
    counts = cause.is_unasked and is_channel(target) and not (thread or under)
    begin = held.until if held else not_before or cause.at
    is_rolled = counts and not is_headline and await _roll(session, cause, target, begin)
    plan = _Plan(cause, target, part, "post", payload, under or None, not_before=begin, held=held)
    head = await _plan(session, replace(plan, counts=counts, is_rolled=is_rolled))
    for number, piece in enumerate(rest, start=2):
        more = {"message": _as_json(piece), "thread": thread}
        after = under if (under and not thread) else (None if thread else head)
        plan = _Plan(cause, target, f"{part}.{number}", "post", more, after, held=held)
        await _plan(session, plan)
    return head


async def _roll(session: AsyncSession, cause: Cause, channel: str, begin: datetime) -> bool:
    own = cause.waits.zone if cause.waits else ""
    zone = await zone_of_day(session, cause.workspace_id, own)
    if not await is_over_budget(session, cause.workspace_id, channel, zone=zone, at=begin):
        return False
    await ensure_bundle(session, cause.workspace_id, channel, zone=zone, at=begin)
    return True


async def _root_of(session: AsyncSession, cause: Cause, under: str) -> str:
    """Return the delivery to answer: of one told in a digest's thread that is the digest."""
    if not under:
        return ""
    heir = await find_heir(session, cause.workspace_id, under)
    return heir.after_id or under if heir and heir.id != under else under


async def hold_cause(session: AsyncSession, cause: Cause, target: str) -> Held | None:
    """Return how long what a cause says to ``target`` has to wait; None: it may come at once."""
    if cause.waits is None:
        return None
    waits = cause.waits
    return await hold_back(
        session,
        cause.workspace_id,
        target,
        due=waits.at,
        at=cause.at,
        zone=waits.zone,
        keeps_weekday=waits.keeps_weekday,
        is_measured=waits.is_measured,
    )


async def _is_of(session: AsyncSession, cause: Cause, delivery_id: str) -> bool:
    """Tell whether a delivery has the same cause: then what is under it is its continuation."""
    key = (cause.workspace_id, delivery_id)
    row = await session.get(Delivery, key)
    return row is not None and row.cause == cause.key


async def plan_update(
    session: AsyncSession,
    cause: Cause,
    part: str,
    message: Message,
    *,
    of: str = "",
    channel: str = "",
    ts: str = "",
) -> str:
    """Plan an edit of the message of delivery ``of``, or of the one at ``channel`` and ``ts``."""
    payload = {"message": _as_json(message.parts()[0]), "channel": channel, "ts": ts}
    heir = await find_heir(session, cause.workspace_id, of) if of else None
    of = heir.id if heir else of
    return await _plan(session, _Plan(cause, channel or of, part, "update", payload, of or None))


async def plan_ephemeral(
    session: AsyncSession,
    cause: Cause,
    channel: str,
    user: str,
    part: str,
    message: Message,
    *,
    thread: str = "",
) -> str:
    """Plan a note that only one person sees; it vanishes, so never the only copy of anything."""
    payload = {"message": _as_json(message.parts()[0]), "user": user, "thread": thread}
    return await _plan(
        session, _Plan(cause, channel, f"{part}.{user}", "ephemeral", payload, priority=ANSWER)
    )


async def plan_reaction(
    session: AsyncSession,
    cause: Cause,
    channel: str,
    ts: str,
    emoji: str,
    *,
    remove: bool = False,
) -> str:
    """Plan the bot's own reaction on a message, or its removal."""
    method = "unreact" if remove else "react"
    payload = {"ts": ts, "emoji": emoji}
    return await _plan(
        session, _Plan(cause, channel, f"{method}.{emoji}.{ts}", method, payload, priority=ANSWER)
    )


async def plan_picture(
    session: AsyncSession,
    cause: Cause,
    of: str,
    part: str,
    message: Message,
    *,
    spec: dict[str, Any],
    alt: str,
    index: int,
) -> str:
    """Plan a picture for a posted message: rendered and uploaded, then put in by an edit.

    ``message`` is the posted one, ``index`` the place of the picture among its blocks, ``spec``
    what bot.digests.chart draws. The text is there first, and stays if the picture fails.
    """
    payload = {
        "message": _as_json(message.parts()[0]),
        "spec": spec,
        "alt": alt,
        "index": index,
    }
    posted = await session.get(Delivery, (cause.workspace_id, of))
    if posted and "held" in posted.payload:
        payload["held"] = posted.payload["held"]
    return await _plan(session, _Plan(cause, of, part, "picture", payload, of))


async def where_sent(session: AsyncSession, workspace_id: str, delivery_id: str) -> Sent | None:
    """Return where a delivery ended up, or None when there is no such delivery."""
    row = (
        await session.execute(
            select(Delivery.id, Delivery.state, Delivery.channel, Delivery.ts).where(
                Delivery.workspace_id == workspace_id, Delivery.id == delivery_id
            )
        )
    ).one_or_none()
    return Sent(*row) if row else None


async def _plan(session: AsyncSession, plan: _Plan) -> str:
    cause = plan.cause
    values = {
        "workspace_id": cause.workspace_id,
        "id": new_id(),
        "cause": cause.key,
        "target": plan.target,
        "part": plan.part,
        "method": plan.method,
        "payload": plan.payload,
        "after_id": plan.after_id,
        "priority": plan.priority or cause.priority,
        "owner_id": cause.owner_id,
        "label": cause.label,
        "key": secrets.token_hex(12),
        "not_before": plan.held.until if plan.held else plan.not_before or cause.at,
        "held_for": plan.held.reason if plan.held else None,
        "state": ROLLED if plan.is_rolled else "planned",
        "counts": plan.counts or None,
        "planned_at": cause.at,
    }
    is_new = await insert_unless_there(session, Delivery, **values)
    wake_after_commit(session)
    if is_new:
        return str(values["id"])
    existing = await session.scalar(
        select(Delivery.id).where(
            Delivery.workspace_id == cause.workspace_id,
            Delivery.cause == cause.key,
            Delivery.target == plan.target,
            Delivery.part == plan.part,
        )
    )
    return str(existing)


def _as_json(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks}
