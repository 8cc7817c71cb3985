"""Doors of what a team answers to a theme: an honest no, open again, a question to its askers."""

from zoneinfo import ZoneInfo

from bot.deps import Deps
from bot.errors import BadInput
from bot.feedback.refusal_forms import (
    METRIC_FIELD,
    NEVER,
    QUESTION_CHARACTERS,
    REASON,
    REASON_CHARACTERS,
    WHEN,
    Declining,
    read_condition,
    render_ask_form,
    render_decline_form,
)
from bot.feedback.refusal_records import METRIC
from bot.feedback.refusing import ask_askers, decline_theme, reopen_theme, take_question_back
from bot.feedback.theme_page import count_customers, read_theme
from bot.feedback.theme_words import name_of
from bot.metrics.queries import list_metrics
from bot.slack.ids import Action, Form
from handlers.answers import Answer, Done, OpenModal, RefreshHome, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request
from handlers.theme_pages import check_may_change, draw_page, redraw_below


async def open_decline(request: Request, deps: Deps) -> Answer:
    """The button Decline."""
    await check_may_change(request, deps, request.value)
    async with deps.db.read() as session:
        theme = await read_theme(session, request.asker, request.value, request.at)
        customers = await count_customers(session, request.asker, theme.id)
    name = name_of(theme.number, theme.name)
    page_id = request.view_id if request.view_type == "modal" else ""
    draft = Declining(theme.id, name, customers, page_id)
    return OpenModal(render_decline_form(draft, await _metrics(request, deps)))


async def choose_condition(request: Request, deps: Deps) -> Answer:
    """Another condition: the form shows its fields."""
    state = request.state
    draft = Declining(
        str(state.get("theme") or ""),
        str(state.get("name") or ""),
        int(state.get("customers") or 0),
        str(state.get("page") or ""),
        condition=request.values.get(WHEN, NEVER),
        reason=request.values.get(REASON, ""),
    )
    return ShowModal(render_decline_form(draft, await _metrics(request, deps)))


async def _metrics(request: Request, deps: Deps) -> list[tuple[str, str]]:
    async with deps.db.read() as session:
        return [(one.label, one.id) for one in await list_metrics(session, request.asker)]


async def save_decline(request: Request, deps: Deps) -> Answer:
    """The form of the no."""
    theme_id = str(request.state.get("theme") or "")
    reason = request.typed(REASON, label="The reason", limit=REASON_CHARACTERS)
    await check_may_change(request, deps, theme_id)
    today = request.at.astimezone(ZoneInfo(request.asker.timezone)).date()
    async with deps.db.read() as session:
        customers = await count_customers(session, request.asker, theme_id)
    condition = read_condition(request.values, customers=customers, today=today)
    offered = {metric_id for _, metric_id in await _metrics(request, deps)}
    if condition.kind == METRIC and condition.metric_id not in offered:
        raise BadInput(field=METRIC_FIELD, problem="Choose a metric.")
    async with deps.act(request) as session:
        await decline_theme(
            session,
            request.workspace_id,
            theme_id,
            reason,
            condition,
            by=request.user_id,
            timezone=request.asker.timezone,
            at=request.at,
        )
    await redraw_below(request, deps, theme_id, "Declined. The drafts are on their way.")
    return Done()


async def reopen(request: Request, deps: Deps) -> Answer:
    """The button that takes a no back."""
    await check_may_change(request, deps, request.value)
    async with deps.act(request) as session:
        await reopen_theme(
            session, request.workspace_id, request.value, by=request.user_id, at=request.at
        )
    if request.view_type == "home":
        return RefreshHome()
    page = await draw_page(request, deps, request.value, note="Open again.")
    return ShowModal(page) if request.view_type == "modal" else OpenModal(page)


async def open_ask(request: Request, deps: Deps) -> Answer:
    """The button Ask them."""
    await check_may_change(request, deps, request.value)
    async with deps.db.read() as session:
        theme = await read_theme(session, request.asker, request.value, request.at)
    name = name_of(theme.number, theme.name)
    page_id = request.view_id if request.view_type == "modal" else ""
    return OpenModal(render_ask_form(theme.id, name, theme.tally.customers, page_id=page_id))


async def save_ask(request: Request, deps: Deps) -> Answer:
    """The form of the question."""
    theme_id = str(request.state.get("theme") or "")
    text = request.typed("question", label="The question", limit=QUESTION_CHARACTERS)
    await check_may_change(request, deps, theme_id)
    async with deps.act(request) as session:
        await ask_askers(
            session, request.workspace_id, theme_id, text, by=request.user_id, at=request.at
        )
    note = "The drafts are on their way to those who look after these customers."
    await redraw_below(request, deps, theme_id, note)
    return Done()


async def take_back(request: Request, deps: Deps) -> Answer:
    """The button that takes a question back."""
    async with deps.act(request) as session:
        row = await take_question_back(session, request.asker, request.value, at=request.at)
        theme_id = row.theme_id
    note = "Taken back. Who was asked already stays so."
    return ShowModal(await draw_page(request, deps, theme_id, note=note))


ACTIONS = {
    Action.THEME_DECLINE.value: Route(open_decline),
    Action.THEME_CONDITION.value: Route(choose_condition),
    Action.THEME_REOPEN.value: Route(reopen),
    Action.THEME_ASK.value: Route(open_ask),
    Action.THEME_UNASK.value: Route(take_back),
}
FORMS = {
    Form.THEME_DECLINE.value: Route(save_decline),
    Form.THEME_ASK.value: Route(save_ask),
}
