"""How long customers' words are kept: a setting of the workspace, and what keeps to it."""

from datetime import datetime, time

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Daily, Rule
from bot.decisions.tables import Decision
from bot.engine.deliveries import Cause
from bot.engine.schedules import Plan, end_schedule, put_schedule
from bot.entries.log import Line, append
from bot.feedback.redaction import CHUNK, RETENTION, Removed, redact
from bot.feedback.tables import Feedback
from bot.privacy.rules import months_before
from bot.workspaces.tables import Workspace

SETTING = "feedback_months"
JOB = "feedback.retention"
# When few people are about; what is late by a day is not forgotten, it goes the night after.
AT_NIGHT, LATEST_MINUTES = time(3, 10), 12 * 60


async def read_retention(session: AsyncSession, workspace_id: str) -> int:
    """Return for how many months words are kept; 0: for good."""
    workspace = await session.get_one(Workspace, workspace_id)
    return int((workspace.settings or {}).get(SETTING) or 0)


async def set_retention(
    session: AsyncSession, workspace_id: str, months: int, *, zone: str, by: str, at: datetime
) -> None:
    """Set it, and the nightly run that keeps to it."""
    before = await read_retention(session, workspace_id)
    if before == months:
        return
    workspace = await session.get_one(Workspace, workspace_id, with_for_update=True)
    workspace.settings = (workspace.settings or {}) | {SETTING: months}
    facts = {"from": before, "to": months}
    line = Line("retention.changed", "workspace", workspace_id, by, facts=facts)
    await append(session, workspace_id, line, at=at)
    if months:
        rule = Rule(at=AT_NIGHT, on=Daily())
        plan = Plan(JOB, workspace_id, rule, zone, owner_id=by, latest_minutes=LATEST_MINUTES)
        await put_schedule(session, workspace_id, plan, at=at)
    else:
        await end_schedule(session, workspace_id, JOB, workspace_id, reason="kept for good")


async def count_older(
    session: AsyncSession, workspace_id: str, months: int, *, at: datetime
) -> int:
    """Return how many texts are older than so many months, those kept with decisions too."""
    feedback = select(func.count()).select_from(Feedback)
    decisions = select(func.count()).select_from(Decision)
    texts = await session.scalar(feedback.where(*_is_older(workspace_id, months, at))) or 0
    kept = await session.scalar(decisions.where(*_is_kept_longer(workspace_id, months, at))) or 0
    return texts + kept


async def redact_older(session: AsyncSession, cause: Cause, months: int) -> Removed:
    """Remove the words of some that are older; to be called until nothing is left."""
    query = select(Feedback.id).where(*_is_older(cause.workspace_id, months, cause.at))
    ids = list(await session.scalars(query.order_by(Feedback.number).limit(CHUNK)))
    return await redact(session, cause, ids, by="", why=RETENTION) if ids else Removed()


async def forget_snapshots(session: AsyncSession, cause: Cause, months: int) -> int:
    """Forget what decisions keep of older threads that they hang on; returns how many did.

    The decision's own words are the team's, and stay.
    """
    where = _is_kept_longer(cause.workspace_id, months, cause.at)
    gone = await session.execute(
        update(Decision).where(*where).values(snapshot="", snapshot_by="").returning(Decision.id)
    )
    count = len(gone.all())
    if count:
        workspace_id, facts = cause.workspace_id, {"count": count, "why": RETENTION}
        line = Line("snapshots.removed", "workspace", workspace_id, "", facts=facts)
        await append(session, workspace_id, line, at=cause.at)
    return count


def _is_kept_longer(workspace_id: str, months: int, at: datetime) -> list[ColumnElement[bool]]:
    return [
        Decision.workspace_id == workspace_id,
        Decision.snapshot != "",
        Decision.snapshot_at < months_before(at, months),
    ]


def _is_older(workspace_id: str, months: int, at: datetime) -> list[ColumnElement[bool]]:
    return [
        Feedback.workspace_id == workspace_id,
        Feedback.redacted_at.is_(None),
        Feedback.said_at < months_before(at, months),
    ]
