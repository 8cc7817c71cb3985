"""What Slack is asked for one delivery; a post that may be there already is looked up first."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from bot.engine.items import Item
from bot.engine.outbox import Outbox
from bot.errors import SlackRefused, SlackUnavailable, SlackUncertain
from bot.slack.blocks import Message, image
from bot.slack.gateway import Gateway, Posted

# How far before the intent a look-up searches: Slack's clock and ours may differ.
SKEW = timedelta(minutes=5)
# How soon a picture is tried again that Slack has not made ready yet.
PICTURE_SECONDS = 1
PICTURE_TRIES = 6
# What each kind of delivery asks of Slack, as Slack counts it.
SLACK_METHODS = {
    "post": "chat.postMessage",
    "update": "chat.update",
    "ephemeral": "chat.postEphemeral",
    "react": "reactions.add",
    "unreact": "reactions.remove",
    "picture": "chat.update",
}

Draw = Callable[[dict[str, Any]], Awaitable[bytes]]
Gateways = Callable[[str], Awaitable[Gateway]]


class Calls:
    """Makes the calls of a delivery through the gateway of its workspace."""

    def __init__(
        self, outbox: Outbox, gateways: Gateways, draw: Draw, real_now: Callable[[], datetime]
    ) -> None:
        self._outbox = outbox
        self._gateways, self._draw, self._real_now = gateways, draw, real_now

    async def make(self, item: Item) -> Posted:
        """Do it; returns where it stands now. Raises the tree's errors."""
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
