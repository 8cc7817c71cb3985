"""views.*: modals and App Homes."""

import json
import secrets
from typing import Any

from playground.server import blockkit
from playground.server.block_checks import check_view, with_ids
from playground.server.refusals import RefusedError, refuse_problems
from playground.server.rows import Json, View
from playground.server.shapes import render_view
from playground.server.triggers import Trigger
from playground.server.views import STACK_LIMIT
from playground.server.webapi.call import Call
from playground.server.workspace import Workspace


def open_view(call: Call) -> Json:
    """views.open: a modal in answer to a person's act less than three seconds old."""
    body = _body(call, "modal")
    trigger = _trigger(call)
    _check_external_id(call.workspace, body, None)
    trigger.is_used = True
    view = call.world.views.open(trigger.user, body, view_hash=new_hash(call.workspace))
    return _shown(call, view)


def push_view(call: Call) -> Json:
    """views.push: on top of the modal that the act happened in."""
    body = _body(call, "modal")
    trigger = _trigger(call)
    stack = call.world.views.stack(trigger.user)
    if not stack or trigger.view_id is None:
        raise RefusedError("invalid_trigger_id")
    if len(stack) >= STACK_LIMIT:
        raise RefusedError("push_limit_reached")
    _check_external_id(call.workspace, body, None)
    trigger.is_used = True
    view = call.world.views.push(stack[-1], body, view_hash=new_hash(call.workspace))
    return _shown(call, view)


def update_view(call: Call) -> Json:
    """views.update: by view_id or external_id; a `hash` that is not the present one loses."""
    view_id, external = call.text("view_id"), call.text("external_id")
    if view_id is None and external is None:
        words = "[ERROR] missing required field: view_id"
        raise RefusedError("invalid_arguments", response_metadata={"messages": [words]})
    views = call.world.views
    view = views.get(view_id) if view_id else views.with_external_id(external or "")
    if view is None:
        raise RefusedError("not_found")
    body = _body(call, view.kind)
    _check_hash(call, view)
    return _shown(call, replace_view(call.workspace, view, body))


def publish_view(call: Call) -> Json:
    """views.publish: a person's App Home."""
    user = call.find_user("user_id")
    if not call.workspace.manifest.has_home:
        raise RefusedError("not_enabled")
    body = _body(call, "home")
    home = call.world.views.home(user.id)
    if home is not None:
        _check_hash(call, home)
    _check_external_id(call.workspace, body, home)
    view = call.world.views.publish(user.id, body, view_hash=new_hash(call.workspace))
    return _shown(call, view)


def read_view(workspace: Workspace, view: Any, kind: str) -> Json:
    """A checked view with all its ids; RefusedError names its problems."""
    if len(json.dumps(view)) > blockkit.VIEW_BYTES:
        raise RefusedError("view_too_large")
    refused = workspace.settings.refused_blocks
    refuse_problems("invalid_arguments", check_view(view, kind=kind, refused=refused))
    workspace.check_files(view["blocks"])
    return {**view, "blocks": with_ids(view["blocks"])}


def replace_view(workspace: Workspace, view: View, body: Json) -> View:
    """Puts a new body into an open view; what was typed into fields that stay, stays."""
    _check_external_id(workspace, body, view)
    kept = {block["block_id"] for block in body["blocks"]}
    state = {block_id: value for block_id, value in view.state.items() if block_id in kept}
    return workspace.world.views.change(view.id, body=body, state=state, hash=new_hash(workspace))


def new_hash(workspace: Workspace) -> str:
    """A view's hash; it changes with every change."""
    return f"{int(workspace.world.real_now().timestamp())}.{secrets.token_hex(4)}"


def _body(call: Call, kind: str) -> Json:
    call.needed("view")
    view = call.parsed("view", "invalid_arguments")
    return read_view(call.workspace, view, kind)


def _trigger(call: Call) -> Trigger:
    trigger_id = call.text("trigger_id") or call.text("interactivity_pointer")
    if trigger_id is None:
        words = "[ERROR] missing required field: trigger_id"
        raise RefusedError("invalid_arguments", response_metadata={"messages": [words]})
    found = call.workspace.triggers.find(trigger_id)
    if isinstance(found, str):
        raise RefusedError(found)
    return found


def _check_hash(call: Call, view: View) -> None:
    expected = call.text("hash")
    if expected is not None and expected != view.hash:
        raise RefusedError("hash_conflict")


def _check_external_id(workspace: Workspace, body: Json, own: View | None) -> None:
    external = body.get("external_id")
    taken = workspace.world.views.with_external_id(external) if external else None
    if taken is not None and (own is None or taken.id != own.id):
        raise RefusedError("duplicate_external_id")


def _shown(call: Call, view: View) -> Json:
    call.world.notify("home" if view.kind == "home" else "view", user=view.user)
    return {"view": render_view(call.world, view)}
