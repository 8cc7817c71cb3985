"""Declare metrics, from the file and in Slack. Each inside the caller's unit of work."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.entries.log import Line, append, append_all
from bot.errors import NotFound
from bot.metrics.definition import ASKS
from bot.metrics.tables import Metric, MetricVersion

# What changes the meaning of past readings: a new version, and everything is read again.
MEANING = ("source", "unit", "currency", "is_minor", "is_percent", "timezone")
MEANING_OF_DEFINITION = (*(key for key in ASKS if key != "query"), "missing", "meaning")


FORM = "form"
"""Origin of what was set up in Slack."""

NAME_LIMIT = 60


@dataclass(frozen=True)
class Declared:
    """A metric as somebody declares it. ``definition`` is plain JSON and holds no secret."""

    name: str
    label: str
    source: str
    definition: dict[str, Any]
    unit: str = ""
    currency: str = ""
    is_minor: bool = False
    is_percent: bool = False
    good: str = "up"
    owner_id: str = ""
    timezone: str = "UTC"
    target: float | None = None
    source_channel_id: str | None = None  # its audience

    def columns(self) -> dict[str, Any]:
        """Return what a row takes from it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


async def sync_metrics(
    session: AsyncSession,
    workspace_id: str,
    origin: str,
    declared: Sequence[Declared],
    *,
    at: datetime,
) -> int:
    """Make the metrics of one origin what is declared there. Returns how many were changed.

    What is no longer declared is retired and keeps its readings; a change is an entry, and one of
    its meaning a new version too.
    """
    query = select(Metric).where(Metric.workspace_id == workspace_id)
    known = {row.name: row for row in await session.scalars(query)}
    new = [wanted for wanted in declared if wanted.name not in known]
    await _declare(session, workspace_id, origin, new, at)
    changed = len(new)
    for wanted in declared:
        row = known.get(wanted.name)
        if row is not None and row.origin == origin:
            changed += await _change(session, row, wanted, at)
    names = {wanted.name for wanted in declared}
    for row in known.values():
        if row.origin == origin and row.name not in names and row.retired_at is None:
            row.retired_at = at
            await log_metric(session, row, "metric.retired", {}, at=at)
            changed += 1
    return changed


async def _declare(
    session: AsyncSession,
    workspace_id: str,
    origin: str,
    declared: Sequence[Declared],
    at: datetime,
    *,
    by: str = "",
) -> list[Metric]:
    rows = [
        Metric(
            workspace_id=workspace_id,
            id=new_id(),
            origin=origin,
            version=1,
            declared_at=at,
            **wanted.columns(),
        )
        for wanted in declared
    ]
    session.add_all(rows)
    await session.flush()
    session.add_all([_version(row, at) for row in rows])
    lines = [_line(row, "metric.declared", {"version": 1}, by) for row in rows]
    await append_all(session, workspace_id, lines, at=at)
    return rows


async def _change(
    session: AsyncSession, row: Metric, wanted: Declared, at: datetime, *, by: str = ""
) -> bool:
    columns = wanted.columns()
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    is_back = row.retired_at is not None
    if not changed and not is_back:
        return False
    is_other = has_other_meaning(row, wanted)
    for name in changed:
        setattr(row, name, columns[name])
    row.retired_at = None
    if is_other:
        row.version += 1
        # Nothing is known of it yet: neither how old it is, nor whether it can be read.
        row.read_through = row.read_at = row.failed_at = None
        row.problem = row.fix = ""
        session.add(_version(row, at))
        await session.flush()
    facts = {"version": row.version, "changed": changed}
    await log_metric(session, row, "metric.changed", facts, at=at, by=by)
    return True


def has_other_meaning(row: Metric, wanted: Declared) -> bool:
    """Tell whether past readings were counted in another way than is wanted now."""
    if any(getattr(row, name) != getattr(wanted, name) for name in MEANING):
        return True
    before, after = row.definition, wanted.definition
    return any(before.get(key) != after.get(key) for key in MEANING_OF_DEFINITION)


def _version(row: Metric, at: datetime) -> MetricVersion:
    return MetricVersion(
        workspace_id=row.workspace_id,
        metric_id=row.id,
        version=row.version,
        definition=row.definition,
        at=at,
    )


async def log_metric(
    session: AsyncSession,
    row: Metric,
    kind: str,
    facts: dict[str, Any],
    *,
    at: datetime,
    by: str = "",
) -> None:
    """Add a line about a metric to the log, for those who may see the metric."""
    await append(session, row.workspace_id, _line(row, kind, facts, by), at=at)


def _line(row: Metric, kind: str, facts: dict[str, Any], by: str) -> Line:
    return Line(
        kind=kind,
        subject_kind="metric",
        subject_id=row.id,
        actor=by,
        source_channel_id=row.source_channel_id,
        facts={"name": row.name, **facts},
        prose=row.label,
    )


async def declare_in_slack(
    session: AsyncSession, workspace_id: str, wanted: Declared, *, by: str, at: datetime
) -> Metric:
    """Add a metric that somebody set up in Slack, under a name that is still free."""
    taken = set(
        await session.scalars(select(Metric.name).where(Metric.workspace_id == workspace_id))
    )
    name = free_name(wanted.label, taken)
    named = replace(wanted, name=name)
    return (await _declare(session, workspace_id, FORM, [named], at, by=by))[0]


async def change_in_slack(
    session: AsyncSession, row: Metric, wanted: Declared, *, by: str, at: datetime
) -> bool:
    """Change a metric that was set up in Slack; its name and owner stay. False: nothing changed."""
    kept = replace(wanted, name=row.name, owner_id=row.owner_id)
    return await _change(session, row, kept, at, by=by)


async def retire_metric(session: AsyncSession, row: Metric, *, by: str, at: datetime) -> None:
    """Read a metric no more; its readings stay, and ``restore_metric`` brings it back."""
    if row.retired_at is None:
        row.retired_at = at
        await log_metric(session, row, "metric.retired", {}, at=at, by=by)


async def restore_metric(session: AsyncSession, row: Metric, *, by: str, at: datetime) -> None:
    """Take a retired metric up again."""
    if row.retired_at is not None:
        row.retired_at = None
        await log_metric(session, row, "metric.restored", {}, at=at, by=by)


async def get_own_metric(session: AsyncSession, workspace_id: str, metric_id: str) -> Metric:
    """Return a metric that was set up in Slack, to change it. Raises ``NotFound``."""
    row = await session.get(Metric, (workspace_id, metric_id))
    if row is None or row.origin != FORM:
        raise NotFound("There is no such metric that was set up in Slack.")
    return row


def free_name(label: str, taken: Collection[str]) -> str:
    """Return a name made of a label's letters that no other metric has."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:NAME_LIMIT] or "metric"
    stem = stem if stem[0].isalpha() else f"m_{stem}"
    names = (stem if n == 1 else f"{stem}_{n}" for n in count(1))
    return next(name for name in names if name not in taken)
