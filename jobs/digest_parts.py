"""What every kind of digest does in a run: who reads it, posting it, when it should end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import zone_named
from bot.deps import Deps
from bot.digests import service, uses
from bot.digests.cards import render_nothing_to_show
from bot.digests.queries import DigestView
from bot.digests.tables import Digest
from bot.digests.use_views import render_proposal
from bot.engine.budget import Rolled, find_rolled, tell_under
from bot.engine.budget_views import also_since, has_room, with_also
from bot.engine.deliveries import Cause, plan_post
from bot.engine.queue import SlotWork
from bot.errors import NotFound
from bot.slack.blocks import Message
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


async def _put_off_for(session: AsyncSession, work: SlotWork, digest: DigestView) -> list[Rolled]:
    """Return what the channel's budget put off; a test tells nobody else's messages."""
    if work.target or digest.is_dm:
        return []
    return await find_rolled(session, work.workspace_id, digest.target)


@dataclass(frozen=True)
class Issue:
    """What one run of a digest has to say, of whatever kind; ``head`` posts it, once wanted."""

    since: datetime
    size: str  # for the status: "3 metrics"
    facts: dict[str, Any]
    is_empty: bool
    why_empty: str
    head: Callable[[AsyncSession], Awaitable[str]]


async def post_issue(work: SlotWork, deps: Deps, digest: DigestView, issue: Issue) -> str:
    """Post one issue and remember what was told; an empty one only where its readers want that."""
    kind = kind_of(work)
    async with deps.db.write() as session:
        row = await service.get_digest(session, work.workspace_id, digest.id)
        posted = service.Posted(
            occurrence_id=work.id,
            slot=work.slot,
            kind=kind,
            target=work.target or digest.target,
            covers_from=issue.since,
            facts=issue.facts,
        )
        is_scheduled = kind == "scheduled"
        may_skip = is_scheduled and issue.is_empty and digest.skip_if_empty
        if may_skip and not await _put_off_for(session, work, digest):
            posted = replace(posted, kind="skipped")
            await service.record_post(session, row, posted, by="", at=work.at)
            return f"skipped: {issue.why_empty}"
        posted = replace(posted, delivery_id=await issue.head(session))
        await service.record_post(session, row, posted, by=work.asked_by, at=work.at)
        if is_scheduled:
            row.snoozed_until = None
            await _propose_end(session, work, row)
    return f"{kind}: {issue.size}"


def said_of(cause: Cause, work: SlotWork, digest: DigestView) -> Cause:
    """Return the cause with the digest's name, for who is told when something fails."""
    label = f"The digest “{digest.name}” (#{digest.number})"
    return cause.about(label, work.asked_by or digest.owner_id)


async def plan_head(
    session: AsyncSession, cause: Cause, work: SlotWork, digest: DigestView, message: Message
) -> tuple[str, Message]:
    """Plan a digest's message, with all that its channel's budget had put off for it.

    Returns the delivery's id, and the message as it will be read.
    """
    rolled = await _put_off_for(session, work, digest)
    since = min((one.at for one in rolled), default=work.at)
    told = [(one.label, one.text) for one in rolled]
    zone, target = zone_named(digest.timezone), work.target or digest.target
    full = with_also(message, told, since, zone)
    message = full if has_room(full) else message
    head = await plan_post(session, cause, target, "head", message, is_headline=True)
    if message is not full:  # a full digest tells of it in its thread
        also = Message("Also since", [also_since(told, since, zone)])
        await plan_post(session, cause, target, "also", also, under=head)
    await tell_under(session, work.workspace_id, head, rolled, at=work.at)
    return head, message


def saying(
    work: SlotWork, digest: DigestView, message: Message, *, is_measured: bool = False
) -> Callable[[AsyncSession], Awaitable[str]]:
    """Return what posts an issue of one message; ``is_measured`` when it stands on readings."""

    async def head(session: AsyncSession) -> str:
        cause = said_of(work.measured if is_measured else work.cause, work, digest)
        delivery_id, _ = await plan_head(session, cause, work, digest, message)
        return delivery_id

    return head


async def _propose_end(session: AsyncSession, work: SlotWork, digest: Digest) -> None:
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
