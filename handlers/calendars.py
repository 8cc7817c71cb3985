"""Calendars' doors: ``/daybook settings``, the forms, and what Slack tells of a status."""

import json
from datetime import date

from bot.calendars import service
from bot.calendars.queries import read_person_rest, read_team_rest
from bot.calendars.rules import (
    TeamRest,
    TimeOff,
    holidays_ahead,
    read_quiet,
    read_time_off,
    team_rest,
)
from bot.calendars.statuses import is_away
from bot.calendars.views import (
    render_menu,
    render_own_form,
    render_team_form,
    render_team_saved,
)
from bot.cities import find_zone
from bot.clock import local_date, zone_named
from bot.deps import Deps
from bot.engine.budget import SETTING as BUDGET
from bot.engine.budget import read_team_budget
from bot.engine.inbox import Arrival
from bot.errors import BadInput, NotAllowed
from bot.intake.doors import render_data_doors
from bot.slack.ids import Action, Form
from bot.workdays import check_country
from bot.workspaces.watch import Watch
from handlers.answers import Answer, OpenModal, RefreshHome, ShowModal
from handlers.boundary import Route
from handlers.events import Event
from handlers.payloads import Request

ADMINS_ONLY = "Only an admin may change the workspace's calendar."


async def open_menu(request: Request, deps: Deps) -> Answer:
    """Settings where there is no channel to set up: the calendar, and the doors."""
    async with deps.db.read() as session:
        team = await read_team_rest(session, request.workspace_id)
        budget = await read_team_budget(session, request.workspace_id)
    holidays = holidays_ahead(team, _today(request))
    menu = render_menu(team, holidays, budget, is_admin=request.asker.is_admin)
    menu["blocks"].append(render_data_doors())
    return OpenModal(menu)


async def open_team_form(request: Request, deps: Deps) -> Answer:
    """The workspace's calendar; admins only."""
    _check_admin(request)
    async with deps.db.read() as session:
        team = await read_team_rest(session, request.workspace_id)
        budget = await read_team_budget(session, request.workspace_id)
    return OpenModal(render_team_form(team, budget))


async def save_team(request: Request, deps: Deps) -> Answer:
    """The form of the workspace's calendar."""
    _check_admin(request)
    budget = read_budget_choice(request)
    return await _set_team(request, deps, _read_team(request), may_undo=True, budget=budget)


def read_budget_choice(request: Request) -> int | None:
    """Return the messages a day chosen in a form; None: as the workspace, or not asked."""
    chosen = request.values.get("budget", "")
    return int(chosen) if chosen.isdigit() else None


async def undo_team(request: Request, deps: Deps) -> Answer:
    """Undo: the calendar as it was before."""
    _check_admin(request)
    before = json.loads(request.value)
    budget = before.pop(BUDGET)
    return await _set_team(request, deps, team_rest(before), may_undo=False, budget=budget)


async def _set_team(
    request: Request,
    deps: Deps,
    rest: TeamRest,
    *,
    may_undo: bool,
    budget: int | None = None,
) -> Answer:
    async with deps.act(request) as session:
        who, at = request.user_id, request.at
        was = await read_team_budget(session, request.workspace_id)
        now = was if budget is None else budget
        await service.set_team_budget(session, request.workspace_id, now, by=who, at=at)
        before = await service.set_team_rest(session, request.workspace_id, rest, by=who, at=at)
    undo = before.to_json() | {BUDGET: was} if may_undo else None
    return ShowModal(render_team_saved(rest, holidays_ahead(rest, _today(request)), now, undo))


def _read_team(request: Request) -> TeamRest:
    country = request.typed("country").upper()
    region = request.typed("region").upper()
    zone = request.typed("zone")
    days = frozenset(int(day) for day in request.chosen("rest_days"))
    if len(days) == 7:
        raise BadInput(field="rest_days", problem="No day is left.", fix="Leave one out.")
    check_country(country, region)
    try:
        found = find_zone(zone).key if zone else ""
    except BadInput as error:
        raise BadInput(field="zone", problem=error.problem, fix=error.fix) from error
    quiet = read_quiet(request.typed("quiet"))
    return TeamRest(found, country, region if country else "", days, quiet)


async def open_own_form(request: Request, deps: Deps) -> Answer:
    """A person's own time off and quiet hours."""
    return OpenModal(await _own_form(request, deps))


async def save_own(request: Request, deps: Deps) -> Answer:
    """The form of a person's own calendar; it stays open and shows what is noted."""
    quiet = read_quiet(request.typed("quiet"))
    since, until = request.typed_date("since"), request.typed_date("until")
    new = read_time_off(since, until, _today(request)) if since or until else None
    async with deps.act(request) as session:
        who = request.workspace_id, request.user_id
        await service.set_quiet(session, *who, quiet, at=request.at)
        if new:
            await service.add_time_off(session, *who, new, at=request.at)
    return ShowModal(await _own_form(request, deps))


async def remove_time_off(request: Request, deps: Deps) -> Answer:
    """Remove: days off are taken back."""
    since, until = (date.fromisoformat(day) for day in json.loads(request.value))
    async with deps.act(request) as session:
        gone = TimeOff(since, until)
        await service.remove_time_off(
            session, request.workspace_id, request.user_id, gone, at=request.at
        )
    if request.view_type == "home":
        return RefreshHome()
    return ShowModal(await _own_form(request, deps))


async def _own_form(request: Request, deps: Deps) -> dict[str, object]:
    async with deps.db.read() as session:
        rest = await read_person_rest(session, request.workspace_id, request.user_id)
    return render_own_form(rest, today=_today(request))


def _today(request: Request) -> date:
    return local_date(request.at, zone_named(request.asker.timezone))


def _check_admin(request: Request) -> None:
    if not request.asker.is_admin:
        raise NotAllowed(ADMINS_ONLY)


def match_person_change(event: Event, watch: Watch) -> Arrival | None:
    """Somebody was deactivated, or their status says that they are away, or back: the id only."""
    user = event.raw.get("user")
    if not isinstance(user, dict) or user.get("is_bot"):
        return None
    profile = user.get("profile") or {}
    away = is_away(str(profile.get("status_emoji") or ""), str(profile.get("status_text") or ""))
    user_id = str(user.get("id") or "")
    is_news = watch.follow_away(user_id, is_away=away)
    if not (is_news or user.get("deleted")):
        return None
    return Arrival("person.changed", {"user": user_id})


ACTIONS = {
    Action.CALENDAR_MENU.value: Route(open_menu),
    Action.CALENDAR_TEAM.value: Route(open_team_form),
    Action.CALENDAR_UNDO.value: Route(undo_team),
    Action.CALENDAR_OWN.value: Route(open_own_form),
    Action.CALENDAR_REMOVE.value: Route(remove_time_off),
}
FORMS = {
    Form.CALENDAR_TEAM.value: Route(save_team),
    Form.CALENDAR_OWN.value: Route(save_own),
}
MATCHERS = {"user_change": [match_person_change]}
