"""The digest of all launches: what moved, was judged and is under way, for all who read it."""

from bot.deps import Deps
from bot.digests.cards import where_words
from bot.digests.queries import DigestView, last_post
from bot.digests.use_views import render_use_buttons
from bot.engine.queue import SlotWork
from bot.launches import bulletin_views
from bot.launches.bulletin import Bulletin, read_bulletin
from bot.workspaces.asker import Asker
from jobs.digest_parts import Issue, post_issue, saying


async def post_launches(work: SlotWork, deps: Deps, digest: DigestView, audience: Asker) -> str:
    """Post all launches, or a test of it; what it says is read for ``audience``."""
    async with deps.db.read() as session:
        last = await last_post(session, work.workspace_id, digest.id)
        told = await read_bulletin(session, audience, last.at if last else None, at=work.at)

    message = bulletin_views.render_bulletin(_content(work, digest, told))
    issue = Issue(
        since=told.since,
        size=f"{len(told.moves)} moves",
        facts={},
        is_empty=told.is_quiet,
        why_empty="no launch moved, and none was judged",
        head=saying(work, digest, message, is_measured=True),
    )
    return await post_issue(work, deps, digest, issue)


def _content(work: SlotWork, digest: DigestView, told: Bulletin) -> bulletin_views.Issue:
    return bulletin_views.Issue(
        name=digest.name,
        slot=work.slot,
        bulletin=told,
        test_for=where_words(digest.target) if work.target else "",
        buttons=None if work.target else render_use_buttons(work.id),
    )
