"""Read how a workspace's metrics are judged: by its holidays, and from which count on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.queries import read_team_rest
from bot.metrics.judging import Habits
from bot.metrics.queries import MetricView
from bot.workdays import public_holidays

# What is judged looks back over a year and a month.
BACK = timedelta(days=420)


@dataclass(frozen=True)
class TeamHabits:
    """What counts for all metrics of a workspace."""

    holidays: tuple[date, ...] = ()

    def of(self, metric: MetricView) -> Habits:
        """Return how one metric is judged."""
        return Habits(
            good="down" if metric.good == "down" else "up",
            min_count=least_count(metric.definition),
            holidays=self.holidays,
        )


async def read_habits(session: AsyncSession, workspace_id: str, *, until: date) -> TeamHabits:
    """Return what counts for a workspace's metrics on days up to ``until``."""
    team = await read_team_rest(session, workspace_id)
    return TeamHabits(public_holidays(team.country, team.region, until - BACK, until))


def least_count(definition: Mapping[str, Any]) -> float:
    """Return the count below which nothing is said: where the team declared alerts."""
    return float((definition.get("alert") or {}).get("min_count") or 0)
