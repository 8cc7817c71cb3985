"""Daybook's own web application beside a bare one on the same database, in a process of its own.

``python -m benchmarks.web_server DATABASE_URL SLACK_API_URL``. The engine does not run here.

Bare: ``/bare/command`` and ``/bare/event`` do the same transactions without Bolt, signatures and
the error boundary.
"""

import sys
from urllib.parse import parse_qs

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as HttpRoute

from benchmarks.fake_slack import serve_until_input_ends
from benchmarks.load import SECRET
from bot.bootstrap import running
from bot.deps import Deps
from bot.engine.inbox import receive
from bot.entries.log import Line, append
from bot.settings import Settings
from bot.slack.blocks import Message
from bot.web.heap import settle_heap
from bot.web.http import build_web
from handlers import general
from handlers.answers import Answer, Private
from handlers.boundary import Route
from handlers.events import match_all, read_event
from handlers.payloads import Request, read_command, read_source
from handlers.routes import build_routes


async def take_note(request: Request, deps: Deps) -> Answer:
    """``/daybook note``: one line of the shared log, as any command that changes something adds."""
    async with deps.act(request) as session:
        line = Line("bench.noted", "bench", request.trigger_id, request.user_id, prose=request.text)
        entry = await append(session, request.workspace_id, line, at=request.at)
    return Private(Message(f"Noted as line {entry.seq}."))


async def main(database_url: str, api: str) -> None:
    """Serve until the input ends."""
    general.COMMANDS["note"] = Route(take_note)
    settings = Settings(
        _env_file=None,
        slack_bot_token="xoxb-bench",
        slack_signing_secret=SECRET,
        slack_api_url=api,
        database_url=database_url,
    )
    async with running(settings) as daybook:
        web = build_web(daybook.app, daybook.deps.db)
        web.routes.extend(_bare(daybook.deps))
        settle_heap()  # as `daybook run` does
        await serve_until_input_ends(web)


def _bare(deps: Deps) -> list[HttpRoute]:
    place = deps.places.all()[0]
    routes = build_routes()

    async def command(http: HttpRequest) -> Response:
        form = parse_qs((await http.body()).decode())
        body = {name: values[0] for name, values in form.items()}
        source, at = read_source(body), deps.clock.now()
        asker = await place.directory.asker(source.user_id, at=at, here=source.channel_id)
        request = Request(place=place, asker=asker, at=at, **read_command(body))
        answer = await take_note(request, deps)
        assert isinstance(answer, Private)
        return JSONResponse({"text": answer.message.text})

    async def event(http: HttpRequest) -> Response:
        body = read_event(await http.json())
        arrivals = match_all(body, deps.watch, routes.matchers)
        async with deps.db.write() as session:
            for arrival in arrivals:
                at = deps.clock.now()
                await receive(session, place.workspace_id, body.id, arrival, at=at)
        return JSONResponse({})

    return [
        HttpRoute("/bare/command", command, methods=["POST"]),
        HttpRoute("/bare/event", event, methods=["POST"]),
    ]


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(*sys.argv[1:]))
