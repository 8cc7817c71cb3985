"""What a person can do in the playground; each act sends the app what Slack would send.

    people = People(world, manifest, settings)
    ts = await people.post(ana, general, "the export times out again")
    await people.react(ben, general, ts, "bulb")
    answer = await people.command(ana, general, "/launch New importer")

Users, channels and views are given by id; a message by (channel, ts). Acts return when Slack
itself would have answered: events are delivered in the background (`await people.settled()`
waits for them), interactions return when the app has acknowledged or after its 3 seconds.
All raise PersonRefusedError when Slack would not offer the act to this person.
"""

from playground.server.answers import Answer, PersonRefusedError
from playground.server.modals import Modals
from playground.server.rooms import Rooms
from playground.server.talk import Talk

INVITE = {
    "command": "/invite",
    "description": "Bring somebody into this channel",
    "usage_hint": "@name",
}


class People(Talk, Modals, Rooms):
    """The acts of all persons of one world: talking (`talk`), using the app (`interactions`,
    `modals`), coming and going (`rooms`)."""

    async def command(
        self, user: str, channel: str, line: str, thread_ts: str | None = None
    ) -> Answer:
        """Types a slash command: the app's, or Slack's own `/invite @name`."""
        word, _, name = line.strip().partition(" ")
        if word != INVITE["command"]:
            return await super().command(user, channel, line, thread_ts)
        wanted = name.strip().removeprefix("@").casefold()
        everybody = (self.world.bot, *self.world.users.all())
        found = [one for one in everybody if wanted in {one.name, one.real_name.casefold()}]
        try:
            if not found:
                raise PersonRefusedError("user_not_found", f"There is nobody called {name!r} here.")
            await self.invite(user, channel, found[0].id)
        except PersonRefusedError as refused:
            return self._failed(user, channel, refused.code, str(refused))
        return Answer(ok=True)

    def commands(self) -> list[dict[str, str]]:
        """All slash commands that may be typed: the app's, and Slack's own that work here."""
        return [*super().commands(), INVITE]
