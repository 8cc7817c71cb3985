"""Read honest noes and questions to askers, as their asker may see them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.refusal_records import STANDING, QuestionView, RefusalView
from bot.feedback.tables import Question, Refusal, Theme
from bot.workspaces.asker import Asker


async def find_refusals(
    session: AsyncSession, asker: Asker, *, ids: list[str] | None = None, theme_id: str = ""
) -> list[RefusalView]:
    """Return refusals, newest first, of themes whose name the asker may know."""
    query = (
        select(Refusal, Theme.number, Theme.name)
        .join(
            Theme,
            (Theme.workspace_id == Refusal.workspace_id) & (Theme.id == Refusal.theme_id),
        )
        .where(Refusal.workspace_id == asker.workspace_id, asker.sees(Refusal.source_channel_id))
        .order_by(Refusal.declined_at.desc(), Refusal.id)
    )
    if ids is not None:
        query = query.where(Refusal.id.in_(ids))
    if theme_id:
        query = query.where(Refusal.theme_id == theme_id)
    return [refusal_view(*row) for row in await session.execute(query)]


async def standing_refusal(
    session: AsyncSession, asker: Asker, theme_id: str
) -> RefusalView | None:
    """Return the no that stands, if any."""
    found = await find_refusals(session, asker, theme_id=theme_id)
    return next((one for one in found if one.state == STANDING), None)


def refusal_view(row: Refusal, number: int, name: str) -> RefusalView:
    """Return a row as a plain value."""
    return RefusalView(
        id=row.id,
        theme_id=row.theme_id,
        theme_number=number,
        theme_name=name,
        reason=row.reason,
        owner_id=row.owner_id,
        declined_at=row.declined_at,
        condition=row.condition,
        metric_id=row.metric_id,
        side=row.side,
        bound=row.bound,
        days=row.days,
        customers=row.customers,
        on_date=row.on_date,
        timezone=row.timezone,
        state=row.state,
        source_channel_id=row.source_channel_id,
    )


async def find_questions(
    session: AsyncSession, asker: Asker, *, ids: list[str] | None = None, theme_id: str = ""
) -> list[QuestionView]:
    """Return questions about themes whose name the asker may know."""
    query = (
        select(Question, Theme.number, Theme.name)
        .join(
            Theme,
            (Theme.workspace_id == Question.workspace_id) & (Theme.id == Question.theme_id),
        )
        .where(
            Question.workspace_id == asker.workspace_id,
            asker.sees(Question.source_channel_id),
        )
        .order_by(Question.asked_at, Question.id)
    )
    if ids is not None:
        query = query.where(Question.id.in_(ids))
    if theme_id:
        query = query.where(Question.theme_id == theme_id)
    return [
        QuestionView(
            id=row.id,
            theme_id=row.theme_id,
            theme_number=number,
            theme_name=name,
            text=row.text,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            source_channel_id=row.source_channel_id,
        )
        for row, number, name in await session.execute(query)
    ]
