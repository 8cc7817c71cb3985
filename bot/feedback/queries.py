"""Read feedback, as its asker may see it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import (
    ColumnElement,
    and_,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.feedback.roots import NAMED_AT_MOST, Root, find_roots, is_in_themes
from bot.feedback.rules import CustomerCard
from bot.feedback.tables import Feedback, Report, Theme
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Customer

# What stands in place of words that were removed.
WORDS_REMOVED = "(the words were removed)"


@dataclass(frozen=True)
class FeedbackView:
    """One verbatim, with whose it is and where it stands."""

    id: str
    number: int
    text: str
    permalink: str
    source_channel_id: str | None
    message_ts: str | None
    author_id: str
    reporter_id: str
    kind: str
    area: str
    importance: int
    said_at: datetime
    logged_at: datetime
    customer_id: str | None
    customer_name: str
    theme_id: str | None
    theme_number: int | None
    theme_name: str
    sentiment: str = ""
    person: str = ""  # the address of who said it


@dataclass(frozen=True)
class ThemeView:
    """A theme as its asker sees it: counts are of what they may read."""

    id: str
    number: int
    name: str
    status: str
    items: int
    customers: int
    newest_at: datetime | None


def may_see(asker: Asker) -> ColumnElement[bool]:
    """Build the filter for feedback that stands and that the asker may read."""
    return and_(
        Feedback.workspace_id == asker.workspace_id,
        Feedback.withdrawn_at.is_(None),
        or_(asker.sees(Feedback.source_channel_id), asker.owns(Feedback.reporter_id)),
    )


async def find_feedback(
    session: AsyncSession,
    asker: Asker,
    *,
    ids: list[str] | None = None,
    number: int | None = None,
    theme_ids: list[str] | None = None,
    words: list[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    below: int | None = None,
    limit: int = 20,
) -> list[FeedbackView]:
    """Return feedback, newest first. ``words`` must all stand in the text, in any case.

    ``below``: only lower numbers, for the next page.
    """
    query = select(Feedback).where(may_see(asker)).order_by(Feedback.number.desc()).limit(limit)
    if ids is not None:
        query = query.where(Feedback.id.in_(ids))
    if number is not None:
        query = query.where(Feedback.number == number)
    if theme_ids is not None:
        query = query.where(is_in_themes(asker.workspace_id, theme_ids))
    for word in words or []:
        query = query.where(Feedback.text.icontains(word, autoescape=True))
    if since:
        query = query.where(Feedback.logged_at >= since)
    if until:
        query = query.where(Feedback.logged_at < until)
    if below is not None:
        query = query.where(Feedback.number < below)
    rows = list(await session.scalars(query))
    roots = await find_roots(session, asker, {row.theme_id for row in rows})
    names = await _customer_names(session, asker.workspace_id, {row.customer_id for row in rows})
    return [
        _view(row, names.get(row.customer_id or "", ""), roots.get(row.theme_id or ""))
        for row in rows
    ]


async def _customer_names(
    session: AsyncSession, workspace_id: str, ids: Collection[str | None]
) -> dict[str, str]:
    """Return the names of customers; of all, where more are asked for than are named one by one."""
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    query = select(Customer.id, Customer.name).where(Customer.workspace_id == workspace_id)
    if len(wanted) <= NAMED_AT_MOST:
        query = query.where(Customer.id.in_(wanted))
    return dict((await session.execute(query)).tuples().all())


async def visible_ids(
    session: AsyncSession,
    asker: Asker,
    *,
    kind: str = "",
    area: str = "",
    since: date | None = None,
    until: date | None = None,
) -> list[str]:
    """Return the ids of all feedback that the asker may see; days are UTC's, both included."""
    query = select(Feedback.id).where(may_see(asker))
    if kind:
        query = query.where(func.lower(Feedback.kind) == kind.lower())
    if area:
        query = query.where(func.lower(Feedback.area) == area.lower())
    if since:
        query = query.where(Feedback.said_at >= datetime.combine(since, time.min, UTC))
    if until:
        end = datetime.combine(until + timedelta(days=1), time.min, UTC)
        query = query.where(Feedback.said_at < end)
    return list(await session.scalars(query))


async def get_feedback_view(session: AsyncSession, asker: Asker, feedback_id: str) -> FeedbackView:
    """Return one; raises ``NotFound`` when there is none that the asker may see."""
    found = await find_feedback(session, asker, ids=[feedback_id], limit=1)
    if not found:
        raise NotFound("There is no such feedback that you can see.")
    return found[0]


