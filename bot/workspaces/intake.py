"""``daybook import customers``: a CSV file into the one workspace of this installation."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from bot.db.migrate import migrate
from bot.db.session import Database
from bot.errors import BadInput
from bot.workspaces.customer_file import CustomerRow
from bot.workspaces.customers import put_customers
from bot.workspaces.tables import Workspace


async def import_customers(db: Database, rows: Sequence[CustomerRow], *, at: datetime) -> int:
    """Store all rows in one transaction, or none. Returns how many customers are now known."""
    await migrate(db)
    async with db.write() as session:
        ids = list(await session.scalars(select(Workspace.id)))
        if len(ids) != 1:
            raise BadInput(
                field="workspace",
                problem="Daybook does not know your workspace yet.",
                fix="Start it once with `daybook run`, then import.",
            )
        await put_customers(session, ids[0], rows, at=at)
    return len(rows)
