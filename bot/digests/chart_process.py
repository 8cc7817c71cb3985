"""Drawing in a process of its own, so that the bot never loads matplotlib (about 60 MB)."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any

from bot.digests.chart import ChartSpec
from bot.errors import Unavailable

DRAW_SECONDS = 30
"""A picture takes .2 s, the first on a new machine several (fonts are listed once)."""

IDLE_SECONDS = 120.0
"""Then the process ends: digests come in the morning, memory is held all day."""


class ProcessCharts:
    """``Charts`` by one worker process, started on first use and ended when idle."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._pool: ProcessPoolExecutor | None = None
        self._waiting = 0
        self._idle: asyncio.TimerHandle | None = None

    async def render(self, spec: ChartSpec | Mapping[str, Any]) -> bytes:
        """Keep ``Charts.render``'s contract; pictures are drawn one after the other."""
        facts = spec if isinstance(spec, ChartSpec) else ChartSpec.model_validate(spec)
        self._waiting += 1
        self._stay()
        try:
            return await self._drawn(facts)
        except BrokenProcessPool:
            self._drop()
        finally:
            self._waiting -= 1
            self._end_when_idle()
        raise Unavailable("The picture could not be drawn.")

    async def aclose(self) -> None:
        """End the process and wait for its end."""
        self._stay()
        pool, self._pool = self._pool, None
        if pool:
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)

    async def _drawn(self, spec: ChartSpec) -> bytes:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin_worker,
            )
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _draw, spec)

    def _drop(self) -> None:
        pool, self._pool = self._pool, None
        if pool:
            pool.shutdown(wait=False, cancel_futures=True)

    def _stay(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None

    def _end_when_idle(self) -> None:
        if self._waiting == 0 and self._pool:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._idle_seconds, self._drop)


def _begin_worker() -> None:
    # Ctrl-C goes to the whole group; the bot ends its worker itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A worker whose parent was killed would wait for work for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def _draw(spec: ChartSpec) -> bytes:
    from bot.digests.chart_drawing import draw  # the bot itself never loads it

    if hasattr(signal, "alarm"):
        signal.alarm(DRAW_SECONDS)  # ends a hung worker; the pool then says it is broken
    try:
        return draw(spec)
    finally:
        if hasattr(signal, "alarm"):
            signal.alarm(0)
