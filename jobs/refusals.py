"""Honest noes open again by themselves: each morning their conditions are looked at."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date, zone_named
from bot.decisions.tripwires import LAG_DAYS, days_beyond
from bot.deps import Deps
from bot.engine.deliveries import plan_post
from bot.engine.queue import SlotWork
from bot.errors import NotFound
from bot.feedback.refusal_queries import find_refusals
from bot.feedback.refusal_records import CUSTOMERS, DATE, METRIC, STANDING, RefusalView
from bot.feedback.refusal_views import render_rearmed
from bot.feedback.refusing import REARM, rearm
from bot.feedback.tables import Refusal
from bot.feedback.theme_page import count_customers
from bot.metrics.due import metric_gate
from bot.metrics.numbers import format_value
from bot.metrics.queries import find_metric, read_series
from bot.workspaces.asker import Asker


async def check_refusal(work: SlotWork, deps: Deps) -> str:
    """Open a declined theme again when what its decliner named has come about, and tell them."""
    async with deps.db.read() as session:
        row = await session.get(Refusal, (work.workspace_id, work.subject_id))
    if row is None or row.state != STANDING:
        return "nothing to watch"
    asker = await deps.places.of(work.workspace_id).directory.asker(row.owner_id, at=work.at)
    if row.condition == METRIC and await deps.metrics.refresh(
        work.workspace_id, [str(row.metric_id)], at=work.at
    ):
        return "waits: its metric cannot be read"
    async with deps.db.write() as session:
        [view, *_] = [*await find_refusals(session, asker, ids=[row.id]), None]
        reason = await _reason(session, work, asker, view) if view else ""
        if not view or not reason:
            return "not opened"
        row = await session.get_one(Refusal, (work.workspace_id, row.id), with_for_update=True)
        if row.state != STANDING:
            return "opened before"
        await rearm(session, row, at=work.at)
        cause = work.measured.about(f"declined theme #{view.theme_number}", row.owner_id)
        await plan_post(session, cause, row.owner_id, "rearmed", render_rearmed(view, reason))
    return "opened again"


async def _reason(session: AsyncSession, work: SlotWork, asker: Asker, view: RefusalView) -> str:
    """Return why it opens again, in words; nothing while its condition does not hold."""
    if view.condition == DATE and view.on_date:
        today = local_date(work.at, zone_named(view.timezone))
        return "This is the day that you named." if today >= view.on_date else ""
    if view.condition == CUSTOMERS and view.customers:
        count = await count_customers(session, asker, view.theme_id)
        return f"{count} customers ask for it by now." if count >= view.customers else ""
    if view.condition == METRIC:
        return await _metric_reason(session, work, asker, view)
    return ""


async def _metric_reason(
    session: AsyncSession, work: SlotWork, asker: Asker, view: RefusalView
) -> str:
    try:
        metric = await find_metric(session, asker, str(view.metric_id))
    except NotFound:
        return ""
    bound = view.bound or 0.0
    until = metric_gate(metric.timezone, metric.definition, work.at).last_complete
    series = await read_series(session, asker, metric.id, until=until, days=view.days + LAG_DAYS)
    declined_on = local_date(view.declined_at, zone_named(metric.timezone))
    days = days_beyond(series, view.side, bound, view.days, after=declined_on)
    if not days:
        return ""
    span = f"for {view.days} days running" if view.days > 1 else f"on {days[-1][0]:%A}"
    return f"{metric.label} stayed {view.side} {format_value(bound, metric.unit)} {span}."


SLOTS: dict[str, Callable[[SlotWork, Deps], Awaitable[str]]] = {REARM: check_refusal}
