"""The playground server as one ASGI application, and as a running server."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from playground.server.control import make_control_routes
from playground.server.faults import BEFORE
from playground.server.people import People
from playground.server.refusals import RefusedError
from playground.server.replies import respond
from playground.server.settings import Settings
from playground.server.webapi.endpoint import make_endpoint, strike
from playground.server.workspace import Workspace
from playground.server.world import World


def build_app(
    world: World,
    people: People,
    manifest: dict[str, Any],
    settings: Settings,
    *,
    extra_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """Web API under /api/, Socket Mode under /link, response URLs under /response/, uploads under
    /upload/, files under /files/, control under /control/; `extra_routes` (the page) come after.

    `people` must have been made from the same world, manifest and settings."""
    workspace = people.workspace
    if workspace.world is not world or workspace.settings is not settings:
        raise ValueError("people belong to another world or to other settings")
    if workspace.manifest.source != manifest:
        raise ValueError("people were made with another manifest")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        workspace.outbox.resume()
        yield
        await workspace.stop()

    routes: list[BaseRoute] = [
        Route("/api/{method}", make_endpoint(workspace), methods=["GET", "POST"]),
        WebSocketRoute("/link", workspace.hub.serve),
        WebSocketRoute("/link/", workspace.hub.serve),
        *_file_routes(workspace),
        *make_control_routes(people),
        *extra_routes,
    ]
    return Starlette(routes=routes, lifespan=lifespan)


@asynccontextmanager
async def serving(app: Starlette, settings: Settings) -> AsyncIterator[str]:
    """Runs the app on loopback in this event loop while the block lasts; gives its base URL,
    also written to `settings`. Port 0 takes a free one. OSError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError:
        listener.close()
        raise
    settings.port = listener.getsockname()[1]
    settings.base_url = f"http://{settings.host}:{settings.port}"
    server = _Server(_config(app, settings))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await _started(server, running)
        yield settings.base_url
    finally:
        server.should_exit = True
        await running


async def serve(app: Starlette, settings: Settings) -> None:
    """Runs the app on loopback until cancelled."""
    async with serving(app, settings):
        await asyncio.Event().wait()


class _Server(uvicorn.Server):
    """Signals belong to whoever runs the process; says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: Starlette, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_ping_interval=settings.ping_seconds,
        ws_ping_timeout=settings.ping_seconds * 4,
        timeout_graceful_shutdown=1,
        # Longer than clients keep idle connections (15 s): else a call meets one just closed.
        timeout_keep_alive=75,
        lifespan="on",
    )


async def _started(server: _Server, running: asyncio.Task[None]) -> None:
    ready = asyncio.create_task(server.ready.wait())
    await asyncio.wait({ready, running}, return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        ready.cancel()
        await running
        raise RuntimeError("the playground server ended while starting")


def _file_routes(workspace: Workspace) -> list[Route]:
    async def reply(request: Request) -> Response:
        fault = workspace.faults.take(BEFORE, "response_url")
        refused_by_fault = None if fault is None else await strike(fault)
        if refused_by_fault is not None:
            return refused_by_fault
        try:
            body = json.loads(await request.body() or b"{}")
            respond(workspace, request.path_params["key"], body)
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        except RefusedError as refused:
            status = 404 if refused.code.endswith("_url") else 400
            return JSONResponse({"ok": False, "error": refused.code, **refused.extra}, status)
        return PlainTextResponse("ok")

    async def upload(request: Request) -> Response:
        file = workspace.world.files.get(request.path_params["file"])
        if file is None:
            return PlainTextResponse("file_not_found", 404)
        content = await _uploaded(request)
        workspace.world.files.write(file.id, content)
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(request: Request) -> Response:
        file = workspace.world.files.get(request.path_params["file"])
        content = None if file is None else workspace.world.files.content(file.id)
        token = request.headers.get("authorization", "").partition(" ")[2]
        if file is None or content is None or token != workspace.world.app.bot_token:
            return PlainTextResponse("file_not_found", 404)
        return Response(content, media_type=file.mimetype)

    return [
        Route("/response/{key}", reply, methods=["POST"]),
        Route("/upload/{file}", upload, methods=["POST", "PUT"]),
        Route("/files/{file}/{name}", download),
    ]


async def _uploaded(request: Request) -> bytes:
    if request.headers.get("content-type", "").startswith("multipart/"):
        form = await request.form()
        for part in form.values():
            if isinstance(part, UploadFile):
                return await part.read()
    return await request.body()
