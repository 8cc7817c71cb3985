"""Read alerts, as their asker may see their metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alerts.tables import AlertEpisode, AlertPost, AlertWatch
from bot.engine.tables import Delivery
from bot.errors import NotFound
from bot.metrics.queries import MetricView, list_metrics
from bot.workspaces.asker import Asker


@dataclass(frozen=True)
class EpisodeView:
    """One episode of a metric that the asker may see."""

    metric: MetricView
    kind: str
    side: str
    first_day: date
    first_value: float
    usual: float
    low: float | None
    high: float | None
    level_days: int
    level: float | None
    last_day: date
    last_value: float
    ending: str
    muted_until: date | None
    muted_by: str


@dataclass(frozen=True)
class AlertView:
    """One message with its episodes."""

    id: str
    target: str
    delivery_id: str | None
    episodes: tuple[EpisodeView, ...]
    seen_by: str
    seen_at: datetime | None
    closed_at: datetime | None


async def find_alert(session: AsyncSession, asker: Asker, post_id: str) -> AlertView:
    """Return an alert with the episodes that ``asker`` may see. Raises ``NotFound``."""
    row = await session.get(AlertPost, (asker.workspace_id, post_id))
    found = await _views(session, asker, [row] if row else [])
    if not found:
        raise NotFound("There is no such alert that you may see.")
    return found[0]


async def open_alerts(session: AsyncSession, asker: Asker) -> list[AlertView]:
    """Return the alerts that are open, newest first."""
    query = (
        select(AlertPost)
        .where(AlertPost.workspace_id == asker.workspace_id, AlertPost.closed_at.is_(None))
        .order_by(AlertPost.opened_at.desc(), AlertPost.id)
    )
    return await _views(session, asker, list(await session.scalars(query)))


async def home_mine(session: AsyncSession, asker: Asker, *, limit: int = 3) -> list[AlertView]:
    """Return the open alerts of this person's metrics, and those that they look into."""
    me = asker.user_id or "-"
    return [
        alert
        for alert in await open_alerts(session, asker)
        if alert.seen_by == me or any(one.metric.owner_id == me for one in alert.episodes)
    ][:limit]


@dataclass(frozen=True)
class Muted:
    """A metric of which nobody is told."""

    metric: MetricView
    until: date
    by: str


async def find_muted(session: AsyncSession, asker: Asker, *, today: date) -> list[Muted]:
    """Return the metrics that are muted now, by label."""
    query = select(AlertWatch).where(
        AlertWatch.workspace_id == asker.workspace_id, AlertWatch.muted_until >= today
    )
    watches = {row.metric_id: row for row in await session.scalars(query)}
    return [
        Muted(metric, watches[metric.id].muted_until or today, watches[metric.id].muted_by)
        for metric in await list_metrics(session, asker)
        if metric.id in watches
    ]


async def _views(
    session: AsyncSession, asker: Asker, posts: Sequence[AlertPost]
) -> list[AlertView]:
    visible = {metric.id: metric for metric in await list_metrics(session, asker)}
    query = (
        select(AlertEpisode, AlertWatch)
        .join(
            AlertWatch,
            (AlertWatch.workspace_id == AlertEpisode.workspace_id)
            & (AlertWatch.metric_id == AlertEpisode.metric_id),
        )
        .where(
            AlertEpisode.workspace_id == asker.workspace_id,
            AlertEpisode.post_id.in_([post.id for post in posts]),
            AlertEpisode.metric_id.in_(list(visible)),
        )
        .order_by(AlertEpisode.id)
    )
    episodes: dict[str, list[EpisodeView]] = {}
    for row, watch in await session.execute(query):
        view = _episode(row, watch, visible[row.metric_id])
        episodes.setdefault(str(row.post_id), []).append(view)
    return [_alert(post, episodes[post.id]) for post in posts if post.id in episodes]


def _alert(post: AlertPost, episodes: Sequence[EpisodeView]) -> AlertView:
    return AlertView(
        id=post.id,
        target=post.target,
        delivery_id=post.delivery_id,
        episodes=tuple(episodes),
        seen_by=post.seen_by,
        seen_at=post.seen_at,
        closed_at=post.closed_at,
    )


def _episode(row: AlertEpisode, watch: AlertWatch, metric: MetricView) -> EpisodeView:
    return EpisodeView(
        metric=metric,
        kind=row.kind,
        side=row.side,
        first_day=row.first_day,
        first_value=row.first_value,
        usual=row.usual,
        low=row.low,
        high=row.high,
        level_days=row.level_days,
        level=row.level,
        last_day=row.last_day,
        last_value=row.last_value,
        ending=row.ending,
        muted_until=watch.muted_until,
        muted_by=watch.muted_by,
    )


@dataclass(frozen=True)
class AskedAlert:
    """An alert in whose thread somebody asked: what it tells of, and its newest day."""

    metric_ids: tuple[str, ...]
    last: date
    target: str
    odd: tuple[tuple[str, str], ...]  # each with its side


async def find_asked(
    session: AsyncSession, workspace_id: str, channel: str, thread_ts: str
) -> AskedAlert | None:
    """Return the alert whose thread this is; ids alone, for queries that check what is seen."""
    query = (
        select(AlertPost.target, AlertEpisode.metric_id, AlertEpisode.last_day, AlertEpisode.side)
        .join(
            Delivery,
            (Delivery.workspace_id == AlertPost.workspace_id)
            & (Delivery.id == AlertPost.delivery_id),
        )
        .join(
            AlertEpisode,
            (AlertEpisode.workspace_id == AlertPost.workspace_id)
            & (AlertEpisode.post_id == AlertPost.id),
        )
        .where(
            AlertPost.workspace_id == workspace_id,
            Delivery.channel == channel,
            Delivery.ts == thread_ts,
        )
        .order_by(AlertEpisode.id)
    )
    rows = (await session.execute(query)).all()
    if not rows:
        return None
    ids = tuple(row.metric_id for row in rows)
    odd = tuple((row.metric_id, row.side) for row in rows)
    return AskedAlert(ids, max(row.last_day for row in rows), rows[0].target, odd)
