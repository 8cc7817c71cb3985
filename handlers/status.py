"""``/daybook status``: what is due, what ran, what did not arrive."""

from collections.abc import Sequence

from bot.calendars.queries import read_team_rest
from bot.calendars.rules import TeamRest, hold, keeper_of_channel
from bot.clock import local_date, zone_named
from bot.deps import Deps
from bot.engine.holding import is_weekday_named
from bot.engine.status import ScheduleStatus, find_failures, find_schedules
from bot.engine.waiting import find_waiting
from bot.general.closed_places import find_closed
from bot.general.schedule_names import find_subjects
from bot.general.status_views import render_status
from bot.workdays import Permitted
from handlers.answers import Answer, Private
from handlers.boundary import Route
from handlers.payloads import Request


async def show_status(request: Request, deps: Deps) -> Answer:
    """Every schedule the asker may see, in their zone, and what of theirs did not arrive."""
    asker = request.asker
    async with deps.db.read() as session:
        subjects = await find_subjects(session, asker)
        schedules = await find_schedules(session, asker, subjects)
        closed = await find_closed(session, asker, schedules, subjects)
        failures = await find_failures(session, asker, at=request.at)
        waiting = await find_waiting(session, asker)
        team = await read_team_rest(session, request.workspace_id)
    return Private(
        render_status(
            schedules,
            {of: one.name for of, one in subjects.items()},
            failures,
            asker_id=asker.user_id,
            zone=asker.timezone or "UTC",
            is_admin=asker.is_admin,
            waiting=waiting,
            waits=_waits(schedules, team),
            closed=closed,
        )
    )


def _waits(schedules: Sequence[ScheduleStatus], team: TeamRest) -> dict[str, Permitted]:
    """Return the next messages that the team's calendar will hold back, by schedule."""
    found = {}
    for one in schedules:
        if one.next_at is None:
            continue
        zone = zone_named(one.timezone)
        keeps = is_weekday_named(one.rule, local_date(one.next_at, zone))
        permitted = hold(keeper_of_channel(team, one.timezone), one.next_at, keeps_weekday=keeps)
        if permitted.reason:
            found[one.id] = permitted
    return found


COMMANDS = {"status": Route(show_status, guests=True)}
