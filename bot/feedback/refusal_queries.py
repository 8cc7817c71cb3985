"""Read honest noes, as their asker may see them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.tables import Refusal, Theme
from bot.workspaces.asker import Asker

STANDING, REARMED, TAKEN_BACK = "standing", "rearmed", "taken_back"
METRIC, CUSTOMERS, DATE = "metric", "customers", "date"


@dataclass(frozen=True)
class RefusalView:
    """A no to a theme, and what would make it a question again (``condition`` empty: nothing)."""

    id: str
    theme_id: str
    theme_number: int
    theme_name: str
    reason: str
    owner_id: str
    declined_at: datetime
    condition: str
    metric_id: str | None
    side: str
    bound: float | None
    days: int
    customers: int | None
    on_date: date | None
    timezone: str
    state: str
    source_channel_id: str | None


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
