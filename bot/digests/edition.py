"""Put together what one digest says once, as all of its readers may see it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.queries import live_bets as bets_on_decisions
from bot.digests.chart import CHART_DAYS
from bot.digests.happenings import find_logged, find_marks, marks_since
from bot.digests.queries import DigestView, LastPost
from bot.digests.rules import Standing, stand
from bot.digests.views import BetLine, Happening, MetricLine
from bot.launches.queries import live_bets as bets_on_launches
from bot.metrics.chosen import choose_metrics
from bot.metrics.due import metric_gate
from bot.metrics.habits import read_habits
from bot.metrics.judging import Habits
from bot.metrics.kept import SERIES, Kept, read_kept_series
from bot.metrics.queries import (
    Correction,
    MetricView,
    Series,
    find_corrections_of,
)
from bot.workspaces.asker import Asker

# A first digest looks back over one day; the others to the post before.
FIRST_LOOK_BACK = timedelta(days=1)
# A digest that was paused for a month does not tell the month.
LONGEST_LOOK_BACK = timedelta(days=7)
# More are not read: a source that rewrites two years is told by a number large enough.
CORRECTIONS_READ = 400
PICTURE_BACK = timedelta(days=CHART_DAYS + 2)
_STANDINGS: Kept[Standing] = Kept(SERIES)


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
    retired: tuple[str, ...] = ()  # labels of what was retired since the last post

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
    chosen = await choose_metrics(session, audience, digest.metric_ids)
    metrics = chosen.shown
    bets = await _bets(session, audience, at)
    team = await read_habits(session, audience.workspace_id, until=at.date())
    series, standings = [], []
    for metric in metrics:
        expected = metric_gate(metric.timezone, metric.definition, at).last_complete
        known = await read_kept_series(session, audience, metric, until=expected)
        series.append(known)
        standings.append(await _stand(known, metric, team.of(metric), expected, last))
    corrections = await _corrections(session, audience, metrics, series, last, since)
    marks = await find_marks(session, audience, at - PICTURE_BACK, at)
    logged = await find_logged(session, audience, since, at)
    happenings = [*marks_since(marks, since), *logged]
    return Edition(
        lines=tuple(
            _line(metric, standing, corrections.get(metric.id, []), bets.get(metric.id, []))
            for metric, standing in zip(metrics, standings, strict=True)
        ),
        series=tuple(series),
        habits=tuple(team.of(metric) for metric in metrics),
        happenings=tuple(sorted(happenings, key=lambda one: one.at)),
        marks=tuple(marks),
        since=since,
        as_of=_as_of(metrics),
        hidden=chosen.hidden,
        retired=tuple(one.label for one in chosen.retired if one.retired_at > since),
    )


def _as_of(metrics: Sequence[MetricView]) -> datetime | None:
    """Return when the oldest number was read; one that cannot be read is named in its own line."""
    read = [(bool(metric.problem), metric.read_at) for metric in metrics if metric.read_at]
    good = [at for has_problem, at in read if not has_problem]
    return min(good or [at for _, at in read], default=None)


def look_back(last: LastPost | None, at: datetime) -> datetime:
    """Return from when on a digest tells what happened."""
    if last is None:
        return at - FIRST_LOOK_BACK
    return max(last.at, at - LONGEST_LOOK_BACK)


async def _stand(
    series: Series, metric: MetricView, habits: Habits, expected: date, last: LastPost | None
) -> Standing:
    told_until = last.told.get(metric.id) if last else None
    key = (series, expected, told_until, bool(metric.problem), habits)
    known = _STANDINGS.find(key)
    if known is not None:
        return known
    standing = await asyncio.to_thread(  # some milliseconds for each day that is judged
        stand,
        series.dates,
        series.values,
        expected=expected,
        told_until=told_until,
        has_problem=bool(metric.problem),
        habits=habits,
    )
    return _STANDINGS.keep(key, standing)


async def _corrections(
    session: AsyncSession,
    audience: Asker,
    metrics: Sequence[MetricView],
    series: Sequence[Series],
    last: LastPost | None,
    since: datetime,
) -> dict[str, list[Correction]]:
    """Return what came out differently since the last post, by metric."""
    changed = [metric for metric, one in zip(metrics, series, strict=True) if one.corrected]
    if last is None or not changed:
        return {}
    return await find_corrections_of(
        session, audience, changed, since=since, limit=CORRECTIONS_READ
    )


def _line(
    metric: MetricView,
    standing: Standing,
    corrections: Sequence[Correction],
    bets: Sequence[BetLine],
) -> MetricLine:
    return MetricLine(
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
        bets=tuple(bets),
    )


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
