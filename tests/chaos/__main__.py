"""``make chaos``: real processes, seeded troubles, and what Slack's ledger says of it.

SEEDS, SLOTS (in all, for each database), DB (sqlite, postgres, both), FIRST (the first seed),
LOUD=1 to see what happens. The last line is the result; exit 1 unless all is well.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.checker import Verdict, total
from tests.chaos.course import play
from tests.chaos.databases import Base, PostgresBase, SqliteBase
from tests.chaos.nursery import Nursery, nursing
from tests.chaos.scenes import make_scene
from tests.chaos.staging import staged
from tests.chaos.troubles import TROUBLES
from tests.postgres import Postgres, running_postgres

# Where nobody can know, saying so is right; more often than this it is an excuse.
MOST_UNCERTAIN = 1 / 200
KINDS = {"sqlite": ("sqlite",), "postgres": ("postgres",), "both": ("sqlite", "postgres")}
PROCESSES = {"sqlite": ["run"], "postgres": ["run", "run", "worker"]}


@dataclass(frozen=True)
class Wish:
    """What was asked for."""

    seeds: int
    slots: int
    kinds: tuple[str, ...]
    first: int
    is_loud: bool


def main() -> int:
    """Run all seeds. Returns the exit code."""
    asked = os.environ
    wish = Wish(
        seeds=int(asked.get("SEEDS") or 20),
        slots=int(asked.get("SLOTS") or 1000),
        kinds=KINDS[asked.get("DB") or "both"],
        first=int(asked.get("FIRST") or 0),
        is_loud=bool(asked.get("LOUD")),
    )
    verdicts = list(_all(wish))
    whole = total(verdicts)
    for fault in whole.faults:
        print(fault)
    print(f"chaos: {whole.line()}")
    return int(bool(whole.faults) or whole.uncertain > whole.slots * MOST_UNCERTAIN)


def _all(wish: Wish) -> Iterator[Verdict]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="daybook-chaos-")))
        server = None
        if "postgres" in wish.kinds:
            server = stack.enter_context(running_postgres(folder / "pg", is_lasting=True))
        nursery = stack.enter_context(nursing())
        for kind in wish.kinds:
            for seed in range(wish.first, wish.first + wish.seeds):
                yield one_seed(wish, kind, seed, folder / f"{kind}-{seed}", server, nursery)


def one_seed(
    wish: Wish, kind: str, seed: int, folder: Path, server: Postgres | None, nursery: Nursery
) -> Verdict:
    """Run one seed and say in one line what came of it."""
    begun = time.monotonic()
    folder.mkdir()
    scene = make_scene(seed, kind, max(4, wish.slots // wish.seeds))
    verdict = asyncio.run(_play(wish, kind, scene, folder, server, nursery))
    seconds = time.monotonic() - begun
    print(f"{kind} seed {seed} ({scene.story}): {verdict.line()}  [{seconds:.0f} s]", flush=True)
    if verdict.faults:
        kept = Path(tempfile.mkdtemp(prefix=f"chaos-{kind}-{seed}-"))
        for log in folder.glob("*.log"):
            (kept / log.name).write_bytes(log.read_bytes())
        print(f"  what was said: {kept}", *verdict.faults, sep="\n  ", flush=True)
    return verdict


async def _play(wish, kind, scene, folder, server, nursery) -> Verdict:  # type: ignore[no-untyped-def]
    base: Base = SqliteBase(folder) if kind == "sqlite" else PostgresBase(server, "template1")
    processes, is_quiet = PROCESSES[kind], not wish.is_loud
    async with staged(scene, folder, base, processes, nursery, quiet=is_quiet) as trial:
        return await play(trial, TROUBLES)


if __name__ == "__main__":
    sys.exit(main())
