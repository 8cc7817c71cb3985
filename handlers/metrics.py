"""Metrics' doors: the list, and the form to add, change and retire one."""

from typing import Any

from bot.db.types import new_id
from bot.deps import Deps
from bot.engine.inbox import Arrival, receive
from bot.errors import BadInput, NotAllowed, NotFound
from bot.metrics import service
from bot.metrics.connections import Connection
from bot.metrics.declaring import declared_of, read_definition, unit_words
from bot.metrics.definition import ASKS, MetricDefinition
from bot.metrics.due import definition_of
from bot.metrics.queries import MetricView, find_metric, latest_values, list_metrics
from bot.metrics.tables import Metric
from bot.metrics.views import (
    LONG,
    MetricDraft,
    Offer,
    file_words,
    offer_of,
    render_metric_form,
    render_metric_list,
    render_saved,
)
from bot.slack.blocks import Message
from bot.slack.ids import Action, Form
from bot.workspaces.asker import Asker
from handlers.answers import Answer, OpenModal, Private, ShowModal
from handlers.boundary import Route
from handlers.payloads import Request

FIELDS = (
    "label", "source", "query", "event", "count", "date", "value", "unit", "good", "target",
    "timezone", "ready_after", "missing", "alerts",
)  # fmt: skip
# Where a problem is shown whose own setting has no field.
SHOWN_AT = {"sql": "query", "promql": "query", "path": "query", "rows": "query"}


async def open_or_list(request: Request, deps: Deps) -> Answer:
    """``/daybook metrics``: all that the asker may see, or those with a word; ``add``: the form."""
    if request.text.lower() in {"add", "new"}:
        return await open_form(request, deps)
    return Private(await _list(request, deps, words=request.text))


async def open_form(request: Request, deps: Deps) -> Answer:
    """The form for a new metric."""
    offers = await _offers(request, deps)
    draft = MetricDraft({"timezone": request.asker.timezone})
    return OpenModal(render_metric_form(draft, list(offers.values())))


async def redraw_form(request: Request, deps: Deps) -> Answer:
    """Another source was chosen: what it takes."""
    offers = await _offers(request, deps)
    values = {key: request.values.get(key, "") for key in (*FIELDS, "audience")}
    draft = MetricDraft(values, str(request.state.get("metric") or ""))
    return ShowModal(render_metric_form(draft, list(offers.values())))


async def open_edit_form(request: Request, deps: Deps) -> Answer:
    """Edit: the form as it was saved."""
    async with deps.db.read() as session:
        metric = await find_metric(session, request.asker, request.value)
        row = await service.get_own_metric(session, request.workspace_id, metric.id)
        _check_may_change(row, request.asker)
        one = definition_of(row)
        audience = row.source_channel_id
    offers = await _offers(request, deps)
    if one.source not in offers:
        raise NotAllowed("Its source may not be used in Slack by you. Its owner runs Daybook.")
    draft = MetricDraft(_values(one) | {"audience": audience or ""}, metric.id)
    return OpenModal(render_metric_form(draft, list(offers.values())))


async def save_form(request: Request, deps: Deps) -> Answer:
    """The form: a new metric, or a changed one. It is read at once, and the result told."""
    offers = await _offers(request, deps)
    source, offer = _chosen(request, deps, offers)
    one = _definition(request, source)
    audience = await _audience(request, offer)
    wanted = declared_of(one.model_copy(update={"owner": request.user_id}), audience)
    metric_id = str(request.state.get("metric") or "")
    async with deps.act(request) as session:
        by, at = request.user_id, request.at
        if metric_id:
            row = await service.get_own_metric(session, request.workspace_id, metric_id)
            _check_may_change(row, request.asker)
            await service.change_in_slack(session, row, wanted, by=by, at=at)
        else:
            row = await service.declare_in_slack(
                session, request.workspace_id, wanted, by=by, at=at
            )
        arrival = Arrival("metric.read", {"metric": row.id, "user": by})
        key = f"metric.{new_id()}"  # the act itself is done once
        await receive(session, request.workspace_id, key, arrival, at=at)
    return ShowModal(render_saved(wanted.label))


async def read_now(request: Request, deps: Deps) -> Answer:
    """Read now: what the source gives is told by a direct message."""
    async with deps.db.read() as session:
        metric = await find_metric(session, request.asker, request.value)
    async with deps.act(request) as session:
        arrival = Arrival("metric.read", {"metric": metric.id, "user": request.user_id})
        key = f"metric.{new_id()}"
        await receive(session, request.workspace_id, key, arrival, at=request.at)
    text = f"I read {metric.label} now and tell you by a direct message what came of it."
    return Private(Message(text))


async def retire(request: Request, deps: Deps) -> Answer:
    """Retire: read no more, until it is brought back."""
    async with deps.act(request) as session:
        row = await service.get_own_metric(session, request.workspace_id, request.value)
        _check_may_change(row, request.asker)
        await service.retire_metric(session, row, by=request.user_id, at=request.at)
    note = f"{row.label} is retired. What was read stays."
    return Private(await _list(request, deps, note=note, undo=row.id), replaces=True)


