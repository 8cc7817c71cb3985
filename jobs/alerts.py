"""Alerts between digests: look at a metric once its day is complete, tell, follow, close."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.alerts.queries import find_alert
from bot.alerts.rules import AGAIN, WATCH
from bot.alerts.service import Morning, get_post, take_days
from bot.alerts.views import render_alert, render_note
from bot.alerts.watching import (
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
    return f"{len(morning.begun)} opened, {len(morning.going)} went on"


async def _audiences(work: SlotWork, deps: Deps, watched: Sequence[Watched]) -> dict[str, Asker]:
    """What may be told where; a place that is gone, or shared with others, is left out."""
    directory = deps.places.of(work.workspace_id).directory
    found: dict[str, Asker] = {}
    for target in {target for one in watched for target in one.targets}:
        try:
            is_person = target.startswith(("U", "W"))
            if not is_person and (await directory.channel(target, at=work.at)).is_shared:
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


async def on_entries(session: AsyncSession, entries: Sequence[Entry], cause: Cause) -> None:
    """A metric was declared, changed or retired: watch it, or no more."""
    changed = {entry.subject_id for entry in entries}
    await plan_watches(session, cause.workspace_id, changed, at=cause.at)


SLOTS: dict[str, Callable[[SlotWork, Deps], Awaitable[str]]] = {WATCH: watch, AGAIN: watch}
CONSUMERS = {"alerts": Consumer.of(on_entries, *DECLARED)}
