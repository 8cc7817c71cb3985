"""Read customers; for members only: revenue and tier are nobody else's to see."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Customer


@dataclass(frozen=True)
class CustomerView:
    """One customer. ``monthly_revenue`` is in minor units of ``currency``."""

    id: str
    name: str
    domains: tuple[str, ...]
    channel_id: str
    owner_id: str
    tier: str
    status: str
    monthly_revenue: int | None
    currency: str
    is_archived: bool


async def list_customers(
    session: AsyncSession, asker: Asker, *, words: str = ""
) -> list[CustomerView]:
    """Return customers whose name or domain holds ``words``, by name, archived ones last."""
    if not asker.is_member:
        return []
    query = select(Customer).where(Customer.workspace_id == asker.workspace_id)
    # Compared here: databases disagree on the case of letters beyond ASCII.
    wanted = words.casefold().strip()
    found = [_view(row) for row in await session.scalars(query)]
    kept = [one for one in found if wanted in f"{one.name} {' '.join(one.domains)}".casefold()]
    return sorted(kept, key=lambda one: (one.is_archived, one.name.casefold()))


async def get_customer_view(session: AsyncSession, asker: Asker, customer_id: str) -> CustomerView:
    """Return one; raises ``NotFound``."""
    row = await session.get(Customer, (asker.workspace_id, customer_id))
    if row is None or not asker.is_member:
        raise NotFound("There is no such customer (any more).")
    return _view(row)


def _view(row: Customer) -> CustomerView:
    return CustomerView(
        id=row.id,
        name=row.name,
        domains=tuple(row.domains),
        channel_id=row.channel_id or "",
        owner_id=row.owner_id or "",
        tier=row.tier,
        status=row.status,
        monthly_revenue=row.monthly_revenue,
        currency=row.currency,
        is_archived=row.archived_at is not None,
    )
