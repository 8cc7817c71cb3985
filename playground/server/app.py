"""The playground server as one ASGI application."""

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from playground.server.people import People
from playground.server.settings import Settings
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
    """
    raise NotImplementedError
