"""What a person can do in the playground; each act sends the app what Slack would send.

Users, channels and views are given by id; a message by (channel, ts). Acts return when Slack
itself would have answered: events are delivered in the background (`await people.settled()`
waits for them), interactions return when the app has acknowledged or after its 3 seconds.
All raise PersonRefusedError when Slack would not offer the act to this person.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from playground.server.answers import Answer, Option, Submission
from playground.server.rows import Message
from playground.server.world import World

Upload = tuple[str, bytes]  # file name, content


class People:
    """The acts of all persons of one world."""

    world: World

    # Talking

    async def post(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        files: Sequence[Upload] = (),
        at: datetime | None = None,
        broadcast: bool = False,
    ) -> str:
        """Posts what a person typed ("@name", "#channel" and bare links become Slack's own
        forms; the rest is escaped); returns its ts. Sends `message`, and `app_mention` when the
        app is mentioned. `at` in the past writes history: shown then, and no event is sent."""
        raise NotImplementedError

    async def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Changes one's own message (message_changed)."""
        raise NotImplementedError

    async def delete(self, user: str, channel: str, ts: str) -> None:
        """Deletes one's own message, or anybody's for an admin (message_deleted)."""
        raise NotImplementedError

    async def react(self, user: str, channel: str, ts: str, emoji: str) -> None:
        """Adds a reaction, for example "bulb" or "thumbsup::skin-tone-2"; again is no error."""
        raise NotImplementedError

    async def unreact(self, user: str, channel: str, ts: str, emoji: str) -> None:
        """Takes one's own reaction away; one that is not there is no error."""
        raise NotImplementedError

    async def ephemerals(self, user: str, channel: str) -> list[Message]:
        """What only this person sees in a channel (the app's ephemerals, Slackbot's errors)."""
        raise NotImplementedError

    # Using the app

    def commands(self) -> list[dict[str, str]]:
        """The app's slash commands: command, description, usage_hint."""
        raise NotImplementedError

    def shortcuts(self, kind: str) -> list[dict[str, str]]:
        """The app's shortcuts of kind "global" or "message": name, callback_id, description."""
        raise NotImplementedError

    async def command(
        self, user: str, channel: str, line: str, thread_ts: str | None = None
    ) -> Answer:
        """Types a slash command, "/launch New importer". Inside a thread Slack refuses it."""
        raise NotImplementedError

    async def click(
        self,
        user: str,
        action_id: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        block_id: str | None = None,
        value: Any = None,
        state: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Uses an interactive element of a message (channel, ts; ephemerals too) or of a view.

        A button needs no value. Otherwise `value` is: a select's option value (or user, channel,
        conversation id), a list of them for multi selects and checkboxes, "2026-05-17" for a
        date, "14:30" for a time, epoch seconds for a date and time, text for an input that
        dispatches. `state` is what stands in the other fields, as for `submit`.
        With several elements of one action_id, `block_id` says which."""
        raise NotImplementedError

    async def shortcut(
        self, user: str, callback_id: str, channel: str | None = None, ts: str | None = None
    ) -> Answer:
        """Runs a global shortcut, or with (channel, ts) a message shortcut."""
        raise NotImplementedError

    async def suggest(
        self,
        user: str,
        action_id: str,
        query: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        block_id: str | None = None,
    ) -> list[Option]:
        """What an external select offers for what was typed; empty when the app fails."""
        raise NotImplementedError

    async def submit(
        self, user: str, view_id: str, values: Mapping[str, Any] | None = None
    ) -> Submission:
        """Sends a modal. `values` maps a block_id to the value of its input, in the forms of
        `click`; inputs not named keep their initial value. Missing required inputs come back as
        errors without asking the app."""
        raise NotImplementedError

    async def close(self, user: str, view_id: str, *, whole_stack: bool = False) -> None:
        """Closes a modal with its Cancel button, or all of them with its X (view_closed)."""
        raise NotImplementedError

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Looks at the app's Home ("messages" for its DM): app_home_opened."""
        raise NotImplementedError

    async def open_direct(self, user: str, other: str) -> str:
        """The DM of two users; returns its channel id."""
        raise NotImplementedError

    # Channels and members

    async def create_channel(
        self, user: str, name: str, *, is_private: bool = False, is_ext_shared: bool = False
    ) -> str:
        """Makes a channel with this person in it; returns its id."""
        raise NotImplementedError

    async def join(self, user: str, channel: str) -> None:
        """Joins a public channel (member_joined_channel)."""
        raise NotImplementedError

    async def leave(self, user: str, channel: str) -> None:
        raise NotImplementedError

    async def invite(self, user: str, channel: str, invited: str) -> None:
        """Brings somebody, the bot included, into a channel that `user` is in."""
        raise NotImplementedError

    async def kick(self, user: str, channel: str, kicked: str) -> None:
        """Removes somebody, the bot included (then the app gets channel_left or group_left)."""
        raise NotImplementedError

    async def rename(self, user: str, channel: str, name: str) -> None:
        raise NotImplementedError

    async def archive(self, user: str, channel: str) -> None:
        raise NotImplementedError

    async def unarchive(self, user: str, channel: str) -> None:
        raise NotImplementedError

    async def delete_channel(self, user: str, channel: str) -> None:
        raise NotImplementedError

    async def share_channel(self, channel: str) -> None:
        """Shares a channel with another organisation (channel_shared)."""
        raise NotImplementedError

    async def change_user(self, user: str, **fields: Any) -> None:
        """Changes a profile, for example tz="Europe/Lisbon" or deleted=True (user_change)."""
        raise NotImplementedError

    async def add_user(self, name: str, real_name: str, **fields: Any) -> str:
        """Somebody joins the workspace (team_join); fields as Users.add; returns the id."""
        raise NotImplementedError

    async def settled(self) -> None:
        """Returns when every event sent so far was acknowledged or given up."""
        raise NotImplementedError
