"""The one message of a decision: posted where it was decided, edited in place on every change."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.queries import get_decision
from bot.decisions.records import DecisionDetail, Tripwire
from bot.decisions.tables import Decision
from bot.decisions.tripwire_views import render_tripwire
from bot.decisions.views import render_decision
from bot.engine.deliveries import Cause, plan_post, plan_update
from bot.errors import NotFound
from bot.feedback.queries import find_themes
from bot.metrics.numbers import format_value
from bot.metrics.queries import find_metric
from bot.slack.blocks import Message
from bot.workspaces.asker import Asker


@dataclass(frozen=True)
class Spot:
    """Where a decision's message stands, and what everybody who reads there may see."""

    target: str  # a channel, or a person directly
    audience: Asker
    thread: str = ""


async def post_decision(session: AsyncSession, cause: Cause, row: Decision, spot: Spot) -> None:
    """Plan the decision's message, and remember it."""
    message = await decision_message(session, spot.audience, row.id)
    about = cause.about(f"decision #{row.number}", row.created_by)
    row.posted_to = spot.target
    row.post_id = await plan_post(
        session,
        about,
        spot.target,
        f"decision.{row.id}",
        message,
        thread=spot.thread,
        is_headline=True,
    )
    await session.flush()


async def post_in_thread(
    session: AsyncSession, cause: Cause, row: Decision, part: str, message: Message
) -> str:
    """Plan a message in the thread that has the decision's own. Returns the delivery's id."""
    about = cause.about(f"decision #{row.number}", row.owner_id)
    under = "" if row.thread_ts else row.post_id
    target = row.posted_to or row.created_by
    return await plan_post(session, about, target, part, message, thread=row.thread_ts, under=under)


async def refresh_post(
    session: AsyncSession, cause: Cause, decision_id: str, post_id: str, audience: Asker
) -> None:
    """Plan the edit of a decision's message, after a change."""
    if post_id:
        message = await decision_message(session, audience, decision_id)
        await plan_update(session, cause, f"decision.{decision_id}", message, of=post_id)


async def decision_message(session: AsyncSession, audience: Asker, decision_id: str) -> Message:
    """Return a decision as ``audience`` may see it."""
    detail = await get_decision(session, audience, decision_id)
    themes = await find_themes(session, audience, ids=list(detail.theme_ids))
    tripwire = await tripwire_phrase(session, audience, detail)
    return render_decision(detail, themes=[theme.name for theme in themes], tripwire=tripwire)


async def tripwire_phrase(session: AsyncSession, asker: Asker, detail: DecisionDetail) -> str:
    """Return the tripwire in words; nothing where its metric is not for this asker."""
    wire = detail.decision.tripwire
    return await _phrase(session, asker, wire) if wire else ""


async def _phrase(session: AsyncSession, asker: Asker, wire: Tripwire) -> str:
    try:
        metric = await find_metric(session, asker, wire.metric_id)
    except NotFound:
        return ""
    bound = format_value(wire.bound, metric.unit)
    return render_tripwire(metric.label, wire.side, bound, wire.days, tripped_at=wire.tripped_at)
