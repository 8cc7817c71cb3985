"""Webhooks' doors: ``/daybook settings webhooks`` and its form; admins only."""

from bot.deps import Deps
from bot.errors import NotAllowed
from bot.intake.hook_views import render_hook_form, render_hooks, render_made
from bot.intake.hooks import NAME_LIMIT, Wanted, list_hooks, make_hook, revoke_hook
from bot.slack.blocks import View
from bot.slack.ids import Action, Form
from handlers.answers import Answer, OpenModal, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request


async def open_hooks(request: Request, deps: Deps) -> Answer:
    """The webhooks that stand."""
    _check_admin(request)
    return OpenModal(await _list(request, deps))


async def open_new(request: Request, _deps: Deps) -> Answer:
    """The button for a new one."""
    _check_admin(request)
    return OpenModal(render_hook_form())


async def save(request: Request, deps: Deps) -> Answer:
    """The form of a new one."""
    _check_admin(request)
    wanted = Wanted(
        name=request.typed("name", label="Name", limit=NAME_LIMIT),
        shape=request.values.get("shape") or "",
        channel_id=request.values.get("channel") or None,
        secret=request.typed("secret", limit=200),
        item_url=request.typed("item_url"),
    )
    if wanted.channel_id:  # one that I cannot see could not be kept to its readers
        await request.place.directory.channel(wanted.channel_id, at=request.at)
    async with deps.act(request) as session:
        made = await make_hook(
            session, request.workspace_id, wanted, by=request.user_id, at=request.at
        )
    settings = deps.settings
    is_reachable = bool(settings.health_port) or not settings.is_socket_mode
    return ShowModal(render_made(made, wanted.shape, is_reachable=is_reachable))


async def revoke(request: Request, deps: Deps) -> Answer:
    """The Revoke button."""
    _check_admin(request)
    async with deps.act(request) as session:
        await revoke_hook(
            session, request.workspace_id, request.value, by=request.user_id, at=request.at
        )
    return ShowModal(await _list(request, deps))


async def _list(request: Request, deps: Deps) -> View:
    async with deps.db.read() as session:
        return render_hooks(await list_hooks(session, request.asker))


def _check_admin(request: Request) -> None:
    if not request.asker.is_admin:
        raise NotAllowed("Only an admin may make or revoke webhooks.")


ACTIONS = {
    Action.HOOK_LIST.value: Route(open_hooks),
    Action.HOOK_NEW.value: Route(open_new),
    Action.HOOK_REVOKE.value: Route(revoke),
}
FORMS = {Form.HOOK.value: Route(save)}
