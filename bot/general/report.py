"""``daybook status``: the same as in Slack, for whoever runs the bot.

What belongs to private channels is told by its kind alone.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.calendars.rules import say_moment
from bot.db.session import Database
from bot.engine.status import Failure, ScheduleStatus, find_all_failures, find_all_schedules
from bot.general.closed_places import find_closed
from bot.general.schedule_names import find_subjects
from bot.general.status_views import fix_of, name_of
from bot.slack.text import plain
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Workspace


async def read_report(db: Database, zone: ZoneInfo, *, at: datetime) -> str:
    """Return every schedule of every workspace with its last result and next run, and failures."""
    parts = []
    async with db.read() as session:
        workspaces = list(await session.scalars(select(Workspace).order_by(Workspace.id)))
        for workspace in workspaces:
            operator = Asker(workspace.id, sees_public=True)
            subjects = await find_subjects(session, operator)
            names = {of: one.name for of, one in subjects.items()}
            schedules = await find_all_schedules(session, operator)
            failures = await find_all_failures(session, operator, at=at)
            closed = await find_closed(session, operator, schedules, subjects)
            told = [_schedule(one, names, zone) + _closed(one, closed) for one in schedules]
            parts.append(_report(workspace.name, told, failures, zone))
    return "\n\n".join(parts) or "No workspace is known yet; start it with: daybook run"


def has_failures(report: str) -> bool:
    """Tell whether a report names something that did not arrive."""
    return "NOT ARRIVED" in report


def _report(name: str, told: Sequence[str], failures: Sequence[Failure], zone: ZoneInfo) -> str:
    head = f"{plain(name)} (times in {zone.key})"
    lines = [head, *(_failure(one, zone) for one in failures)]
    return "\n".join([*lines, *(told or ["  Nothing is scheduled."])])


def _failure(one: Failure, zone: ZoneInfo) -> str:
    why = plain(fix_of(one.error))
    state = "may not have arrived" if one.is_uncertain else one.error
    return f"  NOT ARRIVED {say_moment(one.at, zone)} to {one.target}: {state}. {why}"


def _schedule(one: ScheduleStatus, names: dict[str, str], zone: ZoneInfo) -> str:
    if one.next_at:
        due = f"next {say_moment(one.next_at, zone)}"
        due += f" ({say_moment(one.next_at, ZoneInfo(one.timezone))} {one.timezone})"
    else:
        due = f"PAUSED {one.reason}".strip()
    return f"  {plain(name_of(one, names))}: {due}; {_last(one, zone)}"


def _closed(one: ScheduleStatus, closed: dict[str, str]) -> str:
    if one.id not in closed:
        return ""
    return f"\n    CANNOT POST to {closed[one.id]}: the app is not in that channel"


def _last(one: ScheduleStatus, zone: ZoneInfo) -> str:
    if one.last is None:
        return "has not run yet"
    result = one.last.result or one.last.state
    if one.last.failures:
        result = "did not arrive"
    return f"last {say_moment(one.last.due_at, zone)}: {plain(result)}"
