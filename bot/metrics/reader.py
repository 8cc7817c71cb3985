"""Keep the metrics' table like the metrics file, and read what is due from their sources."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import structlog
from sqlalchemy import func, select

from bot.clock import zone_named
from bot.db.session import Database
from bot.errors import BadSetting, MetricUnreadable, NotFound
from bot.metrics import service
from bot.metrics.builtin import BUILT_INS, SOURCE, Window, read_built_in
from bot.metrics.completeness import Gate, Missing, lay_on_grid, open_gate, unread_from
from bot.metrics.declaration import load
from bot.metrics.definition import Declaration, MetricDefinition
from bot.metrics.sources.known import open_sources
from bot.metrics.sources.protocol import Source
from bot.metrics.tables import NOBODY, Metric, Reading
from bot.workspaces.places import Places

log = structlog.get_logger()

# Two years: what a verdict's year-ago baselines and their placebo launches need.
HISTORY_DAYS = 730
# A gap as recent as this is asked for again each time: late data usually comes within days.
GAP_DAYS = 14
# Digests at the same minute share one read; a person who tests again waits for a new one no longer.
FRESH = timedelta(minutes=10)
# Reads at once: a team's warehouse has few connections to spare.
SIDE_BY_SIDE = 4
# All reads of one digest together; well inside the engine's lease of 120 s.
BUDGET_SECONDS = 75


@dataclass(frozen=True)
class _Due:
    """One metric with what is to be read of it."""

    id: str
    name: str
    label: str
    source: str
    version: int
    gate: Gate
    since: date
    has_history: bool


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
        self._db, self._places, self._path, self._env = db, places, path, env
        self._default_zone, self._is_required = default_zone, is_required
        self._mtime: float | None = None
        self._declaration = Declaration({}, ())
        self._sources: dict[str, Source] = {}
        self._synced: set[str] = set()  # workspaces whose table is like the file
        self._file_lock = asyncio.Lock()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.file_problem = ""  # why a change of the file was not taken over

    async def start(self, *, at: datetime) -> list[str]:
        """Read the file and bring every workspace's table in line with it.

        Raises ``BadSetting`` with all of the file's problems. Returns problems that only the
        workspace shows, such as an audience that is no channel there: for the operator.
        """
        await self._reload()
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
        for problem in problems:
            log.warning("metrics.audience_unknown", problem=problem)
        declared = [
            _declared(one, audiences.get(one.audience or "")) for one in self._declaration.metrics
        ]
        own = [one.declared(self._default_zone) for one in BUILT_INS]
        async with self._db.write() as session:
            await service.sync_metrics(session, workspace_id, "daybook", own, at=at)
            await service.sync_metrics(session, workspace_id, "file", declared, at=at)
        if not problems:
            self._synced.add(workspace_id)
        return problems

    async def follow(self, workspace_id: str, *, at: datetime) -> None:
        """Take over a changed file. What is wrong with it stands in ``file_problem``."""
        await self._follow_file()
        async with self._locks[workspace_id]:
            if workspace_id not in self._synced:
                await self.sync(workspace_id, at=at)

    async def refresh(
        self, workspace_id: str, metric_ids: Sequence[str] | None = None, *, at: datetime
    ) -> list[MetricUnreadable]:
        """Read what is due of some metrics (None: of all); returns those that cannot be read.

        The sources are asked outside any transaction; one that fails stops no other.
        """
        await self.follow(workspace_id, at=at)
        async with self._locks[workspace_id]:
            due = await self._due(workspace_id, metric_ids, at)
            gate = asyncio.Semaphore(SIDE_BY_SIDE)

            async def one(metric: _Due) -> service.Read:
                async with asyncio.timeout(BUDGET_SECONDS), gate:
                    return await self._read(workspace_id, metric, at)

            # An error that nobody foresaw in one source must not stop the others either.
            found = await asyncio.gather(*(one(metric) for metric in due), return_exceptions=True)
            return await self._store(workspace_id, list(zip(due, found, strict=True)), at)

    async def _store(
        self,
        workspace_id: str,
        found: Sequence[tuple[_Due, service.Read | BaseException]],
        at: datetime,
    ) -> list[MetricUnreadable]:
        failed = []
        async with self._db.write() as session:
            for metric, outcome in found:
                if isinstance(outcome, service.Read):
                    await service.store_read(session, workspace_id, outcome)
                    continue
                error = _told(metric, outcome)
                failure = service.Failure(metric.id, error.problem, error.fix)
                await service.note_failure(session, workspace_id, failure, at=at)
                failed.append(error)
        return failed

    async def _reload(self) -> None:
        """Read the file if it changed. Raises ``BadSetting``; then the last good one stays."""
        mtime = await asyncio.to_thread(_modified, self._path)
        if mtime is None and (self._is_required or self._mtime is not None):
            raise BadSetting(
                field="METRICS_FILE",
                problem=f"METRICS_FILE: there is no file {self._path}.",
                fix="Correct the path, or leave it out to do with Daybook's own metrics.",
            )
        if mtime == self._mtime:
            return
        self._mtime = mtime  # also of a file that is wrong: it is read again once it changes
        declaration = load(await asyncio.to_thread(_text, self._path), self._env)
        self._declaration, self._sources = declaration, open_sources(declaration)
        self._synced.clear()
        self.file_problem = ""

    async def _follow_file(self) -> None:
        async with self._file_lock:
            try:
                await self._reload()
            except BadSetting as error:
                self.file_problem = str(error)
                log.error("metrics.file_unreadable", problem=str(error))

    async def _audiences(self, workspace_id: str, at: datetime) -> dict[str, str | None]:
        directory = self._places.of(workspace_id).directory
        found: dict[str, str | None] = {}
        for channel_id in {one.audience for one in self._declaration.metrics if one.audience}:
            try:
                found[channel_id] = (await directory.channel(channel_id, at=at)).id
            except NotFound:
                found[channel_id] = NOBODY
        return found

    async def _due(
        self, workspace_id: str, metric_ids: Sequence[str] | None, at: datetime
    ) -> list[_Due]:
        query = select(Metric).where(
            Metric.workspace_id == workspace_id,
            Metric.retired_at.is_(None),
            Metric.source_channel_id.is_distinct_from(NOBODY),
        )
        if metric_ids is not None:
            query = query.where(Metric.id.in_(metric_ids))
        async with self._db.read() as session:
            rows = list(await session.scalars(query.order_by(Metric.id)))
            gaps = await session.execute(
                select(Reading.metric_id, func.min(Reading.day))
                .where(
                    Reading.workspace_id == workspace_id,
                    Reading.value.is_(None),
                    Reading.day >= at.date() - timedelta(days=GAP_DAYS),
                )
                .group_by(Reading.metric_id)
            )
            first_gap = dict(gaps.tuples().all())
        due = (_due_of(row, first_gap.get(row.id), at) for row in rows)
        return [metric for metric in due if metric is not None]

    async def _read(self, workspace_id: str, metric: _Due, at: datetime) -> service.Read:
        last = metric.gate.last_complete
        if metric.source == SOURCE:
            window = Window(metric.since, last, zone_named(self._default_zone))
            async with self._db.read() as session:
                values = dict(await read_built_in(session, workspace_id, metric.name, window))
        else:
            definition = self._definition(metric)
            source = self._sources[definition.source]
            rows = await source.read(definition, metric.since, last + timedelta(days=1))
            values = _on_days(metric, [(row.day, row.value) for row in rows], definition.missing)
        return service.Read(metric.id, metric.version, values, last, at)

    def _definition(self, metric: _Due) -> MetricDefinition:
        for one in self._declaration.metrics:
            if one.name == metric.name:
                return one
        raise MetricUnreadable(metric=metric.label, problem="It is no longer declared.")


def _declared(one: MetricDefinition, audience: str | None) -> service.Declared:
    return service.Declared(
        name=one.name,
        label=one.label,
        source=one.source,
        definition=one.model_dump(
            mode="json", include={"sql", "ready_after", "late_days", "missing", "alert"}
        ),
        unit=one.unit,
        currency=one.currency or "",
        is_minor=one.minor_units,
        is_percent=one.percent,
        good=one.good,
        owner_id=one.owner,
        timezone=one.timezone,
        target=one.target,
        source_channel_id=audience,
    )


def metric_gate(timezone: str, definition: Mapping[str, object], at: datetime) -> Gate:
    """Return which days of a metric may be compared at ``at``."""
    ready_after = time.fromisoformat(str(definition.get("ready_after") or "00:00"))
    late_days = int(str(definition.get("late_days") or 0))
    return open_gate(at, zone_named(timezone), ready_after, late_days)


def _due_of(row: Metric, first_gap: date | None, at: datetime) -> _Due | None:
    gate = metric_gate(row.timezone, row.definition, at)
    is_whole = row.read_through is not None and row.read_through >= gate.last_complete
    is_fresh = row.read_at is not None and timedelta(0) <= at - row.read_at < FRESH
    if is_whole and is_fresh and not row.problem:
        return None
    since = unread_from(gate, row.read_through, HISTORY_DAYS)
    if first_gap is not None and row.read_through is not None:
        since = min(since, first_gap)
    return _Due(
        id=row.id,
        name=row.name,
        label=row.label,
        source=row.source,
        version=row.version,
        gate=gate,
        since=since,
        has_history=row.read_through is not None,
    )


def _on_days(
    metric: _Due, rows: list[tuple[date, float | None]], missing: Missing
) -> dict[date, float | None]:
    since, last = metric.since, metric.gate.last_complete
    if metric.has_history:
        # The day before is known: with missing "zero" nothing after it is a gap.
        rows = [(since - timedelta(days=1), 0.0), *rows]
        since -= timedelta(days=1)
    grid = lay_on_grid(rows, since, last, missing)
    known = np.flatnonzero(np.isfinite(grid.values))
    if not len(known):
        return {}
    days = {
        since + timedelta(days=i): float(value) if np.isfinite(value) else None
        for i, value in enumerate(grid.values)
        if i >= known[0]
    }
    return {day: value for day, value in days.items() if day >= metric.since}


def _told(metric: _Due, error: BaseException) -> MetricUnreadable:
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


def _modified(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
