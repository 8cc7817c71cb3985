"""What 60 routes cost beside one, in Bolt's dispatch of a signed command, without a transaction.

Bare: 60 listeners of Bolt's own, one for each command, as most apps register them.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import uvloop
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from benchmarks.databases import fresh_url
from benchmarks.fake_slack import fake_slack
from benchmarks.load import SECRET, command, signed
from benchmarks.table import Row
from bot.bootstrap import build_app, running
from bot.db.migrate import migrate
from bot.db.session import Database
from bot.deps import Deps
from bot.settings import Settings
from bot.slack.blocks import Message
from handlers.answers import Answer, Private
from handlers.boundary import Ack, Route
from handlers.payloads import Request
from handlers.routes import Routes, build_routes

ROUTES, ROUNDS, CALLS, QUICK_CALLS = 60, 8, 250, 50
TARGET_RATIO = 1.3


async def answer(_request: Request, _deps: Deps) -> Answer:
    """Answer at once."""
    return Private(Message("Noted."))


def _routes(count: int) -> Routes:
    names = [f"word{n}" for n in range(count - 2)] + ["note", "unknown"]
    return replace(build_routes(), commands={name: Route(answer) for name in names})


def _listeners(deps: Deps, count: int) -> AsyncApp:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_user_id="U0BOT", bot_token="xoxb"
        )

    async def listen(ack: Ack) -> None:
        await ack(text="Noted.")

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)
    for n in range(count - 1):
        app.command(f"/word{n}")(listen)
    app.command("/daybook")(listen)
    return app


def run(*, quick: bool) -> list[Row]:
    """Measure all four in turns."""
    return uvloop.run(measure(QUICK_CALLS if quick else CALLS, quick=quick))


async def measure(calls: int, *, quick: bool) -> list[Row]:
    """CPU time of this process alone, so that what else runs does not count."""
    with fake_slack() as api, fresh_url("sqlite") as url:
        db = Database(url)
        await migrate(db)
        await db.close()
        settings = Settings(
            _env_file=None, slack_bot_token="xoxb-bench", slack_signing_secret=SECRET,
            slack_api_url=api, database_url=url,
        )  # fmt: skip
        async with running(settings) as daybook:
            apps = {
                "one": build_app(daybook.deps, _routes(2)),
                "many": build_app(daybook.deps, _routes(ROUTES)),
                "bolt one": _listeners(daybook.deps, 1),
                "bolt many": _listeners(daybook.deps, ROUTES),
            }
            cost = await _costs(apps, calls)
    ratio = cost["many"] / cost["one"]
    bare = cost["bolt many"] / cost["bolt one"]
    return [
        Row(
            f"{ROUTES} routes beside one, CPU time of a command",
            f"{cost['many'] * 1e3:.2f} and {cost['one'] * 1e3:.2f} ms",
            f"Bolt's listeners: {bare:.2f}",
            f"{ratio:.2f}",
            "" if quick else f"<= {TARGET_RATIO}",
            None if quick else ratio <= TARGET_RATIO,
        )
    ]


async def _costs(apps: dict[str, AsyncApp], calls: int) -> dict[str, float]:
    spent = dict.fromkeys(apps, 0.0)
    for n in range(ROUNDS + 1):
        for name, app in apps.items():
            seconds = await _timed(app.async_dispatch, calls)
            spent[name] += seconds if n else 0.0  # the first is to warm up
    return {name: seconds / ROUNDS / calls for name, seconds in spent.items()}


async def _timed(dispatch: Callable[[AsyncBoltRequest], Awaitable[object]], calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        body, kind = command()
        headers = {name.lower(): [value] for name, value in signed(body, kind).items()}
        answered = await dispatch(AsyncBoltRequest(body=body.decode(), headers=headers))
        if getattr(answered, "status", 0) != 200:
            raise AssertionError("a command was refused")
    return time.process_time() - began
