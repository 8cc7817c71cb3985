"""Real HTTP servers on loopback, each answering as one kind of source is documented to."""

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

SECRET = "hunter2-the-key"
Numbers = dict[date, float]


@dataclass
class Shelf:
    """What a server holds, how it misbehaves, and what it was asked."""

    numbers: Numbers = field(default_factory=dict)
    is_slow: bool = False
    status: int = 200
    body: str | None = None  # sent instead of an answer
    seen: list[web.Request] = field(default_factory=list)
    url: str = ""


Answer = Callable[[Shelf, web.Request], Any]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Shelf]:
    shelf = Shelf()
    released = asyncio.Event()

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.read()
        shelf.seen.append(request)
        if shelf.is_slow:
            await released.wait()
        if shelf.body is not None or shelf.status != 200:
            return web.Response(text=shelf.body or "", status=shelf.status)
        found = answer(shelf, request)
        found = await found if asyncio.iscoroutine(found) else found
        return found if isinstance(found, web.StreamResponse) else web.json_response(found)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    server = TestServer(app)
    await server.start_server()
    shelf.url = str(server.make_url("/")).rstrip("/")
    try:
        yield shelf
    finally:
        released.set()
        await server.close()


def is_authorized(request: web.Request) -> bool:
    return request.headers.get("Authorization") == f"Bearer {SECRET}"


async def posthog(shelf: Shelf, request: web.Request) -> Any:
    """``POST /api/projects/<id>/query/`` with a HogQLQuery."""
    if not is_authorized(request):
        return web.json_response({"type": "authentication_error", "detail": "no"}, status=401)
    if (request.method, request.path) != ("POST", "/api/projects/42/query/"):
        return web.json_response({"detail": "Not found."}, status=404)
    query = (await request.json())["query"]
    if query["kind"] != "HogQLQuery" or "nonsense" in query["query"]:
        detail = "Unable to resolve field: nonsense"
        return web.json_response({"type": "validation_error", "detail": detail}, status=400)
    since, until = query["values"]["since"], query["values"]["until"]
    limit = int(re.findall(r"limit (\d+)$", query["query"])[0])
    rows = [[str(d), v] for d, v in sorted(shelf.numbers.items()) if since <= str(d) < until]
    return {
        "columns": ["day", "value"],
        "types": [["day", "Date"], ["value", "UInt64"]],
        "results": rows[:limit],
        "hasMore": len(rows) > limit,
        "limit": limit,
        "query": query["query"],
        "error": None,
    }


def sheet(shelf: Shelf, request: web.Request) -> Any:
    """A published sheet."""
    return web.Response(text=csv_text(shelf.numbers), content_type="text/csv")


def csv_text(numbers: Numbers) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Day", "Teams", "Note"])
    for day, value in numbers.items():
        writer.writerow([day, value, "a, b"])
    return out.getvalue()


def api(shelf: Shelf, request: web.Request) -> Any:
    """Some API, as ``/v1/stats`` with rows below data."""
    if not is_authorized(request):
        return web.json_response({"error": "unauthorized"}, status=401)
    rows = [{"on": str(day), "n": {"total": value}} for day, value in shelf.numbers.items()]
    return {"data": rows, "has_more": False}


def prometheus(shelf: Shelf, request: web.Request) -> Any:
    """``GET /api/v1/query_range``: samples on even steps from start to end."""
    if request.path != "/api/v1/query_range" or request.method != "GET":
        return web.json_response({"status": "error"}, status=404)
    if "((" in request.query["query"]:
        error = 'invalid parameter "query": 1:5: parse error: unclosed left parenthesis'
        said = {"status": "error", "errorType": "bad_data", "error": error}
        return web.json_response(said, status=400)
    start, end = float(request.query["start"]), float(request.query["end"])
    ends = {_midnight_after(day): value for day, value in shelf.numbers.items()}
    values, at = [], start
    while at <= end:
        if at in ends:
            values.append([at, json.dumps(ends[at])])
        at += float(request.query["step"])
    result = [{"metric": {}, "values": values}] if values else []
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def _midnight_after(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + 86_400
