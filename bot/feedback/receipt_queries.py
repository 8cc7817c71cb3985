"""What a receipt offers, as its reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.queries import (
    WORDS_REMOVED,
    FeedbackView,
    count_reporters,
    customer_cards,
    find_feedback,
    find_themes,
    get_feedback_view,
    may_see,
)
from bot.feedback.several import split_asks
from bot.feedback.tables import Area, Feedback
from bot.feedback.views import Offers, render_receipt
from bot.slack.blocks import Message
from bot.workspaces.asker import Asker

# More are chosen in the form: a message holds 13,000 characters of blocks.
CUSTOMERS_IN_MENU, AREAS_IN_MENU = 40, 20
# From here on two texts of one customer may be one (raw cosine); of unknown ones only from there.
MAY_BE_SAME, LIKELY_SAME = 0.60, 0.85


@dataclass(frozen=True)
class Likeness:
    """Another feedback, and how alike the words are: 0 to 1."""

    feedback_id: str
    score: float


async def home_logged(
    session: AsyncSession, asker: Asker, *, since: datetime, limit: int
) -> list[FeedbackView]:
    """Return what the asker logged last, one by one: a file that they brought in has an Undo of
    its own. Newest first; nothing for guests.
    """
    if not asker.is_member:
        return []
    query = select(Feedback.id).where(
        may_see(asker),
        asker.owns(Feedback.reporter_id),
        Feedback.logged_at >= since,
        Feedback.import_id.is_(None),
    )
    ids = list(await session.scalars(query.order_by(Feedback.number.desc()).limit(limit)))
    return await find_feedback(session, asker, ids=ids, limit=limit) if ids else []


async def read_receipt(
    session: AsyncSession,
    asker: Asker,
    feedback_id: str,
    *,
    alike: Sequence[Likeness] = (),
    left: str = "",
    is_new: bool = True,
) -> Message:
    """Build the receipt of one feedback. ``alike`` may be the same, ``left`` the theme it left.

    ``is_new`` False: it was logged before, and this is another's report.
    """
    item = await get_feedback_view(session, asker, feedback_id)
    own = await find_themes(session, asker, ids=[item.theme_id or ""])
    gone = await find_themes(session, asker, ids=[left]) if left else []
    reporters = 1 if is_new else await count_reporters(session, asker, feedback_id)
    return render_receipt(
        item,
        own[0] if own else None,
        reporters=reporters,
        left=gone[0] if gone else None,
        offers=await _offers(session, asker, item, alike),
    )


async def _offers(
    session: AsyncSession, asker: Asker, item: FeedbackView, alike: Sequence[Likeness]
) -> Offers:
    cards = await customer_cards(session, asker)
    areas = select(Area.name).where(Area.workspace_id == asker.workspace_id).order_by(Area.name)
    pieces = await session.scalar(
        select(func.count())
        .select_from(Feedback)
        .where(
            Feedback.workspace_id == asker.workspace_id,
            Feedback.split_of == item.id,
            Feedback.withdrawn_at.is_(None),
        )
    )
    is_piece = await session.scalar(
        select(Feedback.split_of).where(
            Feedback.workspace_id == asker.workspace_id, Feedback.id == item.id
        )
    )
    may_split = not (pieces or is_piece or item.text == WORDS_REMOVED)
    return Offers(
        customers=tuple((c.name, c.id) for c in cards) if len(cards) <= CUSTOMERS_IN_MENU else (),
        areas=tuple(await session.scalars(areas.limit(AREAS_IN_MENU))),
        same=await _same(session, asker, item, alike),
        asks=len(split_asks(item.text)) if may_split else 0,
        pieces=pieces or 0,
    )


async def _same(
    session: AsyncSession, asker: Asker, item: FeedbackView, alike: Sequence[Likeness]
) -> tuple[str, int] | None:
    """Return the most alike feedback of the same customer that the asker may see: id, number."""
    scores = {one.feedback_id: one.score for one in alike if one.feedback_id != item.id}
    found = await find_feedback(session, asker, ids=list(scores)) if scores else []
    for other in sorted(found, key=lambda one: -scores[one.id]):
        is_known = item.customer_id is not None
        floor = MAY_BE_SAME if is_known else LIKELY_SAME
        if other.customer_id == item.customer_id and scores[other.id] >= floor:
            return other.id, other.number
    return None
