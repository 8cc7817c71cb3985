"""Work under way in one process: a few pieces at once, and never all of them of one workspace."""

import asyncio
from collections import Counter
from collections.abc import Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

log = structlog.get_logger()


@dataclass(frozen=True)
class Room:
    """What a process can begin now. ``held`` are the ids of what it is at already."""

    free: int
    per_workspace: int
    taken: Mapping[str, int]
    held: frozenset[str]

    def without(self, taken: Collection[tuple[str, str]]) -> "Room":
        """Return what is left once ``taken`` (workspace, id) are begun as well."""
        each = Counter(self.taken) + Counter(workspace_id for workspace_id, _ in taken)
        held = self.held | {id_ for _, id_ in taken}
        return Room(self.free - len(taken), self.per_workspace, each, held)

    def share(self, waiting: list[str]) -> dict[str, int]:
        """Share the free places among workspaces, in turns; the first named come first."""
        shares: Counter[str] = Counter()
        free = self.free
        while free > 0:
            before = free
            for workspace_id in waiting:
                taken = self.taken.get(workspace_id, 0) + shares[workspace_id]
                if free > 0 and taken < self.per_workspace:
                    shares[workspace_id] += 1
                    free -= 1
            if free == before:
                break
        return dict(shares)


class Lane:
    """A bounded pool. What does not fit stays in the tables, where others can take it."""

    def __init__(self, places: int, per_workspace: int) -> None:
        self._places, self._per_workspace = places, per_workspace
        self._running: dict[asyncio.Task[None], tuple[str, str]] = {}
        self.ended = 0  # how many pieces have ended so far

    @property
    def running(self) -> set[asyncio.Task[None]]:
        """The tasks under way."""
        return set(self._running)

    def room(self) -> Room:
        """Return what may be begun now."""
        taken = Counter(workspace_id for workspace_id, _ in self._running.values())
        held = frozenset(id_ for _, id_ in self._running.values())
        return Room(self._places - len(self._running), self._per_workspace, taken, held)

    def begin(self, workspace_id: str, id_: str, job: Coroutine[Any, Any, None]) -> None:
        """Run a piece; the caller has asked for room before."""
        task = asyncio.create_task(job)
        self._running[task] = (workspace_id, id_)
        task.add_done_callback(self._ended)

    def cancel(self) -> None:
        """Stop all that runs; what it had taken is taken again by whoever comes next."""
        for task in self.running:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self.ended += 1
        if not task.cancelled() and (error := task.exception()):
            # What it had taken stays leased, and is taken again when the lease ends.
            log.warning("engine.record_failed", error=str(error))
