"""Who goes first: the deliveries that may be taken, in the order in which people read them."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from bot.engine.deliveries import ANSWER
from bot.engine.tables import FINAL, Delivery, may_send

# How many due deliveries are looked at, for each that can be taken.
WINDOW = 8
# What people read in the order it was planned. Reactions and private notes wait for nothing.
ORDERED = ("post", "update", "picture")
METHODS = (*ORDERED, "ephemeral", "react", "unreact")

_first = aliased(Delivery)
_earlier = aliased(Delivery)

# What the engine asks again and again is built once: to build such a statement takes longer than to
# run it.
_NOW: BindParameter[datetime] = bindparam("now")
LEFT_BY = (
    select(Delivery.lease_owner)
    .where(Delivery.state == "sending", Delivery.lease_until <= _NOW)
    .distinct()
)


def _is_free() -> ColumnElement[bool]:
    """Build the filter for what nobody living is at, whatever its lease says."""
    may_take = Delivery.lease_owner.in_(bindparam("may_take", expanding=True))
    return or_(Delivery.state != "sending", may_take)


@cache
def waiting_statements() -> tuple[Select[Any], Select[Any]]:
    """Build what finds candidates: for answers to people, and for all else."""
    is_open = and_(
        _is_free(),
        Delivery.id.not_in(bindparam("held", expanding=True)),
        Delivery.workspace_id.not_in(bindparam("but", expanding=True)),
    )
    urgent = _waiting(is_open & (Delivery.priority <= ANSWER))
    return urgent, _waiting(is_open & (Delivery.priority > ANSWER))


def _waiting(which: ColumnElement[bool]) -> Select[Any]:
    # A window of what is due, so that a long backlog is not sorted anew for each of its messages.
    due = (
        _joined(
            Delivery.workspace_id,
            Delivery.id,
            Delivery.method,
            func.coalesce(func.nullif(_first.channel, ""), Delivery.target).label("channel"),
            Delivery.priority,
            (Delivery.state == "sending").label("is_left"),
        )
        .where(may_send(_NOW), *_may_go(), which)
        .limit(bindparam("window", type_=Integer))
        .subquery()
    )
    place = func.row_number().over(
        partition_by=due.c.workspace_id, order_by=(due.c.priority, due.c.id)
    )
    query = select(*due.c).order_by(place, due.c.priority, due.c.id)
    return query.limit(bindparam("many", type_=Integer))


@cache
def claim_statement() -> Select[Any]:
    """Build what takes the chosen, with what became of those that they belong to."""
    query = _joined(Delivery, _first.state, _first.channel, _first.ts).where(
        Delivery.workspace_id.in_(bindparam("workspaces", expanding=True)),
        Delivery.id.in_(bindparam("ids", expanding=True)),
        may_send(_NOW),
        _is_free(),
    )
    ordered = query.order_by(Delivery.priority, Delivery.id)
    return ordered.with_for_update(skip_locked=True, of=Delivery)


def has_due(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Build the question whether a delivery may be taken now."""
    return exists(_joined(Delivery.id).where(may_send(now), *_may_go()).correlate(None))


def next_statements() -> tuple[Select[Any], Select[Any]]:
    """Build when a delivery may next be taken; one that waits for another does not count."""
    planned = _joined(Delivery.not_before).where(Delivery.state == "planned", *_may_go())
    left = _joined(Delivery.lease_until).where(Delivery.state == "sending", *_may_go())
    return (
        planned.order_by(Delivery.not_before).limit(1),
        left.order_by(Delivery.lease_until).limit(1),
    )


def _joined(*columns: Any) -> Select[Any]:
    same = (_first.workspace_id == Delivery.workspace_id) & (_first.id == Delivery.after_id)
    return select(*columns).select_from(Delivery).outerjoin(_first, same)


def _may_go() -> tuple[ColumnElement[bool], ...]:
    """Build the conditions beside the time: what it belongs to is settled, and its turn has come.

    Both look at older rows only, so that waiting never goes round in a circle.
    """
    is_settled = or_(Delivery.after_id.is_(None), _first.id.is_(None), _first.state.in_(FINAL))
    goes_first = or_(
        _earlier.state == "sending",
        and_(
            _earlier.state == "planned",
            # One that was put off, by a failure or by Slack's limits, keeps its place.
            or_(
                _earlier.attempts > 0,
                _earlier.error != "",
                _earlier.not_before <= Delivery.not_before,
            ),
        ),
    )
    waits = exists().where(
        _earlier.workspace_id == Delivery.workspace_id,
        _earlier.target == Delivery.target,
        # Said again, for the index: what a channel was sent in years is not looked at.
        _earlier.state.in_(("sending", "planned")),
        _earlier.method.in_(ORDERED),
        _earlier.id < Delivery.id,
        _earlier.priority <= Delivery.priority,
        goes_first,
    )
    # Another method is another version's, which runs beside this one during an upgrade.
    is_known = Delivery.method.in_(METHODS)
    return is_known, is_settled, or_(Delivery.method.not_in(ORDERED), ~waits)
