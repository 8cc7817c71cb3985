"""Areas' doors: ``/daybook settings areas`` and its forms."""

from bot.deps import Deps
from bot.errors import NotFound
from bot.feedback.area_rules import AreaView, read_examples
from bot.feedback.area_service import list_areas, remove_area, save_area
from bot.feedback.area_views import render_area_form, render_areas
from bot.slack.ids import Action, Form
from handlers.answers import Answer, OpenModal, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request


async def open_areas(request: Request, deps: Deps) -> Answer:
    """``/daybook settings areas``, and the button in the settings of a channel."""
    return OpenModal(render_areas(await _areas(request, deps)))


async def open_new(request: Request, deps: Deps) -> Answer:
    """The button for a new area."""
    return OpenModal(render_area_form(None))


async def open_one(request: Request, deps: Deps) -> Answer:
    """The Change button of an area."""
    found = [area for area in await _areas(request, deps) if area.id == request.value]
    if not found:
        raise NotFound("There is no such area (any more).")
    return OpenModal(render_area_form(found[0]))


async def save(request: Request, deps: Deps) -> Answer:
    """The form of an area."""
    name = request.typed("name", label="Name")
    examples = read_examples(request.typed("examples", label="What customers say"))
    async with deps.act(request) as session:
        await save_area(
            session,
            request.workspace_id,
            name,
            examples,
            by=request.user_id,
            at=request.at,
            area_id=str(request.state.get("area") or ""),
        )
    return ShowModal(render_areas(await _areas(request, deps)))


async def remove(request: Request, deps: Deps) -> Answer:
    """The button that takes an area away."""
    async with deps.act(request) as session:
        await remove_area(
            session, request.workspace_id, request.value, by=request.user_id, at=request.at
        )
    return ShowModal(render_areas(await _areas(request, deps)))


async def _areas(request: Request, deps: Deps) -> list[AreaView]:
    async with deps.db.read() as session:
        return await list_areas(session, request.asker)


ACTIONS = {
    Action.AREA_LIST.value: Route(open_areas),
    Action.AREA_ADD.value: Route(open_new),
    Action.AREA_EDIT.value: Route(open_one),
    Action.AREA_REMOVE.value: Route(remove),
}
FORMS = {Form.AREA.value: Route(save)}
