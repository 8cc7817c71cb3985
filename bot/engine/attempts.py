"""Trying a job: how long it may take, when it is tried again, and when it is given up."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.engine.queue import LEASE, EventWork, Queue, SlotWork
from bot.errors import DaybookError, SlackUnavailable, Unavailable
from bot.slack.gate import EVENT, SLOT, hurrying

log = structlog.get_logger()

# Waits between tries of one job: about seven minutes in all, inside every lateness limit.
BACKOFF = [timedelta(seconds=s) for s in (1, 5, 20, 60, 300)]
# Tries of one job. One that ended its process each time never comes back to be counted as failed.
TRIES = len(BACKOFF) + 1
# The longest that a job may take: it ends before its lease does. The slowest known one asks a
# model (25 s) and three sources (15 s each).
JOB_SECONDS = 0.9 * LEASE.total_seconds()

EventJob = Callable[[EventWork], Awaitable[str]]
SlotJob = Callable[[SlotWork], Awaitable[str]]


# Lets the readers of the shared log read on; returns how many lines they read.
@dataclass(frozen=True)
class Progress:
    """How many lines of the log its readers read in all, and how long it was when they looked.

    ``is_done``: everybody has read it to its end.
    """

    lines: int
    upto: int
    is_done: bool


Consume = Callable[[datetime], Awaitable[Progress]]


@dataclass(frozen=True)
class Jobs:
    """What the rituals do when something is due: by the kind of event or occurrence."""

    events: Mapping[str, EventJob]
    slots: Mapping[str, SlotJob]
    consumers: Consume
    # Kinds of events by which people ask for something: who did is told when one is given up.
    asked: frozenset[str] = frozenset()


class Attempts:
    """Tries what was claimed, and records what came of it."""

    def __init__(self, queue: Queue, jobs: Jobs, clock: Clock) -> None:
        self._queue, self._jobs, self._clock = queue, jobs, clock
        self.job_seconds = JOB_SECONDS

    async def try_event(self, work: EventWork) -> None:
        """Work on an event once."""
        job = self._jobs.events.get(work.kind)
        is_told = work.kind in self._jobs.asked
        if job is None or work.attempts > TRIES:
            reason = _ended_each_time(work.attempts) if job else f"no job for {work.kind}"
            await self._queue.events.fail(work, reason, None, is_told=is_told)
            return
        try:
            with hurrying(EVENT):
                async with asyncio.timeout(self.job_seconds):
                    result = await job(work)
        except Exception as error:  # noqa: BLE001  the engine's boundary: one poison job stops nothing
            retry = self._retry_at(work.attempts, error)
            await self._queue.events.fail(work, _reason(error), retry, is_told=is_told)
            _report("event", work.kind, error)
        else:
            await self._queue.events.finish(work, result)

    async def try_slot(self, work: SlotWork) -> None:
        """Run an occurrence once, or skip it when it is too late for it."""
        job = self._jobs.slots.get(work.kind)
        now = self._clock.now()
        if work.is_too_late(now):
            late = int((now - work.due_at).total_seconds() // 60)
            await self._queue.slots.skip(work, late, now)
            return
        if job is None or work.attempts > TRIES:
            reason = _ended_each_time(work.attempts) if job else f"no job for {work.kind}"
            await self._queue.slots.fail(work, reason, None, now)
            return
        try:
            with hurrying(EVENT if work.is_by_hand else SLOT):
                async with asyncio.timeout(self.job_seconds):
                    result = await job(work)
        except Exception as error:  # noqa: BLE001  the engine's boundary: one poison job stops nothing
            retry = self._retry_at(work.attempts, error)
            await self._queue.slots.fail(work, _reason(error), retry, now)
            _report("occurrence", work.kind, error)
        else:
            await self._queue.slots.finish(work, result, now)

    def _retry_at(self, attempts: int, error: Exception) -> datetime | None:
        may_pass = isinstance(error, Unavailable) or not isinstance(error, DaybookError)
        if not may_pass or attempts > len(BACKOFF):
            return None
        wait = BACKOFF[attempts - 1]
        if isinstance(error, SlackUnavailable) and error.retry_after:
            # Slack names when it will answer; asking before that only prolongs it.
            wait = max(wait, timedelta(seconds=error.retry_after))
        return self._clock.now() + wait


def _ended_each_time(attempts: int) -> str:
    return f"Given up: Daybook ended in the middle of it, {attempts - 1} times."


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"It took longer than {JOB_SECONDS:.0f} seconds."
    return str(error) if isinstance(error, DaybookError) else f"internal: {type(error).__name__}"


def _report(what: str, kind: str, error: Exception) -> None:
    expected = isinstance(error, DaybookError | TimeoutError)
    log.log(30 if expected else 40, f"{what}.failed", kind=kind, error=_reason(error),
            exc_info=None if expected else error)  # fmt: skip
