"""The revisit date: when the owner is asked, and what they answer."""

from datetime import date, datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Once, Rule
from bot.decisions import rules
from bot.decisions.changes import log_change
from bot.decisions.tables import Decision
from bot.engine.schedules import Plan, end_schedule, put_schedule

REVISIT = "decision.revisit"
# It asks once: what a sleeping process missed is still wanted a month later.
REVISIT_LATEST_MINUTES = 30 * 24 * 60
REVISIT_AT = time(9, 0)


async def answer_revisit(
    session: AsyncSession,
    row: Decision,
    answer: str,
    *,
    by: str,
    at: datetime,
    next_on: date | None = None,
    timezone: str = "UTC",
) -> None:
    """Note what its owner says on the revisit date: holds, reopened, or extended to ``next_on``."""
    rules.check_current(row.status, "revisited")
    row.revisited_at, row.revisit_on = at, next_on
    await session.flush()
    facts = {"answer": answer, "next": next_on.isoformat() if next_on else ""}
    await log_change(session, row, "decision.revisited", by=by, at=at, prose=row.title, **facts)
    await plan_revisit(session, row, timezone, at=at)


async def plan_revisit(
    session: AsyncSession, row: Decision, timezone: str, *, at: datetime
) -> None:
    """Ask the owner on the revisit date, at 09:00 where they are; nobody when there is none."""
    if row.revisit_on is None:
        await end_schedule(session, row.workspace_id, REVISIT, row.id, reason="no revisit date")
        return
    plan = Plan(
        kind=REVISIT,
        subject_id=row.id,
        rule=Rule(at=REVISIT_AT, on=Once(on=row.revisit_on)),
        timezone=timezone,
        owner_id=row.owner_id,
        latest_minutes=REVISIT_LATEST_MINUTES,
    )
    await put_schedule(session, row.workspace_id, plan, at=at)
