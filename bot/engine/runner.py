"""The embedded engine: takes what is due, runs it, posts it, records what happened.

One pass handles events, then occurrences, then deliveries, until nothing is due. Passes never
overlap in one process; within a pass workspaces run side by side.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.db.session import Database
from bot.engine import inbox, outbox, schedules
from bot.engine.outgoing import Outgoing
from bot.engine.queue import EventWork, Queue, SlotWork
from bot.errors import DaybookError, Unavailable

log = structlog.get_logger()

# The longest sleep without a look at the tables: covers work that another process left.
IDLE_SECONDS = 20.0
# After a pass that failed, and while another process holds what is due.
PAUSE_SECONDS = 2.0
# Waits between tries of one job: about seven minutes in all, inside every lateness limit.
BACKOFF = [timedelta(seconds=s) for s in (1, 5, 20, 60, 300)]
# Events, and occurrences, that may be worked on at once: they mostly wait for Slack, for sources
# and for the model. Two lanes, so that a morning of digests does not hold up an answer.
SIDE_BY_SIDE = 8

EventJob = Callable[[EventWork], Awaitable[str]]
SlotJob = Callable[[SlotWork], Awaitable[str]]
# Lets the readers of the shared log read on; returns how many lines they read.
Consume = Callable[[datetime], Awaitable[int]]


@dataclass(frozen=True)
class Jobs:
    """What the rituals do when something is due: by the kind of event or occurrence."""

    events: Mapping[str, EventJob]
    slots: Mapping[str, SlotJob]
    consumers: Consume


class Engine:
    """Runs what is due, in this process."""

    def __init__(
        self, db: Database, clock: Clock, queue: Queue, outgoing: Outgoing, jobs: Jobs
    ) -> None:
        self._db, self._clock = db, clock
        self._queue, self._outgoing, self._jobs = queue, outgoing, jobs
        self._awake = asyncio.Event()
        self._pass = asyncio.Lock()
        self._logged = -1  # how long the shared log was when its readers had last read on
        self._running: set[asyncio.Task[None]] = set()
        self._event_lane = asyncio.Semaphore(SIDE_BY_SIDE)
        self._slot_lane = asyncio.Semaphore(SIDE_BY_SIDE)
        db.on_wake.append(self.poke)

    def poke(self) -> None:
        """Say that there may be something due."""
        self._awake.set()

    async def run_forever(self) -> None:
        """Run passes until cancelled; one that fails is told in the log and tried again."""
        try:
            await self._run_passes()
        finally:
            for task in set(self._running):
                task.cancel()

    async def _run_passes(self) -> None:
        while True:
            self._awake.clear()
            try:
                await self.run_due()
                wait = await self._seconds_to_next()
            except Unavailable as error:
                log.warning("engine.pass_failed", error=str(error))
                wait = PAUSE_SECONDS
            except Exception as error:
                log.error("engine.pass_failed", exc_info=error)
                wait = PAUSE_SECONDS
            try:
                await asyncio.wait_for(self._awake.wait(), timeout=wait)
            except TimeoutError:
                continue

    async def run_due(self) -> None:
        """Do all that is due now, and all that this makes due now."""
        async with self._pass:
            await self._drain()

    async def run_until(self, to: datetime, move_clock: Callable[[datetime], None]) -> int:
        """Step the clock through each due instant up to ``to``, in order. Returns the steps.

        The one way to run time in tests and in the playground.
        """
        steps = 0
        async with self._pass:
            await self._drain()
            while (due := await self.next_due()) is not None and due <= to:
                if due > self._clock.now():
                    move_clock(due)
                await self._drain()
                steps += 1
            if to > self._clock.now():
                move_clock(to)
            await self._drain()
        return steps

    async def next_due(self) -> datetime | None:
        """Return the earliest instant at which anything comes due."""
        async with self._db.read() as session:
            found = [
                await schedules.next_due(session),
                await self._queue.next_due(session),
                await outbox.next_due(session),
            ]
        return min((at for at in found if at is not None), default=None)

    async def _seconds_to_next(self) -> float:
        due = await self.next_due()
        if due is None:
            return IDLE_SECONDS
        seconds = (due - self._clock.now()).total_seconds()
        # Due already, and yet the pass before left it: somebody else is at it.
        return min(seconds, IDLE_SECONDS) if seconds > 0 else PAUSE_SECONDS

    async def _drain(self) -> None:
        """Go on until nothing is due and nothing runs; what comes in meanwhile is done too.

        A job may wait long for a source or a model: others are begun and sent past it.
        """
        while True:
            while await self._round():
                pass
            if not self._running:
                return
            called = asyncio.ensure_future(self._awake.wait())
            await asyncio.wait({*self._running, called}, return_when=asyncio.FIRST_COMPLETED)
            called.cancel()
            self._awake.clear()

    def _begin(self, job: Coroutine[Any, Any, None], lane: asyncio.Semaphore) -> None:
        async def in_lane() -> None:
            async with lane:
                await job

        task = asyncio.create_task(in_lane())
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # What it had taken stays leased, and is taken again when the lease ends.
            log.warning("engine.record_failed", error=str(error))

    async def _round(self) -> bool:
        """Do one turn; False when nothing could be done (or another process is at it)."""
        now = self._clock.now()
        due = await self._queue.look(now)
        done = 0
        if due.schedules:
            async with self._db.write() as session:
                done += await schedules.tick(session, now=now)
        if due.events:
            events = await self._queue.claim_events(now)
            for event in events:
                self._begin(self._run_event(event), self._event_lane)
            done += len(events)
        if due.slots:
            slots = await self._queue.claim_slots(now)
            for slot in slots:
                self._begin(self._run_slot(slot), self._slot_lane)
            done += len(slots)
        if due.logged != self._logged:
            read = await self._jobs.consumers(now)
            # They read a batch at a time: only who found nothing more has read on to the end.
            self._logged = self._logged if read else due.logged
            done += read
        if due.deliveries:
            done += await self._outgoing.send_due(now)
        return done > 0

    async def prune(self) -> None:
        """Forget what has done its work."""
        async with self._db.write() as session:
            await inbox.prune(session, now=self._clock.now())

    async def _run_event(self, work: EventWork) -> None:
        job = self._jobs.events.get(work.kind)
        if job is None:
            await self._queue.fail_event(work, f"no job for {work.kind}", retry_at=None)
            return
        try:
            result = await job(work)
        except Exception as error:  # noqa: BLE001  the engine's boundary: one poison job stops nothing
            await self._queue.fail_event(work, _reason(error), self._retry_at(work.attempts, error))
            _report("event", work.kind, error)
        else:
            await self._queue.finish_event(work, result)

    async def _run_slot(self, work: SlotWork) -> None:
        job = self._jobs.slots.get(work.kind)
        now = self._clock.now()
        if work.is_too_late(now):
            late = int((now - work.due_at).total_seconds() // 60)
            await self._queue.skip_slot(work, f"skipped: {late} minutes late", now)
            return
        if job is None:
            await self._queue.fail_slot(work, f"no job for {work.kind}", None, now)
            return
        try:
            result = await job(work)
        except Exception as error:  # noqa: BLE001  the engine's boundary: one poison job stops nothing
            retry = self._retry_at(work.attempts, error)
            await self._queue.fail_slot(work, _reason(error), retry, now)
            _report("occurrence", work.kind, error)
        else:
            await self._queue.finish_slot(work, result, now)

    def _retry_at(self, attempts: int, error: Exception) -> datetime | None:
        may_pass = isinstance(error, Unavailable) or not isinstance(error, DaybookError)
        if not may_pass or attempts > len(BACKOFF):
            return None
        return self._clock.now() + BACKOFF[attempts - 1]


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, DaybookError) else f"internal: {type(error).__name__}"


def _report(what: str, kind: str, error: Exception) -> None:
    expected = isinstance(error, DaybookError)
    log.log(30 if expected else 40, f"{what}.failed", kind=kind, error=_reason(error),
            exc_info=None if expected else error)  # fmt: skip
