"""What somebody at a terminal meets: `python -m playground`, as `make play` runs it."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import psutil
import pytest

from bot.db.sole import sole_process
from playground.play import PlayError, check_alone, free_port
from playground.sample.setting import BOT_DATABASE, DATABASES, DONE
from playground.server.world import World

ROOT = Path(__file__).parent.parent.parent
# An upper bound for a start on a busy machine, never a wait.
PATIENCE_SECONDS = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small world instead of three weeks of story: Ana in #product."""
    data = tmp_path / ".daybook" / "playground"
    data.mkdir(parents=True)
    for name in DATABASES[1:]:
        (data / name).touch()
    world = World.open(data / DATABASES[0])
    ana = world.users.add("ana", "Ana Lima", user_id="U0ANA00001")
    world.channels.add("product", [ana.id, world.bot.id], channel_id="C0PRODUCT1")
    world.close()
    (data / DONE).touch()
    return tmp_path


async def start(folder: Path, **more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "playground"),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "FRESH": ""} | more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def said_until(process: asyncio.subprocess.Process, words: str) -> str:
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while words not in said:
            line = await process.stdout.readline()
            assert line, f"it stopped, having said {said!r}"
            said += line.decode()
    return said


@asynccontextmanager
async def playing(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await start(folder, PORT=str(port))
    try:
        await said_until(process, "Daybook is ready")
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await process.communicate()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


async def refused(folder: Path, **more: str) -> tuple[int | None, str]:
    process = await start(folder, **more)
    async with asyncio.timeout(PATIENCE_SECONDS):
        _, errors = await process.communicate()
    return process.returncode, errors.decode()


async def test_a_taken_port_is_said_with_a_way_out(folder: Path, taken_port: int) -> None:
    code, errors = await refused(folder, PORT=str(taken_port))
    assert code == 1
    assert errors == (
        f"Port {taken_port} is taken by another program. Try another one: make play PORT=8421\n"
    )


async def test_a_port_that_is_no_number_is_said(folder: Path) -> None:
    for typed in ("many", "99999"):
        said = f"PORT must be a number from 1 to 65535, not '{typed}'.\n"
        assert await refused(folder, PORT=typed) == (2, said)


async def test_a_real_workspaces_settings_and_database_are_left_alone(folder: Path) -> None:
    (folder / ".env").write_text("HEALTH_PORT=banana\n")
    real = folder / ".daybook" / "daybook.db"
    real.write_text("a team's own")
    async with playing(folder, free_port()):
        assert real.read_text() == "a team's own"


async def test_a_taken_port_throws_nothing_away(folder: Path, taken_port: int) -> None:
    await refused(folder, PORT=str(taken_port), FRESH="1")
    assert (folder / ".daybook" / "playground" / DATABASES[0]).exists()


async def test_ctrl_c_stops_the_bot_too(folder: Path) -> None:
    async with playing(folder, free_port()) as process:
        family = psutil.Process(process.pid).children(recursive=True)
        assert family
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_SECONDS):
            _, errors = await process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in errors.decode()
    assert [one for one in family if one.is_running()] == []


async def test_what_was_said_is_there_after_a_restart(folder: Path) -> None:
    port = free_port()
    place = f"http://127.0.0.1:{port}/p/U0ANA00001/c/C0PRODUCT1"
    async with playing(folder, port), aiohttp.ClientSession() as web:
        said = {"data": {"text": "Still here?"}, "headers": {"X-Playground": "1"}}
        async with web.post(f"{place}/send", **said) as answer:
            assert (await answer.json())["ok"]
    async with playing(folder, port), aiohttp.ClientSession() as web, web.get(place) as answer:
        assert "Still here?" in await answer.text()


async def test_starting_over_lays_out_the_days_story_again(folder: Path) -> None:
    process = await start(folder, PORT=str(free_port()), FRESH="1")
    await said_until(process, "Laying out three weeks")
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await process.communicate()
    assert not (folder / ".daybook" / "playground" / DONE).exists()
    family = psutil.Process().children(recursive=True)
    assert process.pid not in {one.pid for one in family}


def test_a_playground_that_runs_is_not_thrown_away_by_another(tmp_path: Path) -> None:
    running = sole_process(f"sqlite:///{tmp_path / BOT_DATABASE}")
    with running, pytest.raises(PlayError, match="A playground runs here already"):
        check_alone(tmp_path)
    check_alone(tmp_path)
