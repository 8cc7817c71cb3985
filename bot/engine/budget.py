"""How many messages a channel gets in a day; what is over waits for its next digest.

Answers to people never count, nor do replies in threads and edits. Headlines that people answer
count, and are never put off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.queries import read_team_rest
from bot.clock import Once, Rule, local_date, slot_instant, zone_named
from bot.db.plain import execute_plain
from bot.db.types import new_id
from bot.engine.schedules import Plan, find_schedule, put_schedule
from bot.engine.tables import Delivery
from bot.workspaces.tables import Channel, Workspace

DEFAULT_BUDGET = 6
NO_LIMIT = 0
SETTING = "budget"
BUNDLE = "budget.bundle"  # the kind of the schedule that tells what no digest told
BUNDLE_AT = time(9, 0)
# What was put off is wanted however late: nothing else tells it.
BUNDLE_LATEST_MINUTES = 30 * 24 * 60
ROLLED, TOLD = "rolled", "told in a digest or bundle"
SPENT = ("planned", "sending", "sent")
_DELIVERY = cast(Table, Delivery.__table__)
_ROLLED = (
    select(_DELIVERY.c.id, _DELIVERY.c.label, _DELIVERY.c.payload, _DELIVERY.c.planned_at)
    .where(
        _DELIVERY.c.workspace_id == bindparam("of"),
        _DELIVERY.c.target == bindparam("channel"),
        _DELIVERY.c.state == ROLLED,
    )
    .order_by(_DELIVERY.c.priority, _DELIVERY.c.id)
)


@dataclass(frozen=True)
class Rolled:
    """A message that was put off. ``label`` names it, ``text`` is its own first words."""

    id: str
    label: str
    text: str
    at: datetime


async def is_over_budget(
    session: AsyncSession, workspace_id: str, channel_id: str, *, zone: str, at: datetime
) -> bool:
    """Tell whether a channel has had its messages of the local day of ``at``."""
    budget = await read_budget(session, workspace_id, channel_id)
    if budget == NO_LIMIT:
        return False
    where = zone_named(zone or "UTC")
    day = local_date(at, where)
    begin = slot_instant(day, time(0), where)
    end = slot_instant(day + timedelta(days=1), time(0), where)
    spent = await session.scalar(
        select(func.count())
        .select_from(Delivery)
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.target == channel_id,
            Delivery.state.in_(SPENT),
            Delivery.counts.is_(True),
            Delivery.not_before >= begin,
            Delivery.not_before < end,
        )
    )
    return (spent or 0) >= budget


async def read_budget(session: AsyncSession, workspace_id: str, channel_id: str) -> int:
    """Return a channel's messages a day: its own, else the workspace's, else the default."""
    channel = await session.get(Channel, (workspace_id, channel_id))
    if channel and channel.message_budget is not None:
        return channel.message_budget
    return await read_team_budget(session, workspace_id)


async def read_team_budget(session: AsyncSession, workspace_id: str) -> int:
    """Return the workspace's messages a day and channel."""
    query = select(Workspace.settings).where(Workspace.id == workspace_id)
    settings = await session.scalar(query)
    return int((settings or {}).get(SETTING, DEFAULT_BUDGET))


async def zone_of_day(session: AsyncSession, workspace_id: str, own: str) -> str:
    """Return where a channel's days begin: the workspace's zone, else the schedule's own."""
    return (await read_team_rest(session, workspace_id)).zone or own


async def ensure_bundle(
    session: AsyncSession, workspace_id: str, channel_id: str, *, zone: str, at: datetime
) -> None:
    """See to it that what was put off is told next morning, if no digest tells it before."""
    schedule = await find_schedule(session, workspace_id, BUNDLE, channel_id)
    if schedule and schedule.state == "active" and schedule.next_run_utc:
        return
    where = zone_named(zone or "UTC")
    day = local_date(at, where)
    if slot_instant(day, BUNDLE_AT, where) <= at or (schedule and schedule.last_date == day):
        day += timedelta(days=1)
    rule = Rule(at=BUNDLE_AT, on=Once(on=day))
    plan = Plan(BUNDLE, channel_id, rule, where.key, latest_minutes=BUNDLE_LATEST_MINUTES)
    await put_schedule(session, workspace_id, plan, at=at)


async def find_rolled(session: AsyncSession, workspace_id: str, channel_id: str) -> list[Rolled]:
    """Return what was put off in a channel: the most urgent first, then the oldest."""
    of = {"of": workspace_id, "channel": channel_id}
    rows = await execute_plain(session, _ROLLED, of)
    return [
        Rolled(row.id, row.label, str(row.payload["message"]["text"]), row.planned_at)
        for row in rows
    ]


async def tell_under(
    session: AsyncSession,
    workspace_id: str,
    head_id: str,
    rolled: Sequence[Rolled],
    *,
    at: datetime,
) -> None:
    """Plan what was put off, whole, in the thread of the message ``head_id``.

    Each becomes a delivery of its own after the head: the order of deliveries looks only at older
    ones. What belongs to it follows.
    """
    if not rolled:
        return
    head = await session.get_one(Delivery, (workspace_id, head_id))
    for one in rolled:
        row = await session.get_one(Delivery, (workspace_id, one.id), with_for_update=True)
        if row.state != ROLLED:
            continue
        heir = _heir(row, head, at)
        session.add(heir)
        row.state, row.error, row.finished_at = "skipped", TOLD, at
        row.heir_id = heir.id
        await session.flush()
        await _bequeath(session, row, heir, head)


def _heir(row: Delivery, head: Delivery, at: datetime) -> Delivery:
    return Delivery(
        workspace_id=row.workspace_id,
        id=new_id(),
        cause=head.cause,
        target=row.target,
        part=f"rolled.{row.id}",
        method="post",
        payload=row.payload,
        after_id=head.id,
        priority=row.priority,
        owner_id=row.owner_id,
        label=row.label,
        key=row.key,
        state="planned",
        not_before=max(at, head.not_before),
        planned_at=at,
    )


async def _bequeath(session: AsyncSession, row: Delivery, heir: Delivery, head: Delivery) -> None:
    of_row = (Delivery.workspace_id == row.workspace_id, Delivery.after_id == row.id)
    # A reply cannot have replies of its own: what stood under it stands under the head.
    for method, after_id in (("post", head.id), ("update", heir.id), ("picture", heir.id)):
        await session.execute(
            update(Delivery).where(*of_row, Delivery.method == method).values(after_id=after_id)
        )


async def find_heir(session: AsyncSession, workspace_id: str, delivery_id: str) -> Delivery | None:
    """Return the delivery that carries a message now: itself, or the one in a digest's thread."""
    row = await session.get(Delivery, (workspace_id, delivery_id))
    while row is not None and row.heir_id:
        row = await session.get(Delivery, (workspace_id, row.heir_id))
    return row
