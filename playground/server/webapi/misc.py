"""api.test, auth.test, apps.connections.open, blocks.validate."""

import re
from typing import Any

from playground.server.block_checks import check_blocks, check_view
from playground.server.refusals import RefusedError
from playground.server.rows import Json
from playground.server.shape_rules import Problem
from playground.server.webapi.call import Call


def api_test(call: Call) -> Json:
    """api.test: gives the arguments back, and fails on request."""
    error = call.text("error")
    if error is not None:
        raise RefusedError(error, args=call.args)
    return {"args": call.args}


def auth_test(call: Call) -> Json:
    """auth.test: who the token is."""
    world = call.world
    return {
        "url": f"{call.workspace.settings.base_url}/",
        "team": world.team.name,
        "user": world.bot.name,
        "team_id": world.team.id,
        "user_id": world.app.bot_user_id,
        "bot_id": world.app.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> Json:
    """apps.connections.open: where to connect a Socket Mode client."""
    if not call.workspace.manifest.is_socket_mode:
        raise RefusedError("socket_mode_not_enabled")
    base = re.sub("^http", "ws", call.workspace.settings.base_url)
    ticket = call.workspace.hub.issue_ticket()
    return {"url": f"{base}/link/?ticket={ticket}&app_id={call.world.app.app_id}"}


def validate_blocks(call: Call) -> Json:
    """blocks.validate: `blocks`, `message` or `view`, exactly one of them."""
    given = [name for name in ("blocks", "message", "view") if call.text(name) is not None]
    if len(given) != 1:
        raise RefusedError("invalid_arguments")
    name = given[0]
    problems = _problems(call, name, call.parsed(name, f"invalid_{name}"))
    if problems:
        errors = [
            {"pointer": problem.pointer, "code": "failed_constraint", "message": problem.words}
            for problem in problems
        ]
        raise RefusedError(f"invalid_{name}", errors=errors)
    return {}


def _problems(call: Call, name: str, value: Any) -> list[Problem]:
    refused = call.workspace.settings.refused_blocks
    if name == "view":
        kind = value.get("type") if isinstance(value, dict) else None
        return check_view(value, kind="home" if kind == "home" else "modal", refused=refused)
    blocks = value.get("blocks", []) if isinstance(value, dict) else value
    if not isinstance(blocks, list):
        return [Problem("/blocks", "must be an array")]
    return check_blocks(blocks, "message", refused=refused)
