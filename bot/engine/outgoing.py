"""Send planned deliveries: intent, act, record.

Order is kept within a target; targets go side by side, and workspaces in turns, each at the pace
that Slack allows it (bot.slack.pacing).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.db.session import Database
from bot.engine.calls import SLACK_METHODS, Calls, Draw, Gateways
from bot.engine.items import Candidate, Item
from bot.engine.notices import (
    render_delivery_failed,
    render_delivery_uncertain,
    render_picture_failed,
)
from bot.engine.outbox import LEASE, Outbox
from bot.engine.presence import Presence
from bot.engine.tables import NOT_SENT
from bot.engine.telling import FAILED
from bot.errors import (
    DaybookError,
    MethodMissing,
    SlackRefused,
    SlackUnavailable,
    SlackUncertain,
    TokenRefused,
)
from bot.slack.blocks import Message
from bot.slack.gate import SENDING, hurrying, sent_only_while, turn_taken
from bot.slack.pacing import Paces, kept_for_others

log = structlog.get_logger()

# Calls at once: 300 messages a second at 50 ms each need 15, and Slack is often slower. A
# workspace whose calls hang until their time-out (10 s) leaves the others their places.
SIDE_BY_SIDE = 64
OF_ONE_WORKSPACE = 8
# Waits between tries of one message: about half an hour in all.
BACKOFF = [timedelta(seconds=s) for s in (1, 2, 5, 15, 60, 300, 600, 900)]
# Slack may take a call a little after it was given up: looked up sooner, it would be missed.
LATE = timedelta(seconds=5)
# Each wait is longer by up to this share, another for each message, so that a fault which struck
# all at once is not followed by all at once.
SPREAD = 0.2
# A post is begun only while this much of the lease is left: it must end before another may take it.
LEAST_LEASE_LEFT = 0.4
BEST_EFFORT = ("react", "unreact", "ephemeral")


class Outgoing:
    """Sends what is planned, through the gateway of each workspace."""

    def __init__(
        self,
        db: Database,
        owner: str,
        gateways: Gateways,
        draw: Draw,
        real_now: Callable[[], datetime],
        paces: Paces | None = None,
        presence: Presence | None = None,
    ) -> None:
        self._outbox = Outbox(db, owner, presence)
        self._calls = Calls(self._outbox, gateways, draw, real_now)
        self._real_now = real_now
        self._paces = paces or Paces(is_limited=False)
        self._more = asyncio.Event()
        db.on_wake.append(self._more.set)

    async def send_due(self, now: datetime) -> int:
        """Send what is due, and what becomes free to go meanwhile.

        Returns how many deliveries were taken, or given a later turn: 0 when there is nothing.
        """
        began = self._real_now()
        under_way = _UnderWay(self._more)
        count = 0
        try:
            while True:
                self._more.clear()
                # Time goes on while calls are made, whichever clock ``now`` was read from.
                moment = self._real_now()  # before the leases begin, should the taking take long
                at = now + max(moment - began, timedelta())
                items, handled, is_all = await self._take(at, under_way)
                stop_at = moment + LEASE * (1 - LEAST_LEASE_LEFT)
                for item in items:
                    under_way.begin(item, self._begin(item, at, stop_at))
                count += handled
                if not handled and not under_way.items:
                    # What ended while the tables were read may have let others go.
                    if not under_way.check():
                        return count
                elif under_way.items and (is_all or not handled or under_way.room == 0):
                    under_way.call_when_enough_ended()
                    await self._more.wait()
                    under_way.check()
        except DaybookError:
            # What Slack took already is still recorded, if that is possible at all.
            await asyncio.gather(*under_way.items, return_exceptions=True)
            raise
        finally:
            under_way.cancel()

    async def release_gone(self, now: datetime) -> int:
        """Let what ended processes were sending be taken soon; returns how many."""
        return await self._outbox.release_gone(now)

    async def _take(self, at: datetime, under_way: "_UnderWay") -> tuple[list[Item], int, bool]:
        """Return what was taken, with how many rows changed, and whether no more could be found."""
        room = under_way.room
        taken = Counter(item.workspace_id for item in under_way.items.values())
        full = [workspace for workspace, n in taken.items() if n >= OF_ONE_WORKSPACE]
        held = [item.id for item in under_way.items.values()]
        found = await self._outbox.candidates(at, limit=2 * room, but=full, held=held)
        is_all = len(found) < 2 * room
        chosen: list[Candidate] = []
        later: list[tuple[Candidate, datetime]] = []
        for one in found:
            if len(chosen) == room:
                break
            if taken[one.workspace_id] >= OF_ONE_WORKSPACE:
                continue
            turn = self._turn(one, at)
            if turn:
                later.append((one, turn))
            else:
                chosen.append(one)
                taken[one.workspace_id] += 1
        if not chosen and not later:
            return [], 0, is_all
        items = await self._outbox.claim(at, chosen, later)
        return items, len(items) + len(later), is_all

    def _turn(self, one: Candidate, at: datetime) -> datetime | None:
        """Return when it may go with Slack, or None for now."""
        if one.is_left:
            # It is looked up first, which is another call; this is rare.
            return None
        pace, method = self._paces.of(one.workspace_id), SLACK_METHODS.get(one.method, "")
        return pace.take(method, one.channel, at, kept_for_others(one.priority))

    async def _begin(self, item: Item, now: datetime, stop_at: datetime) -> None:
        def may_go() -> bool:
            return self._real_now() < stop_at

        if not may_go():
            await self._outbox.put_back(item, now)
        elif item.method == "post":
            # Once more when its connection is there: a process may be paused while it connects.
            with sent_only_while(may_go):
                await self._send(item, now)
        else:
            await self._send(item, now)

    async def _send(self, item: Item, now: datetime) -> None:
        if item.after_state in {"failed", "uncertain", "skipped"}:
            await self._outbox.record(item, now, state="skipped", error=NOT_SENT)
            return
        # One that may be there already is looked up first, and has had no turn yet.
        method = "" if item.was_sending else SLACK_METHODS.get(item.method, "")
        try:
            with hurrying(SENDING), turn_taken(method):
                posted = await self._calls.make(item)
        except SlackUncertain as error:
            await self._try_later(item, now, error, is_ambiguous=True)
        except SlackUnavailable as error:
            await self._try_later(item, now, error, is_ambiguous=False)
        except MethodMissing as error:
            await self._outbox.record(item, now, state="skipped", error=str(error))
        except SlackRefused as error:
            await self._fail(item, now, error.code, str(error))
        except DaybookError as error:
            await self._try_later(item, now, error, is_ambiguous=False)
        except Exception as error:
            log.error("delivery.failed", method=item.method, exc_info=error)
            await self._fail(item, now, "internal", f"internal: {type(error).__name__}")
        else:
            await self._outbox.record_sent(item, now, posted.channel, posted.ts)

    async def _try_later(
        self, item: Item, now: datetime, error: DaybookError, *, is_ambiguous: bool
    ) -> None:
        may_be_there = item.method == "post" and (is_ambiguous or item.was_sending)
        if item.attempts >= len(BACKOFF):
            code = error.code if isinstance(error, TokenRefused) else "unavailable"
            await self._fail(item, now, code, str(error), is_lost=may_be_there)
            return
        wait = BACKOFF[item.attempts] * (1 + SPREAD * int(item.key[:4], 16) / 0xFFFF)
        if isinstance(error, SlackUnavailable) and error.retry_after is not None:
            wait = max(wait, timedelta(seconds=error.retry_after))
            if error.method:
                pace = self._paces.of(item.workspace_id)
                pace.pause(error.method, item.where, now, error.retry_after)
        values: dict[str, Any]
        if may_be_there:
            wait = max(wait, LATE)
            # Stays "sending": whoever takes it next looks it up first.
            values = {"state": "sending", "lease_until": now + wait}
        else:
            values = {"state": "planned", "not_before": now + wait}
        await self._outbox.record(item, now, error=str(error), finished_at=None, **values)

    async def _fail(
        self, item: Item, now: datetime, code: str, reason: str, *, is_lost: bool = False
    ) -> None:
        state = "uncertain" if is_lost else "failed"
        # Without an owner, and where a note about a failure failed, an admin is told.
        is_told = item.method not in BEST_EFFORT
        notice = (item.owner_id, _notice(item, code, reason, is_lost=is_lost)) if is_told else None
        await self._outbox.record(item, now, notice=notice, state=state, error=reason)


class _UnderWay:
    """The calls that one pass is making."""

    def __init__(self, more: asyncio.Event) -> None:
        self.items: dict[asyncio.Task[None], Item] = {}
        self._more = more
        self._ended: list[asyncio.Task[None]] = []
        self._enough = 1

    @property
    def room(self) -> int:
        """How many more may be made."""
        return SIDE_BY_SIDE - len(self.items)

    def begin(self, item: Item, call: Coroutine[Any, Any, None]) -> None:
        """Make one more."""
        task = asyncio.create_task(call)
        self.items[task] = item
        task.add_done_callback(self._note_end)

    def call_when_enough_ended(self) -> None:
        """Set the event once half of them have ended: the tables are asked that much less often."""
        self._enough = max(1, len(self.items) // 2)
        if len(self._ended) >= self._enough or not self.items:
            self._more.set()

    def check(self) -> bool:
        """Tell whether any ended since the last check; raise what one of them raised."""
        ended, self._ended = self._ended, []
        for task in ended:
            task.result()
        return bool(ended)

    def cancel(self) -> None:
        """End all of them."""
        for task in self.items:
            task.cancel()

    def _note_end(self, task: asyncio.Task[None]) -> None:
        del self.items[task]
        self._ended.append(task)
        if len(self._ended) >= self._enough or not self.items:
            self._more.set()


def _notice(item: Item, code: str, reason: str, *, is_lost: bool) -> Message:
    if item.cause.startswith(FAILED):
        return item.message
    if item.method == "picture":
        return render_picture_failed(item.label, item.where, item.id)
    if is_lost:
        return render_delivery_uncertain(item.label, item.where, item.id)
    return render_delivery_failed(item.label, item.where, code, reason, item.id)
