"""A process that has read the program, and becomes one of its processes as often as it is asked to.

Starting the interpreter and reading all modules takes three seconds of a core; a trial starts its
bots some thirty times. What is born here is a process of its own that runs the same ``main()``
with arguments, environment, output and clock of its own, and is killed and stopped like any other.

On its standard input come lines of JSON ({"run", "arguments", "environment", "log"}); it answers
with {"born": pid}, and with {"ended": pid, "code"} for each that ends. It ends with its input.
"""

import asyncio
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tests.chaos.parent import follow_parent

ROOT = Path(__file__).parent.parent.parent
# How long anything may take to begin on a machine that does much else.
START_SECONDS = 90.0
LOOK_SECONDS = 0.02


class Child:
    """A process that the nursery bore: as much of asyncio's Process as a trial needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    async def wait(self) -> int:
        """Wait until it ended; returns its exit code."""
        while self.returncode is None:  # noqa: ASYNC110  another thread sets it
            await asyncio.sleep(LOOK_SECONDS)
        return self.returncode


class Nursery:
    """Asks the process below for others; of use to any event loop, one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.chaos.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self._children: dict[int, Child] = {}
        self._born: queue.Queue[Child] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    async def bear(
        self, run: str, arguments: list[str], environment: Mapping[str, str], log: Path
    ) -> Child:
        """Start ``run`` (bot or slack) as a process of its own."""
        asked = {"run": run, "arguments": arguments, "log": str(log)}
        asked_whole = json.dumps(asked | {"environment": dict(environment)})
        return await asyncio.to_thread(self._bear, asked_whole)

    def _bear(self, asked: str) -> Child:
        assert self._process.stdin
        self._process.stdin.write(asked.encode() + b"\n")
        self._process.stdin.flush()
        return self._born.get(timeout=START_SECONDS)

    def close(self) -> None:
        """End it, and with it what it bore."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            told = json.loads(line)
            if "born" in told:
                child = self._children[told["born"]] = Child(told["born"])
                self._born.put(child)
            else:
                self._children.pop(told["ended"]).returncode = told["code"]


@contextmanager
def nursing() -> Iterator[Nursery]:
    """Run one while the block lasts."""
    nursery = Nursery()
    try:
        yield nursery
    finally:
        nursery.close()


def _read_the_program() -> dict[str, Callable[[], None]]:
    # All that a start would read, and nothing that begins a thread or opens a connection.
    import alembic.command
    import procrastinate
    import psycopg_pool
    import uvloop

    import bot.web.serve
    from bot.cli import main as bot_main
    from bot.clock import SystemClock
    from tests.chaos import slack
    from tests.chaos.clockfile import ClockFile

    del alembic, procrastinate, psycopg_pool, uvloop, bot

    def run_bot() -> None:
        clock = ClockFile(Path(os.environ["CHAOS_CLOCK"]))
        SystemClock.now = lambda _self: clock.now()  # type: ignore[method-assign]
        bot_main()

    def run_slack() -> None:
        asyncio.run(slack.main(Path(sys.argv[1]), int(sys.argv[2])))

    return {"bot": run_bot, "slack": run_slack}


def _say(told: dict[str, Any]) -> None:
    os.write(1, json.dumps(told).encode() + b"\n")


def _reap(_signal: int, _frame: FrameType | None) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _say({"ended": pid, "code": os.waitstatus_to_exitcode(status)})


def _become(asked: dict[str, Any], programs: dict[str, Callable[[], None]]) -> None:
    """Run in the new process, and never return."""
    import uuid_utils

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, at in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(file, at)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  the nursery's has read what comes next
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = [asked["run"], *asked["arguments"]]
    uuid_utils.reseed_rng()
    follow_parent()
    code = 1
    try:
        programs[asked["run"]]()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001  as the interpreter does at the end of a program
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Bear until the input ends."""
    programs = _read_the_program()
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        # An end is told after the birth, however soon it comes.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if not pid:
            _become(json.loads(line), programs)
        _say({"born": pid})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


if __name__ == "__main__":
    main()
