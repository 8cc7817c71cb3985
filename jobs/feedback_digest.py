"""The weekly feedback digest: what is new, grows, was answered and waits, for all who read it."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import zone_named
from bot.deps import Deps
from bot.digests import service
from bot.digests.cards import where_words
from bot.digests.queries import DigestView
from bot.digests.use_views import render_use_buttons
from bot.engine.budget import tell_under
from bot.engine.budget_views import with_also
from bot.engine.deliveries import plan_post
from bot.engine.queue import SlotWork
from bot.feedback.weekly import Weekly, read_weekly
from bot.feedback.weekly_views import Issue, render_weekly
from bot.workspaces.asker import Asker
from jobs.digest_parts import kind_of, propose_end, put_off_for


async def post_feedback(work: SlotWork, deps: Deps, digest: DigestView, audience: Asker) -> str:
    """Post one week of feedback, or a test of it; what it says is read for ``audience``."""
    kind = kind_of(work)
    async with deps.db.read() as session:
        week = await read_weekly(session, audience, target=digest.target, at=work.at)
    async with deps.db.write() as session:
        row = await service.get_digest(session, work.workspace_id, digest.id)
        posted = service.Posted(
            occurrence_id=work.id,
            slot=work.slot,
            kind=kind,
            target=work.target or digest.target,
            covers_from=week.since,
            facts={},
        )
        has_more = bool(await put_off_for(session, work, digest))
        if kind == "scheduled" and week.is_quiet and digest.skip_if_empty and not has_more:
            posted = replace(posted, kind="skipped")
            await service.record_post(session, row, posted, by="", at=work.at)
            return "skipped: no feedback, and nothing was answered"
        head = await _plan(session, work, digest, week)
        posted = replace(posted, delivery_id=head)
        await service.record_post(session, row, posted, by=work.asked_by, at=work.at)
        if kind == "scheduled":
            row.snoozed_until = None
            await propose_end(session, work, row)
    return f"{kind}: {week.items} items"


async def _plan(session: AsyncSession, work: SlotWork, digest: DigestView, week: Weekly) -> str:
    label = f"The digest “{digest.name}” (#{digest.number})"
    cause = work.cause.about(label, work.asked_by or digest.owner_id)
    issue = Issue(
        number=digest.number,
        name=digest.name,
        slot=work.slot,
        week=week,
        test_for=where_words(digest.target) if work.target else "",
        buttons=None if work.target else render_use_buttons(work.id),
    )
    rolled = await put_off_for(session, work, digest)
    since = min((one.at for one in rolled), default=work.at)
    told = [(one.label, one.text) for one in rolled]
    message = with_also(render_weekly(issue), told, since, zone_named(digest.timezone))
    target = work.target or digest.target
    head = await plan_post(session, cause, target, "head", message, is_headline=True)
    await tell_under(session, work.workspace_id, head, rolled, at=work.at)
    return head
