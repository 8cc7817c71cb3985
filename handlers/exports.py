"""Exports' doors: ``/daybook export`` and its form."""

from bot.deps import Deps
from bot.engine.inbox import Arrival, receive
from bot.errors import BadInput
from bot.intake.export_views import KINDS, render_export_form, render_exporting
from bot.intake.exports import FORMS as FILE_FORMS
from bot.slack.ids import Action, Form
from handlers.answers import Answer, OpenModal, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request


async def open_form(_request: Request, _deps: Deps) -> Answer:
    """``/daybook export``, and the button in the settings."""
    return OpenModal(render_export_form())


async def begin(request: Request, deps: Deps) -> Answer:
    """The form: a job makes the files."""
    kinds = [kind for kind in KINDS if kind in request.chosen("kinds")]
    form = request.values.get("form") or FILE_FORMS[0]
    if not kinds or form not in FILE_FORMS:
        raise BadInput(field="kinds", problem="Nothing is chosen.", fix="Choose one or more.")
    async with deps.act(request) as session:
        payload = {"by": request.user_id, "kinds": kinds, "form": form}
        key = f"export:{request.trigger_id}"
        arrival = Arrival("export.make", payload)
        await receive(session, request.workspace_id, key, arrival, at=request.at)
    return ShowModal(render_exporting())


COMMANDS = {"export": Route(open_form)}
ACTIONS = {Action.EXPORT_OPEN.value: Route(open_form)}
FORMS = {Form.EXPORT.value: Route(begin)}
