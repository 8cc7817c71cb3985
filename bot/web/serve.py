"""Serve everything of one process until it is told to stop."""

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from starlette.applications import Starlette
from starlette.routing import Route

from bot.bootstrap import Daybook, running
from bot.engine.locks import call_others, one_at_a_time
from bot.errors import BadSetting, SlackUnavailable
from bot.general.welcome import welcome_due
from bot.settings import Settings
from bot.slack.admission import check_app_token
from bot.web.control import build_control
from bot.web.heap import settle_heap
from bot.web.hooks import Hooks
from bot.web.http import build_web
from jobs.clockwork import start_clockwork

log = structlog.get_logger()


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Daybook]:
    """Serve while the block lasts: the engine, the clockwork, and Slack by socket or HTTP."""
    async with AsyncExitStack() as stack:
        _check_addresses(settings)
        daybook = await stack.enter_async_context(running(settings))
        if settings.is_socket_mode:
            # Before anything works: slack_sdk would ask for ever, with a traceback each time.
            with suppress(SlackUnavailable):  # it is right to ask again then
                token = settings.slack_app_token.get_secret_value()
                await check_app_token(token, settings.slack_api_url)
        async with one_at_a_time(daybook.deps.db):
            await welcome_due(daybook.deps, at=daybook.clock.now())
        await stack.enter_async_context(working(daybook))
        if settings.is_socket_mode:
            await stack.enter_async_context(_socket(daybook))
        else:
            web = build_web(daybook.app, daybook.deps.db, Hooks(daybook.deps).routes())
            await stack.enter_async_context(_http(web, settings.host, settings.port, "PORT"))
        await stack.enter_async_context(_health(daybook))
        if settings.control_port:
            control = build_control(daybook.engine, daybook.clock, daybook.clock.set)
            port = settings.control_port
            await stack.enter_async_context(_http(control, "127.0.0.1", port, "CONTROL_PORT"))
            # In the playground the first event of all may be the emoji that a visitor waits for.
            for place in daybook.deps.places.all():
                daybook.deps.feedback.begin(place.workspace_id)
        yield daybook


@asynccontextmanager
async def working(daybook: Daybook, *, is_worker: bool = False) -> AsyncIterator[None]:
    """Do what is due while the block lasts; or leave it to the workers, if they are apart."""
    engine, locks, db = daybook.engine, daybook.locks, daybook.deps.db
    async with AsyncExitStack() as stack:
        if locks:
            from bot.engine.workers import Workers

            workers = Workers(db, engine)
            db.before_commit.append(workers.hand_out)
            if daybook.deps.settings.workers == "apart" and not is_worker:
                db.before_commit.append(call_others)
                yield
                return
            await stack.enter_async_context(locks.held(engine.poke))
            stack.push_async_callback(_cancel, asyncio.create_task(workers.run_forever()))
        await engine.release_gone()
        stack.push_async_callback(_cancel, asyncio.create_task(engine.run_forever()))
        scheduler: AsyncIOScheduler = start_clockwork(engine, daybook.deps)
        stack.callback(scheduler.shutdown, wait=False)
        yield


async def serve_worker(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM; Slack's events and commands are others' (``serve``)."""

    async def work() -> None:
        async with running(settings) as daybook, working(daybook, is_worker=True), _health(daybook):
            settle_heap()
            log.info("daybook.worker_ready", team=daybook.deps.places.all()[0].identity.team)
            await asyncio.Event().wait()

    await _until_told(work())


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""

    async def work() -> None:
        async with serving(settings) as daybook:
            settle_heap()
            how = "Socket Mode" if settings.is_socket_mode else f"{settings.host}:{settings.port}"
            place = daybook.deps.places.all()[0]
            log.info("daybook.ready", team=place.identity.team, by=how)
            await asyncio.Event().wait()

    await _until_told(work())


async def _until_told(work: Coroutine[None, None, None]) -> None:
    """Run until SIGINT or SIGTERM, which end it also while it starts: Slack may not answer."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        # Once: stopping itself is not to be interrupted.
        loop.add_signal_handler(sign, lambda: task.cancelling() or task.cancel())
    with suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def _socket(daybook: Daybook) -> AsyncIterator[None]:
    token = daybook.deps.settings.slack_app_token.get_secret_value()
    handler = AsyncSocketModeHandler(daybook.app, token, web_client=daybook.app.client)
    # Read from the environment by slack_sdk, without regard to NO_PROXY.
    handler.client.proxy = daybook.app.client.proxy
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def _health(daybook: Daybook) -> AsyncIterator[None]:
    """Say whether Daybook is alive where containers ask for it, and take signed webhooks in."""
    settings = daybook.deps.settings
    if not settings.health_port:
        yield
        return
    whole = build_web(daybook.app, daybook.deps.db, Hooks(daybook.deps).routes())
    named = ("/health", "/hooks")
    alive = [r for r in whole.routes if isinstance(r, Route) and r.path.startswith(named)]
    web = Starlette(routes=alive)
    async with _http(web, settings.host, settings.health_port, "HEALTH_PORT"):
        yield


def _check_addresses(settings: Settings) -> None:
    """Raise ``BadSetting`` where something cannot listen, before anything runs."""
    wanted = [] if settings.is_socket_mode else [(settings.host, settings.port, "PORT")]
    if settings.health_port:
        wanted.append((settings.host, settings.health_port, "HEALTH_PORT"))
    for host, port, field in wanted:
        _listen(host, port, field).close()


def _listen(host: str, port: int, field: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            problem = f"Port {port} on {host} is taken by another program."
            raise BadSetting(
                field=field, problem=problem, fix=f"Stop it, or set {field} to another number."
            ) from error
        if error.errno == errno.EACCES:
            problem = f"Port {port} is not for this user."
            fix = f"Set {field} to a number above 1023."
            raise BadSetting(field=field, problem=problem, fix=fix) from error
        problem = f"{host} is no address of this machine."
        fix = "Set HOST to 127.0.0.1, or to 0.0.0.0 for all of its addresses."
        raise BadSetting(field="HOST", problem=problem, fix=fix) from error
    return listener


@asynccontextmanager
async def _http(app: Starlette, host: str, port: int, field: str) -> AsyncIterator[None]:
    listener = _listen(host, port, field)
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return
