"""Alerts' buttons: I look into it, not unusual, mute, and their undoing; the list."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.alerts import service
from bot.alerts.queries import AlertView, find_alert, find_muted, open_alerts
from bot.alerts.views import render_alert, render_list, render_mute
from bot.clock import local_date, zone_named
from bot.deps import Deps
from bot.engine.deliveries import plan_update
from bot.errors import BadInput, DaybookError, NotFound
from bot.metrics.queries import find_metric
from bot.slack.ids import Action, Form
from bot.workspaces.asker import Asker
from handlers.answers import Answer, Done, OpenModal, Private, RefreshHome
from handlers.boundary import Route
from handlers.payloads import Request

Act = Callable[[AsyncSession, AlertView], Awaitable[None]]


async def list_alerts(request: Request, deps: Deps) -> Answer:
    """``/daybook alerts``: what is open, and what is muted."""
    today = local_date(request.at, zone_named(request.asker.timezone))
    async with deps.db.read() as session:
        alerts = await open_alerts(session, request.asker)
        muted = await find_muted(session, request.asker, today=today)
    return Private(render_list(alerts, muted))


async def mark_seen(request: Request, deps: Deps) -> Answer:
    """I look into it."""

    async def act(session: AsyncSession, alert: AlertView) -> None:
        await service.mark_seen(
            session, request.workspace_id, alert, by=request.user_id, at=request.at
        )

    return await _change(request, deps, request.value, act)


async def leave(request: Request, deps: Deps) -> Answer:
    """I look into it no more."""

    async def act(session: AsyncSession, alert: AlertView) -> None:
        await service.leave(session, request.workspace_id, alert, by=request.user_id, at=request.at)

    return await _change(request, deps, request.value, act)


async def excuse(request: Request, deps: Deps) -> Answer:
    """Not unusual: it closes, and the metric is judged wider."""

    async def act(session: AsyncSession, alert: AlertView) -> None:
        await service.excuse(
            session, request.workspace_id, alert, by=request.user_id, at=request.at
        )

    return await _change(request, deps, request.value, act)


async def take_back(request: Request, deps: Deps) -> Answer:
    """Undo “not unusual”."""

    async def act(session: AsyncSession, alert: AlertView) -> None:
        await service.take_back_excuse(
            session, request.workspace_id, alert, by=request.user_id, at=request.at
        )

    return await _change(request, deps, request.value, act)


async def open_mute(request: Request, deps: Deps) -> Answer:
    """Mute: until when?"""
    async with deps.db.read() as session:
        alert = await find_alert(session, request.asker, request.value)
    today = local_date(request.at, zone_named(alert.episodes[0].metric.timezone))
    return OpenModal(render_mute(alert, service.mute_default(today)))


async def save_mute(request: Request, deps: Deps) -> Answer:
    """The form that says until when."""
    until = request.typed_date("until")

    async def act(session: AsyncSession, alert: AlertView) -> None:
        metrics = [one.metric for one in alert.episodes]
        today = local_date(request.at, zone_named(metrics[0].timezone))
        if until is None or until < today:
            raise BadInput(field="until", problem="That is over already.", fix="Pick a later day.")
        await service.mute_metrics(
            session, request.workspace_id, metrics, until, by=request.user_id, at=request.at
        )

    return await _change(request, deps, str(request.state["alert"]), act)


async def unmute(request: Request, deps: Deps) -> Answer:
    """Unmute all of an alert's metrics."""

    async def act(session: AsyncSession, alert: AlertView) -> None:
        metrics = [one.metric for one in alert.episodes]
        await service.mute_metrics(
            session, request.workspace_id, metrics, None, by=request.user_id, at=request.at
        )

    return await _change(request, deps, request.value, act)


async def unmute_one(request: Request, deps: Deps) -> Answer:
    """Unmute one metric of the list."""
    async with deps.db.read() as session:
        metric = await find_metric(session, request.asker, request.value)
    async with deps.act(request) as session:
        await service.mute_metrics(
            session, request.workspace_id, [metric], None, by=request.user_id, at=request.at
        )
    return await list_alerts(request, deps)


async def _change(request: Request, deps: Deps, post_id: str, act: Act) -> Answer:
    """Do something to an alert that the one who asks may see, and edit its message."""
    async with deps.db.read() as session:
        alert = await find_alert(session, request.asker, post_id)
    readers = await _readers(request, alert)
    async with deps.act(request) as session:
        await act(session, alert)
        if readers and alert.delivery_id:
            await _redraw(session, request, readers, alert)
    return RefreshHome() if request.view_type == "home" else Done()


async def _redraw(
    session: AsyncSession, request: Request, readers: Asker, alert: AlertView
) -> None:
    try:
        shown = render_alert(await find_alert(session, readers, alert.id))
    except NotFound:  # its metrics are not for that place any more
        return
    of = str(alert.delivery_id)
    await plan_update(session, request.cause, f"head.{alert.id}", shown, of=of)


async def _readers(request: Request, alert: AlertView) -> Asker | None:
    try:
        return await request.place.directory.audience(alert.target, at=request.at)
    except DaybookError:
        return None


COMMANDS = {"alerts": Route(list_alerts)}
ACTIONS = {
    Action.ALERT_SEEN: Route(mark_seen),
    Action.ALERT_LEAVE: Route(leave),
    Action.ALERT_EXCUSE: Route(excuse),
    Action.ALERT_UNEXCUSE: Route(take_back),
    Action.ALERT_MUTE: Route(open_mute),
    Action.ALERT_UNMUTE: Route(unmute),
    Action.ALERT_UNMUTE_ONE: Route(unmute_one),
}
FORMS = {Form.ALERT_MUTE: Route(save_mute)}
