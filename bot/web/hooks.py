"""``POST /hooks/feedback/<id>``: signed feedback from other programs, stored for a job to log."""

import json
from collections import OrderedDict
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.deps import Deps
from bot.errors import BadInput, NotAllowed, Unavailable
from bot.intake.hooks import find_hook, take_in
from bot.intake.shapes import read_body
from bot.intake.signatures import check_signature
from bot.slack.pacing import Bucket, Limit

HOOK_PATH = "/hooks/feedback/{hook_id}"
BODY_BYTES = 256 * 1024  # six times the longest text that is kept
# A support desk's busy minute, and its backlog at once; more is told to come back.
RATE = Limit(2.0, 120)
HOOKS_REMEMBERED = 1_000
ID_CHARACTERS = 36


class Hooks:
    """Answers webhooks. What is refused is refused with a sentence for who set it up."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [Route(HOOK_PATH, self.answer, methods=["POST"])]

    async def answer(self, request: Request) -> Response:
        """Take one body in."""
        try:
            return await self._answer(request)
        except NotAllowed as error:
            return _problem(401, str(error))
        except BadInput as error:
            return _problem(422, str(error), field=error.field)
        except Unavailable as error:
            return _problem(503, str(error))

    async def _answer(self, request: Request) -> Response:
        hook_id, at = request.path_params["hook_id"], self._deps.clock.now()
        body = await _read(request)
        if body is None:
            return _problem(413, f"The body is over {BODY_BYTES:,} bytes.")
        async with self._deps.db.read() as session:
            hook = await find_hook(session, hook_id) if len(hook_id) <= ID_CHARACTERS else None
        if hook is None:
            return _problem(404, "There is no such webhook (any more).")
        headers = {name.lower(): value for name, value in request.headers.items()}
        check_signature(hook.shape, hook.secret, headers, body, at=at)
        if not self._has_room(hook.id, at):
            wait = {"Retry-After": "30"}
            return _problem(429, "Too many at once; send this again later.", headers=wait)
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadInput(field="body", problem="The body is not JSON.") from error
        incoming = read_body(hook.shape, parsed)
        if incoming is None:
            return JSONResponse({"ok": True, "status": "ignored: nothing that a customer said"})
        async with self._deps.db.write() as session:
            is_new = await take_in(session, hook, incoming, at=at)
        return JSONResponse({"ok": True, "status": "taken" if is_new else "known"}, 202)

    def _has_room(self, hook_id: str, at: datetime) -> bool:
        """Take a token of the webhook; only signed bodies come here, so nobody spends another's."""
        bucket = self._buckets.setdefault(hook_id, Bucket.full(RATE, at))
        self._buckets.move_to_end(hook_id)
        if len(self._buckets) > HOOKS_REMEMBERED:
            self._buckets.popitem(last=False)
        if bucket.free_at(at) > at:
            return False
        bucket.tokens -= 1
        return True


async def _read(request: Request) -> bytes | None:
    """Return the body, or None as soon as it is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)


def _problem(
    status: int, said: str, *, field: str = "", headers: dict[str, str] | None = None
) -> JSONResponse:
    body = {"ok": False, "problem": said} | ({"field": field} if field else {})
    return JSONResponse(body, status, headers=headers)
