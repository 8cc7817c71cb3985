"""How a workspace's metrics are judged: by its holidays, and by who said "not unusual"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.queries import read_team_rest
from bot.db.plain import execute_plain
from bot.metrics.judging import Habits
from bot.metrics.queries import MetricView
from bot.metrics.tables import MetricExcuse
from bot.workdays import public_holidays

# What is judged looks back over a year and a month.
BACK = timedelta(days=420)
# Each "not unusual" of the last year widens a metric's limits by a fifth; beyond double the alert
# should be retired rather than blunted.
WIDENING, WIDEST = 1.2, 2.0
EXCUSED_FOR = timedelta(days=365)
_EXCUSES = (
    select(MetricExcuse.metric_id, func.count())
    .where(
        MetricExcuse.workspace_id == bindparam("of"),
        MetricExcuse.undone_at.is_(None),
        MetricExcuse.day > bindparam("after"),
    )
    .group_by(MetricExcuse.metric_id)
)


@dataclass(frozen=True)
class TeamHabits:
    """What counts for all metrics of a workspace."""

    holidays: tuple[date, ...] = ()
    excuses: Mapping[str, int] = field(default_factory=dict)  # by metric id

    def of(self, metric: MetricView) -> Habits:
        """Return how one metric is judged."""
        return Habits(
            good="down" if metric.good == "down" else "up",
            widen=min(WIDENING ** self.excuses.get(metric.id, 0), WIDEST),
            holidays=self.holidays,
        )


async def read_habits(session: AsyncSession, workspace_id: str, *, until: date) -> TeamHabits:
    """Return what counts for a workspace's metrics on days up to ``until``."""
    team = await read_team_rest(session, workspace_id)
    of = {"of": workspace_id, "after": until - EXCUSED_FOR}
    found = await execute_plain(session, _EXCUSES, of)
    excuses: dict[str, int] = dict(found.tuples().all())
    holidays = public_holidays(team.country, team.region, until - BACK, until)
    return TeamHabits(holidays, excuses)


async def excuse_day(
    session: AsyncSession, workspace_id: str, metric_id: str, day: date, *, by: str, at: datetime
) -> None:
    """Note that a day was not unusual; said twice of a day it counts once."""
    if await _excused(session, workspace_id, metric_id, day) is None:
        session.add(
            MetricExcuse(workspace_id=workspace_id, metric_id=metric_id, day=day, by=by, at=at)
        )
        await session.flush()


async def unexcuse_day(
    session: AsyncSession, workspace_id: str, metric_id: str, day: date, *, at: datetime
) -> None:
    """Take back that a day was not unusual."""
    row = await _excused(session, workspace_id, metric_id, day)
    if row is not None:
        row.undone_at = at
        await session.flush()


async def _excused(
    session: AsyncSession, workspace_id: str, metric_id: str, day: date
) -> MetricExcuse | None:
    query = select(MetricExcuse).where(
        MetricExcuse.workspace_id == workspace_id,
        MetricExcuse.metric_id == metric_id,
        MetricExcuse.day == day,
        MetricExcuse.undone_at.is_(None),
    )
    return (await session.scalars(query)).first()
