"""Several processes on one Postgres: what is due is handed out once, and nothing is left lying."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import time, timedelta
from typing import Any

import pytest
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text, update

from bot.clock import Daily, Rule
from bot.db.session import Database
from bot.engine.attempts import BACKOFF
from bot.engine.locks import SessionLocks, call_others
from bot.engine.queue import SlotWork
from bot.engine.runner import HANDED_FOR, Engine
from bot.engine.schedules import Plan, put_schedule, run_by_hand, tick
from bot.engine.tables import Occurrence
from bot.engine.workers import OF_ONE_JOB, QUEUE, SWEEP_QUEUE, SWEEP_TASK, Workers
from bot.slack.gateway import Identity
from bot.workspaces.directory import register
from tests.engine.works import Works

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

PATIENCE_SECONDS = 30


@asynccontextmanager
async def working(works: Works) -> AsyncIterator[tuple[Engine, Workers]]:
    """A process that hands out, on a connection pool of its own for procrastinate."""
    engine = works.engine(hands_out=True)
    workers = Workers(works.db, engine)
    works.db.before_commit = [workers.hand_out]
    async with workers.app.open_async():
        yield engine, workers


async def work_off(workers: Workers, queue: str = QUEUE) -> None:
    """Run what is in a queue, and stop."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        await workers.app.run_worker_async(
            queues=[queue],
            wait=False,
            concurrency=4,
            delete_jobs="always",
            install_signal_handlers=False,
            listen_notify=False,
        )


async def jobs_in(db: Database) -> list[Any]:
    query = text(
        "select id, queue_name, status::text, lock, args, scheduled_at, worker_id "
        f"from procrastinate_jobs where queue_name != '{SWEEP_QUEUE}' order by id"
    )
    async with db.read() as session:
        return list((await session.execute(query)).all())


async def schedule(works: Works, count: int = 1, workspace_id: str = "") -> None:
    """So many things that are due at nine; then it is nine."""
    rule = Rule(at=time(9), on=Daily())
    async with works.db.write() as session:
        for number in range(count):
            plan = Plan("digest.post", f"d{number}", rule, "UTC", works.ana)
            where = workspace_id or works.workspace_id
            await put_schedule(session, where, plan, at=works.clock.now())


async def tick_at_nine(works: Works) -> None:
    works.clock.set(works.clock.now().replace(hour=9))
    async with works.db.write() as session:
        await tick(session, now=works.clock.now())


def noting(seen: list[str]) -> Callable[[SlotWork], Any]:
    async def job(work: SlotWork) -> str:
        seen.append(work.id)
        return "posted"

    return job


async def states(works: Works) -> set[str]:
    return {row.state for row in await works.occurrences()}


async def test_what_a_tick_makes_due_is_handed_out_in_the_same_transaction(works: Works) -> None:
    await schedule(works, 3)
    async with working(works):
        await tick_at_nine(works)
        [job] = await jobs_in(works.db)
    assert job.args["workspace_id"] == works.workspace_id
    assert sorted(job.args["ids"]) == sorted(row.id for row in await works.occurrences())


async def test_a_tick_that_is_rolled_back_hands_nothing_out(works: Works) -> None:
    await schedule(works, 3)

    async def fail(_session: object) -> None:
        raise ZeroDivisionError

    async with working(works) as (_, workers):
        works.db.before_commit = [workers.hand_out, fail]
        with pytest.raises(ZeroDivisionError):
            await tick_at_nine(works)
        assert await jobs_in(works.db) == []
    assert await works.occurrences() == []


async def test_a_job_is_of_one_workspace_and_of_a_hundred_at_most(works: Works) -> None:
    identity = Identity("T2", "", "T2", "https://t2.test/", "U0BOT", "B0BOT")
    other = (await register(works.db, identity, at=works.clock.now())).id
    await schedule(works, 2 * OF_ONE_JOB + 1)
    await schedule(works, 1, other)
    async with working(works):
        await tick_at_nine(works)
        jobs = await jobs_in(works.db)
    counts = sorted((len(job.args["ids"]), job.args["workspace_id"] == other) for job in jobs)
    assert counts == [(1, False), (1, True), (OF_ONE_JOB, False), (OF_ONE_JOB, False)]
    assert len({job.lock for job in jobs}) == 2


