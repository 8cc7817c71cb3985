"""The morning after: what a channel's budget put off, and no digest told."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date, zone_named
from bot.deps import Deps
from bot.digests.queries import find_digests
from bot.engine.budget import BUNDLE, ensure_bundle, find_rolled, tell_under
from bot.engine.budget_views import render_bundle
from bot.engine.deliveries import plan_post
from bot.engine.queue import SlotWork
from bot.workspaces.asker import Asker

# So long a digest has the first word; one that then did not come (snoozed, say) may never come.
LEFT_TO_DIGEST = timedelta(hours=24)


async def tell_bundle(work: SlotWork, deps: Deps) -> str:
    """One message with what was put off, unless a digest of this channel comes today."""
    zone, channel_id = zone_named(work.timezone), work.subject_id
    async with deps.db.write() as session:
        rolled = await find_rolled(session, work.workspace_id, channel_id)
        if not rolled:
            return "nothing was left to tell"
        is_new = work.at - min(one.at for one in rolled) < LEFT_TO_DIGEST
        if is_new and await _has_digest_today(session, work, channel_id):
            tomorrow = work.at + timedelta(minutes=1)
            await ensure_bundle(session, work.workspace_id, channel_id, zone=zone.key, at=tomorrow)
            return f"left to today's digest: {len(rolled)}"
        told = [(one.label, one.text) for one in rolled]
        message = render_bundle(told, min(one.at for one in rolled), zone)
        cause = work.cause.about("What was put off")
        head = await plan_post(session, cause, channel_id, "bundle", message, is_headline=True)
        await tell_under(session, work.workspace_id, head, rolled, at=work.at)
    return f"told {len(rolled)}"


async def _has_digest_today(session: AsyncSession, work: SlotWork, channel_id: str) -> bool:
    readers = Asker(work.workspace_id, channel_id=channel_id, channel_ids=frozenset({channel_id}))
    zone = zone_named(work.timezone)
    today = local_date(work.at, zone)
    return any(
        one.target == channel_id and one.next_at and local_date(one.next_at, zone) == today
        for one in await find_digests(session, readers)
    )


SLOTS: dict[str, Callable[[SlotWork, Deps], Awaitable[str]]] = {BUNDLE: tell_bundle}
