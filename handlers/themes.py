"""Themes' doors: the same or not, taken back, pinned; not this theme."""

from bot.deps import Deps
from bot.errors import BadInput, NotFound
from bot.feedback import merging, service, splitting
from bot.feedback.memory import SplitIdea
from bot.feedback.proposal_queries import home_splits
from bot.feedback.proposal_views import BETWEEN, mark_of
from bot.feedback.queries import find_themes, get_feedback_view
from bot.feedback.receipt_queries import read_receipt
from bot.slack.blocks import Message
from bot.slack.ids import Action
from handlers.answers import Answer, Done, Private, RefreshHome
from handlers.boundary import Route
from handlers.payloads import Request


async def say_same(request: Request, deps: Deps) -> Answer:
    """The Same button."""
    return await _answer(request, deps, merging.SAME)


async def say_different(request: Request, deps: Deps) -> Answer:
    """The Different button."""
    return await _answer(request, deps, merging.DIFFERENT)


async def undo(request: Request, deps: Deps) -> Answer:
    """The Undo button of an answer."""
    async with deps.act(request) as session:
        row = await merging.undo_answer(
            session, request.workspace_id, request.value, by=request.user_id, at=request.at
        )
        both = await find_themes(session, request.asker, ids=[row.gone_id, row.into_id])
        if not both:
            raise NotFound("There is no such theme that you can see.")
    return _shown(request)


async def pin(request: Request, deps: Deps) -> Answer:
    """The Pin button."""
    await _check_sees(request, deps, [request.value])
    async with deps.act(request) as session:
        await merging.pin_theme(
            session,
            request.workspace_id,
            request.value,
            is_pinned=True,
            by=request.user_id,
            at=request.at,
        )
    return _shown(request)


async def split(request: Request, deps: Deps) -> Answer:
    """The button Two things."""
    idea = await _idea(request, deps)
    async with deps.act(request) as session:
        await splitting.split_theme(
            session,
            request.workspace_id,
            idea.theme_id,
            idea.smaller_ids,
            idea.name,
            by=request.user_id,
            at=request.at,
        )
    return _shown(request)


async def keep_whole(request: Request, deps: Deps) -> Answer:
    """The button One thing."""
    idea = await _idea(request, deps)
    async with deps.act(request) as session:
        await splitting.keep_whole(
            session,
            request.workspace_id,
            idea.theme_id,
            len(idea.smaller_ids) + len(idea.larger_ids),
            by=request.user_id,
            at=request.at,
        )
    return _shown(request)


async def _idea(request: Request, deps: Deps) -> SplitIdea:
    """Return the split that was shown; raises ``BadInput`` when the theme has changed since."""
    theme_id, _, mark = request.value.partition(BETWEEN)
    async with deps.db.read() as session:
        for one in await home_splits(session, request.asker, deps.feedback):
            if one.idea.theme_id == theme_id and mark_of(one.idea) == mark:
                return one.idea
    raise BadInput(
        field="theme",
        problem="This theme has changed, or somebody has answered already.",
        fix="Open the App Home again for what is left.",
    )


async def not_this(request: Request, deps: Deps) -> Answer:
    """The button in the receipt: this feedback is about something else, and what is like it too."""
    feedback_id, _, theme_id = request.value.partition(BETWEEN)
    async with deps.db.read() as session:
        item = await get_feedback_view(session, request.asker, feedback_id)
    if item.theme_id != theme_id:
        return Private(await _receipt(request, deps, feedback_id), replaces=True)
    group = await deps.feedback.place_again(request.workspace_id, feedback_id, theme_id)
    async with deps.act(request) as session:
        await service.leave_theme(
            session,
            request.workspace_id,
            feedback_id,
            theme_id,
            group,
            by=request.user_id,
            at=request.at,
        )
    return Private(await _receipt(request, deps, feedback_id, left=theme_id), replaces=True)


async def back(request: Request, deps: Deps) -> Answer:
    """The button that takes "not this theme" back."""
    feedback_id, _, theme_id = request.value.partition(BETWEEN)
    await _check_sees(request, deps, [theme_id])
    async with deps.db.read() as session:
        await get_feedback_view(session, request.asker, feedback_id)
    async with deps.act(request) as session:
        await service.move_to_theme(
            session,
            request.workspace_id,
            feedback_id,
            theme_id,
            by=request.user_id,
            at=request.at,
        )
    return Private(await _receipt(request, deps, feedback_id), replaces=True)


async def _receipt(request: Request, deps: Deps, feedback_id: str, left: str = "") -> Message:
    async with deps.db.read() as session:
        return await read_receipt(session, request.asker, feedback_id, left=left)


async def _answer(request: Request, deps: Deps, answer: str) -> Answer:
    gone_id, _, into_id = request.value.partition(BETWEEN)
    await _check_sees(request, deps, [gone_id, into_id])
    async with deps.act(request) as session:
        await merging.answer_pair(
            session,
            request.workspace_id,
            gone_id,
            into_id,
            answer,
            by=request.user_id,
            at=request.at,
        )
    return _shown(request)


async def _check_sees(request: Request, deps: Deps, theme_ids: list[str]) -> None:
    async with deps.db.read() as session:
        for theme_id in theme_ids:
            if not await find_themes(session, request.asker, ids=[theme_id]):
                raise NotFound("There is no such theme that you can see.")


def _shown(request: Request) -> Answer:
    return RefreshHome() if request.view_type == "home" else Done()


ACTIONS = {
    Action.THEME_SAME.value: Route(say_same),
    Action.THEME_DIFFERENT.value: Route(say_different),
    Action.THEME_UNDO.value: Route(undo),
    Action.THEME_PIN.value: Route(pin),
    Action.THEME_SPLIT.value: Route(split),
    Action.THEME_WHOLE.value: Route(keep_whole),
    Action.THEME_NOT_THIS.value: Route(not_this),
    Action.THEME_BACK.value: Route(back),
}
