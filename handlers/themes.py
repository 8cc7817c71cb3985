"""Themes' doors: the same or not, taken back, pinned."""

from bot.deps import Deps
from bot.errors import NotFound
from bot.feedback import merging
from bot.feedback.proposal_views import BETWEEN
from bot.feedback.queries import find_themes
from bot.slack.ids import Action
from handlers.answers import Answer, Done, RefreshHome
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
}
