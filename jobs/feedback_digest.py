"""The weekly feedback digest: what is new, grows, was answered and waits, for all who read it."""

from bot.deps import Deps
from bot.digests.cards import where_words
from bot.digests.queries import DigestView
from bot.digests.use_views import render_use_buttons
from bot.engine.queue import SlotWork
from bot.feedback import weekly_views
from bot.feedback.weekly import Weekly, read_weekly
from bot.workspaces.asker import Asker
from jobs.digest_parts import Issue, post_issue, saying


async def post_feedback(work: SlotWork, deps: Deps, digest: DigestView, audience: Asker) -> str:
    """Post one week of feedback, or a test of it; what it says is read for ``audience``."""
    async with deps.db.read() as session:
        week = await read_weekly(session, audience, target=digest.target, at=work.at)

    issue = Issue(
        since=week.since,
        size=f"{week.items} items",
        facts={},
        is_empty=week.is_quiet,
        why_empty="no feedback, and nothing was answered",
        head=saying(work, digest, weekly_views.render_weekly(_content(work, digest, week))),
    )
    return await post_issue(work, deps, digest, issue)


def _content(work: SlotWork, digest: DigestView, week: Weekly) -> weekly_views.Issue:
    return weekly_views.Issue(
        number=digest.number,
        name=digest.name,
        slot=work.slot,
        week=week,
        test_for=where_words(digest.target) if work.target else "",
        buttons=None if work.target else render_use_buttons(work.id),
    )
