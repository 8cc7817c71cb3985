"""The source ``daybook``: counts of the team's own work, there without any set-up.

It counts only what every member may see, and never reads a word of what people wrote.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date, slot_instant
from bot.entries.tables import Entry
from bot.feedback.tables import Feedback, FollowUp, Theme
from bot.metrics.service import Declared
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Workspace

SOURCE = "daybook"
# How long back an asker counts in the told-rate: a promise of a month ago should be kept by now.
TOLD_WINDOW = timedelta(days=28)


@dataclass(frozen=True)
class Window:
    """Local days from ``since`` to ``through``, both included."""

    since: date
    through: date
    zone: ZoneInfo

    def days(self) -> list[date]:
        """Return the days, oldest first."""
        return [self.since + timedelta(days=n) for n in range((self.through - self.since).days + 1)]

    def ends(self) -> list[tuple[date, datetime]]:
        """Return each day with the instant at which it is over."""
        return [(day, self._end(day)) for day in self.days()]

    def _end(self, day: date) -> datetime:
        return slot_instant(day + timedelta(days=1), time(0), self.zone)


Values = Mapping[date, float | None]
Count = Callable[[AsyncSession, Asker, Window], Awaitable[Values]]


@dataclass(frozen=True)
class BuiltIn:
    """One of Daybook's own metrics."""

    name: str
    label: str
    meaning: str
    count: Count
    unit: str = ""
    is_percent: bool = False
    good: str = "up"

    def declared(self, zone: str) -> Declared:
        """Return it as a declaration in the workspace's zone."""
        return Declared(
            name=self.name,
            label=self.label,
            source=SOURCE,
            definition={"meaning": self.meaning},
            unit=self.unit,
            is_percent=self.is_percent,
            good=self.good,
            timezone=zone,
        )


def everybody(workspace_id: str) -> Asker:
    """Return the asker who sees what every member sees, and no private channel."""
    return Asker(workspace_id=workspace_id, sees_public=True)


async def read_built_in(
    session: AsyncSession, workspace_id: str, name: str, window: Window
) -> Values:
    """Count one of Daybook's own metrics for each day; days before the workspace are left out."""
    asker = everybody(workspace_id)
    return await _BY_NAME[name].count(session, asker, window)


async def _count_feedback(session: AsyncSession, asker: Asker, window: Window) -> Values:
    rows = await session.scalars(
        select(Feedback.logged_at).where(
            Feedback.workspace_id == asker.workspace_id,
            Feedback.withdrawn_at.is_(None),
            asker.sees(Feedback.source_channel_id),
        )
    )
    return await _a_day(session, asker, window, list(rows))


async def _count_launches(session: AsyncSession, asker: Asker, window: Window) -> Values:
    rows = await session.scalars(
        select(Entry.at).where(
            Entry.workspace_id == asker.workspace_id,
            Entry.kind == "launch.created",
            asker.sees(Entry.source_channel_id),
        )
    )
    return await _a_day(session, asker, window, list(rows))


async def _a_day(
    session: AsyncSession, asker: Asker, window: Window, instants: list[datetime]
) -> Values:
    counts = Counter(local_date(at, window.zone) for at in instants)
    first = await _first_day(session, asker, window, instants)
    return {day: float(counts[day]) for day in window.days() if day >= first}


async def _count_open_themes(session: AsyncSession, asker: Asker, window: Window) -> Values:
    """A theme is open from its first day until the last line about it, if it is closed now."""
    last_line = (
        select(Entry.subject_id, func.max(Entry.at).label("at"))
        .where(Entry.workspace_id == asker.workspace_id, Entry.subject_kind == "theme")
        .group_by(Entry.subject_id)
        .subquery()
    )
    query = (
        select(Theme.created_at, Theme.status, last_line.c.at)
        .outerjoin(last_line, last_line.c.subject_id == Theme.id)
        .where(
            Theme.workspace_id == asker.workspace_id,
            Theme.merged_into.is_(None),
            asker.sees(Theme.source_channel_id),
        )
    )
    spans = [
        (created, None if status == "open" else (closed or created))
        for created, status, closed in await session.execute(query)
    ]
    first = await _first_day(session, asker, window, [created for created, _ in spans])
    return {
        day: float(
            sum(created < end and (not closed or closed >= end) for created, closed in spans)
        )
        for day, end in window.ends()
        if day >= first
    }


async def _told_rate(session: AsyncSession, asker: Asker, window: Window) -> Values:
    """Of those to be told in the last 28 days, the part that was told; a gap where nobody was."""
    query = select(FollowUp.created_at, FollowUp.told_at).where(
        FollowUp.workspace_id == asker.workspace_id,
        FollowUp.state != "not_needed",
        FollowUp.event != "asked",
        asker.sees(FollowUp.source_channel_id),
    )
    rows = [(created, told) for created, told in await session.execute(query)]
    values: dict[date, float | None] = {}
    for day, end in window.ends():
        due = [told for created, told in rows if end - TOLD_WINDOW <= created < end]
        told = sum(at is not None and at < end for at in due)
        if due or values:
            values[day] = 100 * told / len(due) if due else None
    return values


async def _first_day(
    session: AsyncSession, asker: Asker, window: Window, instants: list[datetime]
) -> date:
    workspace = await session.get_one(Workspace, asker.workspace_id)
    return local_date(min([workspace.created_at, *instants]), window.zone)


BUILT_INS = (
    BuiltIn(
        "daybook_feedback",
        "Feedback logged",
        "Feedback logged on the day, without what was taken back.",
        _count_feedback,
        unit="items",
    ),
    BuiltIn(
        "daybook_open_themes",
        "Open themes",
        "Themes that were neither planned, shipped nor declined when the day ended.",
        _count_open_themes,
        unit="themes",
        good="down",
    ),
    BuiltIn(
        "daybook_told_rate",
        "Askers told",
        "Of the customers to be told something in the last 28 days, those who were told.",
        _told_rate,
        is_percent=True,
    ),
    BuiltIn(
        "daybook_launches",
        "Launches",
        "Launches recorded on the day.",
        _count_launches,
        unit="launches",
    ),
)
_BY_NAME = {one.name: one for one in BUILT_INS}
