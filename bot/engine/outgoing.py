"""Send planned deliveries: intent, act, record; look up before any retry.

Order is kept within a target; targets go side by side.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import aliased

from bot.db.session import Database
from bot.engine.deliveries import Cause, plan_post
from bot.engine.notices import render_delivery_failed, render_delivery_uncertain
from bot.engine.tables import FINAL, Delivery, may_send
from bot.errors import DaybookError, MethodMissing, SlackRefused, SlackUnavailable, SlackUncertain
from bot.slack.blocks import Message, image
from bot.slack.gateway import Gateway, Posted

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
BATCH = 200
TARGETS_AT_ONCE = 8
# Waits between tries of one message: about half an hour in all.
BACKOFF = [timedelta(seconds=s) for s in (1, 2, 5, 15, 60, 300, 600, 900)]
# How far before the intent a look-up searches: Slack's clock and ours may differ.
SKEW = timedelta(minutes=5)

Draw = Callable[[dict[str, Any]], Awaitable[bytes]]
Gateways = Callable[[str], Awaitable[Gateway]]


@dataclass(frozen=True)
class _Item:
    """A claimed delivery: plain values, no session behind it."""

    workspace_id: str
    id: str
    target: str
    method: str
    payload: dict[str, Any]
    key: str
    attempts: int
    was_sending: bool
    after_state: str
    after_channel: str
    after_ts: str
    owner_id: str
    label: str
    planned_at: datetime
    cause: str

    @property
    def message(self) -> Message:
        told = self.payload["message"]
        return Message(told["text"], told["blocks"])


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
        self._db, self._owner, self._gateways, self._draw = db, owner, gateways, draw
        self._real_now = real_now

    async def send_due(self, now: datetime) -> int:
        """Send one batch of what is due. Returns how many deliveries were taken."""
        items = await self._claim(now)
        lanes: dict[tuple[str, str], list[_Item]] = defaultdict(list)
        for item in items:
            lanes[item.workspace_id, item.after_channel or item.target].append(item)
        gate = asyncio.Semaphore(TARGETS_AT_ONCE)

        async def lane(waiting: list[_Item]) -> None:
            async with gate:
                for item in waiting:
                    await self._send(item, now)

        await asyncio.gather(*(lane(waiting) for waiting in lanes.values()))
        return len(items)

    async def _claim(self, now: datetime) -> list[_Item]:
        first = aliased(Delivery)
        is_ready = or_(Delivery.after_id.is_(None), first.state.in_(FINAL))
        query = (
            select(Delivery, first.state, first.channel, first.ts)
            .outerjoin(
                first,
                (first.workspace_id == Delivery.workspace_id) & (first.id == Delivery.after_id),
            )
            .where(may_send(now), is_ready)
            .order_by(Delivery.priority, Delivery.id)
            .limit(BATCH)
        )
        async with self._db.write() as session:
            rows = (
                await session.execute(query.with_for_update(skip_locked=True, of=Delivery))
            ).all()
            items = [_item(*row) for row in rows]
            for row in rows:
                delivery = row[0]
                delivery.state, delivery.lease_owner = "sending", self._owner
                delivery.lease_until = now + LEASE
                delivery.attempts += 1
        return items

    async def _send(self, item: _Item, now: datetime) -> None:
        if item.after_state in {"failed", "uncertain", "skipped"}:
            reason = "the message it belongs to was not sent"
            await self._record(item, now, state="skipped", error=reason)
            return
        try:
            posted = await self._act(item)
        except SlackUncertain as error:
            await self._try_later(item, now, error, is_ambiguous=True)
        except SlackUnavailable as error:
            await self._try_later(item, now, error, is_ambiguous=False)
        except MethodMissing as error:
            await self._record(item, now, state="skipped", error=str(error))
        except SlackRefused as error:
            await self._refused(item, now, error)
        except DaybookError as error:
            await self._try_later(item, now, error, is_ambiguous=False)
        except Exception as error:
            log.error("delivery.failed", method=item.method, exc_info=error)
            await self._fail(item, now, "internal", f"internal: {type(error).__name__}")
        else:
            await self._record(item, now, state="sent", channel=posted.channel, ts=posted.ts)

    async def _act(self, item: _Item) -> Posted:
        gateway = await self._gateways(item.workspace_id)
        payload = item.payload
        match item.method:
            case "post":
                return await self._post(gateway, item)
            case "update":
                at = Posted(
                    payload["channel"] or item.after_channel, payload["ts"] or item.after_ts
                )
                await gateway.update(at.channel, at.ts, item.message)
                return at
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

    async def _post(self, gateway: Gateway, item: _Item) -> Posted:
        thread = item.payload["thread"] or item.after_ts
        target = item.after_channel or item.target
        if item.was_sending:
            found = await self._look_up(gateway, item, target, thread)
            if found:
                return found
        return await gateway.post(target, item.message, key=item.key, thread=thread)

    async def _look_up(
        self, gateway: Gateway, item: _Item, target: str, thread: str
    ) -> Posted | None:
        # Slack's timestamps are real time, whatever the clock of this process shows.
        oldest = min(item.planned_at, self._real_now()) - SKEW
        return await gateway.find_key(target, item.key, oldest=oldest, thread=thread)

    async def _picture(self, gateway: Gateway, item: _Item) -> Posted:
        file_id = item.payload.get("file_id")
        if not file_id:
            png = await self._draw(item.payload["spec"])
            file_id = await gateway.upload("daybook.png", png, item.payload["alt"])
            await self._remember(item, item.payload | {"file_id": file_id})
        blocks = list(item.message.blocks)
        blocks.insert(item.payload["index"], image(file_id, item.payload["alt"]))
        try:
            at = Posted(item.after_channel, item.after_ts)
            await gateway.update(at.channel, at.ts, Message(item.message.text, blocks))
        except SlackRefused as error:
            # Slack takes a moment until an uploaded file may stand in a block.
            if error.code == "invalid_blocks" and item.attempts < len(BACKOFF) - 2:
                raise SlackUnavailable("The picture is not ready yet.", retry_after=1) from error
            raise
        return Posted(item.after_channel, item.after_ts)

    async def _remember(self, item: _Item, payload: dict[str, Any]) -> None:
        async with self._db.write() as session:
            await session.execute(update(Delivery).where(*self._own(item)).values(payload=payload))

    async def _try_later(
        self, item: _Item, now: datetime, error: DaybookError, *, is_ambiguous: bool
    ) -> None:
        if item.attempts >= len(BACKOFF):
            is_lost = is_ambiguous and item.method == "post"
            await self._fail(item, now, "unavailable", str(error), is_lost=is_lost)
            return
        wait = BACKOFF[item.attempts]
        after = getattr(error, "retry_after", None)
        if after is not None:
            wait = timedelta(seconds=max(float(after), 0.5))
        may_be_there = is_ambiguous or item.was_sending
        if may_be_there and item.method == "post":
            # Stays "sending": whoever takes it next looks it up first.
            values = {"state": "sending", "lease_until": now + wait}
        else:
            values = {"state": "planned", "not_before": now + wait}
        await self._record(item, now, error=str(error), finished_at=None, **values)

    async def _refused(self, item: _Item, now: datetime, error: SlackRefused) -> None:
        if item.method in {"react", "unreact", "ephemeral"}:
            await self._record(item, now, state="failed", error=str(error))
        else:
            await self._fail(item, now, error.code, str(error))

    async def _fail(
        self, item: _Item, now: datetime, code: str, reason: str, *, is_lost: bool = False
    ) -> None:
        state = "uncertain" if is_lost else "failed"
        await self._record(item, now, state=state, error=reason)
        # A failed note about a failure is not told again; status shows it.
        if not item.owner_id or item.cause.startswith("failed:"):
            return
        cause = Cause(item.workspace_id, f"failed:{item.id}", now)
        where = item.after_channel or item.target
        message = (
            render_delivery_uncertain(item.label, where, item.id)
            if is_lost
            else render_delivery_failed(item.label, where, code, reason, item.id)
        )
        async with self._db.write() as session:
            await plan_post(session, cause, item.owner_id, "told", message)

    async def _record(self, item: _Item, now: datetime, **values: Any) -> None:
        values = {"finished_at": now, "error": ""} | values
        async with self._db.write() as session:
            await session.execute(update(Delivery).where(*self._own(item)).values(**values))

    def _own(self, item: _Item) -> tuple[Any, ...]:
        # Fenced: a process that was paused past its lease changes nothing any more.
        return (
            Delivery.workspace_id == item.workspace_id,
            Delivery.id == item.id,
            Delivery.lease_owner == self._owner,
            Delivery.attempts == item.attempts + 1,
        )


def _item(row: Delivery, after_state: str | None, channel: str | None, ts: str | None) -> _Item:
    return _Item(
        workspace_id=row.workspace_id,
        id=row.id,
        target=row.target,
        method=row.method,
        payload=dict(row.payload),
        key=row.key,
        attempts=row.attempts,
        was_sending=row.state == "sending",
        after_state=after_state or "",
        after_channel=channel or "",
        after_ts=ts or "",
        owner_id=row.owner_id,
        label=row.label,
        planned_at=row.planned_at,
        cause=row.cause,
    )


async def resend(db: Database, workspace_id: str, delivery_id: str, cause: Cause) -> bool:
    """Plan a failed delivery once more, as its own part. False when it needs no resend."""
    async with db.write() as session:
        row = await session.get(Delivery, (workspace_id, delivery_id))
        if row is None or row.state not in {"failed", "uncertain"} or not row.payload:
            return False
        told = row.payload["message"]
        await plan_post(
            session,
            cause.about(row.label, row.owner_id),
            row.target,
            f"resend.{row.id}",
            Message(told["text"], told["blocks"]),
            thread=row.payload.get("thread", ""),
        )
        row.state, row.error = "skipped", f"sent again: {row.error}"
    return True
