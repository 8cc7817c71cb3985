"""Customers: whose words are logged, and who tells them what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.entries.log import Line, append
from bot.errors import BadInput, NotFound
from bot.workspaces.customer_file import CustomerRow
from bot.workspaces.tables import Channel, Customer, Member


@dataclass(frozen=True)
class CustomerFacts:
    """What is known of a customer. ``monthly_revenue`` is in minor units of ``currency``."""

    name: str
    domains: tuple[str, ...] = ()
    channel_id: str | None = None
    owner_id: str | None = None
    tier: str = ""
    status: str = ""
    monthly_revenue: int | None = None
    currency: str = ""


@dataclass(frozen=True)
class CustomerChange:
    """What an import did to one customer. ``before`` is None where there was none."""

    customer_id: str
    before: CustomerFacts | None
    was_archived: bool
    after: CustomerFacts


async def put_customer(
    session: AsyncSession,
    workspace_id: str,
    facts: CustomerFacts,
    *,
    at: datetime,
    by: str = "",
) -> str:
    """Add a customer, or bring the one of that name (in any case) up to date. Returns its id."""
    row = await _named(session, workspace_id, facts.name)
    return (await _put(session, workspace_id, row, facts, at=at, by=by)).id


async def _put(
    session: AsyncSession,
    workspace_id: str,
    known: Customer | None,
    facts: CustomerFacts,
    *,
    at: datetime,
    by: str,
) -> Customer:
    if known is not None and facts_of(known) == facts and known.archived_at is None:
        return known
    row = known or Customer(workspace_id=workspace_id, id=new_id())
    if known is None:
        session.add(row)
    _take(row, facts, at)
    await session.flush()
    await _log(session, row, "customer.changed" if known else "customer.added", by, at)
    return row


def _take(row: Customer, facts: CustomerFacts, at: datetime) -> None:
    row.name, row.domains = facts.name, [domain.lower() for domain in facts.domains]
    row.channel_id, row.owner_id = facts.channel_id, facts.owner_id
    row.tier, row.status = facts.tier, facts.status
    row.monthly_revenue, row.currency = facts.monthly_revenue, facts.currency
    row.updated_at, row.archived_at = at, None


async def _log(session: AsyncSession, row: Customer, kind: str, by: str, at: datetime) -> None:
    line = Line(kind=kind, subject_kind="customer", subject_id=row.id, actor=by, prose=row.name)
    await append(session, row.workspace_id, line, at=at)


async def edit_customer(
    session: AsyncSession,
    workspace_id: str,
    customer_id: str,
    facts: CustomerFacts,
    *,
    by: str,
    at: datetime,
) -> None:
    """Change a customer. Raises ``BadInput`` where another has that name already."""
    row = await get_customer(session, workspace_id, customer_id)
    other = await _named(session, workspace_id, facts.name)
    if other is not None and other.id != row.id:
        raise BadInput(field="name", problem=f"There is a customer “{other.name}” already.")
    if facts_of(row) == facts and row.archived_at is None:
        return
    _take(row, facts, at)
    await _log(session, row, "customer.changed", by, at)


async def archive_customer(
    session: AsyncSession,
    workspace_id: str,
    customer_id: str,
    *,
    is_archived: bool,
    by: str,
    at: datetime,
) -> None:
    """Offer and match a customer no longer, or again; what they said stays theirs."""
    row = await get_customer(session, workspace_id, customer_id)
    if bool(row.archived_at) == is_archived:
        return
    row.archived_at, row.updated_at = at if is_archived else None, at
    kind = "customer.archived" if is_archived else "customer.restored"
    await _log(session, row, kind, by, at)


async def get_customer(session: AsyncSession, workspace_id: str, customer_id: str) -> Customer:
    """Return the row to change; raises ``NotFound``."""
    row = await session.get(Customer, (workspace_id, customer_id))
    if row is None:
        raise NotFound("There is no such customer (any more).")
    return row


async def put_customers(
    session: AsyncSession,
    workspace_id: str,
    rows: Sequence[CustomerRow],
    *,
    at: datetime,
    by: str = "",
) -> list[CustomerChange]:
    """Bring in what a file holds; all of it or, with one ``BadInput``, nothing.

    Channels and owners may be named (``#name``, e-mail) where Slack's ids are already known here.
    Columns that the file does not have keep what is known. Returns what is new or changed.
    """
    problems, changes = list[str](), list[CustomerChange]()
    everyone = await session.scalars(select(Customer).where(Customer.workspace_id == workspace_id))
    by_name = {one.name.casefold(): one for one in everyone}
    for row in rows:
        known = by_name.get(row.name.casefold())
        try:
            facts = await _resolved(session, workspace_id, row, known)
        except BadInput as error:
            problems.append(f"Line {row.line}, column {error.field}: {error}")
            continue
        before, was_archived = facts_of(known) if known else None, _is_archived(known)
        put = await _put(session, workspace_id, known, facts, at=at, by=by)
        by_name[row.name.casefold()] = put
        if (before, was_archived) != (facts_of(put), False):
            changes.append(CustomerChange(put.id, before, was_archived, facts_of(put)))
    if problems:
        raise BadInput(field="file", problem="\n".join(problems), fix="Nothing was imported.")
    return changes


async def put_back_customer(
    session: AsyncSession, row: Customer, change: CustomerChange, *, by: str, at: datetime
) -> None:
    """Make a customer what it was before a change."""
    if change.before is None:
        await _log(session, row, "customer.removed", by, at)
        await session.delete(row)
        return
    _take(row, change.before, at)
    row.archived_at = at if change.was_archived else None
    await _log(session, row, "customer.changed", by, at)


async def _resolved(
    session: AsyncSession, workspace_id: str, row: CustomerRow, known: Customer | None
) -> CustomerFacts:
    facts = replace(facts_of(known), name=row.name) if known else CustomerFacts(row.name)
    given = {name: getattr(row, name) for name in row.columns if name in _COPIED}
    facts = replace(facts, **given)
    if "channel" in row.columns:
        facts = replace(facts, channel_id=await _channel_id(session, workspace_id, row.channel))
    if "owner" in row.columns:
        facts = replace(facts, owner_id=await _owner_id(session, workspace_id, row.owner))
    return facts


_COPIED = ("domains", "tier", "status", "monthly_revenue", "currency")


async def _channel_id(session: AsyncSession, workspace_id: str, named: str) -> str | None:
    if not named:
        return None
    query = select(Channel.id).where(Channel.workspace_id == workspace_id)
    name = named.removeprefix("#")
    found = list(await session.scalars(query.where((Channel.id == name) | (Channel.name == name))))
    if len(found) == 1:
        return found[0]
    raise BadInput(
        field="channel",
        problem=f"I do not know a channel “{named}”.",
        fix="Invite me there first, or give its id (C…, at the end of its link).",
    )


async def _owner_id(session: AsyncSession, workspace_id: str, named: str) -> str | None:
    if not named:
        return None
    query = select(Member.id).where(
        Member.workspace_id == workspace_id,
        Member.is_guest.is_(False),
        Member.is_outsider.is_(False),
        Member.is_bot.is_(False),
        (Member.id == named) | (func.lower(Member.email) == named.lower()),
    )
    found = list(await session.scalars(query))
    if len(found) == 1:
        return found[0]
    raise BadInput(
        field="owner",
        problem=f"I do not know a member “{named}”.",
        fix="Give the Slack member id (U…), of somebody who has used Daybook.",
    )


async def _named(session: AsyncSession, workspace_id: str, name: str) -> Customer | None:
    # Compared here: databases disagree on the lower case of letters beyond ASCII.
    query = select(Customer).where(Customer.workspace_id == workspace_id)
    wanted = name.casefold()
    return next((c for c in await session.scalars(query) if c.name.casefold() == wanted), None)


def _is_archived(row: Customer | None) -> bool:
    """Tell whether there is such a customer, and it is no longer offered."""
    return row is not None and row.archived_at is not None


def facts_of(row: Customer) -> CustomerFacts:
    """Return what is known of a customer."""
    return CustomerFacts(
        name=row.name,
        domains=tuple(row.domains),
        channel_id=row.channel_id,
        owner_id=row.owner_id,
        tier=row.tier,
        status=row.status,
        monthly_revenue=row.monthly_revenue,
        currency=row.currency,
    )
