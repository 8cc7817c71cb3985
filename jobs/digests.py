"""What digests do when their time has come: read, tell, remember what was told."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.calendars.rules import say_moment
from bot.clock import local_date, zone_named
from bot.deps import Deps
from bot.digests.cards import render_invitation, where_words
from bot.digests.chart import ChartSpec, Mark, alt_text, chart_of
from bot.digests.edition import Edition, read_edition
from bot.digests.happenings import KIND_OF_MARK
from bot.digests.headline import featured
from bot.digests.queries import DigestView, digest_to_run, last_post
from bot.digests.rules import FEEDBACK, JOB, LAUNCHES, is_late, is_quiet
from bot.digests.use_views import render_use_buttons
from bot.digests.views import PICTURE_INDEX, Post, render_post
from bot.engine.deliveries import Cause, hold_cause, plan_ephemeral, plan_picture, plan_post
from bot.engine.queue import EventWork, SlotWork
from bot.engine.schedules import find_schedule
from bot.workspaces.asker import Asker
from bot.workspaces.directory import readers_of
from bot.workspaces.places import Place
from jobs.digest_parts import Issue, audience_of_test, plan_head, post_issue, said_of, tell_why_not
from jobs.feedback_digest import post_feedback
from jobs.launch_digest import post_launches

SlotJob = Callable[[SlotWork, Deps], Awaitable[str]]
EventJob = Callable[[EventWork, Deps], Awaitable[str]]

# What posts a digest of another kind than metrics.
WEEKLIES = {FEEDBACK: post_feedback, LAUNCHES: post_launches}
SHARED = (
    "People from outside read that channel now, so I show no numbers there. "
    "Pick another channel in /daybook digest list."
)
NOT_ALL_MAY_SEE = (
    "Not everybody who reads it may see its metrics (guests, or a metric kept to another channel). "
    "Change its channel or metrics in /daybook digest list."
)
ALL_RETIRED = (
    "All of its metrics were retired: their names stand in metrics.yaml no more, or their owners "
    "ended them. Choose others in /daybook digest list, or remove it."
)


async def post_digest(work: SlotWork, deps: Deps) -> str:
    """Post one digest, or a test of it to the one who asked."""
    async with deps.db.read() as session:
        digest = await digest_to_run(session, work.workspace_id, work.subject_id)
    if digest is None or (digest.state != "active" and not work.is_by_hand):
        return "skipped: removed or paused"
    if is_snoozed(digest, work):
        return f"skipped: snoozed until {digest.snoozed_until}"
    place = deps.places.of(work.workspace_id)
    audience = await _readers(work, place, digest)
    if audience is None:
        return await tell_why_not(work, deps, digest, SHARED)
    if work.target:
        audience = await audience_of_test(work, place, digest, audience)
    post = WEEKLIES.get(digest.kind)
    if post is None:
        return await _post_metrics(work, deps, digest, audience)
    async with deps.db.read() as session:
        if folded := await _told_by_next(session, work, digest):
            return folded
    return await post(work, deps, digest, audience)


async def _readers(work: SlotWork, place: Place, digest: DigestView) -> Asker | None:
    """Return for whom a digest is written; None for a channel that outsiders read too."""
    if digest.is_dm:
        return await place.directory.audience(digest.target, at=work.at)
    channel = await place.directory.channel(digest.target, at=work.at)
    return None if channel.is_shared else readers_of(channel)


async def _post_metrics(work: SlotWork, deps: Deps, digest: DigestView, audience: Asker) -> str:
    await deps.metrics.refresh(work.workspace_id, digest.metric_ids, at=work.at)
    async with deps.db.read() as session:
        if folded := await _told_by_next(session, work, digest):
            return folded
        last = await last_post(session, work.workspace_id, digest.id)
        edition = await read_edition(session, audience, digest, last, at=work.at)
    if not edition.lines:
        reason = NOT_ALL_MAY_SEE if edition.hidden else ALL_RETIRED
        return await tell_why_not(work, deps, digest, reason)
    return await _post(work, deps, digest, edition)


def is_snoozed(digest: DigestView, work: SlotWork) -> bool:
    """Tell whether a scheduled post falls into the time its readers want none."""
    if work.is_by_hand or digest.snoozed_until is None:
        return False
    return work.slot < digest.snoozed_until


async def _told_by_next(session: AsyncSession, work: SlotWork, digest: DigestView) -> str:
    """Return why a digest that would wait until its next one is told by that one; or nothing."""
    if work.is_by_hand:
        return ""
    held = await hold_cause(session, work.measured, digest.target)
    schedule = await find_schedule(session, work.workspace_id, JOB, digest.id) if held else None
    following = schedule.next_run_utc if schedule else None
    if held is None or following is None or following > held.until:
        return ""
    told = say_moment(held.until, zone_named(digest.timezone))
    return f"skipped: {held.reason}; told by the digest of {told} ({digest.timezone})"


async def _post(work: SlotWork, deps: Deps, digest: DigestView, edition: Edition) -> str:
    picture = await asyncio.to_thread(picture_of, edition)
    issue = Issue(
        since=edition.since,
        size=f"{len(edition.lines)} metrics",
        facts=edition.facts(),
        is_empty=is_quiet([line.standing for line in edition.lines], len(edition.happenings)),
        why_empty="nothing stood out and nothing happened",
        head=lambda session: _plan(session, work, digest, edition, picture),
    )
    return await post_issue(work, deps, digest, issue)


async def _plan(
    session: AsyncSession,
    work: SlotWork,
    digest: DigestView,
    edition: Edition,
    picture: ChartSpec | None,
) -> str:
    cause = said_of(work.measured, work, digest)
    first, *rest = render_post(_content(work, digest, edition))
    head, first = await plan_head(session, cause, work, digest, first)
    if picture is not None:
        await plan_picture(
            session,
            cause,
            head,
            "picture",
            first,
            spec=picture.to_json(),
            alt=alt_text(picture),
            index=PICTURE_INDEX,
        )
    target = work.target or digest.target
    for number, piece in enumerate(rest, start=1):
        await plan_post(session, cause, target, f"rest.{number}", piece, under=head)
    return head


def _content(work: SlotWork, digest: DigestView, edition: Edition) -> Post:
    return Post(
        number=digest.number,
        name=digest.name,
        slot=work.slot,
        zone=digest.timezone,
        lines=edition.lines,
        happenings=edition.happenings,
        since=edition.since,
        as_of=edition.as_of,
        hidden=edition.hidden,
        retired=edition.retired,
        test_for=where_words(digest.target) if work.target else "",
        due_at=work.due_at if is_late(work.due_at, work.at) and not work.is_by_hand else None,
        buttons=None if work.target else render_use_buttons(work.id),
    )


def picture_of(edition: Edition) -> ChartSpec | None:
    """Return the one picture of a digest: the metric that stands out, else the first."""
    place = featured(edition.lines)
    if place is None:
        return None
    line, series = edition.lines[place], edition.series[place]
    marks = [
        Mark(day=_day(one.at, line.timezone), kind=KIND_OF_MARK[one.kind], text=one.text)
        for one in edition.marks
    ]
    return chart_of(
        line.label,
        line.unit,
        series.dates,
        series.values,
        target=line.target,
        marks=marks,
        habits=edition.habits[place],
    )


def _day(at: datetime, zone: str) -> date:
    return local_date(at, ZoneInfo(zone))


async def on_mention(work: EventWork, deps: Deps) -> str:
    """``@Daybook digest``: a private line with the button that opens the form."""
    ids = work.payload
    place = deps.places.of(work.workspace_id)
    asker = await place.directory.asker(ids["user"], at=work.at, here=ids["channel"])
    if not asker.is_member:
        return "ignored: not a member"
    cause: Cause = work.cause
    message = render_invitation(str(ids.get("text") or ""))
    thread = str(ids.get("thread_ts") or "")
    async with deps.db.write() as session:
        await plan_ephemeral(
            session, cause, ids["channel"], ids["user"], "digest", message, thread=thread
        )
    return "offered the form"


SLOTS: dict[str, SlotJob] = {JOB: post_digest}
EVENTS: dict[str, EventJob] = {"mention.digest": on_mention}
