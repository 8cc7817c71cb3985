"""What procrastinate gives beside our tables: ``python -m benchmarks.workers`` (two minutes).

Two worker processes on one Postgres, the same occurrences, handed out by procrastinate or taken by
turns from the tables. Figures stand in docs/decisions/0008-procrastinate-hands-out.md.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import insert, text

from bot.clock import Daily, Rule, SystemClock
from bot.db.migrate import migrate
from bot.db.session import Database
from bot.db.types import new_id
from bot.engine.attempts import Jobs, Progress
from bot.engine.locks import SessionLocks
from bot.engine.outgoing import Outgoing
from bot.engine.presence import new_owner
from bot.engine.queue import Queue, SlotWork
from bot.engine.runner import Engine
from bot.engine.schedules import tick
from bot.engine.tables import Schedule
from tests.postgres import Postgres, running_postgres

MODES = ("tables", "procrastinate")
NOW = datetime.now(UTC).replace(microsecond=0)
HUGE, SMALL = 3_000, 50  # occurrences of one workspace; workspaces with a single one
FANNED = 20_000
PATIENCE_SECONDS = 180


class _Bench:
    """An engine without Slack, whose jobs do nothing, or never end."""

    def __init__(self, url: str, mode: str) -> None:
        self.db, self.mode, owner = Database(url), mode, new_owner()
        self.locks = SessionLocks(self.db, owner)
        jobs = Jobs({}, {"quick": self._quick, "hang": self._hang}, self._nothing)
        outgoing = Outgoing(self.db, owner, self._none, self._none, SystemClock().now)
        queue = Queue(self.db, owner, self.locks)
        handed = mode == "procrastinate"
        self.engine = Engine(self.db, SystemClock(), queue, outgoing, jobs, hands_out=handed)

    async def _quick(self, _work: SlotWork) -> str:
        return "done"

    async def _hang(self, work: SlotWork) -> str:
        print("hangs", flush=True)
        if work.attempts == 1:
            await asyncio.Event().wait()
        return "done"

    async def _nothing(self, _at: datetime) -> Progress:
        return Progress(0, 0, is_done=True)

    async def _none(self, _of: Any) -> Any:
        raise AssertionError("nothing is posted here")


async def _work(url: str, mode: str) -> None:
    """One worker process, until it is killed."""
    bench = _Bench(url, mode)
    engine = bench.engine
    async with bench.locks.held(engine.poke):
        tasks = [asyncio.create_task(engine.run_forever())]
        if mode == "procrastinate":
            from bot.engine.workers import Workers

            workers = Workers(bench.db, engine)
            bench.db.before_commit.append(workers.hand_out)
            tasks.append(asyncio.create_task(workers.run_forever()))
        print("ready", flush=True)
        while True:  # the clockwork's sweep and tick
            await asyncio.sleep(10)
            await engine.release_gone()
            engine.poke()


@contextmanager
def _workers(url: str, mode: str, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "benchmarks.workers", "work", url, mode]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    try:
        for process in started:
            assert process.stdout
            process.stdout.readline()
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


async def _schedules(db: Database, kind: str, workspaces: list[tuple[str, int]]) -> None:
    rule = Rule(at=NOW.time().replace(second=0), on=Daily()).to_json()
    async with db.write() as session:
        for workspace_id, count in workspaces:
            row = {"id": workspace_id, "at": NOW}
            await session.execute(
                text(
                    "insert into workspace (id, enterprise_id, team_id, name, url, settings,"
                    " created_at) values (:id, '', :id, '', '', '{}', :at)"
                ),
                row,
            )
            rows = [
                {
                    "workspace_id": workspace_id, "id": new_id(), "kind": kind, "owner_id": "",
                    "subject_id": str(n), "rule": rule, "timezone": "UTC", "state": "active",
                    "next_date": NOW.date(), "next_run_utc": NOW, "latest_minutes": 180,
                    "state_reason": "",
                }
                for n in range(count)
            ]  # fmt: skip
            await session.execute(insert(Schedule), rows)


@asynccontextmanager
async def _database(server: Postgres, mode: str) -> AsyncIterator[tuple[str, Database]]:
    name = server.create()
    url = server.url(name)
    bench = _Bench(url, mode)
    await migrate(bench.db)
    if mode == "procrastinate":
        from bot.engine.workers import Workers

        bench.db.before_commit.append(Workers(bench.db, bench.engine).hand_out)
    yield url, bench.db
    await bench.db.close()
    server.drop(name)


async def _fan_out(db: Database) -> float:
    began = time.perf_counter()
    while True:
        async with db.write() as session:
            if not await tick(session, now=NOW):
                return time.perf_counter() - began


async def _left(db: Database, but: str = "") -> int:
    query = "select count(*) from occurrence where state != 'done' and workspace_id != :but"
    async with db.read() as session:
        return int(await session.scalar(text(query), {"but": but}) or 0)


async def _until_done(db: Database, but: str = "") -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await _left(db, but):  # noqa: ASYNC110  in other processes
            await asyncio.sleep(0.1)


async def measure_fan_out(server: Postgres, mode: str) -> str:
    async with _database(server, mode) as (_, db):
        await _schedules(db, "quick", [(new_id(), FANNED // 100) for _ in range(100)])
        seconds = await _fan_out(db)
    return f"{FANNED:,} due at one instant: {seconds:.1f} s"


async def measure_runs(server: Postgres, mode: str) -> str:
    async with _database(server, mode) as (url, db):
        huge = new_id()
        await _schedules(db, "quick", [(huge, HUGE), *((new_id(), 1) for _ in range(SMALL))])
        with _workers(url, mode, 2) as processes:
            began = time.perf_counter()
            await _fan_out(db)
            await _until_done(db, but=huge)
            small = time.perf_counter() - began
            await _until_done(db)
            seconds = time.perf_counter() - began
            memory = max(psutil.Process(p.pid).memory_info().rss for p in processes) / 2**20
    rate = (HUGE + SMALL) / seconds
    return (
        f"{HUGE + SMALL:,} runs by two workers: {rate:.0f}/s; the {SMALL} small workspaces done "
        f"after {small:.1f} of {seconds:.1f} s; {memory:.0f} MB a worker"
    )


async def measure_take_over(server: Postgres, mode: str) -> str:
    async with _database(server, mode) as (url, db):
        await _schedules(db, "hang", [(new_id(), 1)])
        with _workers(url, mode, 1) as [first]:
            await _fan_out(db)
            assert first.stdout
            first.stdout.readline()  # it hangs in the middle of the job
            with _workers(url, mode, 1):
                os.kill(first.pid, signal.SIGKILL)
                began = time.perf_counter()
                await _until_done(db)
                seconds = time.perf_counter() - began
    return f"taken over after kill -9: {seconds:.1f} s"


def main() -> None:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        running_postgres(Path(folder) / "data") as server,
    ):
        for measure in (measure_fan_out, measure_runs, measure_take_over):
            for mode in MODES:
                print(f"{mode:>14}: {asyncio.run(measure(server, mode))}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        asyncio.run(_work(*sys.argv[2:]))
    else:
        main()
