"""People coming and going: channels, members, profiles."""

import re
from typing import Any

from playground.server.acting import Acting
from playground.server.answers import PersonRefusedError
from playground.server.rows import Channel

_NAME = re.compile(r"[\w-]{1,80}")


class Rooms(Acting):
    """The part of People that changes channels, their members, and profiles."""

    async def create_channel(
        self, user: str, name: str, *, is_private: bool = False, is_ext_shared: bool = False
    ) -> str:
        """Makes a channel with this person in it; returns its id."""
        self._check_name(name)
        creator = self.person(user)
        if creator.is_restricted or creator.team_id != self.world.team.id:
            raise PersonRefusedError("restricted_action", "Guests cannot make channels.")
        channel = self.world.channels.add(
            name, [user], is_private=is_private, is_ext_shared=is_ext_shared, creator=user
        )
        self.world.notify("channel", channel=channel.id)
        return channel.id

    async def join(self, user: str, channel: str) -> None:
        """Joins a public channel (member_joined_channel)."""
        self.person(user)
        room = self.room(channel)
        if not self.world.can_see(user, channel):
            raise PersonRefusedError("channel_not_found", "There is no such channel.")
        self._check_living(room)
        self.workspace.enter(room, user)

    async def leave(self, user: str, channel: str) -> None:
        """Leaves a channel (member_left_channel)."""
        room = self.room_of(user, channel)
        self.world.channels.remove_member(channel, user)
        self.workspace.announce.membership(self._again(room), user, joined=False)

    async def invite(self, user: str, channel: str, invited: str) -> None:
        """Brings somebody, the bot included, into a channel that `user` is in."""
        room = self.room_of(user, channel)
        newcomer = self.person(invited)
        if room.is_im:
            raise PersonRefusedError("cant_invite", "Nobody can be added to a direct message.")
        if newcomer.team_id != self.world.team.id and not room.is_ext_shared:
            raise PersonRefusedError("cant_invite", "This channel is not shared with them.")
        self.workspace.enter(room, invited, user)

    async def kick(self, user: str, channel: str, kicked: str) -> None:
        """Removes somebody, the bot included (then the app gets channel_left or group_left)."""
        room = self.room_of(user, channel)
        if not self.world.channels.remove_member(channel, kicked):
            raise PersonRefusedError("not_in_channel", "They are not in this channel.")
        if kicked == self.world.app.bot_user_id:
            self.workspace.announce.bot_removed(self._again(room), user)
        else:
            self.workspace.announce.membership(self._again(room), kicked, joined=False)

    async def rename(self, user: str, channel: str, name: str) -> None:
        """Gives a channel another name; its id stays."""
        self._check_name(name)
        room = self.room_of(user, channel)
        changed = self.world.channels.change(channel, name=name)
        self.workspace.announce.room("rename", changed, old_name=room.name)

    async def archive(self, user: str, channel: str) -> None:
        """Archives a channel: it can be read, not written."""
        self.room_of(user, channel)
        changed = self.world.channels.change(channel, is_archived=True)
        self.workspace.announce.room("archive", changed, user=user, is_moved=0)

    async def unarchive(self, user: str, channel: str) -> None:
        """Opens an archived channel again."""
        self.person(user)
        self.room(channel)
        changed = self.world.channels.change(channel, is_archived=False)
        self.workspace.announce.room("unarchive", changed, user=user)

    async def delete_channel(self, user: str, channel: str) -> None:
        """Deletes a channel for good (channel_deleted)."""
        self.person(user)
        room = self.room(channel)
        self.world.channels.remove(channel)
        self.workspace.announce.room("deleted", room, actor_id=user)

    async def share_channel(self, channel: str) -> None:
        """Shares a channel with another organisation (channel_shared)."""
        self.room(channel)
        changed = self.world.channels.change(channel, is_ext_shared=True)
        self.workspace.announce.room("shared", changed, connected_team_id="")

    async def change_user(self, user: str, **fields: Any) -> None:
        """Changes a profile, for example tz="Europe/Lisbon" or deleted=True (user_change)."""
        if self.world.users.get(user) is None:
            raise PersonRefusedError("user_not_found", "There is no such person here.")
        self.world.users.change(user, **fields)
        self.workspace.announce.user("user_change", user)

    async def add_user(self, name: str, real_name: str, **fields: Any) -> str:
        """Somebody joins the workspace (team_join); fields as Users.add; returns the id."""
        user = self.world.users.add(name, real_name, **fields)
        self.workspace.announce.user("team_join", user.id)
        return user.id

    async def open_direct(self, user: str, other: str) -> str:
        """The DM of two users; returns its channel id."""
        self.person(user)
        self.person(other)
        return self.world.channels.direct(user, other).id

    def _again(self, room: Channel) -> Channel:
        return self.world.channels.get(room.id) or room

    def _check_living(self, room: Channel) -> None:
        if room.is_archived:
            raise PersonRefusedError("is_archived", "This channel is archived.")

    def _check_name(self, name: str) -> None:
        if not _NAME.fullmatch(name) or name != name.lower():
            words = "Names are lower case, without spaces or periods, up to 80 characters."
            raise PersonRefusedError("invalid_name", words)
        if self.world.channels.named(name) is not None:
            raise PersonRefusedError("name_taken", "That name is taken.")
