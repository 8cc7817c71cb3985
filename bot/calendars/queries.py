"""Read calendars. When somebody wants no message is no team content: no asker is needed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.rules import (
    Keeper,
    PersonRest,
    TeamRest,
    TimeOff,
    coming_posts,
    keeper_of_channel,
    keeper_of_person,
    read_quiet,
    say_coming,
    team_rest,
)
from bot.calendars.tables import PersonCalendar
from bot.clock import Rule
from bot.db.plain import execute_plain
from bot.workspaces.tables import Member, Workspace

SETTING = "calendar"
PEOPLE = ("U", "W")
_WORKSPACE = cast(Table, Workspace.__table__)
_SETTINGS = select(_WORKSPACE.c.settings).where(_WORKSPACE.c.id == bindparam("of"))


async def read_team_rest(session: AsyncSession, workspace_id: str) -> TeamRest:
    """Return the workspace's calendar; the default where none was set."""
    found = await execute_plain(session, _SETTINGS, {"of": workspace_id})
    return team_rest((found.scalar_one_or_none() or {}).get(SETTING))


async def read_person_rest(session: AsyncSession, workspace_id: str, user_id: str) -> PersonRest:
    """Return what a person set, with their zone and what their Slack status says."""
    key = (workspace_id, user_id)
    member = await session.get(Member, key)
    row = await session.get(PersonCalendar, key)
    return PersonRest(
        zone=member.timezone if member else "UTC",
        quiet=read_quiet(row.quiet) if row else None,
        time_off=tuple(_time_off(one) for one in row.time_off) if row else (),
        away_until=member.away_until if member else None,
    )


@dataclass(frozen=True)
class When:
    """When something is posted where: a rule in its zone, and a channel's or person's id."""

    rule: Rule
    zone: ZoneInfo
    target: str


async def read_coming(session: AsyncSession, workspace_id: str, when: When, *, at: datetime) -> str:
    """Return in words when the next three posts come, with its zone and the calendar's waits."""
    keeper = await read_keeper(session, workspace_id, when.target, zone=when.zone.key, at=at)
    return say_coming(coming_posts(keeper, when.rule, when.zone, at), when.zone)


async def read_keeper(
    session: AsyncSession, workspace_id: str, target: str, *, zone: str, at: datetime
) -> Keeper:
    """Return what holds back a message due at ``at`` to a channel or, by a person's id, a DM.

    ``zone`` is that of its schedule: it counts for a channel where the workspace has none set.
    """
    team = await read_team_rest(session, workspace_id)
    if not target.startswith(PEOPLE):
        return keeper_of_channel(team, zone)
    person = await read_person_rest(session, workspace_id, target)
    return keeper_of_person(team, person, at)


async def people_away(session: AsyncSession, *, at: datetime) -> set[str]:
    """Return the ids of people whose Slack status says that they are away, in all workspaces."""
    return set(await session.scalars(select(Member.id).where(Member.away_until > at)))


def _time_off(stored: list[str]) -> TimeOff:
    return TimeOff(date.fromisoformat(stored[0]), date.fromisoformat(stored[1]))
