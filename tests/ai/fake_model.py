"""A loopback server that speaks just enough of chat completions, with faults on demand."""

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


@dataclass
class FakeModel:
    """Answers each request with the next of `answers`; the last one stays."""

    answers: deque[Response] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)
    base_url: str = ""
    never: asyncio.Event = field(default_factory=asyncio.Event)

    async def complete(self, request: Request) -> Response:
        self.requests.append(await request.json())
        if not self.answers:
            await self.never.wait()
        return self.answers.popleft() if len(self.answers) > 1 else self.answers[0]


def says(content: str | None, *, finish: str = "stop", **usage: int) -> Response:
    """A completion with this content."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": "tiny-1"}
    return plain(json.dumps(body | {"choices": [choice], "usage": usage or None}))


def plain(body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Any body with any status."""
    return Response(body, status, headers, media_type="application/json")


def cut_short(body: str) -> Response:
    """Promises more bytes than it sends, then closes."""

    async def some() -> AsyncIterator[bytes]:
        yield body.encode()

    headers = {"content-length": str(len(body.encode()) + 1_000)}
    return StreamingResponse(some(), headers=headers, media_type="application/json")


@asynccontextmanager
async def running_model() -> AsyncIterator[FakeModel]:
    """A FakeModel served on a free port of 127.0.0.1 until the block ends."""
    fake = FakeModel()
    app = Starlette(routes=[Route("/v1/chat/completions", fake.complete, methods=["POST"])])
    config = uvicorn.Config(app, log_level="critical", lifespan="off", loop="none")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        fake.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        await server.startup(sockets=[listening])
        try:
            yield fake
        finally:
            fake.never.set()
            server.force_exit = True
            await server.shutdown(sockets=[listening])
