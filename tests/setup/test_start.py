"""What stops a start is one clear setting, before anything runs."""

import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import cli
from bot.db.session import Database
from bot.engine.tables import Inbox
from bot.errors import BadSetting
from bot.settings import Settings
from bot.web import serve
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings as ServerSettings
from playground.server.world import World
from tests.conftest import MANIFEST

WORK = """
import asyncio
from bot.web.serve import _until_told

async def starting():
    print("starting", flush=True)
    await asyncio.Event().wait()

asyncio.run(_until_told(starting()))
print("stopped")
"""


@pytest.fixture
async def slack() -> AsyncIterator[dict[str, Any]]:
    """The settings of a Slack that knows one app."""
    world = World.open(":memory:", team_name="Northstar")
    server = ServerSettings(port=0)
    people = People(world, MANIFEST, server)
    async with serving(build_app(world, people, MANIFEST, server), server) as base_url:
        yield {
            "slack_bot_token": world.app.bot_token,
            "slack_app_token": world.app.app_token,
            "slack_api_url": f"{base_url}/api/",
        }
    world.close()


async def _refused(**settings: Any) -> BadSetting:
    with pytest.raises(BadSetting) as refused:
        async with serve.serving(Settings(_env_file=None, **settings)):
            pass
    return refused.value


def test_a_database_that_does_not_answer_names_its_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENV_FILE", "")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:9/x")
    with pytest.raises(BadSetting, match=r"does not answer.*check DATABASE_URL") as refused:
        cli.migrate()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["slack_bot_token", "slack_app_token"])
async def test_a_token_that_slack_refuses_is_named(
    slack: dict[str, Any], database_url: str, name: str
) -> None:
    wrong = "xoxb-wrong" if "bot" in name else "xapp-wrong"
    refused = await _refused(**slack | {name: wrong}, database_url=database_url)
    assert refused.field == name.upper()
    assert name.upper() in refused.fix
    assert "wrong" not in str(refused)
    db = Database(database_url)
    async with db.read() as session:
        assert not await session.scalar(select(func.count()).select_from(Inbox))
    await db.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_slack_that_is_not_there_names_its_address(
    slack: dict[str, Any], database_url: str
) -> None:
    nowhere = "http://127.0.0.1:9/api/"
    refused = await _refused(**slack | {"slack_api_url": nowhere}, database_url=database_url)
    assert (refused.field, "SLACK_API_URL" in refused.fix) == ("SLACK_API_URL", True)


async def test_a_port_that_is_taken_ends_the_start_before_anything_runs(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        refused = await _refused(
            slack_bot_token="xoxb-1",
            slack_signing_secret="s",
            port=port,
            database_url=f"sqlite+aiosqlite:///{tmp_path / 'none.db'}",
        )
    assert f"Port {port} on 127.0.0.1 is taken" in refused.problem
    assert not (tmp_path / "none.db").exists()


async def test_a_host_that_is_no_address_here_is_not_called_a_taken_port(tmp_path: Path) -> None:
    refused = await _refused(
        slack_bot_token="xoxb-1",
        slack_signing_secret="s",
        host="999.1.1.1",
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'none.db'}",
    )
    assert (refused.field, refused.problem) == ("HOST", "999.1.1.1 is no address of this machine.")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_takes_long_can_be_stopped(sign: signal.Signals) -> None:
    command = [sys.executable, "-c", WORK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "starting\n"
        process.send_signal(sign)
        assert process.stdout.read() == "stopped\n"
    assert process.returncode == 0
