"""Who asked for a launch, what of theirs is answered, and who reported it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.types import new_id
from bot.db.upsert import insert_unless_there
from bot.entries.links import Node
from bot.entries.tables import Entry, Link
from bot.feedback.roots import is_in_themes
from bot.feedback.tables import Feedback, FollowUp, Report
from bot.workspaces.tables import Channel, Customer

# What asks for something; where one customer said more, such a quote is answered first.
ASKING = ("request", "bug", "question")


@dataclass(frozen=True)
class Opened:
    """What one event of a launch opened: new follow-ups, and whether there were some before."""

    new: int
    had_some: bool


async def open_follow_ups(
    session: AsyncSession, workspace_id: str, launch_id: str, event: str, *, at: datetime
) -> Opened:
    """Make one follow-up for everybody who asked for a launch; those there already stay.

    What was said after it went live is about it, and asked for it no more.
    """
    themes = await _themes(session, workspace_id, launch_id)
    subject = Node("launch", launch_id)
    asked_by = await went_live_at(session, workspace_id, launch_id, until=at)
    return await open_for_themes(
        session, workspace_id, themes, subject, event, at=at, said_by=asked_by
    )


async def went_live_at(
    session: AsyncSession, workspace_id: str, launch_id: str, *, until: datetime
) -> datetime:
    """Return when a launch last went live by ``until``; ``until`` where it did not yet."""
    query = select(Entry.at).where(
        Entry.workspace_id == workspace_id,
        Entry.subject_id == launch_id,
        Entry.kind == "launch.live",
        Entry.at <= until,
    )
    return await session.scalar(query.order_by(Entry.seq.desc()).limit(1)) or until


async def open_for_themes(
    session: AsyncSession,
    workspace_id: str,
    theme_ids: Sequence[str],
    subject: Node,
    event: str,
    *,
    at: datetime,
    said_by: datetime | None = None,
) -> Opened:
    """Make one follow-up about ``subject`` for everybody who asked for themes.

    ``said_by``: the last moment of words that count as asking for it; by default ``at``.
    """
    had_some = bool(await follow_ups_of(session, workspace_id, subject.id, event))
    quotes = await _quotes(session, workspace_id, theme_ids, until=said_by or at)
    new = 0
    for key, quote in _one_each(quotes).items():
        new += await insert_unless_there(
            session,
            FollowUp,
            workspace_id=workspace_id,
            id=new_id(),
            asker_key=key,
            customer_id=quote.feedback.customer_id,
            feedback_id=quote.feedback.id,
            owner_id=quote.owner_id or quote.feedback.reporter_id,
            subject_kind=subject.kind,
            subject_id=subject.id,
            event=event,
            source_channel_id=quote.feedback.source_channel_id,
            created_at=at,
        )
    return Opened(new, had_some)


@dataclass(frozen=True)
class _Quote:
    feedback: Feedback
    owner_id: str
    is_private: bool

    @property
    def asker_key(self) -> str:
        return self.feedback.customer_id or self.feedback.author_id or self.feedback.id


async def _quotes(
    session: AsyncSession, workspace_id: str, theme_ids: Sequence[str], *, until: datetime
) -> list[_Quote]:
    same = Feedback.workspace_id
    query = (
        select(Feedback, Customer.owner_id, Channel.is_private)
        .outerjoin(
            Customer, (Customer.workspace_id == same) & (Customer.id == Feedback.customer_id)
        )
        .outerjoin(
            Channel, (Channel.workspace_id == same) & (Channel.id == Feedback.source_channel_id)
        )
        .where(
            Feedback.workspace_id == workspace_id,
            is_in_themes(workspace_id, theme_ids),
            Feedback.withdrawn_at.is_(None),
            Feedback.said_at <= until,
        )
    )
    return [
        # A channel that nobody knows of is taken for a private one.
        _Quote(row, owner or "", is_private=bool(row.source_channel_id) and is_private is not False)
        for row, owner, is_private in await session.execute(query)
    ]


async def _themes(session: AsyncSession, workspace_id: str, launch_id: str) -> list[str]:
    query = select(Link.from_id).where(
        Link.workspace_id == workspace_id,
        Link.to_kind == "launch",
        Link.to_id == launch_id,
        Link.from_kind == "theme",
        Link.kind == "asked_for",
    )
    return list(await session.scalars(query))


def _one_each(quotes: Iterable[_Quote]) -> dict[str, _Quote]:
    """Choose what is answered of each asker: readable by all, asking for something, the newest."""
    best: dict[str, _Quote] = {}
    for quote in sorted(quotes, key=_rank):
        best[quote.asker_key] = quote
    return best


def _rank(quote: _Quote) -> tuple[bool, bool, datetime, int]:
    row = quote.feedback
    return not quote.is_private, row.kind in ASKING, row.said_at, row.number


async def reporters_of(
    session: AsyncSession, workspace_id: str, feedback_ids: Sequence[str]
) -> list[str]:
    """Return who reported these, the first one first."""
    query = select(Report.user_id).where(
        Report.workspace_id == workspace_id,
        Report.feedback_id.in_(feedback_ids),
        Report.withdrawn_at.is_(None),
    )
    return list(dict.fromkeys(await session.scalars(query.order_by(Report.at, Report.user_id))))


async def reporters_for(
    session: AsyncSession, workspace_id: str, launch_id: str, *, at: datetime
) -> list[str]:
    """Return who reported anything that led to a launch: said before it went live."""
    themes = await _themes(session, workspace_id, launch_id)
    asked_by = await went_live_at(session, workspace_id, launch_id, until=at)
    return await reporters_of_themes(session, workspace_id, themes, said_by=asked_by)


async def reporters_of_themes(
    session: AsyncSession,
    workspace_id: str,
    theme_ids: Sequence[str],
    *,
    said_by: datetime | None = None,
) -> list[str]:
    """Return who reported anything in themes, said by then."""
    ids = select(Feedback.id).where(
        Feedback.workspace_id == workspace_id,
        is_in_themes(workspace_id, theme_ids),
        Feedback.withdrawn_at.is_(None),
    )
    if said_by:
        ids = ids.where(Feedback.said_at <= said_by)
    return await reporters_of(session, workspace_id, list(await session.scalars(ids)))


async def follow_ups_of(
    session: AsyncSession, workspace_id: str, launch_id: str, event: str
) -> list[FollowUp]:
    """Return the rows of one event, the oldest first."""
    query = select(FollowUp).where(
        FollowUp.workspace_id == workspace_id,
        FollowUp.subject_id == launch_id,
        FollowUp.event == event,
    )
    return list(await session.scalars(query.order_by(FollowUp.created_at, FollowUp.id)))
