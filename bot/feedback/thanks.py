"""Thanks to whoever logged what fed a decision, a launch or a verdict: noted, and said together.

Each once: a row a person, subject and event. Said the next morning in one direct message.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Once, Rule, local_date, zone_named
from bot.db.upsert import insert_unless_there
from bot.engine.schedules import Plan, find_schedule, put_schedule
from bot.feedback.tables import Thanks
from bot.workspaces.tables import Member

SEND = "thanks.send"
# After what the morning asks of people; thanks are no work.
SAID_AT = time(11, 0)
# Said once: late is better than never.
LATEST_MINUTES = 30 * 24 * 60
DECIDED = "decided"


async def note_thanks(
    session: AsyncSession,
    workspace_id: str,
    user_ids: Iterable[str],
    subject_kind: str,
    subject_id: str,
    event: str,
    *,
    at: datetime,
    is_said: bool = False,
) -> None:
    """Owe thanks to these people, unless they were thanked for it; ``is_said``: they are now."""
    for user_id in sorted(set(user_ids) - {""}):
        is_new = await insert_unless_there(
            session,
            Thanks,
            workspace_id=workspace_id,
            user_id=user_id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            event=event,
            noted_at=at,
            said_at=at if is_said else None,
        )
        if is_new and not is_said:
            await _plan(session, workspace_id, user_id, at=at)


async def _plan(session: AsyncSession, workspace_id: str, user_id: str, *, at: datetime) -> None:
    known = await find_schedule(session, workspace_id, SEND, user_id)
    if known is not None and known.state == "active":
        return
    member = await session.get(Member, (workspace_id, user_id))
    zone = zone_named(member.timezone if member else "UTC")
    tomorrow = local_date(at, zone) + timedelta(days=1)
    plan = Plan(
        kind=SEND,
        subject_id=user_id,
        rule=Rule(at=SAID_AT, on=Once(on=tomorrow)),
        timezone=zone.key,
        latest_minutes=LATEST_MINUTES,
    )
    await put_schedule(session, workspace_id, plan, at=at)


async def owed_to(session: AsyncSession, workspace_id: str, user_id: str) -> list[Thanks]:
    """Return what a person is to be thanked for, the oldest first."""
    query = select(Thanks).where(
        Thanks.workspace_id == workspace_id, Thanks.user_id == user_id, Thanks.said_at.is_(None)
    )
    return list(await session.scalars(query.order_by(Thanks.noted_at, Thanks.subject_id)))


async def mark_said(
    session: AsyncSession, workspace_id: str, user_id: str, rows: Iterable[Thanks], *, at: datetime
) -> None:
    """These were said (or are not for this person's eyes any more)."""
    for row in rows:
        await session.execute(
            update(Thanks)
            .where(
                Thanks.workspace_id == workspace_id,
                Thanks.user_id == user_id,
                Thanks.subject_kind == row.subject_kind,
                Thanks.subject_id == row.subject_id,
                Thanks.event == row.event,
            )
            .values(said_at=at)
        )
