"""The hands of the sample's people: they type commands, fill forms in and press buttons."""

from typing import Any

from bot.bootstrap import Daybook
from playground.server.people import People
from playground.server.rows import Message, View
from playground.server.world import World

# The title of the form that says what went wrong (handlers/boundary.py).
NOT_DONE = "Not done"


class Hands:
    """Uses Daybook as a person does; what Daybook refuses stops the story with its words."""

    def __init__(self, world: World, people: People, daybook: Daybook) -> None:
        self._world, self._people, self._daybook = world, people, daybook

    async def settle(self) -> None:
        """Let everything that is under way arrive and be answered."""
        await self._people.settled()
        await self._daybook.engine.run_due()

    async def open_form(self, who: str, channel: str, line: str) -> View:
        """Type a command that opens a form."""
        answer = await self._people.command(who, channel, line)
        if not answer.ok:
            raise RuntimeError(f"{line}: {answer.words}")
        return self.form_of(who)

    def form_of(self, who: str) -> View:
        """Return the form in front of a person."""
        stack = self._world.views.stack(who)
        if not stack:
            said = [m.text for m in self._world.messages.ephemerals("", who)]
            raise RuntimeError(f"no form is open for {who}; {said}")
        return stack[-1]

    async def choose(
        self, who: str, action: str, block: str | None = None, value: Any = None
    ) -> View:
        """Use something in the form that makes it draw itself again."""
        form = self.form_of(who)
        await self._people.click(who, action, view_id=form.id, block_id=block, value=value)
        return self.form_of(who)

    async def send(self, who: str, values: dict[str, Any]) -> None:
        """Send the form; fields that it does not have are left out."""
        form = self.form_of(who)
        fields = {block.get("block_id") for block in form.body["blocks"]}
        known = {key: value for key, value in values.items() if key in fields and value}
        result = await self._people.submit(who, form.id, known)
        if result.result in {"errors", "failed"}:
            raise RuntimeError(f"{form.body['callback_id']}: {result.errors} {result.words}")
        shown = result.view.body if result.view else {}
        if (shown.get("title") or {}).get("text") == NOT_DONE:
            raise RuntimeError(f"{form.body['callback_id']}: {shown['blocks']}")
        for left in self._world.views.stack(who):
            await self._people.close(who, left.id)
        await self.settle()

    async def press(self, who: str, action: str, message: Message, value: Any = None) -> None:
        """Use a button or menu of a message."""
        await self._people.click(who, action, channel=message.channel, ts=message.ts, value=value)

    def find(self, channel: str, action: str, ts: str = "") -> tuple[Message, str]:
        """Return the newest message of the bot's with an element whose id starts with ``action``,
        and that id. With ``ts`` only that message.
        """
        for message in self._newest_first(channel):
            if ts and message.ts != ts:
                continue
            for found in _action_ids(message.blocks or []):
                if found.startswith(action):
                    return message, found
        raise LookupError(f"nothing to press for {action} in {channel}")

    def newest(self, channel: str) -> Message:
        """Return the newest top-level message of the bot's in a channel."""
        bot = self._world.bot.id
        history = self._world.messages.history(channel)
        return next(m for m in history if m.user == bot)

    def direct(self, who: str) -> str:
        """Return the DM of a person and the bot."""
        return self._world.channels.direct(who, self._world.bot.id).id

    def _newest_first(self, channel: str) -> list[Message]:
        messages = self._world.messages
        tops = messages.history(channel, limit=500)
        found = {m.ts: m for top in tops for m in (top, *messages.replies(channel, top.ts))}
        return [m for _, m in sorted(found.items(), reverse=True) if m.user == self._world.bot.id]


def _action_ids(blocks: list[dict[str, Any]]) -> list[str]:
    found = []
    for block in blocks:
        elements = [*block.get("elements", []), block.get("accessory") or {}]
        found += [str(e["action_id"]) for e in elements if e.get("action_id")]
    return found
