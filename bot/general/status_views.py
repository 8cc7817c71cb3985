"""What is due, what ran and what did not arrive, in words. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.engine.notices import FIXES, closed_words
from bot.engine.status import Failure, LastRun, ScheduleStatus
from bot.engine.waiting import Waiting
from bot.slack.blocks import Block, Message, button, context, section
from bot.slack.ids import Action
from bot.slack.kinds import is_channel
from bot.slack.text import channel, escape
from bot.workdays import Permitted

SHOWN_SCHEDULES = 20
SHOWN_FAILURES = 10
SHOWN_WAITING = 5
# What a schedule is called where nobody may see (any more) what it is about.
KINDS = {
    "digest": "A digest",
    "launch": "A bet's check",
    "decision": "A decision's next look",
    "retro": "A retro",
}
# What has several schedules of its own says which one it is.
LOOKS = {
    "alert.again": "Second look of the day:",
    "launch.ask": "If nobody answers, asked again for the verdict:",
    "decision.revisit": "Revisit of",
    "decision.tripwire": "Daily look at the metric that reopens",
}


# What runs write down of themselves, in words for people.
RESULTS = [
    (re.compile(written), said)
    for written, said in (
        (r"(?:scheduled|now): (.+)", r"posted, \1"),
        (r"0 opened, 0 went on", "nothing unusual"),
        (r"0 opened, (\d+) went on", r"nothing new unusual, \1 still so"),
        (r"(\d+) opened, .*", r"\1 unusual"),
        (r"not reopened", "its bound holds, so nothing was reopened"),
    )
]


def render_status(
    schedules: Sequence[ScheduleStatus],
    names: Mapping[str, str],
    failures: Sequence[Failure],
    *,
    asker_id: str,
    zone: str,
    is_admin: bool = False,
    waiting: Sequence[Waiting] = (),
    waits: Mapping[str, Permitted] | None = None,
    closed: Mapping[str, str] | None = None,
) -> Message:
    """``/daybook status``: what failed first, then each schedule with its last and next run.

    ``names`` are escaped, by subject id. ``waits`` are, by schedule, next messages that the
    calendar will hold back; ``closed`` are, by schedule, channels that Daybook cannot post to.
    """
    closed = closed or {}
    text = _headline(schedules, failures, closed)
    blocks = [section(f"*{text}*"), *render_failures(failures)]
    blocks += [section(_waiting(one, zone)) for one in waiting[:SHOWN_WAITING]]
    # What somebody has to look at is never among those that are cut off.
    first = sorted(schedules, key=lambda one: not (one.id in closed or _needs_a_look(one)))
    for one in first[:SHOWN_SCHEDULES]:
        held = (waits or {}).get(one.id)
        may_resume = is_admin or one.owner_id == asker_id
        blocks.append(_schedule(one, names, zone, held, may_resume=may_resume))
        if one.id in closed:
            blocks.append(context(closed_words(closed[one.id])))
        known = {failure.id for failure in failures}
        rest = [f for f in (one.last.failures if one.last else ()) if f.id not in known]
        blocks += [_failure(f, is_own=f.owner_id == asker_id) for f in rest]
    if len(schedules) > SHOWN_SCHEDULES:
        blocks.append(context(f"{len(schedules) - SHOWN_SCHEDULES} more are due later."))
    blocks.append(context(f"Times are in {zone}."))
    return Message(text, blocks)


def render_failures(failures: Sequence[Failure]) -> list[Block]:
    """What did not arrive, each with its reason and a button to send it again."""
    return [_failure(one, is_own=True) for one in failures[:SHOWN_FAILURES]]


def render_broken_runs(
    schedules: Sequence[ScheduleStatus], names: Mapping[str, str], *, zone: str
) -> list[Block]:
    """The runs that failed for good."""
    return [
        section(
            f"{name_of(one, names)} could not run {_moment(one.last.due_at, zone)}. {_why(one)}"
        )
        for one in schedules
        if one.last
    ]


def render_closed(
    schedules: Sequence[ScheduleStatus], names: Mapping[str, str], closed: Mapping[str, str]
) -> list[Block]:
    """What will not arrive, since Daybook cannot post to its channel."""
    return [
        section(f"*{name_of(one, names)}* will not arrive. {closed_words(closed[one.id])}")
        for one in schedules
        if one.id in closed
    ]


def _why(one: ScheduleStatus) -> str:
    return escape(one.last.result, limit=300) if one.last else ""


def name_of(one: ScheduleStatus, names: Mapping[str, str]) -> str:
    """Return what a schedule is about."""
    ritual = one.kind.split(".", maxsplit=1)[0]
    if (named := names.get(one.subject_id)) and one.kind in LOOKS:
        return f"{LOOKS[one.kind]} {named.removeprefix('Check of ')}"
    return named or KINDS.get(ritual) or f"A {escape(ritual)}"


def _headline(
    schedules: Sequence[ScheduleStatus], failures: Sequence[Failure], closed: Mapping[str, str]
) -> str:
    if failures:
        what = "One message" if len(failures) == 1 else f"{len(failures)} messages"
        return f"{what} of yours did not arrive."
    if any(one.last and one.last.is_broken for one in schedules):
        return "Something did not run as it should."
    if closed:
        what = "One schedule posts" if len(closed) == 1 else f"{len(closed)} schedules post"
        return f"{what} where I cannot."
    if not schedules:
        return "Nothing is scheduled that you can see."
    return "All is well. This is what is due."


def _needs_a_look(one: ScheduleStatus) -> bool:
    return one.state == "paused" or bool(one.last and one.last.is_broken)


def _failure(one: Failure, *, is_own: bool) -> Block:
    what = escape(one.label, limit=120) or "A message"
    where = channel(one.target) if is_channel(one.target) else "its reader"
    if one.is_uncertain:
        text = f"{what} may or may not have reached {where}: Slack's answer was lost."
    else:
        text = f"{what} did not reach {where}. {fix_of(one.error)}"
    again = button("Send it again", f"{Action.ENGINE_RESEND}:{one.id}", one.id)
    return section(text, accessory=again if is_own else None)


def fix_of(error: str) -> str:
    """Return what to do about an error as Slack or we named it."""
    for code, fix in FIXES.items():
        if code in error:
            return fix
    return escape(error, limit=300)


def _schedule(
    one: ScheduleStatus,
    names: Mapping[str, str],
    zone: str,
    held: Permitted | None,
    *,
    may_resume: bool,
) -> Block:
    wait = ""
    if held and one.next_at:
        wait = f", told {_moment(held.at, zone)} ({escape(held.reason, limit=80)})"
    text = f"*{name_of(one, names)}*\n{_next(one, zone)}{wait} · {_last(one.last, zone)}"
    is_paused = one.state == "paused"
    resume = button("Resume", f"{Action.ENGINE_RESUME}:{one.id}", one.id)
    return section(text, accessory=resume if is_paused and may_resume else None)


def _waiting(one: Waiting, zone: str) -> str:
    what = escape(one.label, limit=120) or "A message"
    when = _moment(one.at, zone) if one.at else ""
    if one.reason:
        return f"{what} waits for {_where(one.target)}: {when} ({escape(one.reason, limit=80)})."
    latest = f" or for {when}, whichever comes first" if when else ""
    return (
        f"{what} waits for the next digest in {_where(one.target)}{latest}"
        " (the channel has had its messages of the day)."
    )


def _where(target: str) -> str:
    return channel(target) if is_channel(target) else "its reader"


def _next(one: ScheduleStatus, zone: str) -> str:
    if one.next_at is None:
        why = f" ({escape(one.reason, limit=120)})" if one.reason else ""
        return f"paused{why}"
    own = "" if one.timezone == zone else f" ({_clock(one.next_at, one.timezone)} {one.timezone})"
    return f"next {_moment(one.next_at, zone)}{own}"


def _last(last: LastRun | None, zone: str) -> str:
    if last is None:
        return "has not run yet"
    when = _moment(last.due_at, zone)
    if last.failures:
        return f"last {when}: did not arrive"
    if last.state == "failed":
        return f"last {when}: failed. {escape(last.result, limit=200)}"
    if last.state == "skipped":
        return f"last {when}: {escape(last.result, limit=200)}"
    if not last.is_sent:
        return f"last {when}: being sent"
    return f"last {when}: {result_words(last.result)}"


def result_words(result: str) -> str:
    """Return what a run wrote down of itself, as people say it; escaped."""
    for written, said in RESULTS:
        if found := written.fullmatch(result):
            return found.expand(said)
    return escape(result, limit=120) or "done"


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def _clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
