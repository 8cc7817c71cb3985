"""Read decisions, as their asker may see them."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.queries import (
    live_bet_of,
    open_subjects,
    subjects_to_judge,
    subjects_to_mend,
)
from bot.bets.records import LiveBet
from bot.decisions.records import DecisionDetail, DecisionView, Tripwire
from bot.decisions.rules import CURRENT, alike, title_stems
from bot.decisions.tables import Decision
from bot.engine.tables import Delivery
from bot.entries.tables import Link
from bot.errors import NotFound
from bot.launches.queries import with_bets
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Workspace

# Past decisions looked through for similar titles: more than a team remembers.
PAST_SEARCHED = 400
SEARCHED = (Decision.title, Decision.choice, Decision.context, Decision.rationale)


def _may_see(asker: Asker) -> ColumnElement[bool]:
    return and_(
        Decision.workspace_id == asker.workspace_id,
        or_(
            asker.sees(Decision.source_channel_id),
            asker.owns(Decision.owner_id),
            asker.owns(Decision.created_by),
        ),
    )


def _decisions(asker: Asker) -> Select[Decision, str | None, str | None, str]:
    return _all().where(_may_see(asker))


@cache
def _all() -> Select[Decision, str | None, str | None, str]:
    of_decision = and_(
        Delivery.workspace_id == Decision.workspace_id, Delivery.id == Decision.post_id
    )
    return (
        select(Decision, Delivery.channel, Delivery.ts, Workspace.url)
        .join(Workspace, Workspace.id == Decision.workspace_id)
        .outerjoin(Delivery, of_decision)
    )


async def find_decisions(
    session: AsyncSession,
    asker: Asker,
    *,
    ids: Sequence[str] | None = None,
    words: Sequence[str] = (),
    statuses: Sequence[str] = (),
    owner_id: str = "",
    area: str = "",
    since: datetime | None = None,
    limit: int = 20,
) -> list[DecisionView]:
    """Return decisions, newest first; ``since`` is about when they were logged.

    ``words`` must all stand in title, choice, context or rationale, in any case.
    """
    query = _decisions(asker).order_by(Decision.number.desc()).limit(limit)
    if ids is not None:
        query = query.where(Decision.id.in_(ids))
    if statuses:
        query = query.where(Decision.status.in_(statuses))
    if owner_id:
        query = query.where(Decision.owner_id == owner_id)
    if area:
        query = query.where(func.lower(Decision.area) == area.lower())
    if since:
        query = query.where(Decision.created_at >= since)
    for word in words:
        query = query.where(or_(*(c.icontains(word, autoescape=True) for c in SEARCHED)))
    return await _read(session, asker, query)


async def get_decision(session: AsyncSession, asker: Asker, id_or_number: str) -> DecisionDetail:
    """Return one decision, by id or by "#12"; raises ``NotFound``."""
    number = id_or_number.lstrip("#")
    is_number = number.isdecimal() and len(number) < 10
    wanted = Decision.number == int(number) if is_number else Decision.id == id_or_number
    found = await _read(session, asker, _decisions(asker).where(wanted))
    if not found:
        raise NotFound("There is no such decision that you can see.")
    decision = found[0]
    earlier = await _read(
        session, asker, _decisions(asker).where(Decision.superseded_by == decision.id)
    )
    later = await find_decisions(session, asker, ids=[decision.superseded_by or "-"], limit=1)
    return DecisionDetail(
        decision=decision,
        supersedes=tuple(earlier),
        superseded_by=later[0] if later else None,
        theme_ids=await _linked(session, asker, decision.id, "theme"),
        launch_ids=await _linked(session, asker, decision.id, "launch"),
    )


async def _linked(
    session: AsyncSession, asker: Asker, decision_id: str, kind: str
) -> tuple[str, ...]:
    """Return the ids of one kind of neighbours; what they name is for their own queries."""
    before = select(Link.from_id).where(
        Link.workspace_id == asker.workspace_id,
        Link.to_kind == "decision",
        Link.to_id == decision_id,
        Link.from_kind == kind,
    )
    after = select(Link.to_id).where(
        Link.workspace_id == asker.workspace_id,
        Link.from_kind == "decision",
        Link.from_id == decision_id,
        Link.to_kind == kind,
    )
    found = [*await session.scalars(before), *await session.scalars(after)]
    return tuple(sorted(set(found)))


async def decided_between(
    session: AsyncSession, asker: Asker, since: datetime, until: datetime, *, limit: int = 20
) -> list[DecisionView]:
    """Return what was accepted from ``since`` to before ``until``, newest first."""
    is_between = and_(Decision.accepted_at >= since, Decision.accepted_at < until)
    query = _decisions(asker).where(is_between).order_by(Decision.accepted_at.desc(), Decision.id)
    return await _read(session, asker, query.limit(limit))


async def reversed_between(
    session: AsyncSession, asker: Asker, since: datetime, until: datetime, *, limit: int = 20
) -> list[DecisionView]:
    """Return what was superseded or retired from ``since`` to before ``until``, newest first."""
    is_between = and_(Decision.ended_at >= since, Decision.ended_at < until)
    query = _decisions(asker).where(is_between).order_by(Decision.ended_at.desc(), Decision.id)
    return await _read(session, asker, query.limit(limit))


async def similar_decisions(
    session: AsyncSession, asker: Asker, title: str, *, without: str = "", limit: int = 3
) -> list[DecisionView]:
    """Return past decisions that share the telling words of ``title``, most alike first."""
    wanted = title_stems(title)
    if not wanted:
        return []
    recent = await find_decisions(session, asker, limit=PAST_SEARCHED)
    scored = [
        (score, decision)
        for decision in recent
        if decision.id != without
        and (score := alike(wanted, title_stems(decision.title), title_stems(decision.choice)))
    ]
    scored.sort(key=lambda pair: -pair[0])
    return [decision for _, decision in scored[:limit]]


async def home_mine(session: AsyncSession, asker: Asker, *, limit: int = 5) -> list[DecisionView]:
    """Return the person's own proposals, which wait for an answer."""
    return await find_decisions(
        session, asker, owner_id=asker.user_id or "-", statuses=("proposed",), limit=limit
    )


