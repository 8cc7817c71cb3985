"""Keep alerts: open, tell, close; seen, muted, not unusual. Each inside the caller's unit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alerts.queries import AlertView
from bot.alerts.rules import WEEK, Signal, are_together, is_within_budget
from bot.alerts.tables import AlertEpisode, AlertPost, AlertWatch
from bot.alerts.watching import Event, Look, open_episode
from bot.clock import local_date, zone_named
from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.entries.log import Line, append
from bot.metrics.habits import excuse_day, unexcuse_day
from bot.metrics.queries import MetricView

# A budget of one in two months looks back so far.
BUDGET_BACK = 10 * WEEK


@dataclass
class Morning:
    """What new days came to: posts that begin, and those that go on with what to say in them."""

    begun: list[AlertPost] = field(default_factory=list)
    going: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # metric id, step


@dataclass(frozen=True)
class _Begun:
    look: Look
    signal: Signal
    episode: AlertEpisode


async def take_days(
    session: AsyncSession,
    workspace_id: str,
    judged: Sequence[tuple[Look, date | None, Sequence[Event]]],
    *,
    at: datetime,
) -> Morning:
    """Store what new days came to. A metric that another run judged meanwhile is left to it."""
    morning, begun, count = Morning(), [], 0
    for look, through, events in judged:
        watch = await _watch(session, workspace_id, look.metric.id)
        if watch.judged_through != look.judged_through or through == look.judged_through:
            continue
        watch.judged_through = through
        count += 1
        told = await _live(session, look, events, morning, at)
        is_muted = _is_muted(watch, look.metric, at)
        if told and not is_muted:
            begun.append(told)
    within = [one for one in begun if await _may_tell(session, one)]
    for group in _grouped(within, count):
        morning.begun.append(await _begin(session, group, at))
    await session.flush()
    return morning


async def _watch(session: AsyncSession, workspace_id: str, metric_id: str) -> AlertWatch:
    key = {"workspace_id": workspace_id, "metric_id": metric_id}
    await insert_unless_there(session, AlertWatch, **key, muted_by="")
    return await session.get_one(
        AlertWatch, (workspace_id, metric_id), with_for_update=True, populate_existing=True
    )


async def _live(
    session: AsyncSession, look: Look, events: Sequence[Event], morning: Morning, at: datetime
) -> _Begun | None:
    """Live a metric's new days; returns the episode that began and has not ended."""
    row = await open_episode(session, look.workspace_id, look.metric.id)
    begun: _Begun | None = None
    for event in events:
        if event.step == "open" and event.signal:
            row = _opened(look, event, event.signal, at)
            session.add(row)
            begun = _Begun(look, event.signal, row)
            await session.flush()
        elif row is not None:
            _go_on(row, event)
            if row.post_id:
                morning.going.setdefault(row.post_id, []).append((look.metric.id, event.step))
            if event.step in ("back", "stayed"):
                await close_episode(session, row, look.metric, event.step, by="", at=at)
                row = begun = None
    return begun


def _opened(look: Look, event: Event, signal: Signal, at: datetime) -> AlertEpisode:
    usual, moved = signal.range, signal.moved
    return AlertEpisode(
        workspace_id=look.workspace_id,
        id=new_id(),
        metric_id=look.metric.id,
        kind=signal.kind,
        side=signal.side,
        first_day=event.day,
        first_value=event.value,
        usual=signal.usual,
        change=signal.change,
        worst=abs(signal.change),
        low=usual.low if usual else None,
        high=usual.high if usual else None,
        level_days=moved.days if moved else 0,
        level=moved.level if moved else None,
        last_day=event.day,
        last_value=event.value,
        calm_days=0,
        ending="",
        opened_at=at,
    )


def _go_on(row: AlertEpisode, event: Event) -> None:
    row.last_day, row.last_value = event.day, event.value
    row.calm_days = row.calm_days + 1 if event.calm else 0
    if event.step == "worse":
        row.worst = abs(event.change)


async def close_episode(
    session: AsyncSession,
    row: AlertEpisode,
    metric: MetricView,
    ending: str,
    *,
    by: str,
    at: datetime,
) -> None:
    """End an episode, and its message with the last of them."""
    row.ending, row.closed_at = ending, at
    await session.flush()
    if row.post_id:
        post = await get_post(session, row.workspace_id, row.post_id)
        query = select(AlertEpisode.id).where(
            AlertEpisode.workspace_id == row.workspace_id,
            AlertEpisode.post_id == row.post_id,
            AlertEpisode.closed_at.is_(None),
        )
        post.closed_at = None if (await session.scalars(query)).first() else at
    await _log(session, row, metric, "alert.closed", by=by, at=at, ending=ending)


def _is_muted(watch: AlertWatch, metric: MetricView, at: datetime) -> bool:
    today = local_date(at, zone_named(metric.timezone))
    if watch.muted_until is not None and watch.muted_until < today:
        watch.muted_until, watch.muted_by = None, ""
    return watch.muted_until is not None


async def _may_tell(session: AsyncSession, one: _Begun) -> bool:
    row = one.episode
    query = select(AlertEpisode.first_day).where(
        AlertEpisode.workspace_id == row.workspace_id,
        AlertEpisode.metric_id == row.metric_id,
        AlertEpisode.post_id.is_not(None),
        AlertEpisode.first_day > row.first_day - BUDGET_BACK,
    )
    told = list(await session.scalars(query))
    limits, is_zero = one.look.limits, one.signal.value == 0
    return is_within_budget(told, row.first_day, limits, is_zero=is_zero)


