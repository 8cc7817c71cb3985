"""Put together what one digest says once, as all of its readers may see it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.queries import live_bets as bets_on_decisions
from bot.digests.chart import CHART_DAYS
from bot.digests.happenings import find_happenings, find_marks
from bot.digests.queries import DigestView, LastPost
from bot.digests.rules import stand
from bot.digests.views import BetLine, Happening, MetricLine
from bot.launches.queries import live_bets as bets_on_launches
from bot.metrics.due import metric_gate
from bot.metrics.habits import TeamHabits, read_habits
from bot.metrics.judging import Habits
from bot.metrics.queries import (
    MetricView,
    Series,
    count_active,
    find_corrections,
    list_metrics,
    read_series_of,
)
from bot.workspaces.asker import Asker

# A first digest looks back over one day; the others to the post before.
FIRST_LOOK_BACK = timedelta(days=1)
# A digest that was paused for a month does not tell the month.
LONGEST_LOOK_BACK = timedelta(days=7)
PICTURE_BACK = timedelta(days=CHART_DAYS + 2)


@dataclass(frozen=True)
class Edition:
    """One digest's content. ``series`` and ``habits`` go with ``lines``, for the picture."""

    lines: tuple[MetricLine, ...]
    series: tuple[Series, ...]
    habits: tuple[Habits, ...]
    happenings: tuple[Happening, ...]
    marks: tuple[Happening, ...]  # launches and decisions inside the picture
    since: datetime
    as_of: datetime | None
    hidden: int

    def facts(self) -> dict[str, Any]:
        """Return what is told in numbers, by metric id."""
        return {
            line.id: {
                "day": line.standing.day.date.isoformat(),
                "value": line.standing.day.value,
                "side": line.standing.side,
                "state": line.standing.state,
            }
            for line in self.lines
            if line.standing.day
        }


async def read_edition(
    session: AsyncSession,
    audience: Asker,
    digest: DigestView,
    last: LastPost | None,
    *,
    at: datetime,
) -> Edition:
    """Read what a digest says at ``at``; nothing that one of its readers may not see."""
    since = look_back(last, at)
    visible = {metric.id: metric for metric in await list_metrics(session, audience)}
    metrics = [visible[one] for one in digest.metric_ids if one in visible]
    bets = await _bets(session, audience, at)
    team = await read_habits(session, audience.workspace_id, until=at.date())
    lines, series = [], []
    for metric in metrics:
        line, known = await _line(session, audience, metric, team, last, since=since, at=at)
        lines.append(_with_bets(line, bets.get(metric.id, [])))
        series.append(known)
    read = [metric.read_at for metric in metrics if metric.read_at]
    return Edition(
        lines=tuple(lines),
        series=tuple(series),
        habits=tuple(team.of(metric) for metric in metrics),
        happenings=tuple(await find_happenings(session, audience, since, at)),
        marks=tuple(await find_marks(session, audience, at - PICTURE_BACK, at)),
        since=since,
        as_of=min(read, default=None),
        # What was retired is left out for all, and so not named as kept from some.
        hidden=await count_active(session, audience.workspace_id, digest.metric_ids) - len(metrics),
    )


def look_back(last: LastPost | None, at: datetime) -> datetime:
    """Return from when on a digest tells what happened."""
    if last is None:
        return at - FIRST_LOOK_BACK
    return max(last.at, at - LONGEST_LOOK_BACK)


async def _line(
    session: AsyncSession,
    audience: Asker,
    metric: MetricView,
    team: TeamHabits,
    last: LastPost | None,
    *,
    since: datetime,
    at: datetime,
) -> tuple[MetricLine, Series]:
    expected = metric_gate(metric.timezone, metric.definition, at).last_complete
    series = await read_series_of(session, audience, metric, until=expected)
    standing = await asyncio.to_thread(  # some milliseconds for each day that is judged
        stand,
        series.dates,
        series.values,
        expected=expected,
        told_until=last.told.get(metric.id) if last else None,
        has_problem=bool(metric.problem),
        habits=team.of(metric),
    )
    corrections = []
    if last is not None:
        corrections = await find_corrections(session, audience, metric.id, since=since)
    line = MetricLine(
        id=metric.id,
        label=metric.label,
        good=metric.good,
        owner_id=metric.owner_id,
        target=metric.target,
        standing=standing,
        unit=metric.unit,
        timezone=metric.timezone,
        problem=metric.problem,
        fix=metric.fix,
        corrections=tuple(corrections),
    )
    return line, series


async def _bets(session: AsyncSession, audience: Asker, at: datetime) -> dict[str, list[BetLine]]:
    found: dict[str, list[BetLine]] = {}
    launches = await bets_on_launches(session, audience, at=at)
    for live in (*launches, *await bets_on_decisions(session, audience, at=at)):
        if live.bet.metric_id:
            line = BetLine(
                title=live.title,
                number=live.number,
                day=live.day,
                days=live.days,
                smallest_visible=live.bet.smallest_visible,
                permalink=live.permalink,
            )
            found.setdefault(live.bet.metric_id, []).append(line)
    return found


def _with_bets(line: MetricLine, bets: Sequence[BetLine]) -> MetricLine:
    return replace(line, bets=tuple(bets))
