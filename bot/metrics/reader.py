"""Keep the metrics' table like the metrics file, and read what is due from their sources."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import structlog
from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.plain import execute_plain
from bot.db.session import Database
from bot.errors import MetricUnreadable, NotFound
from bot.metrics import readings, service
from bot.metrics.asks import complete_ask
from bot.metrics.builtin import BUILT_INS, SOURCE
from bot.metrics.connections import Connection
from bot.metrics.declared_file import DeclaredFile
from bot.metrics.declaring import declared_of
from bot.metrics.definition import ASKS, Declaration
from bot.metrics.due import Due, definition_of, due_of, has_just_failed, on_days
from bot.metrics.sources.daybook import DaybookSource
from bot.metrics.sources.protocol import Source
from bot.metrics.tables import NOBODY, Metric, Reading
from bot.workspaces.places import Places

log = structlog.get_logger()

# A gap as recent as this is asked for again each time: late data usually comes within days.
GAP_DAYS = 14
# Reads at once: a team's warehouse has few connections to spare.
SIDE_BY_SIDE = 4
# All reads of one digest together; well inside the engine's lease of 120 s.
BUDGET_SECONDS = 75
# Built once: a thousand digests ask at nine, and mostly nothing is due any more.
_METRIC = cast(Table, Metric.__table__)
_READ_ALL = (
    select(_METRIC)
    .where(
        _METRIC.c.workspace_id == bindparam("of"),
        _METRIC.c.retired_at.is_(None),
        _METRIC.c.source_channel_id.is_distinct_from(NOBODY),
    )
    .order_by(_METRIC.c.id)
)
_READ_SOME = _READ_ALL.where(_METRIC.c.id.in_(bindparam("ids", expanding=True)))


class MetricReader:
    """Reads the metrics of every workspace that this process serves.

    ``env`` holds what ``${NAME}`` in the file's sources stands for. A missing file means that
    there are only Daybook's own metrics, unless ``is_required``.
    """

    def __init__(
        self,
        db: Database,
        places: Places,
        path: Path,
        env: Mapping[str, str],
        *,
        default_zone: str = "UTC",
        is_required: bool = False,
    ) -> None:
        self._db, self._places, self._default_zone = db, places, default_zone
        self._file = DeclaredFile(path, env, is_required=is_required)
        self._synced: set[str] = set()  # workspaces whose table is like the file
        self._unresolved: set[str] = set()  # those in which an audience is no known channel
        self._problems: dict[str, list[str]] = {}  # what only a workspace shows to be wrong
        self._file_lock = asyncio.Lock()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def start(self, *, at: datetime) -> list[str]:
        """Read the file and bring every workspace's table in line with it.

        Raises ``BadSetting`` with all of the file's problems. Returns problems that only the
        workspace shows, such as an audience that is no channel there: for the operator.
        """
        await self._file.reload()
        problems = []
        for place in self._places.all():
            problems += await self.sync(place.workspace_id, at=at)
        return problems

    async def sync(self, workspace_id: str, *, at: datetime) -> list[str]:
        """Bring one workspace's metrics in line with the file; returns unknown audiences."""
        audiences = await self._audiences(workspace_id, at)
        problems = [
            f"metric {one.name}, audience: I know no channel {one.audience}; the metric is shown "
            "to nobody. Invite me there, or correct the channel's id."
            for one in self._declaration.metrics
            if one.audience and audiences[one.audience] == NOBODY
        ]
        problems += [
            f"metric {one.name}, alert: I know no channel {one.alert.channel}; "
            f"{'its owner is told instead' if one.owner else 'nobody is told'}. "
            "Invite me there, or correct the channel's id."
            for one in self._declaration.metrics
            if one.alert and one.alert.channel and audiences[one.alert.channel] == NOBODY
        ]
        for problem in problems:
            log.warning("metrics.channel_unknown", problem=problem)
        declared = [
            declared_of(one, audiences.get(one.audience or "")) for one in self._declaration.metrics
        ]
        own = [one.declared(self._default_zone) for one in BUILT_INS]
        async with self._db.write() as session:
            await service.sync_metrics(session, workspace_id, "daybook", own, at=at)
            await service.sync_metrics(session, workspace_id, "file", declared, at=at)
            await self._renew_queries(session, workspace_id, at)
            taken = await _taken(session, workspace_id, declared)
        self._synced.add(workspace_id)
        self._unresolved.discard(workspace_id)
        if problems:
            self._unresolved.add(workspace_id)
        self._problems[workspace_id] = problems + taken
        return problems + taken

    @property
    def _declaration(self) -> Declaration:
        return self._file.declaration

    @property
    def declared_sources(self) -> Mapping[str, Connection]:
        """The sources of the file, by name."""
        return self._declaration.sources

    def problems(self, workspace_id: str) -> list[str]:
        """Return what is wrong with the file as it stands now, each problem with its fix."""
        of_file = self._file.problem
        own = [f"{of_file}\nUntil it is mended the last good file counts."] if of_file else []
        return own + self._problems.get(workspace_id, [])

    async def _renew_queries(self, session: AsyncSession, workspace_id: str, at: datetime) -> None:
        """Give metrics that were set up in Slack their named queries as the file has them now."""
        query = select(Metric).where(
            Metric.workspace_id == workspace_id, Metric.origin == service.FORM
        )
        for row in await session.scalars(query):
            one, source = definition_of(row), self._declaration.sources.get(row.source)
            if source is None or one.query not in source.named():
                continue
            bare = one.model_copy(update=dict.fromkeys(key for key in ASKS if key != "query"))
            wanted = declared_of(complete_ask(bare, source), row.source_channel_id)
            if row.retired_at is None:
                await service.change_in_slack(session, row, wanted, by="", at=at)

    async def follow(self, workspace_id: str, *, at: datetime) -> None:
        """Take over a changed file. What is wrong with it stands in ``problems``."""
        async with self._file_lock:  # never the readers' lock: a form waits for this
            if await self._file.follow():
                self._synced.clear()
            if workspace_id not in self._synced:
                await self.sync(workspace_id, at=at)

    async def refresh(
        self,
        workspace_id: str,
        metric_ids: Sequence[str] | None = None,
        *,
        at: datetime,
        is_asked: bool = False,
    ) -> list[MetricUnreadable]:
        """Read what is due of some metrics (None: of all); returns those that cannot be read.

        The sources are asked outside any transaction; one that fails stops no other. What failed a
        moment ago is asked again only when ``is_asked``: by a person, now.
        """
        self._synced -= self._unresolved  # the bot may have been invited since
        await self.follow(workspace_id, at=at)
        async with self._locks[workspace_id]:
            due, failed = await self._due(workspace_id, metric_ids, at, is_asked=is_asked)
            gate = asyncio.Semaphore(SIDE_BY_SIDE)

            async def one(metric: Due) -> readings.Read:
                async with asyncio.timeout(BUDGET_SECONDS), gate:
                    return await self._read(workspace_id, metric, at)

            # An error that nobody foresaw in one source must not stop the others either.
            found = await asyncio.gather(*(one(metric) for metric in due), return_exceptions=True)
            outcomes = list(zip(due, found, strict=True))
            return failed + await self._store(workspace_id, outcomes, at)

    async def _store(
        self,
        workspace_id: str,
        found: Sequence[tuple[Due, readings.Read | BaseException]],
        at: datetime,
    ) -> list[MetricUnreadable]:
        failed: list[MetricUnreadable] = []
        if not found:
            return failed
        async with self._db.write() as session:
            for metric, outcome in found:
                if isinstance(outcome, readings.Read):
                    await readings.store_read(session, workspace_id, outcome)
                    continue
                error = _told(metric, outcome)
                failure = readings.Failure(metric.id, error.problem, error.fix)
                await readings.note_failure(session, workspace_id, failure, at=at)
                failed.append(error)
        return failed

    async def _audiences(self, workspace_id: str, at: datetime) -> dict[str, str | None]:
        directory = self._places.of(workspace_id).directory
        found: dict[str, str | None] = {}
        named = {one.audience for one in self._declaration.metrics}
        named |= {one.alert.channel for one in self._declaration.metrics if one.alert}
        for channel_id in sorted(filter(None, named)):
            try:
                found[channel_id] = (await directory.channel(channel_id, at=at)).id
            except NotFound:
                found[channel_id] = NOBODY
        return found

    async def _due(
        self, workspace_id: str, metric_ids: Sequence[str] | None, at: datetime, *, is_asked: bool
    ) -> tuple[list[Due], list[MetricUnreadable]]:
        """Return what is to be read, and what failed a moment ago."""
        of: dict[str, Any] = {"of": workspace_id}
        if metric_ids is not None:
            of["ids"] = list(metric_ids)
        query = _READ_ALL if metric_ids is None else _READ_SOME
        async with self._db.read() as session:
            rows: Sequence[Any] = (await execute_plain(session, query, of)).all()
            first_gap = {}
            if any(due_of(row, None, at, is_asked=is_asked) for row in rows):
                first_gap = await _first_gaps(session, workspace_id, at)
        due = (due_of(row, first_gap.get(row.id), at, is_asked=is_asked) for row in rows)
        failed = [
            MetricUnreadable(metric=row.label, problem=row.problem, fix=row.fix)
            for row in rows
            if not is_asked and has_just_failed(row, at)
        ]
        return [metric for metric in due if metric is not None], failed

    async def _read(self, workspace_id: str, metric: Due, at: datetime) -> readings.Read:
        last = metric.gate.last_complete
        source = self._source(workspace_id, metric)
        rows = await source.read(metric.definition, metric.since, last + timedelta(days=1))
        values = on_days(
            [(row.day, row.value) for row in rows],
            metric.definition.missing,
            since=metric.since,
            last=last,
            has_history=metric.has_history,
        )
        return readings.Read(metric.id, metric.version, values, last, at)

    def _source(self, workspace_id: str, metric: Due) -> Source:
        if metric.source == SOURCE:
            return DaybookSource(self._db, workspace_id)
        if metric.source in self._file.sources:
            return self._file.sources[metric.source]
        raise MetricUnreadable(
            metric=metric.label,
            problem=f"Its source “{metric.source}” is no longer declared.",
            fix="Declare it in the metrics file again, or retire the metric.",
        )


