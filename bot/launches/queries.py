"""Read launches, as their asker may see them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bets.queries import (
    live_bet_of,
    open_subjects,
    outcomes_of,
    subjects_to_judge,
    subjects_to_mend,
    verdicts_of,
)
from bot.bets.records import EvidenceView, LiveBet, OtherLaunch
from bot.decisions.records import DecisionView
from bot.engine.tables import Delivery
from bot.entries.tables import Link
from bot.errors import NotFound
from bot.launches.crew_queries import awaiting_go, crew_of
from bot.launches.records import LaunchDetail, LaunchView, StageStep
from bot.launches.tables import Launch, StageChange
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Workspace

_View = TypeVar("_View", LaunchView, DecisionView)

# Words that say nothing about which launch is meant.
COMMON = {
    "with", "from", "into", "that", "this", "your", "their", "more", "less", "page", "team", "beta",
}  # fmt: skip
# Past launches looked through for similar titles: more than a team remembers.
PAST_SEARCHED = 400


def _may_see(asker: Asker) -> ColumnElement[bool]:
    return and_(
        Launch.workspace_id == asker.workspace_id,
        or_(asker.sees(Launch.source_channel_id), asker.owns(Launch.owner_id)),
    )


def _launches(asker: Asker) -> Select[Launch, str | None, str | None, str]:
    return _all().where(_may_see(asker))


@cache
def _all() -> Select[Launch, str | None, str | None, str]:
    of_launch = and_(
        Delivery.workspace_id == Launch.workspace_id, Delivery.id == Launch.headline_id
    )
    return (
        select(Launch, Delivery.channel, Delivery.ts, Workspace.url)
        .join(Workspace, Workspace.id == Launch.workspace_id)
        .outerjoin(Delivery, of_launch)
    )


async def find_launches(
    session: AsyncSession,
    asker: Asker,
    *,
    ids: Sequence[str] | None = None,
    number: int | None = None,
    area: str = "",
    stages: Sequence[str] = (),
    owner_id: str = "",
    words: Sequence[str] = (),
    limit: int = 20,
) -> list[LaunchView]:
    """Return launches, newest first. ``words`` must all stand in title or summary, in any case."""
    query = _launches(asker).order_by(Launch.number.desc()).limit(limit)
    if ids is not None:
        query = query.where(Launch.id.in_(ids))
    if number is not None:
        query = query.where(Launch.number == number)
    if area:
        query = query.where(func.lower(Launch.area) == area.lower())
    if stages:
        query = query.where(Launch.stage.in_(stages))
    if owner_id:
        query = query.where(Launch.owner_id == owner_id)
    for word in words:
        found = (
            column.icontains(word, autoescape=True) for column in (Launch.title, Launch.summary)
        )
        query = query.where(or_(*found))
    return await _read(session, asker, query)


async def _read(
    session: AsyncSession, asker: Asker, query: Select[Launch, str | None, str | None, str]
) -> list[LaunchView]:
    rows = [_view(*row) for row in await session.execute(query)]
    return await with_bets(session, asker, "launch", rows)


async def get_launch(session: AsyncSession, asker: Asker, launch_id: str) -> LaunchDetail:
    """Return one launch, by id or by number; raises ``NotFound``."""
    number = launch_id.lstrip("#")
    if number.isdecimal() and len(number) < 10:
        found = await find_launches(session, asker, number=int(number), limit=1)
    else:
        found = await find_launches(session, asker, ids=[launch_id], limit=1)
    if not found:
        raise NotFound("There is no such launch that you can see.")
    launch = found[0]
    verdicts = await verdicts_of(session, asker, [launch.bet.id] if launch.bet else [])
    return LaunchDetail(
        launch=launch,
        steps=await _steps(session, asker, launch.id),
        theme_ids=await _from(session, asker, launch.id, "theme"),
        decision_ids=await _from(session, asker, launch.id, "decision"),
        verdicts=tuple(verdicts.get(launch.bet.id, [])) if launch.bet else (),
        crew=await crew_of(session, asker, launch.id),
    )


async def _steps(session: AsyncSession, asker: Asker, launch_id: str) -> tuple[StageStep, ...]:
    query = (
        select(StageChange.stage, StageChange.actor, StageChange.reason, StageChange.at)
        .where(StageChange.workspace_id == asker.workspace_id, StageChange.launch_id == launch_id)
        .order_by(StageChange.at, StageChange.id)
    )
    return tuple(StageStep(*row) for row in await session.execute(query))


async def _from(session: AsyncSession, asker: Asker, launch_id: str, kind: str) -> tuple[str, ...]:
    """Return the ids of what led to the launch; what they name is for their own queries."""
    query = select(Link.from_id).where(
        Link.workspace_id == asker.workspace_id,
        Link.to_kind == "launch",
        Link.to_id == launch_id,
        Link.from_kind == kind,
    )
    return tuple(await session.scalars(query.order_by(Link.at, Link.from_id)))


async def launches_between(
    session: AsyncSession, asker: Asker, since: datetime, until: datetime, *, limit: int = 20
) -> list[LaunchView]:
    """Return what went live from ``since`` to before ``until``, newest first."""
    is_between = and_(Launch.live_at >= since, Launch.live_at < until)
    query = _launches(asker).where(is_between).order_by(Launch.live_at.desc(), Launch.id)
    return await _read(session, asker, query.limit(limit))


async def live_bets(
    session: AsyncSession, asker: Asker, *, at: datetime, limit: int = 20
) -> list[LiveBet]:
    """Return the bets on launches that are live, the next to be checked first."""
    ids = await open_subjects(session, asker, "launch")
    found = await find_launches(session, asker, ids=ids, limit=500) if ids else []
    bets = [bet for one in found if (bet := live_bet_of(one, at))]
    return sorted(bets, key=lambda bet: (bet.bet.check_date, bet.number))[:limit]


async def similar_launches(
    session: AsyncSession, asker: Asker, title: str, *, without: str = "", limit: int = 3
) -> list[LaunchView]:
    """Return past launches that share the rarer words of ``title``, most alike first."""
    wanted = title_words(title)
    if not wanted:
        return []
    found = or_(*(Launch.title.icontains(word[:-1], autoescape=True) for word in sorted(wanted)))
    query = select(Launch.id, Launch.title).where(_may_see(asker), found, Launch.id != without)
    rows = await session.execute(query.order_by(Launch.number.desc()).limit(PAST_SEARCHED))
    alike = [(_likeness(wanted, title_words(other)), id_) for id_, other in rows]
    best = sorted((pair for pair in alike if pair[0] >= 0.34), reverse=True)[:limit]
    views = await find_launches(session, asker, ids=[id_ for _, id_ in best])
    order = {id_: place for place, (_, id_) in enumerate(best)}
    return sorted(views, key=lambda view: order[view.id])


def title_words(title: str) -> set[str]:
    """Return the telling words of a title, without plural s."""
    words = re.findall(r"\w{4,}", title.lower())
    return {word.rstrip("s") for word in words} - COMMON


def _likeness(wanted: set[str], other: set[str]) -> float:
    return len(wanted & other) / len(wanted | other) if wanted | other else 0.0


async def home_mine(session: AsyncSession, asker: Asker, *, limit: int = 5) -> list[LaunchView]:
    """Return the person's own launches that are not over."""
    stages = ("prototype", "planned", "beta", "rolling_out", "live")
    return await find_launches(
        session, asker, owner_id=asker.user_id or "-", stages=stages, limit=limit
    )


