"""Alerts between digests: look at a metric once its day is complete, tell, follow, close."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.alerts.blind import days_behind, is_to_tell, last_known, longest_gap
from bot.alerts.queries import find_alert
from bot.alerts.rules import AGAIN, WATCH
from bot.alerts.service import Morning, get_post, take_days
from bot.alerts.unwatched import end_unwatched
from bot.alerts.views import render_alert, render_blind, render_note
from bot.alerts.watching import (
    Look,
    Watched,
    find_watched,
    judge_days,
    judged_through,
    plan_watches,
    read_looks,
)
from bot.deps import Deps
from bot.engine.deliveries import Cause, plan_post, plan_update
from bot.engine.queue import SlotWork
from bot.entries.consumers import Consumer
from bot.entries.tables import Entry
from bot.errors import DaybookError, NotFound
from bot.metrics.due import metric_gate
from bot.metrics.queries import find_metric
from bot.slack.kinds import is_person
from bot.workspaces.asker import Asker

DECLARED = ("metric.declared", "metric.changed", "metric.retired", "metric.restored")


async def watch(work: SlotWork, deps: Deps) -> str:
    """Judge the new complete days of every watched metric; those of one morning together."""
    async with deps.db.read() as session:
        watched = await find_watched(session, work.workspace_id)
    if not watched:
        return "nothing to watch"
    await deps.metrics.refresh(work.workspace_id, [one.metric_id for one in watched], at=work.at)
    audiences = await _audiences(work, deps, watched)
    async with deps.db.read() as session:
        looks = await read_looks(session, work.workspace_id, watched, audiences, at=work.at)
    judged = [
        (look, judged_through(look), await asyncio.to_thread(judge_days, look)) for look in looks
    ]
    async with deps.db.write() as session:
        morning = await take_days(session, work.workspace_id, judged, at=work.at)
        await _begin(session, work.measured, morning, audiences)
        await _go_on(session, work.measured, morning, audiences)
        await _tell_blind(session, work, looks, audiences)
    return f"{len(morning.begun)} opened, {len(morning.going)} went on"


async def _audiences(work: SlotWork, deps: Deps, watched: Sequence[Watched]) -> dict[str, Asker]:
    """What may be told where; a place that is gone, or shared with others, is left out."""
    directory = deps.places.of(work.workspace_id).directory
    found: dict[str, Asker] = {}
    for target in {target for one in watched for target in one.targets}:
        try:
            is_dm = is_person(target)
            if not is_dm and (await directory.channel(target, at=work.at)).is_shared:
                continue
            found[target] = await directory.audience(target, at=work.at)
        except DaybookError:
            continue
    return found


async def _begin(
    session: AsyncSession, cause: Cause, morning: Morning, audiences: dict[str, Asker]
) -> None:
    for post in morning.begun:
        alert = await find_alert(session, audiences[post.target], post.id)
        about = cause.about(f"The alert “{alert.episodes[0].metric.label}”")
        first = alert.episodes[0]
        part = f"alert.{first.metric.id}.{first.first_day}"
        post.delivery_id = await plan_post(session, about, post.target, part, render_alert(alert))


async def _go_on(
    session: AsyncSession, cause: Cause, morning: Morning, audiences: dict[str, Asker]
) -> None:
    for post_id, steps in morning.going.items():
        post = await get_post(session, cause.workspace_id, post_id)
        asker = audiences.get(post.target)
        if asker is None or post.delivery_id is None:
            continue
        try:
            alert = await find_alert(session, asker, post_id)
        except NotFound:  # its metrics are not for this place any more
            continue
        message = render_alert(alert)
        await plan_update(session, cause, f"head.{post_id}", message, of=post.delivery_id)
        for number, (metric_id, step) in enumerate(steps):
            note = render_note(alert, metric_id, step)
            if note:
                part = f"note.{post_id}.{number}"
                await plan_post(session, cause, post.target, part, note, under=post.delivery_id)


async def _tell_blind(
    session: AsyncSession, work: SlotWork, looks: Sequence[Look], audiences: dict[str, Asker]
) -> None:
    """At its second look, tell a metric's owner that nothing has come of it for days."""
    look = next((one for one in looks if one.metric.id == work.subject_id), None)
    if work.kind != AGAIN or look is None:
        return
    metric, series = look.metric, look.series
    expected = metric_gate(metric.timezone, metric.definition, work.at).last_complete
    last = last_known(series.dates, series.values)
    if is_to_tell(days_behind(last, expected), longest_gap(series.values)):
        target = await _owner_or_readers(session, look, audiences)
        about = work.measured.about(f"The watch on “{metric.label}”")
        await plan_post(session, about, target, "blind", render_blind(metric, last))


async def _owner_or_readers(session: AsyncSession, look: Look, audiences: dict[str, Asker]) -> str:
    """Return the metric's owner, where they may see it; else where its alerts go."""
    owner = look.metric.owner_id
    if owner not in audiences:
        return look.target
    try:
        await find_metric(session, audiences[owner], look.metric.id)
    except NotFound:
        return look.target
    return owner


async def on_entries(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """A metric was declared, changed or retired: watch it, or no more."""
    changed = {entry.subject_id for entry in entries}
    await plan_watches(session, cause.workspace_id, changed, at=cause.at)
    await end_unwatched(session, cause.workspace_id, changed, at=cause.at)


SLOTS: dict[str, Callable[[SlotWork, Deps], Awaitable[str]]] = {WATCH: watch, AGAIN: watch}
CONSUMERS = {"alerts": Consumer.of(on_entries, *DECLARED)}
