"""Handing over: the form, its submission, the way back."""

from bot.deps import Deps
from bot.engine.deliveries import plan_post
from bot.errors import NotAllowed
from bot.general.owned import OWNED
from bot.handover import service
from bot.handover.views import render_done, render_form, render_received, render_undone
from bot.slack.ids import Action, Form
from handlers.answers import Answer, OpenModal, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request

NOT_YOURS = "Only an admin may hand over what somebody else owns."


async def open_form(request: Request, deps: Deps) -> Answer:
    """Hand over: one's own things, or those of the person the button names."""
    from_id = request.value or request.user_id
    _check_may(request, from_id)
    async with deps.db.read() as session:
        counts = await service.count_owned(session, request.workspace_id, from_id, OWNED)
    return OpenModal(render_form(from_id, counts, is_admin=request.asker.is_admin))


async def save(request: Request, deps: Deps) -> Answer:
    """Everything of one person goes to another; the new owner is told once."""
    from_id = request.values.get("from") or str(request.state.get("from") or "")
    _check_may(request, from_id)
    to_id = request.typed("to", label="The new owner")
    to = await request.place.directory.asker(to_id, at=request.at)
    async with deps.act(request) as session:
        done = await service.hand_over(
            session, from_id, to, OWNED, by=request.user_id, at=request.at
        )
        if done.total and to_id != request.user_id:
            told = render_received(from_id, request.user_id, done.counts)
            await plan_post(session, request.cause, to_id, "handover", told)
    return ShowModal(render_done(done.id, from_id, to_id, done.counts, done.left))


async def undo(request: Request, deps: Deps) -> Answer:
    """Take it back: what the new owner still has goes to the one before."""
    async with deps.act(request) as session:
        row = await service.get_handover(session, request.workspace_id, request.value)
        if not request.asker.is_admin and request.user_id not in (row.by, row.from_id):
            raise NotAllowed(NOT_YOURS)
        count = await service.undo_handover(
            session, request.workspace_id, row.id, OWNED, by=request.user_id, at=request.at
        )
    return ShowModal(render_undone(count))


def _check_may(request: Request, from_id: str) -> None:
    if from_id != request.user_id and not request.asker.is_admin:
        raise NotAllowed(NOT_YOURS)


ACTIONS = {
    Action.HANDOVER_OPEN.value: Route(open_form),
    Action.HANDOVER_UNDO.value: Route(undo),
}
FORMS = {Form.HANDOVER.value: Route(save)}
