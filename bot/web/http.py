"""The HTTP side: Slack's signed requests, and whether Daybook is alive."""

from collections.abc import Sequence

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.db.session import Database
from bot.errors import DaybookError

# Slack may be pointed at one address for everything; the paths are what the manifest names.
SLACK_PATH = "/slack/events"


def build_web(app: AsyncApp, db: Database, more: Sequence[Route] = ()) -> Starlette:
    """Build the web application; ``more`` are the addresses that other programs write to."""
    handler = AsyncSlackRequestHandler(app)

    async def slack(request: Request) -> Response:
        response: Response = await handler.handle(request)
        return response

    async def live(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def health(_request: Request) -> Response:
        try:
            async with db.read() as session:
                await session.execute(text("select 1"))
        except DaybookError as error:
            return JSONResponse({"ok": False, "problem": str(error)}, status_code=503)
        return JSONResponse({"ok": True})

    return Starlette(
        routes=[
            # Each of Slack's request URLs may be set apart; all lead to the same listeners.
            Route("/slack/{anything:path}", slack, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
            # For orchestrators: live is "restart me if not", ready is "send me requests".
            Route("/health/live", live, methods=["GET"]),
            Route("/health/ready", health, methods=["GET"]),
            *more,
        ]
    )
