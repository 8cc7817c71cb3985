"""Start the playground: data, server, page, and the bot as a program of its own."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import yaml

from bot.db.sole import sole_process
from bot.errors import BadSetting
from playground.control import BotClockwork
from playground.page.routes import routes
from playground.sample.setting import (
    BOT_DATABASE,
    METRICS_FILE,
    PRODUCT_DATABASE,
    WORLD_DATABASE,
    has_data,
    lay_out,
    start_over,
)
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings
from playground.server.world import World, utc_now

HOST = "127.0.0.1"
MANIFEST = Path(__file__).parent.parent / "app.yaml"
# How long the bot may take to say that it is there, on a slow machine.
READY_SECONDS = 60


class PlayError(Exception):
    """The playground cannot start; the message names the fix."""


async def play(folder: Path, port: int, *, is_fresh: bool = False) -> None:
    """Run until SIGINT or SIGTERM; data stays in ``folder``. ``is_fresh`` throws it away first."""
    check_free(port)
    check_alone(folder)
    if is_fresh:
        start_over(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _let_signals_stop_this()
    with contextlib.suppress(asyncio.CancelledError):
        async with playing(folder, port) as url:
            say(
                f"\n  Daybook is ready: {url}\n\n  Ctrl-C stops it; your data stays in {folder}/.\n"
            )
            await asyncio.Event().wait()
    say("Stopped.")


def _let_signals_stop_this() -> None:
    """Cancel the running task at the first signal; stopping itself is not to be interrupted."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  called from a coroutine
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, lambda: task.cancelling() or task.cancel())


@asynccontextmanager
async def playing(
    folder: Path, port: int, *, real_now: Callable[[], datetime] = utc_now
) -> AsyncIterator[str]:
    """Serve server, page and bot while the block lasts; gives the URL.

    ``real_now`` is another one than the machine's clock where the day has to be known (tests and
    pictures); the bot is told how far it is away from the machine's.
    """
    if not has_data(folder):
        say("Laying out three weeks of a team's history...")
        await lay_out(folder, real_now())
    world = World.open(folder / WORLD_DATABASE, real_now=real_now)
    manifest = yaml.safe_load(MANIFEST.read_text())
    settings = Settings(host=HOST, port=port, base_url=f"http://{HOST}:{port}")
    people = People(world, manifest, settings)
    control_port = free_port()
    clockwork = BotClockwork(world, f"http://{HOST}:{control_port}")
    pages = routes(world, people, clockwork)
    app = build_app(world, people, manifest, settings, extra_routes=pages)
    async with serving(app, settings) as url, _bot(folder, world, url, control_port) as process:
        await _wait_for(process, clockwork)
        watching = asyncio.create_task(_tell_end(process))
        try:
            yield url
        finally:
            watching.cancel()
    world.close()


@asynccontextmanager
async def _bot(
    folder: Path, world: World, url: str, control_port: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``daybook run``, the same program as in a real workspace."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        env=os.environ | bot_environment(folder, world, url, control_port),
        start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the bot
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), timeout=5)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _tell_end(process: asyncio.subprocess.Process) -> None:
    """Say in the terminal that the bot has ended while the page still stands."""
    await process.wait()
    say("\n  The bot has ended, so nothing answers. Press Ctrl-C, then start it again: make play\n")


async def _wait_for(process: asyncio.subprocess.Process, clockwork: BotClockwork) -> None:
    """Return once the bot answers. Raises ``PlayError`` when it ends or says nothing."""
    ready = asyncio.create_task(clockwork.wait_until_ready(READY_SECONDS))
    ended = asyncio.create_task(process.wait())
    try:
        done, _ = await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ready.cancel()
        ended.cancel()
    if ended in done or ready.exception() is not None:
        raise PlayError("The bot did not start. What it says about it stands above.")


def bot_environment(folder: Path, world: World, url: str, control_port: int) -> dict[str, str]:
    """Return what the bot is told: the settings of a real workspace, pointed at this one."""
    return {
        "SLACK_BOT_TOKEN": world.app.bot_token,
        "SLACK_APP_TOKEN": world.app.app_token,
        "SLACK_SIGNING_SECRET": world.app.signing_secret,
        "SLACK_API_URL": f"{url}/api/",
        "DATABASE_URL": f"sqlite:///{folder / BOT_DATABASE}",
        "METRICS_FILE": str(METRICS_FILE),
        "PRODUCT_DB_URL": f"sqlite:///{folder / PRODUCT_DATABASE}",
        "DEFAULT_TIMEZONE": "Europe/Berlin",
        "CONTROL_PORT": str(control_port),
        "CLOCK_OFFSET_SECONDS": str((world.now() - utc_now()).total_seconds()),
        # A real workspace's settings have no business here.
        "ENV_FILE": "",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }


def check_free(port: int) -> None:
    """Raise ``PlayError`` when the port is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise PlayError(
                f"Port {port} is taken by another program. Try another one: make play PORT=8421"
            ) from error


def check_alone(folder: Path) -> None:
    """Raise ``PlayError`` when another playground runs on this folder's data."""
    try:
        with sole_process(f"sqlite:///{folder / BOT_DATABASE}"):
            return
    except BadSetting as error:
        raise PlayError(
            "A playground runs here already, in another terminal. Stop it there with Ctrl-C first."
        ) from error


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)
