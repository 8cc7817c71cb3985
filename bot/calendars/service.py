"""Change calendars, each inside the caller's unit of work; what waits is looked at again."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.queries import SETTING, read_person_rest, read_team_rest
from bot.calendars.rules import PersonRest, TeamRest, TimeOff, merge_time_off, say_quiet
from bot.calendars.tables import PersonCalendar
from bot.engine.budget import SETTING as BUDGET
from bot.engine.budget import read_team_budget
from bot.engine.holding import hold_anew
from bot.entries.log import Line, append
from bot.workdays import QuietHours
from bot.workspaces.tables import Workspace


async def set_team_rest(
    session: AsyncSession, workspace_id: str, rest: TeamRest, *, by: str, at: datetime
) -> TeamRest:
    """Set the workspace's calendar; returns the one before, for undoing."""
    before = await read_team_rest(session, workspace_id)
    workspace = await session.get_one(Workspace, workspace_id, with_for_update=True)
    workspace.settings = (workspace.settings or {}) | {SETTING: rest.to_json()}
    await session.flush()
    facts = {"from": before.to_json(), "to": rest.to_json()}
    line = Line("calendar.changed", "workspace", workspace_id, by, facts=facts)
    await append(session, workspace_id, line, at=at)
    await hold_anew(session, workspace_id, at=at)
    return before


async def set_team_budget(
    session: AsyncSession, workspace_id: str, budget: int, *, by: str, at: datetime
) -> None:
    """Set how many messages a day each channel gets that sets none itself; 0 is no limit."""
    before = await read_team_budget(session, workspace_id)
    if before == budget:
        return
    workspace = await session.get_one(Workspace, workspace_id, with_for_update=True)
    workspace.settings = (workspace.settings or {}) | {BUDGET: budget}
    await session.flush()
    facts = {"from": before, "to": budget}
    line = Line("budget.changed", "workspace", workspace_id, by, facts=facts)
    await append(session, workspace_id, line, at=at)


async def set_quiet(
    session: AsyncSession,
    workspace_id: str,
    user_id: str,
    quiet: QuietHours | None,
    *,
    at: datetime,
) -> None:
    """Set a person's own quiet hours; None: the workspace's count."""
    rest = await read_person_rest(session, workspace_id, user_id)
    if rest.quiet != quiet:
        await _store(session, workspace_id, user_id, replace(rest, quiet=quiet), at=at)


async def add_time_off(
    session: AsyncSession, workspace_id: str, user_id: str, new: TimeOff, *, at: datetime
) -> None:
    """Add days off; what is over is forgotten."""
    rest = await read_person_rest(session, workspace_id, user_id)
    current = [one for one in rest.time_off if one.until >= at.date()]
    merged = merge_time_off(current, new)
    await _store(session, workspace_id, user_id, replace(rest, time_off=merged), at=at)


async def remove_time_off(
    session: AsyncSession, workspace_id: str, user_id: str, gone: TimeOff, *, at: datetime
) -> None:
    """Take days off back; what waits for their end comes now, or when it may."""
    rest = await read_person_rest(session, workspace_id, user_id)
    kept = tuple(one for one in rest.time_off if one != gone)
    await _store(session, workspace_id, user_id, replace(rest, time_off=kept), at=at)


async def _store(
    session: AsyncSession, workspace_id: str, user_id: str, rest: PersonRest, *, at: datetime
) -> None:
    row = await session.get(PersonCalendar, (workspace_id, user_id), with_for_update=True)
    if row is None:
        row = PersonCalendar(workspace_id=workspace_id, id=user_id)
        session.add(row)
    row.quiet = say_quiet(rest.quiet)
    row.time_off = [one.to_json() for one in rest.time_off]
    row.updated_at = at
    await session.flush()
    # That it changed is logged, not when somebody is away: the log is for ever.
    facts: dict[str, Any] = {"days_off": len(rest.time_off), "has_quiet": bool(rest.quiet)}
    line = Line("calendar.own", "person", user_id, user_id, facts=facts)
    await append(session, workspace_id, line, at=at)
    await hold_anew(session, workspace_id, at=at, target=user_id)
