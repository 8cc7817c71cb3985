"""/control/*: for tests, chaos runs and the page's own buttons. Loopback only.

GET  /control/world                    ids, tokens and secrets of the app, people, channels
GET  /control/ledger?since=&method=&channel=
GET  /control/events?state=            what was sent to the app, and whether it was acknowledged
GET|POST|DELETE /control/faults        rules as in `faults.Fault`
POST /control/clock                    {"offset_seconds": 3600}; answers with story time
POST /control/sockets/disconnect       {"reason": "refresh_requested"}
POST /control/verify                   url_verification against the app's events URL
POST /control/act/{act}                a method of People with its arguments as JSON; `at` is an
                                       ISO time, `files` are [name, base64] pairs
"""

import base64
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from playground.server.answers import PersonRefusedError
from playground.server.people import People
from playground.server.transport import UnansweredError

ACTS = (
    *("post", "edit", "delete", "react", "unreact", "ephemerals", "settled"),
    *("command", "click", "shortcut", "suggest", "submit", "close", "open_home", "open_direct"),
    *("create_channel", "join", "leave", "invite", "kick", "rename", "archive", "unarchive"),
    *("delete_channel", "share_channel", "change_user", "add_user"),
)

Endpoint = Callable[[Request], Awaitable[Response]]


def make_control_routes(people: People) -> list[Route]:
    """All control routes."""
    control = Control(people)
    return [
        Route("/control/world", _guarded(control.world)),
        Route("/control/ledger", _guarded(control.ledger)),
        Route("/control/events", _guarded(control.events)),
        Route("/control/faults", _guarded(control.faults), methods=["GET", "POST", "DELETE"]),
        Route("/control/clock", _guarded(control.clock), methods=["GET", "POST"]),
        Route("/control/sockets/disconnect", _guarded(control.disconnect), methods=["POST"]),
        Route("/control/verify", _guarded(control.verify), methods=["POST"]),
        Route("/control/act/{act}", _guarded(control.act), methods=["POST"]),
    ]


class Control:
    """The endpoints."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._world = people.world
        self._workspace = people.workspace

    async def world(self, request: Request) -> Response:
        """Everything that another process needs in order to drive this one."""
        return _json(
            {
                "team": asdict(self._world.team),
                "app": asdict(self._world.app),
                "base_url": self._workspace.settings.base_url,
                "sockets": self._workspace.hub.count,
                "users": [asdict(user) for user in self._world.users.all()],
                "channels": [asdict(channel) for channel in self._world.channels.all()],
            }
        )

    async def ledger(self, request: Request) -> Response:
        """Accepted calls, oldest first."""
        query = request.query_params
        rows = self._world.ledger.rows(
            since=int(query.get("since") or 0),
            method=query.get("method"),
            channel=query.get("channel"),
        )
        return _json({"rows": rows})

    async def events(self, request: Request) -> Response:
        """Events, oldest first."""
        rows = self._workspace.outbox.events(request.query_params.get("state"))
        return _json({"events": rows})

    async def faults(self, request: Request) -> Response:
        """Reads, adds or clears fault rules."""
        if request.method == "DELETE":
            self._people.faults.clear()
        if request.method == "POST":
            self._people.faults.add_from(await _body(request))
        return _json({"faults": self._people.faults.all()})

    async def clock(self, request: Request) -> Response:
        """Reads or moves story time."""
        if request.method == "POST":
            seconds = float((await _body(request))["offset_seconds"])
            self._world.set_offset(timedelta(seconds=seconds))
        offset = self._world.offset.total_seconds()
        return _json({"now": self._world.now(), "offset_seconds": offset})

    async def disconnect(self, request: Request) -> Response:
        """Sends a disconnect frame to every Socket Mode connection."""
        reason = (await _body(request)).get("reason", "refresh_requested")
        return _json({"told": await self._workspace.hub.disconnect(reason)})

    async def verify(self, request: Request) -> Response:
        """Whether the app answers url_verification."""
        try:
            is_verified = await self._workspace.http.verify(secrets.token_hex(16))
        except UnansweredError as error:
            return _json({"verified": False, "reason": error.reason})
        return _json({"verified": is_verified})

    async def act(self, request: Request) -> Response:
        """Lets a person do something; the answer's `result` is what the method returned."""
        name = request.path_params["act"]
        if name not in ACTS:
            return _json({"ok": False, "error": "unknown_act"}, 404)
        arguments = await _body(request)
        if arguments.get("at"):
            arguments["at"] = datetime.fromisoformat(arguments["at"])
        if "files" in arguments:
            arguments["files"] = [(n, base64.b64decode(b)) for n, b in arguments["files"]]
        try:
            result = await getattr(self._people, name)(**arguments)
        except PersonRefusedError as refused:
            return _json({"ok": False, "error": refused.code, "words": refused.words}, 409)
        return _json({"ok": True, "result": result})


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Only from this machine, and not from a page of another site; wrong arguments are a 400."""

    async def guarded(request: Request) -> Response:
        host = request.client.host if request.client else ""
        if not _is_loopback(host) or request.headers.get("origin", "") not in _own(request):
            return _json({"ok": False, "error": "loopback_only"}, 403)
        try:
            return await endpoint(request)
        except (KeyError, TypeError, ValueError) as error:
            return _json({"ok": False, "error": "invalid_arguments", "words": str(error)}, 400)

    return guarded


def _own(request: Request) -> tuple[str, ...]:
    return ("", f"{request.url.scheme}://{request.url.netloc}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _body(request: Request) -> dict[str, Any]:
    body = await request.json() if await request.body() else {}
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def _json(value: Any, status: int = 200) -> Response:
    return JSONResponse(_plain(value), status)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
