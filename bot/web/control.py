"""Moves time, on loopback only: the playground's and nobody else's.

It is served only when CONTROL_PORT is set; nothing of Slack's goes through it.
"""

from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.engine.runner import Engine


def build_control(
    engine: Engine, clock: Clock, move_clock: Callable[[datetime], None]
) -> Starlette:
    """Build the control application: ``GET /clock``, ``POST /clock {"to": instant}``."""

    async def read(_request: Request) -> Response:
        due = await engine.next_due()
        return JSONResponse(
            {"now": clock.now().isoformat(), "next_due": due.isoformat() if due else None}
        )

    async def move(request: Request) -> Response:
        body = await request.json()
        try:
            to = datetime.fromisoformat(str(body.get("to")))
        except ValueError:
            return JSONResponse({"problem": "“to” must be an ISO instant"}, status_code=400)
        if to.tzinfo is None or to < clock.now():
            return JSONResponse({"problem": "time only moves forward"}, status_code=400)
        steps = await engine.run_until(to, move_clock)
        return JSONResponse({"now": clock.now().isoformat(), "steps": steps})

    return Starlette(
        routes=[Route("/clock", read, methods=["GET"]), Route("/clock", move, methods=["POST"])]
    )
