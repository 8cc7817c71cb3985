"""What the two queues have in common: whose they are, which kinds they serve, and the leases."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, bindparam, tuple_

from bot.db.session import Database
from bot.engine.lanes import Room
from bot.engine.presence import Alone, Presence
from bot.engine.tables import Inbox, Occurrence
from bot.engine.turns import Key

# Longer than any job may take (bot.engine.attempts); a dead process's work is taken over after it.
LEASE = timedelta(seconds=120)
# A kind that this program does not know is another version's, which runs beside it during an
# upgrade. After so long nobody else has come for it, and it is given up with that reason.
NOBODYS = timedelta(hours=12)
# A moment, or its place in a statement that is built once.
Moment = datetime | BindParameter[datetime]
# What a process takes that has nothing under way; for those who work alone.
ROOM = Room(50, 50, {}, frozenset())


class Seat:
    """One process (``owner``) at a queue of this database."""

    def __init__(self, db: Database, owner: str, presence: Presence | None = None) -> None:
        self._db, self._owner = db, owner
        self._presence = presence or Alone()


def long_before(at: Moment) -> Moment:
    """Return when what is due at ``at`` must have come, for others to have come for it."""
    return at - NOBODYS if isinstance(at, datetime) else bindparam(f"{at.key}_long_before")


def moment(name: str, at: datetime) -> dict[str, datetime]:
    """Return what fills the places of ``name`` and of what was long before it."""
    return {name: at, f"{name}_long_before": at - NOBODYS}


def is_one_of(table: type[Inbox] | type[Occurrence], keys: Collection[Key]) -> ColumnElement[bool]:
    """Build the filter for rows by their keys."""
    return tuple_(table.workspace_id, table.id).in_(keys)
