"""Doors of privacy: remove the words of feedback, erase a person, how long words are kept."""

from bot.clock import zone_named
from bot.deps import Deps
from bot.engine.inbox import Arrival, receive
from bot.errors import BadInput, NotAllowed, NotFound
from bot.feedback.queries import FeedbackView, find_feedback, get_feedback_view
from bot.feedback.redaction import ASKED, check_may_redact, redact
from bot.privacy.erasure import Person, find_person, person_of_address, person_of_member
from bot.privacy.retention import count_older, read_retention, set_retention
from bot.privacy.rules import MONTHS, read_address, read_months
from bot.privacy.views import (
    name_person,
    render_erase_form,
    render_erase_preview,
    render_erasing,
    render_redact_form,
    render_redacted,
    render_retention_form,
    render_retention_saved,
)
from bot.slack.ids import Action, Form
from bot.slack.text import person as mention
from handlers.answers import Answer, Done, OpenModal, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request


async def open_redact_form(request: Request, deps: Deps) -> Answer:
    """``/daybook redact 412``, and the button where feedback is edited."""
    item = await _item(request, deps)
    check_may_redact(request.asker, item)
    page_id = request.view_id if request.view_type == "modal" else ""
    return OpenModal(render_redact_form(item, page_id=page_id))


async def _item(request: Request, deps: Deps) -> FeedbackView:
    async with deps.db.read() as session:
        if request.value:
            return await get_feedback_view(session, request.asker, request.value)
        typed = request.text.strip().removeprefix("#")
        if not typed.isdigit():
            raise BadInput(
                field="number", problem="Which feedback?", fix="For example: /daybook redact 412"
            )
        found = await find_feedback(session, request.asker, number=int(typed[:9]), limit=1)
    if not found:
        raise NotFound("There is no such feedback that you can see.")
    return found[0]


async def save_redact(request: Request, deps: Deps) -> Answer:
    """The form that removes the words."""
    async with deps.db.read() as session:
        feedback_id = str(request.state.get("feedback") or "")
        item = await get_feedback_view(session, request.asker, feedback_id)
    check_may_redact(request.asker, item)
    async with deps.act(request) as session:
        removed = await redact(session, request.cause, [item.id], by=request.user_id, why=ASKED)
    told = render_redacted(item.number, removed.messages)
    if page_id := str(request.state.get("page") or ""):
        # The form that it stood on shows the words; it must not come up again.
        await request.place.gateway.update_view(page_id, told)
        return Done()
    return ShowModal(told)


async def open_erase_form(request: Request, deps: Deps) -> Answer:
    """``/daybook erase``, with an address behind it: what would go."""
    if not request.text.strip():
        return OpenModal(render_erase_form(is_admin=request.asker.is_admin))
    if request.text.strip().lower() == "me":
        return OpenModal(await _preview(request, deps, "", request.user_id))
    return OpenModal(await _preview(request, deps, read_address(request.text), ""))


async def show_erase_preview(request: Request, deps: Deps) -> Answer:
    """The form that names a person."""
    typed = request.typed("address")
    member = request.values.get("member") or ""
    if not request.asker.is_admin:
        member = request.user_id
    elif bool(typed) == bool(member):
        raise BadInput(field="address", problem="Name one person: an address, or a member.")
    address = read_address(typed) if typed and request.asker.is_admin else ""
    return ShowModal(await _preview(request, deps, address, member))


async def _preview(request: Request, deps: Deps, address: str, user_id: str) -> dict[str, object]:
    person = await _person(request, deps, address, user_id)
    async with deps.db.read() as session:
        found = await find_person(session, request.workspace_id, person)
    who = name_person(address) if address else mention(user_id)
    return render_erase_preview(who, found, {"address": address, "member": user_id})


async def _person(request: Request, deps: Deps, address: str, user_id: str) -> Person:
    async with deps.db.read() as session:
        if user_id:
            person = await person_of_member(session, request.workspace_id, user_id)
        else:
            person = await person_of_address(session, request.workspace_id, address)
    if not request.asker.is_admin and person.user_ids != (request.user_id,):
        raise NotAllowed("Only an admin may erase somebody else. `/daybook erase me` erases you.")
    return person


async def erase(request: Request, deps: Deps) -> Answer:
    """The form that erases; the work is a job's, its receipt a direct message."""
    address = str(request.state.get("address") or "")
    user_id = str(request.state.get("member") or "")
    person = await _person(request, deps, address, user_id)
    async with deps.act(request) as session:
        payload = person.to_json() | {"by": request.user_id}
        key = f"erase:{request.trigger_id}"
        arrival = Arrival("privacy.erase", payload)
        await receive(session, request.workspace_id, key, arrival, at=request.at)
    return ShowModal(render_erasing())


async def open_retention(request: Request, deps: Deps) -> Answer:
    """``/daybook settings privacy``: how long words are kept; admins only."""
    _check_admin(request)
    workspace_id = request.workspace_id
    async with deps.db.read() as session:
        months = await read_retention(session, workspace_id)
        counts = {
            n: await count_older(session, workspace_id, n, at=request.at) for n in MONTHS if n
        }
    return OpenModal(render_retention_form(months, counts))


async def save_retention(request: Request, deps: Deps) -> Answer:
    """The form of how long words are kept."""
    _check_admin(request)
    months = read_months(request.values.get("months", ""))
    zone = zone_named(request.asker.timezone or "UTC").key
    async with deps.act(request) as session:
        await set_retention(
            session, request.workspace_id, months, zone=zone, by=request.user_id, at=request.at
        )
    return ShowModal(render_retention_saved(months))


def _check_admin(request: Request) -> None:
    if not request.asker.is_admin:
        raise NotAllowed("Only an admin may change how long words are kept.")


COMMANDS = {"redact": Route(open_redact_form), "erase": Route(open_erase_form, guests=True)}
ACTIONS = {
    Action.FEEDBACK_REDACT.value: Route(open_redact_form),
    Action.PRIVACY_RETENTION.value: Route(open_retention),
    Action.PRIVACY_ERASE.value: Route(open_erase_form),
}
FORMS = {
    Form.FEEDBACK_REDACT.value: Route(save_redact),
    Form.ERASE_WHOM.value: Route(show_erase_preview, guests=True),
    Form.ERASE.value: Route(erase, guests=True),
    Form.PRIVACY_RETENTION.value: Route(save_retention),
}
