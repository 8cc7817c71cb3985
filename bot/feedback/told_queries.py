"""Read who is to be told what, and who was, as their asker may see it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from statistics import median

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.feedback.queries import FeedbackView, find_feedback
from bot.feedback.refusal_queries import find_questions, find_refusals
from bot.feedback.roots import is_in_themes
from bot.feedback.tables import Feedback, FollowUp, Report
from bot.feedback.told_records import (
    ASKED,
    DECLINED,
    DRAFTED,
    NOT_NEEDED,
    SHIPPED,
    TO_TELL,
    FollowUpView,
    Subject,
    Telling,
    ToldRate,
)
from bot.launches.queries import find_launches, get_launch
from bot.launches.records import LaunchDetail
from bot.launches.stages import LIVE
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Customer

# What one person is thanked for by number; more is said as "and more".
THANKED_FOR = 5


def may_see_follow_up(asker: Asker) -> ColumnElement[bool]:
    """Build the filter for follow-ups whose quote the asker may read."""
    return and_(
        FollowUp.workspace_id == asker.workspace_id,
        or_(asker.sees(FollowUp.source_channel_id), asker.owns(Feedback.reporter_id)),
    )


def _follow_ups(asker: Asker) -> Select[FollowUp, Feedback, str]:
    same = FollowUp.workspace_id
    return (
        select(FollowUp, Feedback, Customer.name)
        .join(Feedback, and_(Feedback.workspace_id == same, Feedback.id == FollowUp.feedback_id))
        .outerjoin(
            Customer, and_(Customer.workspace_id == same, Customer.id == FollowUp.customer_id)
        )
        .where(may_see_follow_up(asker))
        .order_by(FollowUp.created_at, FollowUp.id)
    )


async def find_follow_ups(
    session: AsyncSession,
    asker: Asker,
    subject_ids: Sequence[str] | None = None,
    *,
    ids: Sequence[str] | None = None,
) -> list[FollowUpView]:
    """Return the follow-ups of launches (ids) that the asker has read, oldest first.

    Only those whose quote the asker may read; that they may see the launch is for the caller.
    """
    query = _follow_ups(asker)
    if subject_ids is not None:
        query = query.where(FollowUp.subject_id.in_(subject_ids))
    if ids is not None:
        query = query.where(FollowUp.id.in_(ids))
    return [_view(*row) for row in await session.execute(query)]


async def due_for(session: AsyncSession, asker: Asker) -> list[Telling]:
    """Return what the asker is to tell and has not, one for each event, oldest first."""
    query = _follow_ups(asker).where(
        asker.owns(FollowUp.owner_id),
        FollowUp.state == DRAFTED,
        Feedback.withdrawn_at.is_(None),
    )
    views = [_view(*row) for row in await session.execute(query)]
    ids = sorted({view.subject_id for view in views})
    subjects: dict[str, Subject] = {
        launch.id: launch
        for launch in await find_launches(session, asker, ids=ids, limit=len(ids) or 1)
    }
    subjects |= {one.id: one for one in await find_refusals(session, asker, ids=ids)}
    subjects |= {one.id: one for one in await find_questions(session, asker, ids=ids)}
    views.sort(key=lambda v: (v.subject_id, v.event))
    found = [
        Telling(subjects[subject_id], event, tuple(items))
        for (subject_id, event), items in groupby(views, key=lambda v: (v.subject_id, v.event))
        if subject_id in subjects
    ]
    return sorted(found, key=lambda telling: telling.items[0].created_at)


async def get_telling(
    session: AsyncSession, asker: Asker, message_id: str, subject_id: str, event: str
) -> Telling:
    """Return what one DM to the asker holds; raises ``NotFound`` when its subject is not theirs."""
    query = _follow_ups(asker).where(
        asker.owns(FollowUp.owner_id), FollowUp.message_id == message_id
    )
    items = [_view(*row) for row in await session.execute(query)]
    if event in {DECLINED, ASKED}:
        return Telling(await get_subject(session, asker, event, subject_id), event, tuple(items))
    detail = await get_launch(session, asker, subject_id)
    thanked = await logged_by(session, asker, detail) if event == SHIPPED else []
    return Telling(detail.launch, event, tuple(items), tuple(thanked))


async def get_subject(session: AsyncSession, asker: Asker, event: str, subject_id: str) -> Subject:
    """Return what a follow-up is about; raises ``NotFound`` when that is not for the asker."""
    found: Sequence[Subject]
    if event == DECLINED:
        found = await find_refusals(session, asker, ids=[subject_id])
    elif event == ASKED:
        found = await find_questions(session, asker, ids=[subject_id])
    else:
        return (await get_launch(session, asker, subject_id)).launch
    if not found:
        raise NotFound("This theme belongs to a private channel that you are not in.")
    return found[0]


async def logged_by(
    session: AsyncSession, asker: Asker, detail: LaunchDetail
) -> list[FeedbackView]:
    """Return what the asker logged that led to a launch, while it is live for the first time:
    said before it went live.

    A launch that comes back after a roll-back has thanked everybody before.
    """
    if sum(step.stage == LIVE for step in detail.steps) > 1 or detail.launch.stage != LIVE:
        return []
    query = (
        select(Feedback.id)
        .join(
            Report,
            and_(Report.workspace_id == Feedback.workspace_id, Report.feedback_id == Feedback.id),
        )
        .where(
            Feedback.workspace_id == asker.workspace_id,
            is_in_themes(asker.workspace_id, detail.theme_ids),
            asker.owns(Report.user_id),
            Report.withdrawn_at.is_(None),
            Feedback.said_at <= detail.launch.live_at,
        )
        .order_by(Feedback.number.desc())
        .limit(THANKED_FOR)
    )
    return await find_feedback(session, asker, ids=list(await session.scalars(query)))


async def told_rate(
    session: AsyncSession, asker: Asker, since: datetime, until: datetime
) -> ToldRate:
    """Return how many of those who became due from ``since`` to before ``until`` were told."""
    query = (
        select(FollowUp.told_at, Feedback.said_at)
        .join(
            Feedback,
            and_(
                Feedback.workspace_id == FollowUp.workspace_id,
                Feedback.id == FollowUp.feedback_id,
            ),
        )
        .where(
            may_see_follow_up(asker),
            FollowUp.state != NOT_NEEDED,
            FollowUp.event != ASKED,
            FollowUp.created_at >= since,
            FollowUp.created_at < until,
        )
    )
    rows = [(told_at, said_at) for told_at, said_at in await session.execute(query)]
    waits = [(told_at - said_at).total_seconds() for told_at, said_at in rows if told_at]
    wait = timedelta(seconds=median(waits)) if waits else None
    return ToldRate(len(waits), len(rows), wait)


def _view(row: FollowUp, feedback: Feedback, customer: str | None) -> FollowUpView:
    is_there = feedback.withdrawn_at is None
    return FollowUpView(
        id=row.id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        event=row.event,
        state=row.state,
        customer_id=row.customer_id,
        customer_name=customer or "",
        author_id=feedback.author_id,
        owner_id=row.owner_id,
        feedback_id=feedback.id,
        feedback_number=feedback.number,
        text=feedback.text if is_there else "",
        permalink=feedback.permalink if is_there else "",
        said_at=feedback.said_at,
        draft=row.draft if row.state != TO_TELL else "",
        created_at=row.created_at,
        told_at=row.told_at,
        told_by=row.told_by,
        message_id=row.message_id,
    )
