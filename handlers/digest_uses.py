"""A digest's own buttons: useful or not, snooze, wake, keep, bring back."""

from bot.deps import Deps
from bot.digests import service, uses
from bot.digests.queries import find_digest
from bot.digests.use_views import render_snoozed, render_vote
from bot.engine.deliveries import plan_post
from bot.errors import NotAllowed
from bot.slack.blocks import Message
from bot.slack.ids import Action
from handlers.answers import Answer, Done, Private
from handlers.boundary import Route
from handlers.digest_cards import check_may_change
from handlers.payloads import Request


async def say_useful(request: Request, deps: Deps) -> Answer:
    """Useful."""
    return await _vote(request, deps, is_useful=True)


async def say_not_useful(request: Request, deps: Deps) -> Answer:
    """Not useful."""
    return await _vote(request, deps, is_useful=False)


async def _vote(request: Request, deps: Deps, *, is_useful: bool) -> Answer:
    async with deps.act(request) as session:
        post = await uses.find_post(session, request.workspace_id, request.value)
        await find_digest(session, request.asker, post.digest_id)
        counts = await uses.vote(session, post, request.user_id, is_useful=is_useful, at=request.at)
    return Private(render_vote(counts=counts, is_useful=is_useful))


async def snooze(request: Request, deps: Deps) -> Answer:
    """Snooze a week: said in the thread, where anybody who reads it can end it."""
    async with deps.act(request) as session:
        post = await uses.find_post(session, request.workspace_id, request.value)
        await find_digest(session, request.asker, post.digest_id)
        digest = await service.get_digest(session, request.workspace_id, post.digest_id)
        until = await uses.snooze_digest(session, digest, by=request.user_id, at=request.at)
        message = render_snoozed(digest.name, until, request.user_id, digest.id)
        under = post.delivery_id or ""
        await plan_post(session, request.cause, post.target, "snoozed", message, under=under)
    return Done()


async def wake(request: Request, deps: Deps) -> Answer:
    """End a snooze."""
    async with deps.act(request) as session:
        view = await find_digest(session, request.asker, request.value)
        digest = await service.get_digest(session, request.workspace_id, view.id)
        await uses.wake_digest(session, digest, by=request.user_id, at=request.at)
    return Private(Message("It posts again from its next date on."))


async def keep(request: Request, deps: Deps) -> Answer:
    """Keep a digest that nobody used."""
    await check_may_change(request, deps, request.value)
    async with deps.act(request) as session:
        digest = await service.get_digest(session, request.workspace_id, request.value)
        await uses.keep_digest(session, digest, by=request.user_id, at=request.at)
    return Private(Message("Kept. I will not ask again for two months."))


async def restore(request: Request, deps: Deps) -> Answer:
    """Bring back what was removed."""
    async with deps.act(request) as session:
        digest = await uses.restore_digest(
            session, request.workspace_id, request.value, by=request.user_id, at=request.at
        )
        if not (request.asker.is_admin or digest.owner_id == request.user_id):
            raise NotAllowed("Only the digest's owner or an admin may bring it back.")
    return Private(Message("It is back, and posts from its next date on."))


ACTIONS = {
    Action.DIGEST_USEFUL.value: Route(say_useful),
    Action.DIGEST_NOT_USEFUL.value: Route(say_not_useful),
    Action.DIGEST_SNOOZE.value: Route(snooze),
    Action.DIGEST_WAKE.value: Route(wake),
    Action.DIGEST_KEEP.value: Route(keep),
    Action.DIGEST_RESTORE.value: Route(restore),
}