async def restore(request: Request, deps: Deps) -> Answer:
    """Bring a retired metric back."""
    async with deps.act(request) as session:
        row = await service.get_own_metric(session, request.workspace_id, request.value)
        _check_may_change(row, request.asker)
        await service.restore_metric(session, row, by=request.user_id, at=request.at)
    return Private(await _list(request, deps, note=f"{row.label} is back."), replaces=True)


async def _list(
    request: Request, deps: Deps, *, words: str = "", note: str = "", undo: str = ""
) -> Message:
    await deps.metrics.follow(request.workspace_id, at=request.at)
    problems = deps.metrics.problems(request.workspace_id)
    async with deps.db.read() as session:
        metrics = _named(await list_metrics(session, request.asker), words)
        latest = await latest_values(session, request.asker)
    asker = request.asker
    changeable = frozenset(
        one.id
        for one in metrics
        if one.origin == service.FORM and (asker.is_admin or one.owner_id == asker.user_id)
    )
    said = file_words(problems, is_admin=asker.is_admin)
    return render_metric_list(
        metrics, changeable, latest, words=words, note=note, undo=undo, problems=said
    )


def _named(metrics: list[MetricView], words: str) -> list[MetricView]:
    wanted = words.casefold().split()
    return [
        one
        for one in metrics
        if all(word in f"{one.label} {one.name}".casefold() for word in wanted)
    ]


def _check_may_change(row: Metric, asker: Asker) -> None:
    if not (asker.is_admin or row.owner_id == asker.user_id):
        raise NotAllowed("Only the metric's owner or an admin may change it.")


async def _offers(request: Request, deps: Deps) -> dict[str, Offer]:
    """Return the sources that the asker may make metrics of, by name."""
    await deps.metrics.follow(request.workspace_id, at=request.at)
    found = {}
    for name, source in deps.metrics.declared_sources.items():
        is_open = source.slack == "members" and request.asker.is_member
        if is_open or (source.slack and await _reads(request, source.slack)):
            found[name] = offer_of(name, source)
    return found


async def _reads(request: Request, channel_id: str) -> bool:
    if channel_id == "members":
        return False
    try:
        channel = await request.place.directory.channel(channel_id, at=request.at)
    except NotFound:
        return False
    if channel_id in request.asker.channel_ids:
        return True
    return not channel.is_private and request.asker.sees_public and request.asker.is_member


def _chosen(request: Request, deps: Deps, offers: dict[str, Offer]) -> tuple[Connection, Offer]:
    name = request.values.get("source", "")
    if name not in offers:
        raise BadInput(field="source", problem="This source may not be used here (any more).")
    return deps.metrics.declared_sources[name], offers[name]


def _definition(request: Request, source: Connection) -> MetricDefinition:
    typed: dict[str, Any] = {key: request.typed(key, limit=LONG) for key in FIELDS}
    typed["alert"] = {} if typed.pop("alerts") == "owner" else None
    if typed["query"]:
        # A query says all; what was typed beside it would fight with it.
        typed |= dict.fromkeys((key for key in ASKS if key != "query" and key in typed), "")
    elif not typed["event"]:
        typed["count"] = ""
    try:
        return read_definition(typed, source)
    except BadInput as error:
        field = SHOWN_AT.get(error.field, error.field)
        field = field if field in request.values else "source"
        fix = "Choose what is asked of it." if error.field == "sql" else error.fix
        raise BadInput(field=field, problem=error.problem, fix=fix) from error


async def _audience(request: Request, offer: Offer) -> str | None:
    wanted = offer.audience or request.values.get("audience", "")
    if not wanted:
        return None
    try:
        channel = await request.place.directory.channel(wanted, at=request.at)
    except NotFound as error:
        raise BadInput(field="audience", problem=str(error), fix="Invite me there.") from error
    if channel.is_private and wanted not in request.asker.channel_ids:
        raise BadInput(field="audience", problem="You are not in that channel.")
    return channel.id


def _values(one: MetricDefinition) -> dict[str, str]:
    said = {"label": one.label, "source": one.source, "good": one.good, "missing": one.missing}
    said["alerts"] = "owner" if one.alert else "none"
    asked = {"query": one.query} if one.query else one.asked()
    if one.target is not None:
        said["target"] = f"{one.target:g}"
    when = {"timezone": one.timezone, "ready_after": f"{one.ready_after:%H:%M}"}
    return (
        said | {key: str(value) for key, value in asked.items()} | when | {"unit": unit_words(one)}
    )


COMMANDS = {"metrics": Route(open_or_list)}
ACTIONS = {
    Action.METRIC_LIST.value: Route(open_or_list),
    Action.METRIC_NEW.value: Route(open_form),
    Action.METRIC_SOURCE.value: Route(redraw_form),
    Action.METRIC_EDIT.value: Route(open_edit_form),
    Action.METRIC_READ.value: Route(read_now),
    Action.METRIC_RETIRE.value: Route(retire),
    Action.METRIC_RESTORE.value: Route(restore),
}
FORMS = {Form.METRIC.value: Route(save_form)}
