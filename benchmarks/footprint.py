"""How soon ``daybook run`` answers, and how much memory it holds then. Bare: Python with Bolt."""

import os
import subprocess
import sys
import time
import urllib.request

import psutil
import uvloop

from benchmarks.databases import fresh_url
from benchmarks.fake_slack import fake_slack
from benchmarks.load import SECRET
from benchmarks.table import Row
from bot.db.migrate import migrate
from bot.db.session import Database

PORT = 8497
BARE = "import slack_bolt.async_app, uvicorn, os, psutil; print(psutil.Process().memory_info().rss)"
RUN = "import sys; sys.argv = ['daybook', 'run']; from bot.cli import main; main()"
MEGABYTE = 1_000_000


def run(*, quick: bool) -> list[Row]:
    """Start it once; it is measured as it stands, with its engine and its clockwork."""
    with fresh_url("sqlite") as url, fake_slack() as api:
        uvloop.run(_migrated(url))
        environment = os.environ | {
            "DATABASE_URL": url, "SLACK_API_URL": api, "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_SIGNING_SECRET": SECRET, "PORT": str(PORT), "OPENAI_API_KEY": "",
        }  # fmt: skip
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", RUN], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait(process)
            seconds = time.perf_counter() - began
            time.sleep(2)
            resident = psutil.Process(process.pid).memory_info().rss
        finally:
            process.terminate()
            process.wait(15)
    began = time.perf_counter()
    bare = int(subprocess.check_output([sys.executable, "-W", "ignore", "-c", BARE]))
    bare_seconds = time.perf_counter() - began
    return [
        Row("start of daybook run until it answers", f"{seconds:.1f} s", f"{bare_seconds:.1f} s",
            f"{seconds / bare_seconds:.1f}"),
        Row("memory of daybook run (resident)", f"{resident / MEGABYTE:.0f} MB",
            f"{bare / MEGABYTE:.0f} MB", f"{resident / bare:.1f}"),
    ]  # fmt: skip


def _wait(process: subprocess.Popen[bytes]) -> None:
    for _ in range(1_200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("daybook run ended") from None
            time.sleep(0.05)
    raise RuntimeError("daybook run does not answer")


async def _migrated(url: str) -> None:
    db = Database(url)
    await migrate(db)
    await db.close()