def _grouped(begun: Sequence[_Begun], judged: int) -> list[list[_Begun]]:
    """Those of one target and side that are one event, and each other one by itself."""
    sides: dict[tuple[str, str], list[_Begun]] = {}
    for one in begun:
        sides.setdefault((one.look.target, one.signal.side), []).append(one)
    groups: list[list[_Begun]] = []
    for together in sides.values():
        if are_together([one.signal for one in together], judged):
            groups.append(together)
        else:
            groups += [[one] for one in together]
    return groups


async def _begin(session: AsyncSession, group: Sequence[_Begun], at: datetime) -> AlertPost:
    first = group[0].look
    post = AlertPost(
        workspace_id=first.workspace_id,
        id=new_id(),
        target=first.target,
        delivery_id=None,
        opened_at=at,
        seen_by="",
    )
    session.add(post)
    await session.flush()
    for one in group:
        one.episode.post_id = post.id
        await session.flush()
        await _log(session, one.episode, one.look.metric, "alert.opened", by="", at=at)
    return post


async def get_post(session: AsyncSession, workspace_id: str, post_id: str) -> AlertPost:
    """Return the row of a message; the caller has checked that it may be seen."""
    return await session.get_one(AlertPost, (workspace_id, post_id))


async def _rows(session: AsyncSession, workspace_id: str, alert: AlertView) -> list[AlertEpisode]:
    """The episodes of an alert that its reader may see."""
    query = select(AlertEpisode).where(
        AlertEpisode.workspace_id == workspace_id,
        AlertEpisode.post_id == alert.id,
        AlertEpisode.metric_id.in_([one.metric.id for one in alert.episodes]),
    )
    return list(await session.scalars(query))


async def mark_seen(
    session: AsyncSession, workspace_id: str, alert: AlertView, *, by: str, at: datetime
) -> None:
    """Somebody looks into it; the first one stands."""
    post = await get_post(session, workspace_id, alert.id)
    if post.seen_by:
        return
    post.seen_by, post.seen_at = by, at
    await _log_all(session, workspace_id, alert, "alert.seen", by=by, at=at)


async def leave(
    session: AsyncSession, workspace_id: str, alert: AlertView, *, by: str, at: datetime
) -> None:
    """Nobody looks into it any more: it is free for others."""
    post = await get_post(session, workspace_id, alert.id)
    if not post.seen_by:
        return
    post.seen_by, post.seen_at = "", None
    await _log_all(session, workspace_id, alert, "alert.left", by=by, at=at)


async def mute_metrics(
    session: AsyncSession,
    workspace_id: str,
    metrics: Sequence[MetricView],
    until: date | None,
    *,
    by: str,
    at: datetime,
) -> None:
    """Tell nobody of these metrics until a day (included); None: tell again."""
    for metric in metrics:
        watch = await _watch(session, workspace_id, metric.id)
        watch.muted_until, watch.muted_by = until, by if until else ""
        line = Line(
            kind="alert.muted" if until else "alert.unmuted",
            subject_kind="metric",
            subject_id=metric.id,
            actor=by,
            source_channel_id=metric.source_channel_id,
            facts={"until": until.isoformat() if until else ""},
        )
        await append(session, workspace_id, line, at=at)
    await session.flush()


async def excuse(
    session: AsyncSession, workspace_id: str, alert: AlertView, *, by: str, at: datetime
) -> None:
    """Not unusual: the episodes end, and their metrics are judged wider from now on."""
    metrics = {one.metric.id: one.metric for one in alert.episodes}
    for row in await _rows(session, workspace_id, alert):
        await excuse_day(session, workspace_id, row.metric_id, row.first_day, by=by, at=at)
        await close_episode(session, row, metrics[row.metric_id], "excused", by=by, at=at)


async def take_back_excuse(
    session: AsyncSession, workspace_id: str, alert: AlertView, *, by: str, at: datetime
) -> None:
    """Undo "not unusual": judged as before; the episode stays closed if a newer one is open."""
    metrics = {one.metric.id: one.metric for one in alert.episodes}
    for row in await _rows(session, workspace_id, alert):
        if row.ending != "excused":
            continue
        await unexcuse_day(session, workspace_id, row.metric_id, row.first_day, at=at)
        is_free = await open_episode(session, workspace_id, row.metric_id) is None
        row.ending, row.closed_at = ("", None) if is_free else ("stayed", row.closed_at)
        await session.flush()
        if is_free:
            (await get_post(session, workspace_id, alert.id)).closed_at = None
        await _log(session, row, metrics[row.metric_id], "alert.excuse_undone", by=by, at=at)
    await session.flush()


async def _log_all(
    session: AsyncSession, workspace_id: str, alert: AlertView, kind: str, *, by: str, at: datetime
) -> None:
    metrics = {one.metric.id: one.metric for one in alert.episodes}
    for row in await _rows(session, workspace_id, alert):
        await _log(session, row, metrics[row.metric_id], kind, by=by, at=at)


async def _log(
    session: AsyncSession,
    row: AlertEpisode,
    metric: MetricView,
    kind: str,
    *,
    by: str,
    at: datetime,
    ending: str = "",
) -> None:
    line = Line(
        kind=kind,
        subject_kind="alert",
        subject_id=row.id,
        actor=by,
        source_channel_id=metric.source_channel_id,
        facts={
            "metric": row.metric_id,
            "day": row.first_day.isoformat(),
            "side": row.side,
            **({"ending": ending} if ending else {}),
        },
    )
    await append(session, row.workspace_id, line, at=at)


def mute_default(today: date) -> date:
    """A week, unless somebody says otherwise."""
    return today + timedelta(days=7)
