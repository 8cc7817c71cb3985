"""Take an import of customers back: each is what it was before, unless somebody edited it since."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.tables import Feedback, FollowUp
from bot.intake.tables import ImportChange
from bot.workspaces.customers import (
    CustomerChange,
    CustomerFacts,
    archive_customer,
    facts_of,
    put_back_customer,
)
from bot.workspaces.tables import Customer

# So many customers in one transaction: what people do meanwhile gets its turn between.
AT_ONCE = 100
REMOVED, RESTORED, ARCHIVED, LEFT = "removed", "restored", "archived", "left"


@dataclass(frozen=True)
class TakenBack:
    """How many customers went, are what they were, are only archived (feedback is theirs), and
    stayed as somebody made them since.
    """

    removed: int = 0
    restored: int = 0
    archived: int = 0
    left: int = 0


async def keep_changes(
    session: AsyncSession, workspace_id: str, import_id: str, changes: Sequence[CustomerChange]
) -> None:
    """Remember what an import did; a file names each customer once."""
    for change in changes:
        session.add(
            ImportChange(
                workspace_id=workspace_id,
                import_id=import_id,
                customer_id=change.customer_id,
                before=asdict(change.before) if change.before else None,
                was_archived=change.was_archived,
                after=asdict(change.after),
            )
        )
    await session.flush()


async def put_back_some(
    session: AsyncSession, workspace_id: str, import_id: str, *, by: str, at: datetime
) -> int:
    """Put some of an import's customers back; 0: none is left."""
    query = select(ImportChange).where(
        ImportChange.workspace_id == workspace_id,
        ImportChange.import_id == import_id,
        ImportChange.outcome == "",
    )
    rows = list(await session.scalars(query.order_by(ImportChange.customer_id).limit(AT_ONCE)))
    named = await _named_elsewhere(session, workspace_id, [row.customer_id for row in rows])
    for row in rows:
        row.outcome = await _put_back(session, row, named, by=by, at=at)
    await session.flush()
    return len(rows)


async def count_taken_back(session: AsyncSession, workspace_id: str, import_id: str) -> TakenBack:
    """Return what came of it."""
    query = select(ImportChange.outcome).where(
        ImportChange.workspace_id == workspace_id, ImportChange.import_id == import_id
    )
    return TakenBack(**{one: n for one, n in Counter(await session.scalars(query)).items() if one})


async def _put_back(
    session: AsyncSession, row: ImportChange, named: set[str], *, by: str, at: datetime
) -> str:
    customer = await session.get(Customer, (row.workspace_id, row.customer_id))
    change = CustomerChange(
        row.customer_id,
        _facts(row.before) if row.before else None,
        row.was_archived,
        _facts(row.after),
    )
    if customer is None or customer.archived_at or facts_of(customer) != change.after:
        return LEFT
    if change.before is None and customer.id in named:
        await archive_customer(
            session, row.workspace_id, customer.id, is_archived=True, by=by, at=at
        )
        return ARCHIVED
    await put_back_customer(session, customer, change, by=by, at=at)
    return RESTORED if change.before else REMOVED


async def _named_elsewhere(
    session: AsyncSession, workspace_id: str, ids: Sequence[str]
) -> set[str]:
    """Return which of these customers feedback, or a promise to tell them, is about."""
    found = set[str]()
    for table in (Feedback, FollowUp):
        query = select(table.customer_id).where(
            table.workspace_id == workspace_id, table.customer_id.in_(ids)
        )
        found |= {one for one in await session.scalars(query.distinct()) if one}
    return found


def _facts(stored: dict[str, Any]) -> CustomerFacts:
    return CustomerFacts(**stored | {"domains": tuple(stored["domains"])})
