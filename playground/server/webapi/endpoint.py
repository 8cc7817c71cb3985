"""POST|GET /api/{method}: tokens, faults, scopes, the ledger; the work is in `methods`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from playground.server.faults import AFTER, BEFORE, Fault
from playground.server.refusals import RefusedError
from playground.server.rows import Json
from playground.server.webapi.call import Call
from playground.server.webapi.methods import METHODS
from playground.server.workspace import Workspace

_TOKEN_CHARACTERS = 500


class LostAnswer(Response):
    """Begins an answer and ends without it: the server then closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the head only."""
        head = [(b"content-length", b"4096"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def make_endpoint(workspace: Workspace) -> Callable[[Request], Awaitable[Response]]:
    """The route's endpoint."""

    async def endpoint(request: Request) -> Response:
        method = request.path_params["method"]
        args, token = await _read(request)
        channel = str(args.get("channel") or args.get("channel_id") or "") or None
        before = workspace.faults.take(BEFORE, method, channel)
        if before is not None:
            refused = await strike(before)
            if refused is not None:
                return refused
        answer = run_call(workspace, method, args, token)
        after = workspace.faults.take(AFTER, method, channel) if answer["ok"] else None
        if after is None:
            scopes = ",".join(workspace.manifest.scopes)
            return JSONResponse(answer, headers={"x-oauth-scopes": scopes})
        if after.kind == "lost_answer":
            return LostAnswer()
        await asyncio.sleep(after.seconds)
        return Response(status_code=504)

    return endpoint


def run_call(workspace: Workspace, method: str, args: Json, token: str | None) -> Json:
    """One call from its arguments to Slack's answer; an accepted one is in the ledger, in the
    same transaction as what it changed."""
    call = Call(workspace, method, dict(args))
    with workspace.world.store.transaction():
        try:
            answer = _run(call, token)
        except RefusedError as refused:  # what it did before stays: a DM opened, a try counted
            return {"ok": False, "error": refused.code, **refused.extra}
        workspace.world.record(method, args, call.channel, call.ts)
    return {"ok": True, **answer}


def _run(call: Call, token: str | None) -> Json:
    known = METHODS.get(call.method)
    if known is None:
        raise RefusedError("unknown_method", req_method=call.method)
    app = call.world.app
    if known.token and not token:
        raise RefusedError("not_authed")
    if known.token and token not in (app.bot_token, app.app_token):
        raise RefusedError("invalid_auth")
    if known.token and token != (app.app_token if known.token == "app" else app.bot_token):  # noqa: S105
        raise RefusedError("not_allowed_token_type")
    call.check_scope(*known.scopes)
    return known.run(call)


async def _read(request: Request) -> tuple[Json, str | None]:
    args: Json = dict(request.query_params)
    content = request.headers.get("content-type", "")
    if request.method == "POST":
        if content.startswith("application/json"):
            args |= await _json(request)
        else:
            form = await request.form()
            args |= {name: value for name, value in form.items() if isinstance(value, str)}
    token = args.pop("token", None)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        token = bearer.strip()
    return args, str(token)[:_TOKEN_CHARACTERS] if token else None


async def _json(request: Request) -> Json:
    try:
        body: Any = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


async def strike(fault: Fault) -> Response | None:
    """What the app gets instead of an answer; None when it was only late."""
    if fault.kind == "rate_limited":
        headers = {"Retry-After": str(fault.retry_after_seconds)}
        return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers=headers)
    if fault.kind == "server_error":
        return Response("upstream connect error", fault.status)
    if fault.kind == "error":
        return JSONResponse({"ok": False, "error": fault.error})
    await asyncio.sleep(fault.seconds)
    return None
