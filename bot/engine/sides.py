"""Work side by side, a few at a time."""

import asyncio
from collections.abc import Awaitable, Sequence


async def side_by_side(tasks: Sequence[Awaitable[None]], limit: int) -> None:
    """Await all of them, ``limit`` at once; only when all have ended, raise what one raised."""
    gate = asyncio.Semaphore(limit)

    async def one(task: Awaitable[None]) -> None:
        async with gate:
            await task

    ended = await asyncio.gather(*(one(task) for task in tasks), return_exceptions=True)
    for result in ended:
        if isinstance(result, BaseException):
            raise result
