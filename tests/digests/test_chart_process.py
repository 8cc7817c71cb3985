import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from datetime import date

import psutil  # type: ignore[import-untyped]
import pytest

from bot.digests.chart import ChartSpec
from bot.digests.chart_process import ProcessCharts
from bot.errors import Unavailable

SPEC = ChartSpec(
    label="Imports", first=date(2026, 8, 22), values=(1, 2), low=(None, None), high=(None, None)
)
PNG = b"\x89PNG"


def workers() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid]


def gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(timeout=20)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        return False
    return True


async def test_one_worker_draws_on_first_use_and_ends_with_its_owner() -> None:
    charts = ProcessCharts()
    before = set(workers())
    pictures = await asyncio.gather(charts.render(SPEC), charts.render(SPEC.to_json()))
    started = set(workers()) - before
    await charts.aclose()
    assert [png[:4] for png in pictures] == [PNG, PNG]
    assert len(started) == 1
    assert await asyncio.to_thread(gone, started.pop())


async def test_a_killed_worker_is_told_and_the_next_picture_gets_a_new_one() -> None:
    charts = ProcessCharts()
    before = set(workers())
    await charts.render(SPEC)
    (worker,) = set(workers()) - before
    os.kill(worker, signal.SIGKILL)
    assert await asyncio.to_thread(gone, worker)
    with pytest.raises(Unavailable):
        await charts.render(SPEC)
    again = await charts.render(SPEC)
    await charts.aclose()
    assert again.startswith(PNG)


async def test_an_idle_worker_ends() -> None:
    charts = ProcessCharts(idle_seconds=0)
    before = set(workers())
    await charts.render(SPEC)
    (worker,) = set(workers()) - before
    assert await asyncio.to_thread(gone, worker)
    await charts.aclose()


async def test_closing_without_a_picture_starts_nothing() -> None:
    before = set(workers())
    await ProcessCharts().aclose()
    assert set(workers()) == before


ORPHANING = """
import asyncio, multiprocessing, os, signal
from datetime import date
from bot.digests.chart import ChartSpec
from bot.digests.chart_process import ProcessCharts

async def main():
    charts = ProcessCharts()
    await charts.render(ChartSpec(
        label="x", first=date(2026, 1, 1), values=(1,), low=(None,), high=(None,)))
    print(multiprocessing.active_children()[0].pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_a_worker_does_not_outlive_a_killed_bot() -> None:
    # The worker inherits stderr; stdout alone is read, until the parent is dead.
    done = subprocess.run(
        [sys.executable, "-c", ORPHANING], stdout=subprocess.PIPE, check=False, text=True
    )
    assert done.returncode == -signal.SIGKILL
    assert gone(int(done.stdout))
