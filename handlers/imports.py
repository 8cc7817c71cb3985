"""Imports' doors: ``/daybook import``, its form, and the undo."""

from bot.db.types import new_id
from bot.deps import Deps
from bot.engine.deliveries import plan_post, plan_update
from bot.engine.inbox import Arrival, receive
from bot.errors import BadInput, NotAllowed
from bot.intake.import_views import render_import_form, render_importing, render_progress
from bot.intake.imports import (
    BEGIN,
    CUSTOMERS,
    FEEDBACK,
    TAKE_BACK,
    begin_import,
    get_import,
    undo_import,
    view_of,
)
from bot.intake.tables import Import
from bot.slack.ids import Action, Form
from handlers.answers import Answer, Done, OpenModal, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request


async def open_form(_request: Request, _deps: Deps) -> Answer:
    """``/daybook import``, and the buttons in the settings and among the customers."""
    return OpenModal(render_import_form())


async def begin(request: Request, deps: Deps) -> Answer:
    """The form: the work is a job's, its progress one message."""
    file_id = request.values.get("file") or ""
    kind = request.values.get("kind") or FEEDBACK
    pasted = request.typed("pasted")
    if bool(file_id) == bool(pasted) or kind not in {FEEDBACK, CUSTOMERS}:
        raise BadInput(field="pasted", problem="Choose a file, or paste some lines.")
    channel_id = request.values.get("channel") or None
    if channel_id:
        channel = await request.place.directory.channel(channel_id, at=request.at)
        if channel.is_private and channel_id not in request.asker.channel_ids:
            raise NotAllowed("You are not in that channel.")
    row = Import(
        workspace_id=request.workspace_id,
        id=new_id(),
        kind=kind,
        name="your file" if file_id else "what you pasted",
        content=pasted,
        channel_id=channel_id,
        rows=0,
        done=0,
        added=0,
        known=0,
        problems=[],
        state="running",
        begun_by=request.user_id,
        begun_at=request.at,
    )
    async with deps.act(request) as session:
        await begin_import(session, row, at=request.at)
        cause = request.cause.about("Your import", request.user_id)
        told = render_progress(view_of(row))
        row.message_id = await plan_post(session, cause, request.user_id, "import", told)
        arrival = Arrival(BEGIN, {"import": row.id, "file": file_id})
        key = f"import:{row.id}"
        await receive(session, request.workspace_id, key, arrival, at=request.at)
    return ShowModal(render_importing())


async def undo(request: Request, deps: Deps) -> Answer:
    """The Undo button: for who imported it, and admins."""
    async with deps.act(request) as session:
        row = await get_import(session, request.workspace_id, request.value)
        if not (request.asker.is_admin or row.begun_by == request.user_id):
            raise NotAllowed("Only who imported it or an admin may take it back.")
        if not await undo_import(
            session, request.workspace_id, row.id, by=request.user_id, at=request.at
        ):
            return Done()
        arrival = Arrival(TAKE_BACK, {"import": row.id, "by": request.user_id})
        key = f"undo:{row.id}"
        await receive(session, request.workspace_id, key, arrival, at=request.at)
        told = render_progress(view_of(row))
        await plan_update(session, request.cause, "undone", told, of=row.message_id or "")
    return Done()


COMMANDS = {"import": Route(open_form)}
ACTIONS = {Action.IMPORT_OPEN.value: Route(open_form), Action.IMPORT_UNDO.value: Route(undo)}
FORMS = {Form.IMPORT.value: Route(begin)}
