"""Read how themes stand, and one theme's page, as their asker may see them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.decisions.queries import find_decisions
from bot.decisions.records import DecisionView
from bot.decisions.rules import CURRENT
from bot.entries.tables import Link
from bot.feedback.queries import may_see
from bot.feedback.ranking import OVERALL, Scale, Tally, Voice, rank, scale_of, tally, tier_places
from bot.feedback.roots import alike, find_roots, is_in_themes, theme_name
from bot.feedback.tables import Feedback, Theme
from bot.launches.queries import find_launches
from bot.launches.records import LaunchView
from bot.workspaces.asker import Asker

OPEN, PLANNED, SHIPPED, DECLINED = "open", "planned", "shipped", "declined"
UNDECIDED, ALL = "undecided", "all"
# Said once is no theme yet.
ENOUGH_ITEMS = 2


@dataclass(frozen=True)
class Standing:
    """One theme among the others; counts are of what the asker may read.

    ``is_decided``: a decision about it stands that the asker may see.
    """

    id: str
    number: int
    name: str
    status: str
    is_pinned: bool
    tally: Tally
    is_decided: bool = False


@dataclass(frozen=True)
class Wanted:
    """Which themes are listed, and in which order."""

    sort: str = OVERALL
    show: str = OPEN  # open, undecided, a status, all
    kind: str = ""
    area: str = ""
    tier: str = ""


@dataclass(frozen=True)
class Ranking:
    """Themes in order, what they were measured by, and what may be chosen among."""

    themes: tuple[Standing, ...]
    scale: Scale
    areas: tuple[str, ...]
    tiers: tuple[str, ...]


async def read_ranking(
    session: AsyncSession, asker: Asker, wanted: Wanted, *, at: datetime
) -> Ranking:
    """Return the themes that somebody asked for, best first."""
    everything = await read_voices(session, asker)
    voices = [voice for voice in everything if _is_wanted(voice, wanted)]
    standings = await read_standings(session, asker, voices, at=at)
    shown = [one for one in standings if _is_shown(one, wanted.show)]
    scale = scale_of([one.tally for one in shown], tier_places(everything), at)
    return Ranking(
        tuple(rank(shown, wanted.sort, lambda one: one.tally, scale)),
        scale,
        tuple(sorted({voice.area for voice in everything if voice.area})),
        tuple(sorted({voice.tier for voice in everything if voice.tier})),
    )


async def top_undecided(
    session: AsyncSession, asker: Asker, *, at: datetime, limit: int
) -> list[Standing]:
    """Return the first themes about which nothing was decided, said more than once."""
    ranking = await read_ranking(session, asker, Wanted(show=UNDECIDED), at=at)
    return [one for one in ranking.themes if one.tally.items >= ENOUGH_ITEMS][:limit]


def _is_wanted(voice: Voice, wanted: Wanted) -> bool:
    return (
        wanted.kind in {"", voice.kind}
        and wanted.area in {"", voice.area}
        and wanted.tier in {"", voice.tier}
    )


def _is_shown(one: Standing, show: str) -> bool:
    if show == UNDECIDED:
        return not one.is_decided and one.status == OPEN
    if show == OPEN:
        return one.status in {OPEN, PLANNED}
    return show in {ALL, one.status}


async def read_voices(
    session: AsyncSession, asker: Asker, *where: ColumnElement[bool]
) -> list[Voice]:
    """Return who said what of which theme, as far as the asker may read it."""
    who = func.coalesce(Feedback.customer_id, func.nullif(Feedback.author_id, ""), Feedback.id)
    query = select(
        Feedback.theme_id,
        who,
        Feedback.customer_id.is_not(None),
        Feedback.customer_tier,
        Feedback.customer_revenue,
        Feedback.customer_currency,
        Feedback.kind,
        Feedback.area,
        Feedback.said_at,
    ).where(may_see(asker), Feedback.theme_id.is_not(None), *where)
    rows = (await session.execute(query)).all()
    roots = await find_roots(session, asker, {row[0] for row in rows})
    return [Voice(roots[row[0]].id, *row[1:]) for row in rows if row[0] in roots]


async def read_standings(
    session: AsyncSession, asker: Asker, voices: Iterable[Voice], *, at: datetime
) -> list[Standing]:
    """Return the themes of these voices, by number."""
    by_theme: dict[str, list[Voice]] = defaultdict(list)
    for voice in voices:
        by_theme[voice.theme_id].append(voice)
    query = (
        select(Theme.id, Theme.number, theme_name(asker), Theme.status, Theme.is_pinned)
        .where(Theme.workspace_id == asker.workspace_id, Theme.merged_into.is_(None))
        .order_by(Theme.number)
    )
    if len(by_theme) == 1:
        query = query.where(Theme.id.in_(by_theme))
    found = [
        Standing(*row, tally=tally(by_theme[row.id], at))
        for row in await session.execute(query)
        if row.id in by_theme
    ]
    decided = await decided_themes(session, asker)
    return [replace(one, is_decided=one.id in decided) for one in found]


async def decided_themes(session: AsyncSession, asker: Asker) -> set[str]:
    """Return the themes about which a decision stands, or is proposed, that the asker may see."""
    links = await _links(session, asker, "decision")
    ids = sorted({then for _, then in links})
    seen = await find_decisions(session, asker, ids=ids, statuses=CURRENT, limit=len(ids) or 1)
    standing = {view.id for view in seen}
    return {theme for theme, then in links if then in standing}


async def _links(
    session: AsyncSession, asker: Asker, kind: str, *where: ColumnElement[bool]
) -> list[tuple[str, str]]:
    """Return (theme as it is now, what came of it) for one kind of things."""
    query = (
        select(Link.from_id, Link.to_id)
        .where(
            Link.workspace_id == asker.workspace_id,
            Link.from_kind == "theme",
            Link.to_kind == kind,
            *where,
        )
        .order_by(Link.at, Link.to_id)
    )
    links = (await session.execute(query)).tuples().all()
    roots = await find_roots(session, asker, {theme for theme, _ in links})
    return [(roots[theme].id, then) for theme, then in links if theme in roots]


async def what_came_of(
    session: AsyncSession, asker: Asker, theme_id: str
) -> tuple[list[DecisionView], list[LaunchView]]:
    """Return the decisions and launches of a theme, newest first, that the asker may see."""
    of_it = Link.from_id.in_(alike(asker.workspace_id, [theme_id]))
    decisions = [then for _, then in await _links(session, asker, "decision", of_it)]
    launches = [then for _, then in await _links(session, asker, "launch", of_it)]
    return (
        await find_decisions(session, asker, ids=decisions),
        await find_launches(session, asker, ids=launches),
    )


async def theme_numbered(session: AsyncSession, asker: Asker, number: int) -> str | None:
    """Return the theme with that number as it is now, or that of the feedback with it.

    Whether the asker may read anything of it is for the page's own query.
    """
    same = Theme.workspace_id == asker.workspace_id
    query = select(func.coalesce(Theme.merged_into, Theme.id)).where(same, Theme.number == number)
    if found := await session.scalar(query):
        return str(found)
    by_feedback = select(Feedback.theme_id).where(may_see(asker), Feedback.number == number)
    theme_id = await session.scalar(by_feedback)
    roots = await find_roots(session, asker, [theme_id])
    return roots[theme_id].id if theme_id in roots else None


def of_theme(asker: Asker, theme_ids: Sequence[str]) -> ColumnElement[bool]:
    """Build the filter for feedback of themes, merged ones included."""
    return is_in_themes(asker.workspace_id, theme_ids)
