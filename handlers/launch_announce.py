"""Doors of the announcement: drafted from the facts, posted by a person's click only."""

from bot.deps import Deps
from bot.engine.deliveries import plan_post
from bot.engine.inbox import Arrival, receive
from bot.errors import NotFound
from bot.feedback.queries import find_themes
from bot.launches import crew, service
from bot.launches.announcements import (
    TEXT,
    TEXT_LIMIT,
    WORDED,
    draft_announcement,
    render_announced_note,
    render_announcement,
    render_announcement_form,
)
from bot.launches.headlines import post_in_thread, refresh_headline
from bot.launches.queries import get_launch
from bot.launches.records import LaunchDetail
from bot.slack.ids import Action, Form
from handlers.answers import Answer, Done, OpenModal, ShowModal
from handlers.boundary import Route
from handlers.launch_form import check_channel
from handlers.payloads import Request


async def open_draft(request: Request, deps: Deps) -> Answer:
    """*Draft the announcement*: the form with a draft in it."""
    detail = await _detail(request, deps, request.value)
    ids = list(detail.theme_ids)
    async with deps.db.read() as session:
        themes = await find_themes(session, request.asker, ids=ids) if ids else []
    draft = draft_announcement(detail, [theme.name for theme in themes], at=request.at)
    channel_id = detail.launch.source_channel_id
    wording = "offered" if deps.drafter else ""
    return OpenModal(render_announcement_form(detail.launch, draft, channel_id, wording=wording))


async def ask_for_words(request: Request, deps: Deps) -> Answer:
    """*Word it with the model*: a job asks it, since nobody holds a form open for so long."""
    detail = await _detail(request, deps, request.value)
    channel_id = request.values.get("channel", "") or detail.launch.source_channel_id
    payload = {
        "launch": detail.launch.id,
        "user": request.user_id,
        "view": request.view_id,
        "channel": channel_id,
    }
    async with deps.act(request) as session:
        event_id = f"word:{request.view_id}"[:100]
        arrival = Arrival("launch.word", payload)
        await receive(session, request.workspace_id, event_id, arrival, at=request.at)
    draft = _text(request)
    return ShowModal(render_announcement_form(detail.launch, draft, channel_id, wording="asked"))


def _text(request: Request) -> str:
    return request.values.get(WORDED) or request.values.get(TEXT, "")


async def post_announcement(request: Request, deps: Deps) -> Answer:
    """The form: posted as it stands, to the channel that was picked."""
    field = WORDED if WORDED in request.values else TEXT
    text = request.typed(field, label="The announcement", limit=TEXT_LIMIT)
    channel_id = request.values.get("channel", "")
    await check_channel(request, channel_id)
    before = await _detail(request, deps, str(request.state.get("launch") or ""))
    directory = request.place.directory
    readers = await directory.audience(before.launch.source_channel_id, at=request.at)
    async with deps.act(request) as session:
        launch = await service.get_launch_row(session, request.workspace_id, before.launch.id)
        cause = request.cause.about(f"the announcement of launch #{launch.number}", request.user_id)
        message = render_announcement(before, text, request.user_id)
        posted = await plan_post(session, cause, channel_id, "announcement", message)
        await crew.note_announcement(
            session, launch, channel_id, posted, text, by=request.user_id, at=request.at
        )
        await refresh_headline(session, request.cause, readers, launch)
        note = render_announced_note(request.user_id, channel_id)
        await post_in_thread(session, request.cause, launch, "announced", note)
    return Done()


async def _detail(request: Request, deps: Deps, launch_id: str) -> LaunchDetail:
    if not launch_id:
        raise NotFound("There is no such launch that you can see.")
    async with deps.db.read() as session:
        return await get_launch(session, request.asker, launch_id)


ACTIONS = {
    Action.LAUNCH_ANNOUNCE.value: Route(open_draft),
    Action.LAUNCH_WORD.value: Route(ask_for_words),
}
FORMS = {Form.LAUNCH_ANNOUNCE.value: Route(post_announcement)}
