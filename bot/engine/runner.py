"""The engine of one process: takes what is due, runs it, posts it, records what happened.

One pass handles events, then occurrences, then deliveries, until nothing is due. Passes never
overlap in one process; within a pass workspaces run side by side, in turns.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.db.session import Database
from bot.engine import inbox, schedules
from bot.engine.attempts import BACKOFF, Attempts, Jobs
from bot.engine.lanes import Lane, Room
from bot.engine.outgoing import Outgoing
from bot.engine.queue import Queue
from bot.engine.sides import side_by_side
from bot.errors import Unavailable

__all__ = ["BACKOFF", "Engine", "Jobs"]

log = structlog.get_logger()

# The longest sleep without a look at the tables: covers work that another process left.
IDLE_SECONDS = 20.0
# After a pass that failed, and while another process holds what is due.
PAUSE_SECONDS = 2.0
# How long places that become free are collected, so that several are filled in one transaction.
TOGETHER_SECONDS = 0.01
# Events, and occurrences, that may be worked on at once: they mostly wait for Slack, for sources
# and for the model. Two lanes, so that a morning of digests does not hold up an answer.
SIDE_BY_SIDE = 8
# How many of them one workspace may have: others always find a place at once.
OF_ONE_WORKSPACE = 6
# How long an occurrence is left to the worker that it was handed to; then whoever comes takes it.
HANDED_FOR = timedelta(seconds=30)
# Occurrences of one job of a worker that run at once.
CHUNK = 8


class Engine:
    """Runs what is due, in this process.

    ``hands_out``: occurrences are handed to workers when they come due (bot.engine.workers), and
    this process takes by itself only what was left lying.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        queue: Queue,
        outgoing: Outgoing,
        jobs: Jobs,
        *,
        hands_out: bool = False,
    ) -> None:
        self._db, self._clock = db, clock
        self._queue, self._outgoing, self._jobs = queue, outgoing, jobs
        self._attempts = Attempts(queue, jobs, clock)
        self._grace = HANDED_FOR if hands_out else timedelta()
        self._awake = asyncio.Event()
        self._pass = asyncio.Lock()
        self._logged = -1  # how long the shared log was when its readers had last read on
        self._events = Lane(SIDE_BY_SIDE, OF_ONE_WORKSPACE)
        self._slots = Lane(SIDE_BY_SIDE, OF_ONE_WORKSPACE)
        self._handed: set[str] = set()  # what was handed to this process and runs beside its lanes
        self._sending: asyncio.Task[int] | None = None
        self._sent_all = False
        queue.serve(events=jobs.events.keys(), slots=jobs.slots.keys())
        db.on_wake.append(self.poke)

    def poke(self) -> None:
        """Say that there may be something due."""
        self._awake.set()

    async def run_forever(self) -> None:
        """Run passes until cancelled; one that fails is told in the log and tried again."""
        try:
            await self._run_passes()
        finally:
            self._events.cancel()
            self._slots.cancel()
            if self._sending:
                self._sending.cancel()

    async def _run_passes(self) -> None:
        while True:
            self._awake.clear()
            try:
                async with self._pass:
                    await self._drain(self._grace)
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
        """Do all that is due now, and all that this makes due now; nothing is left to others."""
        async with self._pass:
            await self._drain()

    async def run_until(self, to: datetime, move_clock: Callable[[datetime], None]) -> int:
        """Step the clock through each due instant up to ``to``, in order. Returns the steps.

        The one way to run time in tests and in the playground.
        """
        steps, before = 0, None
        async with self._pass:
            await self._drain()
            while (due := await self.next_due()) is not None and due <= to:
                if due == before and due <= self._clock.now():
                    break  # it cannot be done: another process is at it
                before = due
                if due > self._clock.now():
                    move_clock(due)
                await self._drain()
                steps += 1
            if to > self._clock.now():
                move_clock(to)
            await self._drain()
        return steps

    async def run_handed(self, workspace_id: str, ids: Sequence[str]) -> int:
        """Run the occurrences that a worker was handed; returns how many there were to run."""
        ran, left = 0, list(ids)
        while left:
            chunk = left[:CHUNK]
            taken = await self._run_chunk(workspace_id, chunk)
            ran += len(taken)
            left = [id_ for id_ in left if id_ not in (taken or chunk)]
        return ran

    async def _run_chunk(self, workspace_id: str, chunk: Sequence[str]) -> set[str]:
        # A clock that jumped past the leases of what this process is at gives it nothing twice.
        free = [id_ for id_ in chunk if id_ not in self._slot_room().held]
        self._handed.update(free)
        try:
            works = await self._queue.slots.claim_handed(self._clock.now(), workspace_id, free)
            await side_by_side([self._attempts.try_slot(work) for work in works], CHUNK)
        finally:
            self._handed.difference_update(free)
        return {work.id for work in works}

    def _slot_room(self) -> Room:
        """Return what may be begun; held is also what a job handed to this process."""
        room = self._slots.room()
        return replace(room, held=room.held | self._handed)

    async def next_due(self, grace: timedelta = timedelta()) -> datetime | None:
        """Return the earliest instant at which anything comes due."""
        return await self._queue.next_due(grace)

    async def _seconds_to_next(self) -> float:
        due = await self.next_due(self._grace)
        if due is None:
            return IDLE_SECONDS
        seconds = (due - self._clock.now()).total_seconds()
        # Due already, and yet the pass before left it: somebody else is at it.
        return min(seconds, IDLE_SECONDS) if seconds > 0 else PAUSE_SECONDS

    async def _drain(self, grace: timedelta = timedelta()) -> None:
        """Go on until nothing is due and nothing runs; what comes in meanwhile is done too.

        A job may wait long for a source or a model: others are begun and sent past it.
        """
        self._sent_all = False
        while True:
            ended = self._ended()
            if await self._round(grace) or self._ended() != ended:
                continue  # what ended meanwhile has left its place to the next
            under_way = self._under_way()
            if not under_way:
                return
            called = asyncio.ensure_future(self._awake.wait())
            try:
                await asyncio.wait({*under_way, called}, return_when=asyncio.FIRST_COMPLETED)
                # Others that end at about the same time give up their places together.
                await asyncio.wait(under_way, timeout=TOGETHER_SECONDS)
            finally:
                called.cancel()
            self._awake.clear()
            self._note_sent()

    def _ended(self) -> int:
        return self._events.ended + self._slots.ended

    def _under_way(self) -> set[asyncio.Task[None] | asyncio.Task[int]]:
        sending = {self._sending} if self._sending else set()
        return self._events.running | self._slots.running | sending

    def _note_sent(self) -> None:
        """Find out whether there may be more to send: after a batch, and after anything else."""
        self._sent_all = False
        if self._sending and self._sending.done():
            sending, self._sending = self._sending, None
            self._sent_all = sending.result() == 0

    async def _round(self, grace: timedelta) -> bool:
        """Do one turn; False when nothing could be done (or another process is at it)."""
        now = self._clock.now()
        due = await self._queue.look(now, grace)
        done = 0
        if due.schedules:
            async with self._db.write() as session:
                done += await schedules.tick(session, now=now)
        if due.events:
            done += await self._begin_events(now)
        if due.slots:
            done += await self._begin_slots(now, grace)
        if due.logged != self._logged:
            read = await self._jobs.consumers(now)
            # They read a batch at a time. Who broke is asked again when there is more to read.
            if read.is_done or not read.lines:
                self._logged = read.upto
            done += read.lines
        if due.deliveries and not self._sending and not self._sent_all:
            # Its leases begin now, however long the rest of this turn took.
            self._sending = asyncio.create_task(self._outgoing.send_due(self._clock.now()))
        return done > 0

    async def _begin_events(self, now: datetime) -> int:
        room = self._events.room()
        works = await self._queue.events.claim(now, room) if room.free > 0 else []
        for work in works:
            self._events.begin(work.workspace_id, work.id, self._attempts.try_event(work))
        return len(works)

    async def _begin_slots(self, now: datetime, grace: timedelta) -> int:
        room = self._slot_room()
        works = await self._queue.slots.claim(now, room, grace) if room.free > 0 else []
        for work in works:
            self._slots.begin(work.workspace_id, work.id, self._attempts.try_slot(work))
        return len(works)

    async def prune(self) -> None:
        """Forget what has done its work."""
        async with self._db.write() as session:
            await inbox.prune(session, now=self._clock.now())

    async def release_gone(self) -> None:
        """Let what ended processes were running be taken at once, what they were sending soon."""
        now = self._clock.now()
        runs, sends = await self._queue.release_gone(now), await self._outgoing.release_gone(now)
        if runs or sends:
            self.poke()
