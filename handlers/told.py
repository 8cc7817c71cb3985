"""Telling's doors: one tap for told, not needed and undo, and the form for the draft."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.deps import Deps
from bot.engine.deliveries import plan_update
from bot.errors import NotFound
from bot.feedback import told
from bot.feedback.told_drafts import DRAFT_LIMIT
from bot.feedback.told_queries import find_follow_ups, get_subject, get_telling
from bot.feedback.told_records import DRAFTED, JUST_DONE, NOT_NEEDED, TOLD, FollowUpView
from bot.feedback.told_views import render_draft_form, render_telling
from bot.slack.ids import Action, Form
from handlers.answers import Answer, Done, OpenModal, RefreshHome
from handlers.boundary import Route
from handlers.payloads import Request


async def mark_told(request: Request, deps: Deps) -> Answer:
    """The button Told."""
    return await _mark(request, deps, TOLD)


async def mark_not_needed(request: Request, deps: Deps) -> Answer:
    """The button Not needed."""
    return await _mark(request, deps, NOT_NEEDED)


async def undo(request: Request, deps: Deps) -> Answer:
    """The button Undo beside who was told."""
    return await _mark(request, deps, DRAFTED)


async def open_draft_form(request: Request, deps: Deps) -> Answer:
    """The button Edit."""
    async with deps.db.read() as session:
        item = await _find(session, request, request.value)
    return OpenModal(render_draft_form(item, is_home=request.view_type == "home"))


async def save_draft(request: Request, deps: Deps) -> Answer:
    """The form of the draft."""
    text = request.typed("draft", label="The draft", limit=DRAFT_LIMIT)
    async with deps.act(request) as session:
        item = await _find(session, request, str(request.state.get("follow_up") or ""))
        await told.edit_draft(
            session,
            request.workspace_id,
            item,
            text,
            subject_channel_id=await _subject_channel(session, request, item),
            by=request.user_id,
            at=request.at,
        )
        await _show(session, request, item)
    return RefreshHome() if request.state.get("home") else Done()


async def _mark(request: Request, deps: Deps, state: str) -> Answer:
    async with deps.act(request) as session:
        item = await _find(session, request, request.value)
        await told.mark(
            session,
            request.workspace_id,
            item,
            state,
            subject_channel_id=await _subject_channel(session, request, item),
            by=request.user_id,
            at=request.at,
        )
        await _show(session, request, item)
    if request.view_type != "home":
        return Done()
    return RefreshHome({} if state == DRAFTED else {JUST_DONE: item.id})


async def _find(session: AsyncSession, request: Request, follow_up_id: str) -> FollowUpView:
    found = await find_follow_ups(session, request.asker, ids=[follow_up_id])
    if not found:
        raise NotFound("There is nobody to tell here that you can see.")
    return found[0]


async def _subject_channel(
    session: AsyncSession, request: Request, item: FollowUpView
) -> str | None:
    subject = await get_subject(session, request.asker, item.event, item.subject_id)
    return subject.source_channel_id


async def _show(session: AsyncSession, request: Request, item: FollowUpView) -> None:
    """Change the owner's message in place, wherever the tap came from."""
    if not item.message_id:
        return
    await session.flush()
    telling = await get_telling(
        session, request.asker, item.message_id, item.subject_id, item.event
    )
    message = render_telling(telling)
    await plan_update(session, request.cause, f"told.{item.event}", message, of=item.message_id)


ACTIONS = {
    Action.TOLD_TOLD.value: Route(mark_told),
    Action.TOLD_NOT_NEEDED.value: Route(mark_not_needed),
    Action.TOLD_UNDO.value: Route(undo),
    Action.TOLD_EDIT.value: Route(open_draft_form),
}
FORMS = {Form.TOLD_DRAFT.value: Route(save_draft)}
