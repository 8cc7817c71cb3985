"""The receipt's one-tap corrections: a field, several asks of one message, the same once more."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.errors import BadInput, NotFound
from bot.feedback import pieces, service
from bot.feedback.edits import make_whole, read_edit
from bot.feedback.queries import FeedbackView, get_feedback_view
from bot.feedback.receipt_queries import read_receipt
from bot.feedback.several import split_asks
from bot.feedback.tables import Feedback
from bot.feedback.views import BETWEEN, render_joined, render_pieces
from bot.slack.blocks import Message
from bot.slack.ids import Action
from handlers.answers import Answer, Private, RefreshHome
from handlers.boundary import Route
from handlers.payloads import Request


async def choose_field(request: Request, deps: Deps) -> Answer:
    """A menu of the receipt: customer, area or importance."""
    field, _, feedback_id = request.name.partition(":")[2].partition(BETWEEN)
    await _seen(request, deps, feedback_id)
    value = request.value
    async with deps.act(request) as session:
        await service.correct(
            session,
            request.workspace_id,
            feedback_id,
            by=request.user_id,
            at=request.at,
            customer_id=value if field == "customer" else None,
            area=value if field == "area" else None,
            importance=int(value) if field == "importance" else 0,
        )
    return await _again(request, deps, feedback_id)


async def split(request: Request, deps: Deps) -> Answer:
    """The Split button: one feedback for each ask."""
    item = await _seen(request, deps, request.value)
    async with deps.db.read() as session:
        row = await _row(session, request, item.id)
        theme = await service.get_theme(session, request.workspace_id, row.theme_id or "")
    texts = split_asks(row.text)
    if not texts:
        raise BadInput(field="item", problem="I see only one ask in it.")
    readings = [
        (text, await deps.feedback.read(request.workspace_id, theme.scope, item.id, text))
        for text in texts
    ]
    async with deps.act(request) as session:
        row = await _row(session, request, item.id)
        ids = await pieces.split_item(session, row, readings, by=request.user_id, at=request.at)
    async with deps.db.read() as session:
        views = [await get_feedback_view(session, request.asker, one) for one in ids]
    return _say(request, render_pieces(views))


async def whole(request: Request, deps: Deps) -> Answer:
    """The button that puts the pieces together again."""
    item = await _seen(request, deps, request.value)
    async with deps.db.read() as session:
        row = await _row(session, request, item.id)
        theme = await service.get_theme(session, request.workspace_id, row.theme_id or "")
        words = await pieces.find_whole(session, row)
    edit = await read_edit(deps.feedback, row, words, theme.scope)
    async with deps.act(request) as session:
        row = await _row(session, request, item.id)
        await make_whole(session, row, edit, by=request.user_id, at=request.at)
    return await _again(request, deps, item.id)


async def same(request: Request, deps: Deps) -> Answer:
    """The "Same as #41" button."""
    feedback_id, _, into_id = request.value.partition(BETWEEN)
    item, into = await _seen(request, deps, feedback_id), await _seen(request, deps, into_id)
    async with deps.act(request) as session:
        row = await _row(session, request, item.id)
        target = await _row(session, request, into.id)
        await pieces.join_same(session, row, target, by=request.user_id, at=request.at)
    return _say(request, render_joined(item, into.number))


async def apart(request: Request, deps: Deps) -> Answer:
    """The button that takes "the same" back."""
    async with deps.act(request) as session:
        row = await _row(session, request, request.value)
        is_theirs = request.asker.is_admin or row.reporter_id == request.user_id
        if not is_theirs:
            await get_feedback_view(session, request.asker, row.duplicate_of or "")
        await pieces.part_again(session, row, by=request.user_id, at=request.at)
        await session.flush()
        await get_feedback_view(session, request.asker, row.id)  # else nothing is changed
    return await _again(request, deps, request.value)


async def _seen(request: Request, deps: Deps, feedback_id: str) -> FeedbackView:
    async with deps.db.read() as session:
        return await get_feedback_view(session, request.asker, feedback_id)


async def _row(session: AsyncSession, request: Request, feedback_id: str) -> Feedback:
    row = await session.get(Feedback, (request.workspace_id, feedback_id))
    if row is None:
        raise NotFound("There is no such feedback (any more).")
    return row


async def _again(request: Request, deps: Deps, feedback_id: str) -> Answer:
    async with deps.db.read() as session:
        return _say(request, await read_receipt(session, request.asker, feedback_id))


def _say(request: Request, message: Message) -> Answer:
    return RefreshHome() if request.view_type == "home" else Private(message, replaces=True)


ACTIONS = {
    Action.FEEDBACK_FIELD.value: Route(choose_field),
    Action.FEEDBACK_SPLIT.value: Route(split),
    Action.FEEDBACK_WHOLE.value: Route(whole),
    Action.FEEDBACK_SAME.value: Route(same),
    Action.FEEDBACK_APART.value: Route(apart),
}
