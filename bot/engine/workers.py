"""Several processes on one Postgres: procrastinate hands what is due out to workers.

A job names a workspace and up to 100 of its occurrences, and is deferred in the transaction that
made them due. The promise is kept by our tables (docs/decisions/0002-the-engine.md): a job that is
lost, doubled or killed leaves occurrences that are due, and whoever comes next takes them.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.session import Database
from bot.engine.handing import MadeDue, take_noted
from bot.engine.locks import connect_arguments
from bot.engine.runner import Engine
from bot.errors import DatabaseBusy

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.jobs import Job

log = structlog.get_logger()

# A queue holds one kind of job, for ever: a version that does not know the kind does not fetch
# from its queue, so that two versions can run side by side.
QUEUE, TASK = "daybook.occurrences", "daybook.run_occurrences"
# Its own queue and worker: behind a backlog on the same one it would wait as long as the backlog.
SWEEP_QUEUE, SWEEP_TASK = "daybook.sweep", "daybook.sweep_stalled"
SWEEP_CRON = "*/10 * * * * *"  # every ten seconds
OF_ONE_JOB = 100
JOBS_AT_ONCE = 4
HEARTBEAT_SECONDS = 5.0
# Four heartbeats missed: then the jobs of a worker are another's.
STALLED_SECONDS = 20.0
# At a stop: what has not ended by then is taken over by another process.
STOP_SECONDS = 5.0
AGAIN_SECONDS = 2.0


class Workers:
    """Hands occurrences out, and runs those that are handed to this process."""

    def __init__(self, db: Database, engine: Engine) -> None:
        self._db, self._engine = db, engine
        self.app = _build_app(db, self)

    async def hand_out(self, session: AsyncSession) -> None:
        """Defer jobs for what this unit of work made due; they commit with it, or not at all."""
        noted = take_noted(session)
        if not noted:
            return
        from procrastinate.exceptions import ConnectorException

        connection = await (await session.connection()).get_raw_connection()
        try:
            await self.app.job_manager.batch_defer_jobs_async(
                list(_jobs(noted)), connection=connection.driver_connection
            )
        except ConnectorException as error:
            message = "The database does not answer. Nothing was changed; please try again."
            raise DatabaseBusy(message) from error

    async def run_forever(self) -> None:
        """Work until cancelled; what ends a worker (a database that restarts) is told and mended.

        A worker ends by itself when one of its side tasks fails.
        """
        from procrastinate.exceptions import ConnectorException
        from psycopg_pool import PoolTimeout

        while True:
            try:
                async with self.app.open_async():
                    await self._run_until_one_ends()
            except (ConnectorException, PoolTimeout) as error:
                log.warning("workers.failed", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _run_until_one_ends(self) -> None:
        workers = [
            asyncio.create_task(self._run_worker(QUEUE, JOBS_AT_ONCE, listens=True)),
            asyncio.create_task(self._run_worker(SWEEP_QUEUE, 1, listens=False)),
        ]
        try:
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        for worker in done:
            worker.result()

    async def _run_worker(self, queue: str, at_once: int, *, listens: bool) -> None:
        await self.app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=at_once,
            # What a job did stands in our tables.
            delete_jobs="always",
            listen_notify=listens,
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=STOP_SECONDS,
        )

    async def run_occurrences(self, workspace_id: str, ids: list[str]) -> None:
        """Run what a job names."""
        await self._engine.run_handed(workspace_id, ids)

    async def sweep(self) -> int:
        """Give the jobs of workers that went silent to others. Returns how many."""
        from procrastinate.jobs import Status

        await self._engine.release_gone()
        jobs = self.app.job_manager
        stalled = list(
            await jobs.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_SECONDS)
        )
        for job in stalled:
            await self._settled(jobs.retry_job(job))
        for job in await jobs.get_stalled_jobs(
            queue=SWEEP_QUEUE, seconds_since_heartbeat=STALLED_SECONDS
        ):
            await self._settled(jobs.finish_job(job, Status.FAILED, delete_job=True))
        return len(stalled)

    async def _settled(self, act: Any) -> None:
        from procrastinate.exceptions import ConnectorException

        try:
            await act
        except ConnectorException as error:
            # It ended after all, or another sweep was first.
            log.info("workers.not_stalled", error=type(error).__name__)


def _jobs(noted: Iterable[MadeDue]) -> Iterable["Job"]:
    from procrastinate.jobs import Job

    together: dict[tuple[str, datetime | None], list[str]] = defaultdict(list)
    for workspace_id, id_, at in noted:
        together[workspace_id, at].append(id_)
    for (workspace_id, at), ids in together.items():
        # One job of a workspace at a time: a huge one has one place among all. A waiting one holds
        # back those behind it, so what is to be tried later goes without.
        lock = None if at else f"{QUEUE}:{workspace_id}"
        for first in range(0, len(ids), OF_ONE_JOB):
            yield Job(
                queue=QUEUE,
                task_name=TASK,
                lock=lock,
                queueing_lock=None,  # a second one would abort the caller's transaction
                task_kwargs={"workspace_id": workspace_id, "ids": list(ids[first:][:OF_ONE_JOB])},
                scheduled_at=at,
            )


def _build_app(db: Database, workers: Workers) -> "App":
    from procrastinate import App, PsycopgConnector

    connector = PsycopgConnector(kwargs=connect_arguments(db), min_size=1, max_size=4)
    app = App(connector=connector)

    @app.task(name=TASK, queue=QUEUE)
    async def run_occurrences(workspace_id: str, ids: list[str]) -> None:
        await workers.run_occurrences(workspace_id, ids)

    @app.periodic(cron=SWEEP_CRON)
    @app.task(name=SWEEP_TASK, queue=SWEEP_QUEUE, queueing_lock=SWEEP_TASK)
    async def sweep(timestamp: int) -> None:
        await workers.sweep()

    return app
