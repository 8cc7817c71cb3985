"""What the queue of occurrences asks again and again, built once: that takes longer than to ask."""

from datetime import datetime
from functools import cache, lru_cache
from typing import cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    bindparam,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from bot.engine.seats import Moment, long_before
from bot.engine.tables import Occurrence

NOW: BindParameter[datetime] = bindparam("now")
DUE: BindParameter[datetime] = bindparam("due")
_RUN = cast(Table, Occurrence.__table__)


# Built once for each moment's place in a statement: there are dozens of kinds.
@lru_cache(maxsize=16)
def is_due(kinds: tuple[str, ...], now: Moment) -> ColumnElement[bool]:
    """Build the filter for what a process with these jobs may run."""
    is_ours = or_(Occurrence.kind.in_(kinds), Occurrence.due_at <= long_before(now))
    return (Occurrence.state == "due") & (Occurrence.not_before <= now) & is_ours


@lru_cache(maxsize=16)
def is_left(kinds: tuple[str, ...], now: Moment) -> ColumnElement[bool]:
    """Build the filter for what a process had begun whose lease is over."""
    is_ours = or_(Occurrence.kind.in_(kinds), Occurrence.due_at <= long_before(now))
    return (Occurrence.state == "leased") & (Occurrence.lease_until <= now) & is_ours


@lru_cache(maxsize=4)
def left_runs(kinds: tuple[str, ...]) -> Select[str, str, str]:
    """Build what ended processes left, the longest left first."""
    is_free = Occurrence.id.not_in(bindparam("held", expanding=True))
    query = select(Occurrence.workspace_id, Occurrence.id, Occurrence.lease_owner)
    return query.where(is_left(kinds, NOW), is_free).order_by(Occurrence.lease_until)


@cache
def setting(names: tuple[str, ...]) -> ReturningUpdate[str]:
    """Build what sets these columns, for as long as the run is this process's."""
    return (
        update(_RUN)
        .where(
            _RUN.c.workspace_id == bindparam("of"),
            _RUN.c.id == bindparam("which"),
            _RUN.c.lease_owner == bindparam("by"),
            _RUN.c.attempts == bindparam("try"),
        )
        .values({name: bindparam(f"new_{name}") for name in names})
        .returning(_RUN.c.id)
    )
