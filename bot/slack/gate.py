"""Lets the calls of one workspace through at the pace that Slack allows each method.

Whoever waits in front of a form is let through at once; what else is asked waits its turn, and
leaves some for what is more urgent. Deliveries have taken their turn before (bot.engine.outgoing).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import NamedTuple

from bot.errors import SlackUnavailable
from bot.slack.pacing import Pace, kept_for_others


class Hurry(NamedTuple):
    """How urgent a call is (as deliveries' priorities), and how long it may wait its turn."""

    priority: int
    patience_seconds: float


# A person waits for the answer, at most three seconds in all.
AT_ONCE = Hurry(0, 0)
# Between intent and record: bot.engine.outbox.SETTLED counts on it.
SENDING = Hurry(1, 2)
# What jobs ask, well inside the time that a job may take; beyond it they are tried again.
EVENT, SLOT, HOUSEKEEPING = Hurry(1, 30), Hurry(5, 30), Hurry(9, 30)

_hurry: ContextVar[Hurry] = ContextVar("hurry", default=AT_ONCE)
_taken: ContextVar[str] = ContextVar("taken", default="")
_may_go: ContextVar[Callable[[], bool] | None] = ContextVar("may_go", default=None)


@contextmanager
def hurrying(hurry: Hurry) -> Iterator[None]:
    """Say how urgent the calls of the block are."""
    token = _hurry.set(hurry)
    try:
        yield
    finally:
        _hurry.reset(token)


@contextmanager
def turn_taken(method: str) -> Iterator[None]:
    """Say that the block's first call of ``method`` has had its turn."""
    token = _taken.set(method)
    try:
        yield
    finally:
        _taken.reset(token)


@contextmanager
def sent_only_while(may_go: Callable[[], bool]) -> Iterator[None]:
    """Say until when the block's calls may still be sent, however long a connection takes."""
    token = _may_go.set(may_go)
    try:
        yield
    finally:
        _may_go.reset(token)


def check_may_go() -> None:
    """Raise ``SlackUnavailable`` when a call is too late; asked with the connection in hand."""
    may_go = _may_go.get()
    if may_go and not may_go():
        raise SlackUnavailable("It was not sent: this process was paused too long.")


class Gate:
    """In front of one workspace's calls."""

    def __init__(
        self,
        pace: Pace,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.pace = pace
        self._now, self._sleep = now, sleep

    async def enter(self, method: str, channel: str = "") -> None:
        """Return when the call may be made; ``SlackUnavailable`` when that is too far off."""
        if method == _taken.get():
            _taken.set("")
            return
        hurry, waited = _hurry.get(), 0.0
        if not hurry.priority:
            self._check_pause(method, channel)
            self.pace.charge(method, channel, self._now())
            return
        kept = kept_for_others(hurry.priority)
        while turn := self.pace.take(method, channel, self._now(), kept):
            wait = (turn - self._now()).total_seconds()
            if waited + wait > hurry.patience_seconds:
                raise _asked_to_wait(method, wait)
            await self._sleep(wait)
            waited += wait

    def note_refusal(self, method: str, channel: str, seconds: float) -> None:
        """Note that Slack asked to wait."""
        self.pace.pause(method, channel, self._now(), seconds)

    def _check_pause(self, method: str, channel: str) -> None:
        # Asked before its time, Slack refuses again, and for longer.
        if until := self.pace.paused_until(method, channel, self._now()):
            raise _asked_to_wait(method, (until - self._now()).total_seconds())


def _asked_to_wait(method: str, seconds: float) -> SlackUnavailable:
    return SlackUnavailable(f"Slack asked to wait ({method}).", retry_after=seconds)
