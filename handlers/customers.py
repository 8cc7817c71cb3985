"""Customers' doors: ``/daybook customers``, the form of one, archive and restore."""

from bot.deps import Deps
from bot.slack.blocks import View
from bot.slack.ids import Action, Form
from bot.workspaces.customer_file import COLUMNS, read_customer
from bot.workspaces.customer_queries import get_customer_view, list_customers
from bot.workspaces.customer_views import render_customer_form, render_customers
from bot.workspaces.customers import (
    CustomerFacts,
    archive_customer,
    edit_customer,
    put_customer,
)
from handlers.answers import Answer, OpenModal, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request


async def open_list(request: Request, deps: Deps) -> Answer:
    """``/daybook customers [words]``, and the button in the settings."""
    return OpenModal(await _list(request, deps, request.text.strip()))


async def _list(request: Request, deps: Deps, words: str = "") -> View:
    async with deps.db.read() as session:
        return render_customers(
            await list_customers(session, request.asker, words=words), words=words
        )


async def show_list(request: Request, deps: Deps) -> Answer:
    """The button back to the list."""
    return ShowModal(await _list(request, deps))


async def show_new(_request: Request, _deps: Deps) -> Answer:
    """The button for a new one, in place of the list: Slack stacks three modals at most."""
    return ShowModal(render_customer_form(None))


async def show_one(request: Request, deps: Deps) -> Answer:
    """The Edit button."""
    async with deps.db.read() as session:
        view = await get_customer_view(session, request.asker, request.value)
    return ShowModal(render_customer_form(view))


async def save(request: Request, deps: Deps) -> Answer:
    """The form of one."""
    request.typed("name", label="Name")
    values = {column: request.values.get(column, "") for column in COLUMNS}
    row = read_customer(values)
    if row.channel:
        await request.place.directory.channel(row.channel, at=request.at)
    facts = CustomerFacts(
        name=row.name,
        domains=row.domains,
        channel_id=row.channel or None,
        owner_id=row.owner or None,
        tier=row.tier,
        status=row.status,
        monthly_revenue=row.monthly_revenue,
        currency=row.currency,
    )
    customer_id = str(request.state.get("customer") or "")
    by, at, where = request.user_id, request.at, request.workspace_id
    async with deps.act(request) as session:
        if customer_id:
            await edit_customer(session, where, customer_id, facts, by=by, at=at)
        else:
            await put_customer(session, where, facts, by=by, at=at)
    return ShowModal(await _list(request, deps))


async def archive(request: Request, deps: Deps) -> Answer:
    """The Archive button."""
    return await _set_archived(request, deps, is_archived=True)


async def restore(request: Request, deps: Deps) -> Answer:
    """The Restore button."""
    return await _set_archived(request, deps, is_archived=False)


async def _set_archived(request: Request, deps: Deps, *, is_archived: bool) -> Answer:
    async with deps.act(request) as session:
        await archive_customer(
            session,
            request.workspace_id,
            request.value,
            is_archived=is_archived,
            by=request.user_id,
            at=request.at,
        )
    return ShowModal(await _list(request, deps))


COMMANDS = {"customers": Route(open_list)}
ACTIONS = {
    Action.CUSTOMER_OPEN.value: Route(open_list),
    Action.CUSTOMER_LIST.value: Route(show_list),
    Action.CUSTOMER_NEW.value: Route(show_new),
    Action.CUSTOMER_EDIT.value: Route(show_one),
    Action.CUSTOMER_ARCHIVE.value: Route(archive),
    Action.CUSTOMER_RESTORE.value: Route(restore),
}
FORMS = {Form.CUSTOMER.value: Route(save)}
