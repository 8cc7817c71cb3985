"""Whether a digest is of use: votes, looks, snoozing, and the proposal to end one nobody used.

Votes are kept to count each person once; who voted is shown to nobody. Each inside the caller's
unit of work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Integer, Select, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date, zone_named
from bot.db.plain import execute_plain
from bot.db.upsert import insert_or_update
from bot.digests.service import log_digest, schedule_digest
from bot.digests.tables import Digest, DigestPost, DigestVote
from bot.engine.tables import Delivery
from bot.errors import NotFound

SNOOZE = timedelta(days=7)


@dataclass(frozen=True)
class Use:
    """What became of one post: whether somebody looked closer, and how it was found."""

    at: datetime
    is_used: bool
    useful: int
    not_useful: int


async def find_post(session: AsyncSession, workspace_id: str, post_id: str) -> DigestPost:
    """Return the post a button stood under; raises ``NotFound``."""
    row = await session.get(DigestPost, (workspace_id, post_id))
    if row is None:
        raise NotFound("This digest's post is not known (any more).")
    return row


async def vote(
    session: AsyncSession, post: DigestPost, user_id: str, *, is_useful: bool, at: datetime
) -> bool:
    """Count a person's word on a post; the same word again takes it back. True: it counts now."""
    key = (post.workspace_id, post.id, user_id)
    given = await session.get(DigestVote, key, with_for_update=True)
    if given is not None and given.is_useful == is_useful:
        await session.delete(given)
        return False
    await insert_or_update(
        session,
        DigestVote,
        ("workspace_id", "post_id", "user_id"),
        workspace_id=post.workspace_id,
        post_id=post.id,
        user_id=user_id,
        is_useful=is_useful,
        at=at,
    )
    return True


async def note_use(
    session: AsyncSession, workspace_id: str, channel: str, ts: str, *, at: datetime
) -> str:
    """Note that somebody looked closer at the post that stands at a message; returns its id."""
    query = (
        select(DigestPost.id)
        .join(
            Delivery,
            and_(
                Delivery.workspace_id == DigestPost.workspace_id,
                Delivery.id == DigestPost.delivery_id,
            ),
        )
        .where(
            DigestPost.workspace_id == workspace_id, Delivery.channel == channel, Delivery.ts == ts
        )
    )
    post_id = await session.scalar(query)
    if post_id is None:
        return ""
    mark = (
        update(DigestPost)
        .where(DigestPost.workspace_id == workspace_id, DigestPost.id == post_id)
        .values(used_at=at)
    )
    await session.execute(mark)
    return post_id


async def recent_uses(session: AsyncSession, digest: Digest, *, limit: int) -> list[Use]:
    """Return what became of the digest's last scheduled posts, newest first."""
    of = {"of": digest.workspace_id, "digest": digest.id, "most": limit}
    return [
        Use(at, used is not None, useful, against)
        for at, used, useful, against in await execute_plain(session, _recent(), of)
    ]


@cache
def _recent() -> Select[datetime, datetime | None, int, int]:
    useful = func.count().filter(DigestVote.is_useful.is_(True))
    against = func.count().filter(DigestVote.is_useful.is_(False))
    return (
        select(DigestPost.at, DigestPost.used_at, useful, against)
        .outerjoin(
            DigestVote,
            and_(
                DigestVote.workspace_id == DigestPost.workspace_id,
                DigestVote.post_id == DigestPost.id,
            ),
        )
        .where(
            DigestPost.workspace_id == bindparam("of"),
            DigestPost.digest_id == bindparam("digest"),
            DigestPost.kind == "scheduled",
        )
        .group_by(DigestPost.id, DigestPost.at, DigestPost.used_at)
        .order_by(DigestPost.at.desc())
        .limit(bindparam("most", type_=Integer))
    )


def is_unused(uses: Sequence[Use], *, posts: int, against: int) -> bool:
    """Tell whether nobody used ``posts`` posts in a row, or ``against`` people found them no use.

    ``uses`` are the newest first. One person's "useful" outweighs all others' silence.
    """
    if any(use.useful for use in uses):
        return False
    if sum(use.not_useful for use in uses) >= against:
        return True
    return len(uses) >= posts and not any(use.is_used for use in uses)


async def snooze_digest(session: AsyncSession, digest: Digest, *, by: str, at: datetime) -> date:
    """Post nothing for a week; returns the first day on which it may post again."""
    until = local_date(at, zone_named(digest.timezone)) + SNOOZE
    digest.snoozed_until = until
    await log_digest(session, digest, "digest.snoozed", by, at, {"until": until.isoformat()})
    return until


async def wake_digest(session: AsyncSession, digest: Digest, *, by: str, at: datetime) -> None:
    """End a snooze."""
    if digest.snoozed_until is not None:
        digest.snoozed_until = None
        await log_digest(session, digest, "digest.woken", by, at)


async def keep_digest(session: AsyncSession, digest: Digest, *, by: str, at: datetime) -> None:
    """Keep a digest that nobody used; it is not asked about again for a while."""
    digest.proposed_at = at
    await log_digest(session, digest, "digest.kept", by, at)


async def restore_digest(
    session: AsyncSession, workspace_id: str, digest_id: str, *, by: str, at: datetime
) -> Digest:
    """Bring back a digest that was removed; a date that was posted is not posted again."""
    digest = await session.get(Digest, (workspace_id, digest_id))
    if digest is None:
        raise NotFound("There is no such digest.")
    if digest.state == "removed":
        digest.state = "active"
        await schedule_digest(session, digest, at)
        await log_digest(session, digest, "digest.restored", by, at)
    return digest