async def home_due(
    session: AsyncSession, asker: Asker, *, today: date, limit: int = 5
) -> list[DecisionView]:
    """Return the person's decisions whose revisit date has come, the oldest date first.

    Those that a metric reopened are among them, until they have answered.
    """
    is_reopened = and_(
        Decision.tripped_at.is_not(None),
        or_(Decision.revisited_at.is_(None), Decision.revisited_at < Decision.tripped_at),
    )
    query = (
        _decisions(asker)
        .where(
            Decision.owner_id == (asker.user_id or "-"),
            Decision.status.in_(CURRENT),
            or_(Decision.revisit_on <= today, is_reopened),
        )
        .order_by(func.coalesce(Decision.revisit_on, today), Decision.number)
    )
    return await _read(session, asker, query.limit(limit))


async def home_latest(session: AsyncSession, asker: Asker, *, limit: int = 3) -> list[DecisionView]:
    """Return the newest decisions that stand or are proposed."""
    return await find_decisions(session, asker, statuses=CURRENT, limit=limit)


async def live_bets(session: AsyncSession, asker: Asker, *, at: datetime) -> list[LiveBet]:
    """Return the bets on decisions that are live, the next to be checked first."""
    ids = await open_subjects(session, asker, "decision")
    found = await find_decisions(session, asker, ids=ids, limit=500) if ids else []
    bets = [bet for one in found if (bet := live_bet_of(one, at))]
    return sorted(bets, key=lambda bet: (bet.bet.check_date, bet.number))


async def home_to_judge(
    session: AsyncSession, asker: Asker, *, limit: int = 5
) -> list[DecisionView]:
    """Return the decisions whose verdict this person was asked for and has not given."""
    ids = await subjects_to_judge(session, asker, "decision")
    return await find_decisions(session, asker, ids=ids, limit=limit) if ids else []


async def home_steps(session: AsyncSession, asker: Asker, *, limit: int = 5) -> list[DecisionView]:
    """Return the decisions whose miss this person still fixes or removes, the next due first."""
    ids = await subjects_to_mend(session, asker, "decision")
    found = await find_decisions(session, asker, ids=ids, limit=limit) if ids else []
    return sorted(found, key=lambda one: one.step.due_on if one.step else date.max)


async def _read(
    session: AsyncSession, asker: Asker, query: Select[Decision, str | None, str | None, str]
) -> list[DecisionView]:
    rows = [_view(*row) for row in await session.execute(query)]
    return await with_bets(session, asker, "decision", rows)


def _view(row: Decision, channel: str | None, ts: str | None, url: str) -> DecisionView:
    base = url if url.endswith("/") else f"{url}/"
    # A note in somebody's direct messages is nobody else's to open.
    is_shown = url and channel and ts and not channel.startswith("D")
    post = f"{base}archives/{channel}/p{(ts or '').replace('.', '')}" if is_shown else ""
    if post and row.thread_ts:
        post += f"?thread_ts={row.thread_ts}&cid={channel}"
    return DecisionView(
        id=row.id,
        number=row.number,
        title=row.title,
        context=row.context,
        options=tuple(row.options),
        choice=row.choice,
        rationale=row.rationale,
        owner_id=row.owner_id,
        participants=tuple(row.participants),
        confidence=row.confidence,
        is_reversible=row.is_reversible,
        area=row.area,
        would_change=row.would_change,
        revisit_on=row.revisit_on,
        status=row.status,
        reason=row.reason,
        supersedes_id=row.supersedes_id,
        superseded_by=row.superseded_by,
        source_channel_id=row.source_channel_id,
        thread_ts=row.thread_ts,
        permalink=row.permalink,
        snapshot=row.snapshot,
        snapshot_by=row.snapshot_by,
        post_id=row.post_id,
        posted_to=row.posted_to,
        post_permalink=post,
        created_by=row.created_by,
        created_at=row.created_at,
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by,
        ended_at=row.ended_at,
        tripwire=_tripwire(row),
        revisited_at=row.revisited_at,
    )


def _tripwire(row: Decision) -> Tripwire | None:
    if row.tripwire_metric_id is None or row.tripwire_bound is None:
        return None
    return Tripwire(
        metric_id=row.tripwire_metric_id,
        side=row.tripwire_side,
        bound=row.tripwire_bound,
        days=row.tripwire_days,
        tripped_at=row.tripped_at,
    )
