"""Many schedules that are due at one instant: thousands are, at nine on a Monday.

Schedules that share a rule, a zone and a slot turn alike, so what becomes of them is worked out
once, in the form that the database stores, and each of them costs a few microseconds more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, cast

import structlog
from pydantic import ValidationError
from sqlalchemy import Dialect, Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.clock import Rule, Slot, next_slot, zone_named
from bot.db.bulk import bulk_insert, bulk_update, restored, stored
from bot.db.types import new_id
from bot.engine.handing import note_all_due
from bot.engine.tables import Occurrence, Schedule
from bot.errors import BadInput

log = structlog.get_logger()

NO_FURTHER_DATE = "no further date"

_SCHEDULE, _OCCURRENCE = cast(Table, Schedule.__table__), cast(Table, Occurrence.__table__)
_DUE = (
    select(
        *(_SCHEDULE.c[name] for name in ("workspace_id", "id", "kind", "subject_id")),
        *(_SCHEDULE.c[name] for name in ("rule", "timezone", "next_date", "next_run_utc")),
    )
    .where(_SCHEDULE.c.state == bindparam("active"), _SCHEDULE.c.next_run_utc <= bindparam("now"))
    # As the index has it: any other order would sort all that is due, each time. What is due in
    # one workspace comes together, and so is handed out together.
    .order_by(_SCHEDULE.c.next_run_utc, _SCHEDULE.c.workspace_id, _SCHEDULE.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_MADE = (
    "workspace_id", "id", "schedule_id", "slot_key", "slot", "kind", "subject_id", "due_at",
    "not_before",
)  # fmt: skip
_FRESH = (
    ("asked_by", "''"), ("target", "''"), ("state", "'due'"), ("result", "''"), ("attempts", "0"),
    ("lease_owner", "''"),
)  # fmt: skip
_MOVED = ("next_date", "next_run_utc", "last_date", "state", "state_reason")


@dataclass(frozen=True)
class Move:
    """What becomes of a schedule whose slot came due."""

    next: Slot | None
    state: str
    reason: str


def move_on(kind: str, rule: str, zone: str, due_at: datetime, slot: date | None) -> Move:
    """Work out the next slot of a schedule after the one that is due."""
    try:
        following = slot_after(rule, zone, due_at, slot)
    except (BadInput, ValidationError) as error:
        # A zone that this machine no longer knows: that one stops, all others go on. Its status
        # says why, and it goes on when it is edited or resumed.
        log.error("schedule.unreadable", kind=kind, error=str(error))
        return Move(None, "paused", _unreadable(error))
    if following is None:
        return Move(None, "ended", NO_FURTHER_DATE)
    return Move(following, "active", "")


def _unreadable(error: BadInput | ValidationError) -> str:
    return str(error) if isinstance(error, BadInput) else "its rule is of a newer Daybook"


# Many schedules of one zone share a rule: each morning's answer is worked out once.
@lru_cache(maxsize=1024)
def slot_after(rule: str, zone: str, after: datetime, last_date: date | None) -> Slot | None:
    """Return the first slot of a rule, as stored, after an instant and past a date."""
    return next_slot(Rule.from_json(rule), zone_named(zone), after, last_date)


async def fan_out(session: AsyncSession, *, now: datetime, limit: int) -> int:
    """Turn due schedules into occurrences and advance them. Returns how many were due."""
    connection = await session.connection()
    turn_for = _turns(connection.dialect)
    made, moved = [], []
    for workspace_id, id_, kind, subject_id, *alike in await _read_due(connection, now, limit):
        slot_key, slot, due_at, move = turn_for(kind, *alike)
        of = workspace_id, new_id(), id_
        made.append((*of, slot_key, slot, kind, subject_id, due_at, due_at))
        moved.append((*move, workspace_id, id_))
    await bulk_insert(_OCCURRENCE, _MADE, _FRESH, connection.dialect).run(connection, made)
    await bulk_update(_SCHEDULE, _MOVED, connection.dialect).run(connection, moved)
    note_all_due(session, [(row[0], row[1]) for row in made])
    session.expire_all()
    return len(made)


async def _read_due(connection: AsyncConnection, now: datetime, limit: int) -> Any:
    """Read the rows as the driver has them: most of their values only go back as they are."""
    compiled = _due_statement(connection.dialect)
    instant = stored(_SCHEDULE.c.next_run_utc.type, connection.dialect, now)
    values = compiled.construct_params({"active": "active", "now": instant, "most": limit})
    if compiled.positional:
        values = tuple(values[name] for name in compiled.positiontup)
    return (await connection.exec_driver_sql(str(compiled), values)).all()


@lru_cache(maxsize=4)
def _due_statement(dialect: Dialect) -> Any:
    return _DUE.compile(dialect=dialect)


def _turns(dialect: Dialect) -> Callable[..., tuple[Any, Any, Any, tuple[Any, ...]]]:
    """Build what gives, for schedules that turn alike, their new values as they are stored."""
    day, instant = _SCHEDULE.c.next_date.type, _SCHEDULE.c.next_run_utc.type

    @cache
    def turn(kind: str, rule: str, zone: str, slot: Any, due_at: Any) -> Any:
        slot_date = restored(day, dialect, slot)
        move = move_on(kind, rule, zone, restored(instant, dialect, due_at), slot_date)
        following: tuple[Any, Any] = None, None
        if move.next:
            day_, at = stored(day, dialect, move.next.date), stored(instant, dialect, move.next.at)
            following = str(day_), str(at)
        moved = *following, str(slot), move.state, move.reason
        return str(slot_date), str(slot), str(due_at), moved

    return turn