async def test_two_workers_run_each_thing_once(works: Works) -> None:
    seen: list[str] = []
    works.slots["digest.post"] = noting(seen)
    await schedule(works, 120)
    for team in ("T2", "T3"):
        identity = Identity(team, "", team, f"https://{team}.test/", "U0BOT", "B0BOT")
        workspace = await register(works.db, identity, at=works.clock.now())
        await schedule(works, 5, workspace.id)
    async with working(works) as (_, one), working(works) as (_, two):
        await tick_at_nine(works)
        await asyncio.gather(work_off(one), work_off(two))
        await work_off(one)
        assert await jobs_in(works.db) == []
    assert len(seen) == 130
    assert len(set(seen)) == 130
    assert await states(works) == {"done"}


async def test_what_a_person_runs_by_hand_is_handed_out_at_once(works: Works) -> None:
    seen: list[str] = []
    works.slots["digest.post"] = noting(seen)
    rule = Rule(at=time(9), on=Daily())
    plan = Plan("digest.post", "d1", rule, "UTC", works.ana)
    at = works.clock.now()
    async with working(works) as (_, workers):
        async with works.db.write() as session:
            planned = await put_schedule(session, works.workspace_id, plan, at=at)
            await run_by_hand(session, planned, asked_by=works.ana, at=at, slot=at.date())
        await work_off(workers)
    assert len(seen) == 1


async def _killed_in_the_middle(works: Works, workers: Workers) -> None:
    """A worker of another process has taken the job and its occurrences, and was killed."""
    jobs = workers.app.job_manager
    worker_id = await jobs.register_worker()
    job = await jobs.fetch_job([QUEUE], worker_id)
    assert job is not None
    ids = job.task_kwargs["ids"]
    elsewhere = works.engine()._queue
    assert await elsewhere.slots.claim_handed(works.clock.now(), works.workspace_id, ids)  # type: ignore[arg-type]
    async with works.db.write() as session:
        query = "update procrastinate_workers set last_heartbeat = now() - interval '1 minute'"
        await session.execute(text(query))


async def test_a_killed_workers_job_is_another_ones_after_the_sweep(works: Works) -> None:
    seen: list[str] = []
    works.slots["digest.post"] = noting(seen)
    works.presence = SessionLocks(works.db, "process-1")
    await schedule(works, 3)
    async with working(works) as (_, workers):
        await tick_at_nine(works)
        await _killed_in_the_middle(works, workers)
        await work_off(workers)
        assert seen == []
        assert await workers.sweep() == 1
        await work_off(workers)
        assert await jobs_in(works.db) == []
    assert len(seen) == 3
    assert await states(works) == {"done"}


async def test_a_job_of_a_worker_that_is_only_paused_runs_nothing_twice(works: Works) -> None:
    seen: list[str] = []
    works.slots["digest.post"] = noting(seen)
    await schedule(works, 3)
    paused = SessionLocks(works.db, "process-2")  # whom _killed_in_the_middle claims for
    async with paused.held(lambda: None):
        works.presence = SessionLocks(works.db, "process-1")
        async with working(works) as (_, workers):
            await tick_at_nine(works)
            await _killed_in_the_middle(works, workers)
            await workers.sweep()
            await work_off(workers)
    assert seen == []
    assert await states(works) == {"leased"}