async def home_due(session: AsyncSession, asker: Asker, *, limit: int = 5) -> list[LaunchView]:
    """Return the launches whose verdict this person was asked for and has not given."""
    ids = await subjects_to_judge(session, asker, "launch")
    return await find_launches(session, asker, ids=ids, limit=limit)


async def home_steps(session: AsyncSession, asker: Asker, *, limit: int = 5) -> list[LaunchView]:
    """Return the launches whose miss this person still fixes or removes, the next due first."""
    ids = await subjects_to_mend(session, asker, "launch")
    found = await find_launches(session, asker, ids=ids)
    return sorted(found, key=lambda one: one.step.due_on if one.step else date.max)[:limit]


async def home_go(session: AsyncSession, asker: Asker, *, limit: int = 3) -> list[LaunchView]:
    """Return the launches that wait for this person's go."""
    ids = await awaiting_go(session, asker)
    return await find_launches(session, asker, ids=ids, limit=limit) if ids else []


async def home_live_bets(
    session: AsyncSession, asker: Asker, *, at: datetime, limit: int = 5
) -> list[LiveBet]:
    """Return the live bets for the App Home."""
    return await live_bets(session, asker, at=at, limit=limit)


async def with_bets(
    session: AsyncSession, asker: Asker, subject_kind: str, rows: Sequence[_View]
) -> list[_View]:
    """Return launches or decisions with their bets, and with the launches that came between."""
    outcomes = await outcomes_of(session, asker, subject_kind, [row.id for row in rows])
    measured = [one.evidence for one in outcomes.values() if one.evidence]
    others = await name_launches(session, asker, [id_ for one in measured for id_ in one.other_ids])
    return [
        replace(
            row,
            bet=outcome.bet,
            evidence=_with_others(outcome.evidence, others),
            verdict=outcome.verdict,
            step=outcome.step,
        )
        if (outcome := outcomes.get(row.id))
        else row
        for row in rows
    ]


def _with_others(
    evidence: EvidenceView | None, others: Mapping[str, OtherLaunch]
) -> EvidenceView | None:
    """Return evidence with the launches in its window named."""
    if evidence is None:
        return None
    return replace(
        evidence, others=tuple(others[id_] for id_ in evidence.other_ids if id_ in others)
    )


async def name_launches(
    session: AsyncSession, asker: Asker, ids: Sequence[str]
) -> dict[str, OtherLaunch]:
    """Return launches by id, briefly, as far as the asker may see them."""
    if not ids:
        return {}
    query = select(Launch.id, Launch.number, Launch.title, Launch.live_at).where(
        Launch.workspace_id == asker.workspace_id,
        Launch.id.in_(sorted(set(ids))),
        asker.sees(Launch.source_channel_id),
    )
    return {
        id_: OtherLaunch(number, title, live_at)
        for id_, number, title, live_at in await session.execute(query)
        if live_at is not None
    }


def _view(row: Launch, channel: str | None, ts: str | None, url: str) -> LaunchView:
    base = url if url.endswith("/") else f"{url}/"
    link = f"{base}archives/{channel}/p{ts.replace('.', '')}" if url and channel and ts else ""
    return LaunchView(
        id=row.id,
        number=row.number,
        title=row.title,
        summary=row.summary,
        owner_id=row.owner_id,
        area=row.area,
        stage=row.stage,
        source_channel_id=row.source_channel_id,
        headline_id=row.headline_id,
        permalink=link,
        created_by=row.created_by,
        created_at=row.created_at,
        exposed_at=row.exposed_at,
        live_at=row.live_at,
        ended_at=row.ended_at,
    )
