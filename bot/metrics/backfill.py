"""Read a metric's past anew, in pieces, for ``daybook metrics backfill``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError

from bot.db.session import Database
from bot.errors import BadSetting, MetricUnreadable
from bot.metrics.builtin import SOURCE
from bot.metrics.definition import Declaration
from bot.metrics.due import definition_of, metric_gate, on_days
from bot.metrics.readings import Read, store_read
from bot.metrics.sources.daybook import DaybookSource
from bot.metrics.sources.known import open_sources
from bot.metrics.sources.protocol import Source
from bot.metrics.tables import Metric

# A quarter at a time: within every source's limits, and an interruption costs little.
PIECE_DAYS = 90

Progress = Callable[["Step"], None]


@dataclass(frozen=True)
class Step:
    """How far a metric is: ``done`` of ``days``."""

    label: str
    done: int
    days: int


@dataclass(frozen=True)
class Backfilled:
    """What reading one metric's past gave. ``corrected`` counts values that came out differently.

    After a ``problem`` what was read before it is kept; running it again goes over it once more.
    """

    name: str
    label: str
    days: int
    values: int = 0
    corrected: int = 0
    problem: str = ""
    fix: str = ""


async def backfill_metrics(
    db: Database,
    declaration: Declaration,
    *,
    names: Sequence[str],
    days: int,
    at: datetime,
    progress: Progress,
) -> list[Backfilled]:
    """Read the last ``days`` complete days of metrics, oldest first; ``names`` empty: of all.

    Raises ``BadSetting`` when there is no such metric.
    """
    rows = await _known_metrics(db)
    wanted = [row for row in rows if not names or row.name in names]
    _check_known(names, rows)
    sources = open_sources(declaration)
    return [
        await _backfill(db, row, _source(db, row, sources), days=days, at=at, progress=progress)
        for row in wanted
    ]


async def _known_metrics(db: Database) -> list[Metric]:
    query = select(Metric).where(Metric.retired_at.is_(None)).order_by(Metric.name)
    try:
        async with db.read() as session:
            return list(await session.scalars(query))
    except (OperationalError, ProgrammingError):  # no table yet: Daybook never ran
        return []


def _check_known(names: Sequence[str], rows: Sequence[Metric]) -> None:
    known = sorted({row.name for row in rows})
    unknown = [name for name in names if name not in known]
    if not known:
        raise BadSetting(
            field="metrics",
            problem="Daybook's database knows no metric yet.",
            fix="Start Daybook once: it takes the metrics file over.",
        )
    if unknown:
        raise BadSetting(
            field="metrics",
            problem=f"There is no metric {', '.join(unknown)}.",
            fix=f"Known: {', '.join(known)}. New ones are taken over when Daybook starts.",
        )


def _source(db: Database, row: Metric, sources: dict[str, Source]) -> Source | None:
    return DaybookSource(db, row.workspace_id) if row.source == SOURCE else sources.get(row.source)


async def _backfill(
    db: Database, row: Metric, source: Source | None, *, days: int, at: datetime, progress: Progress
) -> Backfilled:
    if source is None:
        problem = f"Its source “{row.source}” is not in the metrics file."
        return Backfilled(row.name, row.label, 0, problem=problem, fix="Declare it there.")
    last = metric_gate(row.timezone, row.definition, at).last_complete
    values = corrected = done = 0
    for since, until in pieces(last - timedelta(days=days - 1), last):
        try:
            read = await _read(row, source, since, until, at, has_history=values > 0)
        except MetricUnreadable as error:
            return Backfilled(
                row.name, row.label, done, values, corrected, error.problem, error.fix
            )
        async with db.write() as session:
            corrected += await store_read(session, row.workspace_id, read)
        values += sum(value is not None for value in read.values.values())
        done += (until - since).days + 1
        progress(Step(row.label, done, days))
    return Backfilled(row.name, row.label, done, values, corrected)


async def _read(
    row: Metric, source: Source, since: date, last: date, at: datetime, *, has_history: bool
) -> Read:
    definition = definition_of(row)
    found = await source.read(definition, since, last + timedelta(days=1))
    values = on_days(
        [(one.day, one.value) for one in found],
        definition.missing,
        since=since,
        last=last,
        has_history=has_history,
    )
    return Read(row.id, row.version, values, last, at)


def pieces(since: date, last: date) -> list[tuple[date, date]]:
    """Split the days from ``since`` to ``last``, both included, oldest first."""
    found = []
    while since <= last:
        end = min(since + timedelta(days=PIECE_DAYS - 1), last)
        found.append((since, end))
        since = end + timedelta(days=1)
    return found


def render_backfilled(found: Sequence[Backfilled]) -> str:
    """Return what was read as lines for a terminal."""
    lines = []
    for one in found:
        if one.problem:
            lines.append(f"!! {one.name}: {one.problem}")
            lines.append(f"   {one.fix}" + (f" {one.days} days were read." if one.days else ""))
        else:
            changed = f", {one.corrected} came out differently" if one.corrected else ""
            lines.append(f"ok {one.name}: {one.values} values in {one.days} days{changed}")
    return "\n".join(lines)