async def test_the_sweep_does_not_wait_behind_a_backlog(works: Works) -> None:
    hold, begun, swept = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def job(_work: SlotWork) -> str:
        begun.set()
        await hold.wait()
        return "posted"

    async def sweep() -> int:
        swept.set()
        return 0

    works.slots["digest.post"] = job
    await schedule(works, 2)
    async with working(works) as (_, workers):
        workers.sweep = sweep  # type: ignore[method-assign]
        await tick_at_nine(works)
        running = asyncio.create_task(workers._run_until_one_ends())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await begun.wait()
                with suppress(AlreadyEnqueued):  # by the worker's own clock
                    await workers.app.configure_task(SWEEP_TASK).defer_async(timestamp=0)
                await work_off(workers, SWEEP_QUEUE)
                await swept.wait()
        finally:
            hold.set()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_poison_job_spoils_no_other_and_is_tried_again_later(works: Works) -> None:
    seen: list[str] = []

    async def job(work: SlotWork) -> str:
        if work.subject_id == "d1":
            raise ZeroDivisionError
        seen.append(work.id)
        return "posted"

    works.slots["digest.post"] = job
    await schedule(works, 3)
    async with working(works) as (_, workers):
        await tick_at_nine(works)
        await work_off(workers)
        [again] = await jobs_in(works.db)
    assert len(seen) == 2
    [poison] = [row for row in await works.occurrences() if row.state != "done"]
    assert (poison.state, poison.result) == ("due", "internal: ZeroDivisionError")
    # What waits for its time holds back nothing else of its workspace.
    assert (again.args["ids"], again.lock) == ([poison.id], None)
    assert again.scheduled_at == works.clock.now() + BACKOFF[0]


async def test_a_lost_job_is_made_up_for_by_whoever_comes_next(works: Works) -> None:
    seen: list[str] = []
    works.slots["digest.post"] = noting(seen)
    await schedule(works)
    async with working(works) as (engine, _):
        await tick_at_nine(works)
        async with works.db.write() as session:
            await session.execute(text("delete from procrastinate_jobs"))
        await engine._drain(HANDED_FOR)
        assert seen == []
        works.clock.set(works.clock.now() + HANDED_FOR + timedelta(seconds=1))
        await engine._drain(HANDED_FOR)
    assert len(seen) == 1


async def test_time_that_is_moved_does_not_wait_for_workers(works: Works) -> None:
    seen: list[str] = []
    works.slots["digest.post"] = noting(seen)
    await schedule(works)
    async with working(works) as (engine, workers):
        await works.run_for(engine, hours=30)
        assert len(seen) == 2
        await work_off(workers)  # the jobs find nothing more to do
    assert len(seen) == 2


async def test_a_kind_of_job_that_only_a_newer_version_knows_stays_in_its_queue(
    works: Works,
) -> None:
    works.slots["digest.post"] = noting([])
    await schedule(works)
    async with working(works) as (_, workers):
        newer = workers.app.configure_task("daybook.newer", queue="daybook.newer")
        await newer.defer_async(what="x")
        await tick_at_nine(works)
        async with works.db.write() as session:
            await session.execute(update(Occurrence).values(kind="newer.post"))
        await work_off(workers)
        [job] = await jobs_in(works.db)
    assert (job.queue_name, job.status) == ("daybook.newer", "todo")
    assert await states(works) == {"due"}


async def test_a_process_lives_as_long_as_its_lock(works: Works) -> None:
    one, two = SessionLocks(works.db, "1.aa"), SessionLocks(works.db, "2.bb")

    async def gone() -> set[str]:
        async with works.db.read() as session:
            return await two.gone(session, {"1.aa", "3.cc"})

    async with one.held(lambda: None):
        assert await gone() == {"3.cc"}
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await gone() != {"1.aa", "3.cc"}:  # the server notices the end by itself
            pass


async def test_a_lock_whose_connection_was_cut_is_taken_anew(works: Works) -> None:
    woken = asyncio.Event()
    locks = SessionLocks(works.db, "1.aa")
    cut = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
    async with locks.held(woken.set):
        woken.clear()
        async with works.db.read() as session:
            await session.execute(text(cut))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await woken.wait()
        async with works.db.read() as session:
            assert await locks.gone(session, {"1.aa"}) == set()


async def test_a_bot_without_workers_of_its_own_wakes_those_apart(works: Works) -> None:
    woken = asyncio.Event()
    locks = SessionLocks(works.db, "1.aa")
    works.db.before_commit = [call_others]
    async with locks.held(woken.set):
        woken.clear()
        await works.arrive("Ev1", "note")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await woken.wait()
