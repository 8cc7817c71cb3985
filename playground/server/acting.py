"""What all acts of persons have in common: who they are, and what they may touch."""

from playground.server.answers import PersonRefusedError
from playground.server.faults import Faults
from playground.server.manifest import Manifest
from playground.server.rows import Channel, Json, Message, User
from playground.server.settings import Settings
from playground.server.workspace import Workspace
from playground.server.world import World


class Acting:
    """The ground that People's parts stand on."""

    def __init__(
        self,
        world: World,
        manifest: Json,
        settings: Settings | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.workspace = Workspace(world, Manifest(manifest), settings or Settings(), self.faults)
        self.offered: dict[str, Json] = {}  # external options by value, as last suggested

    async def settled(self) -> int:
        """Returns when every event sent so far was acknowledged or given up; how many set out."""
        await self.workspace.outbox.settled()
        return self.workspace.outbox.begun

    def person(self, user: str) -> User:
        """An active person."""
        found = self.world.users.get(user)
        if found is None or found.deleted:
            raise PersonRefusedError("user_not_found", "There is no such person here.")
        return found

    def room(self, channel: str) -> Channel:
        """A channel that is there."""
        found = self.world.channels.get(channel)
        if found is None:
            raise PersonRefusedError("channel_not_found", "There is no such channel.")
        return found

    def room_of(self, user: str, channel: str) -> Channel:
        """A living channel that this person is in."""
        self.person(user)
        found = self.room(channel)
        if user not in found.members:
            raise PersonRefusedError("not_in_channel", "Join the channel first.")
        if found.is_archived:
            raise PersonRefusedError("is_archived", "This channel is archived.")
        return found

    def seen_message(self, user: str, channel: str, ts: str) -> Message:
        """A message that this person can read, an ephemeral of theirs included."""
        self.person(user)
        own = self.world.messages.ephemeral(channel, ts)
        if own is not None and own.ephemeral_to == user:
            return own
        found = self.world.messages.get(channel, ts)
        if found is None or not self.world.can_see(user, channel):
            raise PersonRefusedError("message_not_found", "This message is gone.")
        return found
