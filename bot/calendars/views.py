"""The forms of calendars: a workspace's, and a person's own. Pure."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.calendars.rules import DAY_NAMES, PersonRest, TeamRest, TimeOff, say_quiet
from bot.slack.blocks import (
    Block,
    View,
    actions,
    button,
    context,
    date_picker,
    field_input,
    modal,
    section,
    select,
    text_input,
)
from bot.slack.ids import Action, Form
from bot.slack.text import escape

QUIET_HINT = "Both ends, such as 19:00-08:00. Empty: none."
SHOWN_TIME_OFF = 10


def render_doors(*, is_admin: bool) -> Block:
    """The buttons to what can be set beside the channel at hand."""
    buttons = [button("My time off and quiet hours", Action.CALENDAR_OWN)]
    if is_admin:
        buttons.append(button("The workspace's calendar", Action.CALENDAR_TEAM))
    buttons.append(button("Hand over what I own", Action.HANDOVER_OPEN))
    return actions(*buttons)


BUDGETS = (("3", "3"), ("6", "6"), ("10", "10"), ("20", "20"), ("No limit", "0"))
AS_WORKSPACE = "-"


def budget_field(chosen: int | None, team: int | None = None) -> Block:
    """The messages a day; with ``team`` (the workspace's) a channel may leave it to that."""
    options = list(BUDGETS)
    if team is not None:
        options.insert(0, (f"As the workspace ({say_budget(team)})", AS_WORKSPACE))
    menu = select("budget", options, chosen=AS_WORKSPACE if chosen is None else str(chosen))
    hint = (
        "What Daybook posts by itself beyond it comes with the channel's next digest, or next "
        "morning. Answers to people, replies in threads and edits do not count."
    )
    return field_input("budget", "Messages a day", menu, optional=True, hint=hint)


def say_budget(budget: int) -> str:
    """Return a budget in words."""
    return str(budget) if budget else "no limit"


def render_menu(
    team: TeamRest, holidays: Sequence[tuple[date, str]], budget: int, *, is_admin: bool
) -> View:
    """``/daybook settings`` where there is no channel to set up."""
    blocks = [section(f"*The workspace's calendar*\n{say_team(team, holidays, budget)}")]
    if not is_admin:
        blocks.append(context("An admin can change it."))
    blocks.append(render_doors(is_admin=is_admin))
    blocks.append(
        context("How feedback is logged in a channel: type `/daybook settings` in that channel.")
    )
    return modal(Form.PROBLEM, "Settings", blocks)


def say_team(team: TeamRest, holidays: Sequence[tuple[date, str]], budget: int) -> str:
    """Return a workspace's calendar, and its messages a day, in words, escaped."""
    days = ", ".join(DAY_NAMES[day] for day in sorted(team.rest_days)) or "none"
    place = "-".join(filter(None, (team.country, team.region)))
    ahead = "; ".join(f"{_day(day)} {name}" for day, name in holidays)
    lines = [
        f"Weekend: {days}",
        f"Public holidays: {place or 'none set'}" + (f" (next: {ahead})" if ahead else ""),
        f"Quiet hours: {say_quiet(team.quiet) or 'none'}",
        f"Zone: {team.zone or 'that of each schedule'}",
        f"Messages a day and channel: {say_budget(budget)}",
    ]
    return escape("\n".join(lines))


def render_team_form(team: TeamRest, budget: int) -> View:
    """What an admin sets for everybody."""
    days = select(
        "rest_days",
        [(name, str(number)) for number, name in enumerate(DAY_NAMES)],
        chosen=",".join(str(day) for day in sorted(team.rest_days)),
        multiple=True,
    )
    return modal(
        Form.CALENDAR_TEAM,
        "Workspace calendar",
        [
            section(
                "What Daybook posts by itself waits for these. What is due is still measured on "
                "its date, and the message says that it waited. Answers to people never wait."
            ),
            field_input("rest_days", "Weekend", days, optional=True),
            _text("country", "Country of the public holidays", team.country, "DE", 2),
            _text("region", "Region", team.region, "BY", 10),
            _text("quiet", "Quiet hours of channels", say_quiet(team.quiet), "19:00-08:00", 20,
                  hint=f"{QUIET_HINT} A person's count in their own zone."),
            _text("zone", "Zone", team.zone, "Berlin", 60,
                  hint="A city or a name such as Europe/Berlin. Empty: each schedule's own."),
            budget_field(budget),
        ],
        submit="Save",
    )  # fmt: skip


def render_own_form(rest: PersonRest, *, today: date) -> View:
    """What a person sets for themselves."""
    blocks = [
        section(
            "What Daybook would ask or remind you of waits for these. "
            f"Times are in your Slack zone, {rest.zone}."
        ),
        _text("quiet", "My quiet hours", say_quiet(rest.quiet), "19:00-08:00", 20,
              hint="Both ends, such as 19:00-08:00. Empty: the workspace's count."),
        field_input("since", "Time off from", date_picker("since"), optional=True),
        field_input("until", "to (that day included)", date_picker("until"), optional=True),
        *_listed(rest, today),
    ]  # fmt: skip
    if rest.away_until:
        blocks.append(context("Your Slack status says that you are away; that counts too."))
    return modal(Form.CALENDAR_OWN, "My calendar", blocks, submit="Save")


def _listed(rest: PersonRest, today: date) -> list[Block]:
    current = [one for one in rest.time_off if one.until >= today]
    if not current:
        return [context("No time off is noted.")]
    return [
        section(
            f"Time off: {say_time_off(one)}",
            accessory=button(
                "Remove", f"{Action.CALENDAR_REMOVE}:{one.since}", json.dumps(one.to_json())
            ),
        )
        for one in current[:SHOWN_TIME_OFF]
    ]


def say_time_off(one: TimeOff) -> str:
    """Return days off in words."""
    if one.since == one.until:
        return _day(one.since)
    return f"{_day(one.since)} to {_day(one.until)}"


def render_team_saved(
    team: TeamRest,
    holidays: Sequence[tuple[date, str]],
    budget: int,
    before: dict[str, Any] | None,
) -> View:
    """Say what holds from now on, with a button that puts the one before back."""
    blocks = [section(f"*Saved.*\n{say_team(team, holidays, budget)}")]
    if before is not None:
        value = json.dumps(before, separators=(",", ":"))
        blocks.append(actions(button("Undo", Action.CALENDAR_UNDO, value)))
    return modal(Form.PROBLEM, "Workspace calendar", blocks)


def _text(
    block_id: str, label: str, initial: str, example: str, limit: int, hint: str = ""
) -> Block:
    field = text_input(block_id, initial=initial, placeholder=example, limit=limit)
    return field_input(block_id, label, field, optional=True, hint=hint)


def _day(day: date) -> str:
    return f"{DAY_NAMES[day.weekday()]} {day.day} {day:%b %Y}"
