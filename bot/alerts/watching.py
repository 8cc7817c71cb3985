"""Which metrics are watched, and what their new days come to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alerts.rules import (
    AFTER_READY,
    AGAIN,
    LOOK_AGAIN,
    WATCH,
    Limits,
    Open,
    Signal,
    Step,
    change_of,
    find_signal,
    first_new,
    is_calm,
    look_at,
    next_step,
    read_limits,
)
from bot.alerts.tables import AlertEpisode, AlertWatch
from bot.clock import Daily, Rule
from bot.engine.schedules import Plan, end_schedules, put_schedule
from bot.errors import NotFound
from bot.metrics.due import metric_gate
from bot.metrics.habits import TeamHabits, read_habits
from bot.metrics.judging import Habits
from bot.metrics.queries import MetricView, Series, find_metric, read_series
from bot.metrics.tables import Metric
from bot.workspaces.asker import Asker

# A look that a sleeping process missed is still wanted that day.
LATEST_MINUTES = 12 * 60


@dataclass(frozen=True)
class Watched:
    """A metric with alerts: where they go, first choice first."""

    metric_id: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """What is known of a watched metric before its new days are judged."""

    workspace_id: str
    metric: MetricView
    target: str
    series: Series
    habits: Habits
    limits: Limits
    judged_through: date | None
    known: Open | None


@dataclass(frozen=True)
class Event:
    """One new day and what it does."""

    step: Step
    day: date
    value: float
    change: float
    calm: bool
    signal: Signal | None


async def plan_watches(
    session: AsyncSession, workspace_id: str, metric_ids: Collection[str], *, at: datetime
) -> None:
    """Look at each metric with alerts every day once it is ready; others are looked at no more."""
    query = select(Metric).where(
        Metric.workspace_id == workspace_id, Metric.id.in_(list(metric_ids))
    )
    calm = []
    for metric in await session.scalars(query):
        if not metric.definition.get("alert") or metric.retired_at is not None:
            calm.append(metric.id)
            continue
        for kind, delay in ((WATCH, AFTER_READY), (AGAIN, LOOK_AGAIN)):
            await put_schedule(session, workspace_id, _plan(kind, metric, delay), at=at)
    if calm:
        await end_schedules(session, workspace_id, [WATCH, AGAIN], calm, reason="no alerts")


def _plan(kind: str, metric: Metric, delay: timedelta) -> Plan:
    at = look_at(str(metric.definition.get("ready_after") or "00:00"), delay)
    return Plan(
        kind=kind,
        subject_id=metric.id,
        rule=Rule(at=at, on=Daily()),
        timezone=metric.timezone,
        owner_id=metric.owner_id,
        latest_minutes=LATEST_MINUTES,
    )


async def find_watched(session: AsyncSession, workspace_id: str) -> list[Watched]:
    """Return which metrics are watched and where their alerts go; nothing of what they say."""
    query = select(Metric.id, Metric.definition, Metric.owner_id).where(
        Metric.workspace_id == workspace_id, Metric.retired_at.is_(None)
    )
    found = []
    for metric_id, definition, owner_id in await session.execute(query):
        alert: dict[str, Any] | None = definition.get("alert")
        targets = tuple(filter(None, ((alert or {}).get("channel"), owner_id)))
        if alert and targets:
            found.append(Watched(metric_id, targets))
    return found


async def read_looks(
    session: AsyncSession,
    workspace_id: str,
    watched: Sequence[Watched],
    audiences: dict[str, Asker],
    *,
    at: datetime,
) -> list[Look]:
    """Read what the audience of each alert may see; a metric that none may see is left out."""
    team = await read_habits(session, workspace_id, until=at.date())
    looks = []
    for one in watched:
        for target in one.targets:
            asker = audiences.get(target)
            look = await _look(session, asker, one.metric_id, target, team, at) if asker else None
            if look:
                looks.append(look)
                break
    return looks


async def _look(
    session: AsyncSession,
    asker: Asker,
    metric_id: str,
    target: str,
    team: TeamHabits,
    at: datetime,
) -> Look | None:
    try:
        metric = await find_metric(session, asker, metric_id)
    except NotFound:
        return None
    until = metric_gate(metric.timezone, metric.definition, at).last_complete
    watch = await session.get(AlertWatch, (asker.workspace_id, metric_id))
    episode = await open_episode(session, asker.workspace_id, metric_id)
    return Look(
        workspace_id=asker.workspace_id,
        metric=metric,
        target=target,
        series=await read_series(session, asker, metric_id, until=until),
        habits=team.of(metric),
        limits=read_limits(metric.definition.get("alert") or {}, metric.unit),
        judged_through=watch.judged_through if watch else None,
        known=_known(episode) if episode else None,
    )


async def open_episode(
    session: AsyncSession, workspace_id: str, metric_id: str
) -> AlertEpisode | None:
    """Return the episode of a metric that has not ended."""
    query = select(AlertEpisode).where(
        AlertEpisode.workspace_id == workspace_id,
        AlertEpisode.metric_id == metric_id,
        AlertEpisode.closed_at.is_(None),
    )
    return (await session.scalars(query)).first()


def _known(row: AlertEpisode) -> Open:
    return Open(
        kind=row.kind,
        side=row.side,
        first_day=row.first_day,
        usual=row.usual,
        change=row.change,
        worst=row.worst,
        calm_days=row.calm_days,
    )


def judge_days(look: Look) -> list[Event]:
    """Judge the days that were not judged yet, oldest first. Some milliseconds a day."""
    dates, values = look.series.dates, look.series.values
    known, events = look.known, []
    for place in _known_days(look):
        signal = find_signal(dates, values, place, look.habits, look.limits)
        step = next_step(known, dates, values, place, signal)
        if not step:
            continue
        day: date = dates[place].item()
        before = known or _opened(signal, day)
        event = Event(
            step=step,
            day=day,
            value=float(values[place]),
            change=change_of(before, dates, values, place) if known else before.change,
            calm=bool(known) and is_calm(before, dates, values, place),
            signal=signal,
        )
        events.append(event)
        known = None if step in ("back", "stayed") else _after(before, event)
    return events


def _known_days(look: Look) -> range:
    """The places that are new and known; a gap at the end may be filled tomorrow, and waits."""
    known = np.flatnonzero(np.isfinite(look.series.values))
    if not known.size:
        return range(0)
    last = int(known[-1])
    if look.judged_through is None:
        return range(last, last + 1)
    return range(first_new(look.series.dates, look.judged_through), last + 1)


def judged_through(look: Look) -> date | None:
    """Return the last day that ``judge_days`` judged."""
    places = _known_days(look)
    if not places:
        return look.judged_through
    last: date = look.series.dates[places.stop - 1].item()
    return last


def _opened(signal: Signal | None, day: date) -> Open:
    assert signal is not None  # noqa: S101  only a signal opens
    change = signal.change
    return Open(signal.kind, signal.side, day, signal.usual, change, abs(change), 0)


def _after(known: Open, event: Event) -> Open:
    calm = known.calm_days + 1 if event.calm else 0
    worst = abs(event.change) if event.step == "worse" else known.worst
    return Open(known.kind, known.side, known.first_day, known.usual, known.change, worst, calm)
