"""Why a source could not be read, in words for a product person, without address or secret."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from bot.errors import MetricUnreadable

T = TypeVar("T")


class Unreadable(Exception):
    """A read failed; ``problem`` and ``fix`` are sentences fit for the metric's owner."""

    def __init__(self, problem: str, fix: str) -> None:
        self.problem, self.fix = problem, fix
        super().__init__(problem)


async def read_plainly(reading: Awaitable[T], *, metric: str, what: str, seconds: float) -> T:
    """Await a read for at most ``seconds``; raises only ``MetricUnreadable``.

    ``what`` names what is read ("The database"), ``metric`` its label.
    """
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        problem = f"{what} did not answer in time."
        fix = "Try again later, or raise the source's timeout_seconds."
    except Unreadable as error:
        problem, fix = error.problem, error.fix
    # Outside the handlers, so that no chain of errors carries an address into a log.
    raise MetricUnreadable(metric=metric, problem=problem, fix=fix)


def too_many_rows(limit: int, what: str) -> Unreadable:
    """Return the error of an answer that is longer than its source may give."""
    return Unreadable(
        f"{what} gives more than {limit} rows.",
        "Let it give one row a day, or raise the source's row_limit.",
    )
