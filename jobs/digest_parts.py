"""What every kind of digest does in a run: who reads it, what was put off, when it should end."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.digests import uses
from bot.digests.cards import render_nothing_to_show
from bot.digests.queries import DigestView
from bot.digests.tables import Digest
from bot.digests.use_views import render_proposal
from bot.engine.budget import Rolled, find_rolled
from bot.engine.deliveries import plan_post
from bot.engine.queue import SlotWork
from bot.errors import NotFound
from bot.workspaces.asker import Asker
from bot.workspaces.places import Place

# Two weeks of working days: long enough for a holiday of one reader, short enough to matter.
UNUSED_POSTS = 10
# So many people who found posts of no use, with nobody who found one useful.
AGAINST = 3
ASK_AGAIN = timedelta(days=60)


def kind_of(work: SlotWork) -> str:
    """Return what kind of post a run makes: a test, one by hand, or the scheduled one."""
    if work.target:
        return "test"
    return "now" if work.is_by_hand else "scheduled"


async def audience_of_test(
    work: SlotWork, place: Place, digest: DigestView, audience: Asker
) -> Asker:
    """A test shows what all of its readers may see, and never more than the tester may."""
    tester = await place.directory.asker(work.target, at=work.at)
    if not digest.is_dm and digest.target not in tester.channel_ids:
        channel = await place.directory.channel(digest.target, at=work.at)
        if channel.is_private or not tester.sees_public:
            raise NotFound("You are not in that channel, so I cannot show you its digest.")
    return replace(audience, sees_public=audience.sees_public and tester.sees_public)


async def put_off_for(session: AsyncSession, work: SlotWork, digest: DigestView) -> list[Rolled]:
    """Return what the channel's budget put off; a test tells nobody else's messages."""
    if work.target or digest.is_dm:
        return []
    return await find_rolled(session, work.workspace_id, digest.target)


async def propose_end(session: AsyncSession, work: SlotWork, digest: Digest) -> None:
    """Ask the owner, seldom, whether a digest that nobody used should end."""
    if digest.proposed_at is not None and work.at - digest.proposed_at < ASK_AGAIN:
        return
    # The post being made now has had no time to be used.
    recent = (await uses.recent_uses(session, digest, limit=UNUSED_POSTS + 1))[1:]
    if uses.is_unused(recent, posts=UNUSED_POSTS, against=AGAINST):
        digest.proposed_at = work.at
        message = render_proposal(digest.name, digest.number, digest.target, digest.id, len(recent))
        await plan_post(session, work.cause, digest.owner_id, "end", message)


async def tell_why_not(work: SlotWork, deps: Deps, digest: DigestView, reason: str) -> str:
    """Tell who asked for it, or its owner, why nothing was posted."""
    told = work.asked_by or digest.owner_id
    message = render_nothing_to_show(digest.name, digest.number, digest.target, reason)
    async with deps.db.write() as session:
        await plan_post(session, work.cause, told, "why_not", message)
    return f"skipped: {reason}"
