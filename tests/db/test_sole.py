"""A second process on one SQLite file is refused, whatever became of the first."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.db.sole import sole_process
from bot.errors import BadSetting

HOLD = """
import sys
from bot.db.sole import sole_process
with sole_process(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_elsewhere(url: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _url(tmp_path: Path, name: str = "daybook.db") -> str:
    return f"sqlite+aiosqlite:///{tmp_path / name}"


def test_a_second_process_is_told_which_one_runs_already(tmp_path: Path) -> None:
    url = _url(tmp_path)
    with held_elsewhere(url) as first:
        with pytest.raises(BadSetting) as refused, sole_process(url):
            pass
        assert f"process {first.pid}" in str(refused.value)
        assert "Postgres" in refused.value.fix


def test_the_file_is_free_again_after_kill_9(tmp_path: Path) -> None:
    url = _url(tmp_path)
    with held_elsewhere(url) as first:
        first.kill()
        first.wait()
        with sole_process(url):
            assert (tmp_path / "daybook.db.lock").exists()


def test_another_name_of_the_same_file_is_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "daybook.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "daybook.db")
    link = sole_process(_url(tmp_path, "link.db"))
    with sole_process(_url(tmp_path)), pytest.raises(BadSetting), link:
        pass


def test_two_files_and_postgres_are_held_side_by_side(tmp_path: Path) -> None:
    postgres = "postgresql+psycopg://daybook@localhost/daybook"
    urls = [_url(tmp_path), _url(tmp_path, "other.db"), postgres, postgres]
    with ExitStack() as stack:
        for url in urls:
            stack.enter_context(sole_process(url))


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_the_program_refuses_before_it_touches_the_database_or_slack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'daybook.db'}")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    with sole_process(_url(tmp_path)):
        ended = CliRunner().invoke(app, [command])
    assert isinstance(ended.exception, BadSetting)
    assert "runs already" in str(ended.exception)
    assert not (tmp_path / "daybook.db").exists()


def test_a_full_disk_does_not_keep_the_file_from_being_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with (
        sole_process(_url(tmp_path)),
        pytest.raises(BadSetting, match="another process"),
        sole_process(_url(tmp_path)),
    ):
        pass
