"""Read what waits for the calendar, as its asker may know."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine.budget import BUNDLE, ROLLED
from bot.engine.tables import Delivery, Schedule
from bot.workspaces.asker import Asker

SHOWN = 20


@dataclass(frozen=True)
class Waiting:
    """A message that is held back until ``at``, and why.

    Over a channel's budget there is no reason: it waits for a digest, and until ``at`` at most.
    """

    label: str
    target: str
    at: datetime | None
    reason: str


async def find_waiting(session: AsyncSession, asker: Asker) -> list[Waiting]:
    """Return what of the asker's is held back, the next first; each message once."""
    return [*await _held(session, asker), *await _put_off(session, asker)][:SHOWN]


async def _held(session: AsyncSession, asker: Asker) -> list[Waiting]:
    query = (
        select(Delivery.label, Delivery.target, Delivery.not_before, Delivery.held_for)
        .where(
            Delivery.workspace_id == asker.workspace_id,
            asker.owns(Delivery.owner_id),
            Delivery.state == "planned",
            Delivery.held_for.is_not(None),
            Delivery.after_id.is_(None),
        )
        .order_by(Delivery.not_before, Delivery.id)
        .limit(SHOWN)
    )
    rows = await session.execute(query)
    return [Waiting(label, target, at, reason or "") for label, target, at, reason in rows]


async def _put_off(session: AsyncSession, asker: Asker) -> list[Waiting]:
    bundle = and_(
        Schedule.workspace_id == Delivery.workspace_id,
        Schedule.kind == BUNDLE,
        Schedule.subject_id == Delivery.target,
    )
    query = (
        select(Delivery.label, Delivery.target, Schedule.next_run_utc)
        .join(Schedule, bundle, isouter=True)
        .where(
            Delivery.workspace_id == asker.workspace_id,
            asker.owns(Delivery.owner_id),
            Delivery.state == ROLLED,
        )
        .order_by(Delivery.planned_at, Delivery.id)
        .limit(SHOWN)
    )
    rows = await session.execute(query)
    return [Waiting(label, target, at, "") for label, target, at in rows]
