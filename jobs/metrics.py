"""Reads that somebody asked for, and what came of them."""

from collections.abc import Awaitable, Callable

import numpy as np

from bot.deps import Deps
from bot.engine.deliveries import plan_post
from bot.engine.queue import EventWork
from bot.errors import NotFound
from bot.metrics.due import metric_gate
from bot.metrics.queries import find_metric, read_series
from bot.metrics.views import render_first_read


async def read_once(work: EventWork, deps: Deps) -> str:
    """Read one metric and tell the one who asked: the newest value, or the problem and the fix."""
    metric_id, user = str(work.payload["metric"]), str(work.payload["user"])
    asker = await deps.places.of(work.workspace_id).directory.asker(user, at=work.at)
    await deps.metrics.refresh(work.workspace_id, [metric_id], at=work.at, is_asked=True)
    async with deps.db.read() as session:
        try:
            metric = await find_metric(session, asker, metric_id)
        except NotFound:
            return "skipped: retired meanwhile"
        until = metric_gate(metric.timezone, metric.definition, work.at).last_complete
        series = await read_series(session, asker, metric_id, until=until)
    known = np.flatnonzero(np.isfinite(series.values))
    newest = None
    if known.size:
        newest = (series.dates[known[-1]].item(), float(series.values[known[-1]]))
    message = render_first_read(metric, newest, len(known))
    async with deps.db.write() as session:
        await plan_post(session, work.cause, user, "metric", message)
    return "failed to read" if metric.problem else f"read {len(known)} days"


EVENTS: dict[str, Callable[[EventWork, Deps], Awaitable[str]]] = {"metric.read": read_once}
