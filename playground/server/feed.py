"""What has changed, for pages that refresh by themselves."""

import asyncio
from collections import deque

from playground.server.rows import Change

_KEPT = 5_000  # changes kept in memory; a reader further behind reads everything again


class Feed:
    """Versions grow by one for each change and begin at the time of the start, so that a page
    that outlived a restart of the server is told to reload."""

    def __init__(self, first_version: int) -> None:
        self.version = first_version
        self._changes: deque[Change] = deque(maxlen=_KEPT)
        self._news = asyncio.Event()

    def add(
        self,
        kind: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        user: str | None = None,
    ) -> None:
        """Adds a change and wakes those who wait."""
        self.version += 1
        self._changes.append(Change(self.version, kind, channel, ts, user))
        self._news.set()
        self._news = asyncio.Event()

    def now(self, since: int) -> list[Change]:
        """The changes after version `since`, oldest first, without waiting."""
        if since == self.version:
            return []
        first_kept = self._changes[0].version if self._changes else self.version + 1
        if since > self.version or since < first_kept - 1:
            return [Change(self.version, "reload")]
        return [change for change in self._changes if change.version > since]

    async def wait(self, since: int, timeout_seconds: float) -> list[Change]:
        """Like `now`, but waits up to the timeout until there is at least one; may be empty."""
        found, news = self.now(since), self._news
        if found:
            return found
        try:
            await asyncio.wait_for(news.wait(), timeout_seconds)
        except TimeoutError:
            return []
        return self.now(since)
