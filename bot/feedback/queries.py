"""Read feedback, as its asker may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    distinct,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.errors import NotFound
from bot.feedback.rules import CustomerCard
from bot.feedback.tables import Feedback, Report, Theme
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Customer

# What stands in place of words that were removed.
WORDS_REMOVED = "(the words were removed)"
# The theme that one has merged into, or itself.
Root = aliased(Theme)


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


def theme_name(asker: Asker) -> ColumnElement[str]:
    """Return a theme's name, as far as the asker may know it."""
    # A theme's name comes from its texts: who may not read all of them gets its number only.
    number = literal("#").concat(cast(Root.number, String))
    return case((asker.sees(Root.source_channel_id), Root.name), else_=number)


def is_root() -> ColumnElement[bool]:
    """Join a theme with the one that it has merged into, or with itself."""
    return and_(
        Root.workspace_id == Theme.workspace_id,
        Root.id == func.coalesce(Theme.merged_into, Theme.id),
    )


def is_in_themes(workspace_id: str, theme_ids: Sequence[str]) -> ColumnElement[bool]:
    """Build the filter for feedback of these themes, and of all that are one with them by now."""
    root = func.coalesce(Theme.merged_into, Theme.id)
    roots = select(root).where(Theme.workspace_id == workspace_id, Theme.id.in_(theme_ids))
    alike = select(Theme.id).where(Theme.workspace_id == workspace_id, root.in_(roots))
    return Feedback.theme_id.in_(alike)


async def merged_themes(session: AsyncSession, asker: Asker) -> dict[str, str]:
    """Return the themes that merged into another, each with the one it belongs to now."""
    query = select(Theme.id, Theme.merged_into).where(
        Theme.workspace_id == asker.workspace_id,
        Theme.merged_into.is_not(None),
        asker.sees(Theme.source_channel_id),
    )
    return {gone: str(into) for gone, into in await session.execute(query)}


def _feedback(asker: Asker) -> Select[Feedback, str, str, int, str]:
    same = Feedback.workspace_id
    return (
        select(Feedback, Customer.name, Root.id, Root.number, theme_name(asker))
        .outerjoin(
            Customer, and_(Customer.workspace_id == same, Customer.id == Feedback.customer_id)
        )
        .outerjoin(Theme, and_(Theme.workspace_id == same, Theme.id == Feedback.theme_id))
        .outerjoin(Root, is_root())
        .where(may_see(asker))
        .order_by(Feedback.number.desc())
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
    query = _feedback(asker).limit(limit)
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
    return [_view(*row) for row in await session.execute(query)]


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
    people = func.count(distinct(func.coalesce(Feedback.customer_id, Feedback.author_id)))
    name = theme_name(asker)
    query = (
        select(
            Root.id,
            Root.number,
            name,
            Root.status,
            func.count(Feedback.id),
            people,
            func.max(Feedback.said_at),
        )
        .select_from(Theme)
        .join(Root, is_root())
        .join(
            Feedback,
            and_(Feedback.workspace_id == Theme.workspace_id, Feedback.theme_id == Theme.id),
        )
        .where(may_see(asker))
        .group_by(Root.id, Root.number, Root.name, Root.source_channel_id, Root.status)
        .order_by(people.desc(), func.count(Feedback.id).desc(), Root.number)
        .limit(limit)
    )
    if ids is not None:
        query = query.where(is_in_themes(asker.workspace_id, ids))
    if words:
        in_name = and_(*(name.icontains(w, autoescape=True) for w in words))
        in_text = and_(*(Feedback.text.icontains(w, autoescape=True) for w in words))
        home = aliased(Theme)
        matching = (
            select(func.coalesce(home.merged_into, home.id))
            .join(
                Feedback,
                and_(Feedback.workspace_id == home.workspace_id, Feedback.theme_id == home.id),
            )
            .where(may_see(asker), in_text)
        )
        query = query.where(or_(in_name, Root.id.in_(matching)))
    return [ThemeView(*row) for row in await session.execute(query)]


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


def _view(
    row: Feedback,
    customer: str | None,
    theme_id: str | None,
    theme_number: int | None,
    theme_name: str | None,
) -> FeedbackView:
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
        customer_name=customer or "",
        theme_id=theme_id,
        theme_number=theme_number,
        theme_name=theme_name or "",
        sentiment=row.sentiment,
        person=row.person,
    )
