"""Read the inbox: what was logged and nobody has looked at, as its asker may see it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.grouping import Reader
from bot.feedback.queries import FeedbackView, find_feedback, may_see
from bot.feedback.tables import Feedback, Theme
from bot.feedback.triage import OPEN
from bot.workspaces.asker import Asker

# Three blocks each; as many as a thumb scrolls over in one sitting.
SHOWN = 6
# Themes offered for one item: the nearest ones.
OFFERED = 6


@dataclass(frozen=True)
class ThemeLabel:
    """A theme to choose."""

    id: str
    number: int
    name: str


@dataclass(frozen=True)
class InboxItem:
    """One item with the themes that it may belong to, its own first."""

    item: FeedbackView
    themes: tuple[ThemeLabel, ...] = ()


@dataclass(frozen=True)
class Inbox:
    """A page. ``older_than`` is where the next page begins (None: this is the last one), and
    ``newer`` is how many stand before this page.
    """

    items: tuple[InboxItem, ...]
    open: int
    newer: int
    older_than: int | None


def is_open(asker: Asker, at: datetime) -> ColumnElement[bool]:
    """Build the filter for what waits in this asker's inbox."""
    return and_(
        may_see(asker),
        Feedback.triage == OPEN,
        or_(Feedback.later_until.is_(None), Feedback.later_until <= at),
    )


async def count_open(
    session: AsyncSession, asker: Asker, *, at: datetime, above: int | None = None
) -> int:
    """Return how many wait, or how many of them have a number ``above``; none for guests."""
    if not asker.is_member:
        return 0
    query = select(func.count()).select_from(Feedback).where(is_open(asker, at))
    if above is not None:
        query = query.where(Feedback.number > above)
    return await session.scalar(query) or 0


async def page_ids(
    session: AsyncSession, asker: Asker, *, at: datetime, below: int | None, limit: int
) -> list[str]:
    """Return the ids of one page, newest first: a walk down the index from where it begins."""
    query = select(Feedback.id).where(is_open(asker, at))
    if below is not None:
        query = query.where(Feedback.number < below)
    return list(await session.scalars(query.order_by(Feedback.number.desc()).limit(limit)))


async def read_inbox(
    session: AsyncSession, asker: Asker, reader: Reader, *, at: datetime, below: int | None = None
) -> Inbox:
    """Return the page that begins under number ``below``; members only."""
    if not asker.is_member:
        return Inbox((), 0, 0, None)
    ids = await page_ids(session, asker, at=at, below=below, limit=SHOWN + 1)
    found = await find_feedback(session, asker, ids=ids, limit=len(ids) or 1)
    shown = found[:SHOWN]
    return Inbox(
        items=tuple(await _with_themes(session, asker, reader, shown)),
        open=await count_open(session, asker, at=at),
        newer=await count_open(session, asker, at=at, above=below - 1) if below else 0,
        older_than=shown[-1].number if len(found) > SHOWN else None,
    )


async def _with_themes(
    session: AsyncSession, asker: Asker, reader: Reader, items: list[FeedbackView]
) -> list[InboxItem]:
    near = await reader.themes_near(asker.workspace_id, [item.id for item in items], OFFERED)
    ids = {one for many in near.values() for one in many} | {i.theme_id or "" for i in items}
    query = select(Theme.id, Theme.number, Theme.name).where(
        Theme.workspace_id == asker.workspace_id,
        Theme.id.in_(sorted(ids)),
        asker.sees(Theme.source_channel_id),
    )
    known = {row.id: ThemeLabel(*row) for row in await session.execute(query)}
    return [
        InboxItem(
            item,
            tuple(
                known[one]
                for one in dict.fromkeys([item.theme_id or "", *near.get(item.id, [])])
                if one in known
            ),
        )
        for item in items
    ]