async def _first_gaps(session: AsyncSession, workspace_id: str, at: datetime) -> dict[str, date]:
    """Return the oldest recent day without a value, by metric."""
    gaps = await session.execute(
        select(Reading.metric_id, func.min(Reading.day))
        .where(
            Reading.workspace_id == workspace_id,
            Reading.value.is_(None),
            Reading.day >= at.date() - timedelta(days=GAP_DAYS),
        )
        .group_by(Reading.metric_id)
    )
    return dict(gaps.tuples().all())


async def _taken(
    session: AsyncSession, workspace_id: str, declared: Sequence[service.Declared]
) -> list[str]:
    """Tell of names in the file that a metric set up in Slack has already."""
    names = [one.name for one in declared]
    query = select(Metric.name).where(
        Metric.workspace_id == workspace_id, Metric.origin != "file", Metric.name.in_(names)
    )
    return [
        f"metric {name}, name: a metric that was set up in Slack has it; choose another one."
        for name in await session.scalars(query)
    ]


def _told(metric: Due, error: BaseException) -> MetricUnreadable:
    if isinstance(error, MetricUnreadable):
        return error
    if isinstance(error, TimeoutError):
        fix = "Try again later; a summary table by day answers faster."
        return MetricUnreadable(metric=metric.label, problem="It took too long to read.", fix=fix)
    if not isinstance(error, Exception):
        raise error
    log.error("metrics.read_failed", metric=metric.name, source=SOURCE, exc_info=error)
    return MetricUnreadable(
        metric=metric.label,
        problem="Its source failed in a way that I do not know.",
        fix="Whoever runs Daybook finds more in its log.",
    )
