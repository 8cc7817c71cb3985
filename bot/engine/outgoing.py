"""Send planned deliveries: intent, act, record; look up before any retry.

Order is kept within a target; targets go side by side.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.db.session import Database
from bot.engine.notices import (
    render_delivery_failed,
    render_delivery_uncertain,
    render_picture_failed,
)
from bot.engine.outbox import LEASE, NOT_SENT, Item, Outbox
from bot.engine.sides import side_by_side
from bot.errors import DaybookError, MethodMissing, SlackRefused, SlackUnavailable, SlackUncertain
from bot.slack.blocks import Message, image
from bot.slack.gateway import Gateway, Posted

log = structlog.get_logger()

TARGETS_AT_ONCE = 8
# Waits between tries of one message: about half an hour in all.
BACKOFF = [timedelta(seconds=s) for s in (1, 2, 5, 15, 60, 300, 600, 900)]
# How far before the intent a look-up searches: Slack's clock and ours may differ.
SKEW = timedelta(minutes=5)
# A post is begun only while this much of the lease is left: it must end before another may take it.
LEAST_LEASE_LEFT = 0.4
# How soon a picture is tried again that Slack has not made ready yet.
PICTURE_SECONDS = 1
PICTURE_TRIES = 6
BEST_EFFORT = ("react", "unreact", "ephemeral")

Draw = Callable[[dict[str, Any]], Awaitable[bytes]]
Gateways = Callable[[str], Awaitable[Gateway]]


class Outgoing:
    """Sends what is planned, through the gateway of each workspace."""

    def __init__(
        self,
        db: Database,
        owner: str,
        gateways: Gateways,
        draw: Draw,
        real_now: Callable[[], datetime],
    ) -> None:
        self._outbox = Outbox(db, owner)
        self._gateways, self._draw, self._real_now = gateways, draw, real_now

    async def send_due(self, now: datetime) -> int:
        """Send one batch of what is due. Returns how many deliveries were taken."""
        items = await self._outbox.claim(now)
        stop_at = self._real_now() + LEASE * (1 - LEAST_LEASE_LEFT)
        lanes: dict[tuple[str, str], list[Item]] = defaultdict(list)
        for item in items:
            lanes[item.workspace_id, item.where].append(item)

        async def lane(waiting: list[Item]) -> None:
            for item in waiting:
                if self._real_now() < stop_at:
                    await self._send(item, now)
                else:
                    await self._outbox.put_back(item, now)

        await side_by_side([lane(waiting) for waiting in lanes.values()], TARGETS_AT_ONCE)
        return len(items)

    async def _send(self, item: Item, now: datetime) -> None:
        if item.after_state in {"failed", "uncertain", "skipped"}:
            await self._outbox.record(item, now, state="skipped", error=NOT_SENT)
            return
        try:
            posted = await self._act(item)
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
            await self._outbox.record(item, now, state="sent", channel=posted.channel, ts=posted.ts)

    async def _act(self, item: Item) -> Posted:
        gateway = await self._gateways(item.workspace_id)
        payload = item.payload
        match item.method:
            case "post":
                return await self._post(gateway, item)
            case "update":
                ts = payload["ts"] or item.after_ts
                await gateway.update(item.where, ts, item.message)
                return Posted(item.where, ts)
            case "ephemeral":
                thread = payload["thread"]
                await gateway.ephemeral(item.target, payload["user"], item.message, thread=thread)
                return Posted(item.target, "")
            case "react" | "unreact":
                await gateway.react(
                    item.target, payload["ts"], payload["emoji"], remove=item.method == "unreact"
                )
                return Posted(item.target, payload["ts"])
            case "picture":
                return await self._picture(gateway, item)
        raise ValueError(f"unknown method {item.method}")

    async def _post(self, gateway: Gateway, item: Item) -> Posted:
        thread = item.payload["thread"] or item.after_ts
        if item.was_sending:
            found = await self._look_up(gateway, item, thread)
            if found:
                return found
        return await gateway.post(item.where, item.message, key=item.key, thread=thread)

    async def _look_up(self, gateway: Gateway, item: Item, thread: str) -> Posted | None:
        # Slack's timestamps are real time, whatever the clock of this process shows.
        oldest = min(item.planned_at, self._real_now()) - SKEW
        try:
            return await gateway.find_key(item.where, item.key, oldest=oldest, thread=thread)
        except SlackRefused as error:
            # It may be there, and we may not look: never guess, wait until we may.
            raise SlackUncertain(f"I cannot look whether it arrived ({error.code}).") from error

    async def _picture(self, gateway: Gateway, item: Item) -> Posted:
        file_id = item.payload.get("file_id")
        if not file_id:
            png = await self._draw(item.payload["spec"])
            file_id = await gateway.upload("daybook.png", png, item.payload["alt"])
            payload = item.payload | {"file_id": file_id}
            await self._outbox.record(item, item.planned_at, payload=payload, finished_at=None)
        blocks = list(item.message.blocks)
        blocks.insert(item.payload["index"], image(file_id, item.payload["alt"]))
        try:
            shown = Message(item.message.text, blocks)
            await gateway.update(item.after_channel, item.after_ts, shown)
        except SlackRefused as error:
            # Slack takes a moment until an uploaded file may stand in a block.
            if error.code == "invalid_blocks" and item.attempts < PICTURE_TRIES:
                wait = PICTURE_SECONDS
                raise SlackUnavailable("The picture is not ready.", retry_after=wait) from error
            raise
        return Posted(item.after_channel, item.after_ts)

    async def _try_later(
        self, item: Item, now: datetime, error: DaybookError, *, is_ambiguous: bool
    ) -> None:
        may_be_there = item.method == "post" and (is_ambiguous or item.was_sending)
        if item.attempts >= len(BACKOFF):
            await self._fail(item, now, "unavailable", str(error), is_lost=may_be_there)
            return
        wait = BACKOFF[item.attempts]
        after = getattr(error, "retry_after", None)
        if after is not None:
            wait = timedelta(seconds=max(float(after), 0.5))
        values: dict[str, Any]
        if may_be_there:
            # Stays "sending": whoever takes it next looks it up first.
            values = {"state": "sending", "lease_until": now + wait}
        else:
            values = {"state": "planned", "not_before": now + wait}
        await self._outbox.record(item, now, error=str(error), finished_at=None, **values)

    async def _fail(
        self, item: Item, now: datetime, code: str, reason: str, *, is_lost: bool = False
    ) -> None:
        state = "uncertain" if is_lost else "failed"
        # A failed note about a failure is not told again; status shows it.
        is_told = item.owner_id and item.method not in BEST_EFFORT
        notice = (item.owner_id, _notice(item, code, reason, is_lost=is_lost)) if is_told else None
        await self._outbox.record(item, now, notice=notice, state=state, error=reason)


def _notice(item: Item, code: str, reason: str, *, is_lost: bool) -> Message:
    if item.method == "picture":
        return render_picture_failed(item.label, item.where, item.id)
    if is_lost:
        return render_delivery_uncertain(item.label, item.where, item.id)
    return render_delivery_failed(item.label, item.where, code, reason, item.id)