async def find_themes(
    session: AsyncSession,
    asker: Asker,
    *,
    ids: list[str] | None = None,
    words: list[str] | None = None,
    limit: int = 20,
) -> list[ThemeView]:
    """Return themes of which the asker may read at least one item, most customers first.

    One that has merged comes as the theme it belongs to now.
    ``words`` must all stand in the theme's name or all in one of its texts.
    """
    who = func.coalesce(Feedback.customer_id, Feedback.author_id)
    query = (
        select(Feedback.theme_id, who, func.count(), func.max(Feedback.said_at))
        .where(may_see(asker), Feedback.theme_id.is_not(None))
        .group_by(Feedback.theme_id, who)
    )
    if ids is not None:
        query = query.where(is_in_themes(asker.workspace_id, ids))
    rows = (await session.execute(query)).tuples().all()
    roots = await find_roots(session, asker, {row[0] for row in rows})
    found = _themes(rows, roots)
    if words:
        told = await _themes_that_say(session, asker, words)
        matching = {roots[one].id for one in told if one in roots}
        found = [one for one in found if one.id in matching or _has_all(one.name, words)]
    found.sort(key=lambda one: (-one.customers, -one.items, one.number))
    return found[:limit]


def _themes(
    rows: Iterable[tuple[str | None, str, int, datetime]], roots: Mapping[str, Root]
) -> list[ThemeView]:
    """Put together what was said of each theme as it is now."""
    voices: dict[Root, list[tuple[str, int, datetime]]] = defaultdict(list)
    for theme_id, who, items, newest in rows:
        if root := roots.get(theme_id or ""):
            voices[root].append((who, items, newest))
    return [
        ThemeView(
            id=root.id,
            number=root.number,
            name=root.name,
            status=root.status,
            items=sum(items for _, items, _ in said),
            customers=len({who for who, _, _ in said}),
            newest_at=max(newest for _, _, newest in said),
        )
        for root, said in voices.items()
    ]


async def _themes_that_say(session: AsyncSession, asker: Asker, words: Sequence[str]) -> list[str]:
    """Return the themes of which one text that the asker may read holds all words."""
    in_text = and_(*(Feedback.text.icontains(w, autoescape=True) for w in words))
    query = select(Feedback.theme_id).where(may_see(asker), in_text).distinct()
    return [one for one in await session.scalars(query) if one]


def _has_all(name: str, words: Sequence[str]) -> bool:
    return all(word.lower() in name.lower() for word in words)


async def merged_themes(session: AsyncSession, asker: Asker) -> dict[str, str]:
    """Return the themes that merged into another, each with the one it belongs to now."""
    query = select(Theme.id, Theme.merged_into).where(
        Theme.workspace_id == asker.workspace_id,
        Theme.merged_into.is_not(None),
        asker.sees(Theme.source_channel_id),
    )
    return {gone: str(into) for gone, into in await session.execute(query)}


async def count_reporters(session: AsyncSession, asker: Asker, feedback_id: str) -> int:
    """Return how many members reported it; a number, never names."""
    query = (
        select(func.count())
        .select_from(Report)
        .join(
            Feedback,
            and_(Feedback.workspace_id == Report.workspace_id, Feedback.id == Report.feedback_id),
        )
        .where(may_see(asker), Report.feedback_id == feedback_id, Report.withdrawn_at.is_(None))
    )
    return await session.scalar(query) or 0


async def customer_cards(session: AsyncSession, asker: Asker) -> list[CustomerCard]:
    """Return what identifies each customer, for matching and for pickers; members only."""
    if not asker.is_member:
        return []
    where = (Customer.workspace_id == asker.workspace_id, Customer.archived_at.is_(None))
    query = select(Customer).where(*where).order_by(Customer.name)
    return [
        CustomerCard(row.id, row.name, tuple(row.domains), row.channel_id or "")
        for row in await session.scalars(query)
    ]


def _view(row: Feedback, customer_name: str, theme: Root | None) -> FeedbackView:
    return FeedbackView(
        id=row.id,
        number=row.number,
        text=row.text if row.redacted_at is None else WORDS_REMOVED,
        permalink=row.permalink,
        source_channel_id=row.source_channel_id,
        message_ts=row.message_ts,
        author_id=row.author_id,
        reporter_id=row.reporter_id,
        kind=row.kind,
        area=row.area,
        importance=row.importance,
        said_at=row.said_at,
        logged_at=row.logged_at,
        customer_id=row.customer_id,
        customer_name=customer_name,
        theme_id=theme.id if theme else None,
        theme_number=theme.number if theme else None,
        theme_name=theme.name if theme else "",
        sentiment=row.sentiment,
        person=row.person,
    )
