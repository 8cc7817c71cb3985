"""People talking: messages, edits, reactions."""

import mimetypes
from collections.abc import Sequence
from datetime import datetime

from playground.server.acting import Acting
from playground.server.answers import PersonRefusedError
from playground.server.rich_text import encode_typed
from playground.server.rows import Json, Message
from playground.server.webapi.content import TEXT_CHARACTERS
from playground.server.webapi.reactions import is_emoji

Upload = tuple[str, bytes]  # file name, content


class Talk(Acting):
    """The part of People that writes, edits, deletes and reacts."""

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
        self.room_of(user, channel)
        self._check_text(text, has_files=bool(files))
        if thread_ts is not None:
            parent = self.seen_message(user, channel, thread_ts)
            thread_ts = parent.thread_ts or parent.ts
        with self.world.store.transaction():
            message = self.world.messages.add(
                channel,
                user,
                self.encoded(text),
                at=at,
                thread_ts=thread_ts,
                broadcast=broadcast and thread_ts is not None,
                files=[self._keep(user, channel, upload) for upload in files],
            )
            if at is None:
                self.workspace.announce.posted(message)
            else:
                self.world.notify("message", channel=channel, ts=message.ts)
        return message.ts

    async def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Changes one's own message (message_changed)."""
        before = self._own(user, channel, ts)
        self._check_text(text, has_files=bool(before.files))
        self.world.messages.change(
            channel,
            ts,
            text=self.encoded(text),
            edited_by=user,
            edited_ts=self.world.messages.new_ts(),
        )
        after = self.world.messages.get(channel, ts)
        if after is not None:
            self.workspace.announce.changed(before, after)

    async def delete(self, user: str, channel: str, ts: str) -> None:
        """Deletes one's own message, or anybody's for an admin (message_deleted)."""
        if self.person(user).is_admin:
            message = self.seen_message(user, channel, ts)
        else:
            message = self._own(user, channel, ts)
        self.workspace.erase(message)

    async def react(self, user: str, channel: str, ts: str, emoji: str) -> None:
        """Adds a reaction, for example "bulb" or "thumbsup::skin-tone-2"; again is no error."""
        message = self._reactable(user, channel, ts, emoji)
        if self.world.messages.react(channel, ts, emoji.strip(":"), user):
            self.workspace.announce.reacted(message, user, emoji.strip(":"), added=True)

    async def unreact(self, user: str, channel: str, ts: str, emoji: str) -> None:
        """Takes one's own reaction away; one that is not there is no error."""
        message = self._reactable(user, channel, ts, emoji)
        if self.world.messages.unreact(channel, ts, emoji.strip(":"), user):
            self.workspace.announce.reacted(message, user, emoji.strip(":"), added=False)

    async def ephemerals(self, user: str, channel: str) -> list[Message]:
        """What only this person sees in a channel (the app's ephemerals, Slackbot's errors)."""
        return self.world.messages.ephemerals(channel, user)

    def encoded(self, text: str) -> str:
        """Typed text in Slack's written form."""
        return encode_typed(text, self._user_id, self._channel_id)

    def _user_id(self, name: str) -> str | None:
        user = self.world.users.named(name) or self.world.users.named(name.lower())
        return None if user is None else user.id

    def _channel_id(self, name: str) -> str | None:
        channel = self.world.channels.named(name)
        return None if channel is None else channel.id

    def _check_text(self, text: str, *, has_files: bool) -> None:
        if not text.strip() and not has_files:
            raise PersonRefusedError("no_text", "There is nothing to send.")
        if len(text) > TEXT_CHARACTERS:
            raise PersonRefusedError("msg_too_long", "Your message is too long.")

    async def upload(self, user: str, name: str, content: bytes) -> Json:
        """Uploads a file that is in no channel, as a field of a form does; what then stands in
        that field."""
        self.person(user)
        file = self.world.files.get(self._store_file(user, (name, content), ()))
        if file is None:
            raise PersonRefusedError("upload_failed", "Your file did not arrive.")
        return {
            "id": file.id,
            "name": file.name,
            "mimetype": file.mimetype,
            "size": file.size,
            "user": user,
        }

    def _keep(self, user: str, channel: str, upload: Upload) -> str:
        return self._store_file(user, upload, (channel,))

    def _store_file(self, user: str, upload: Upload, channels: tuple[str, ...]) -> str:
        name, content = upload
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        created = int(self.world.real_now().timestamp())
        file = self.world.files.add(name, user=user, created=created, mimetype=kind)
        self.world.files.write(file.id, content)
        self.world.files.change(file.id, is_complete=True, channels=channels)
        return file.id

    def _own(self, user: str, channel: str, ts: str) -> Message:
        message = self.seen_message(user, channel, ts)
        if message.user != user or message.ephemeral_to is not None:
            raise PersonRefusedError("cant_update_message", "This is not your message.")
        return message

    def _reactable(self, user: str, channel: str, ts: str, emoji: str) -> Message:
        self.room_of(user, channel)
        message = self.seen_message(user, channel, ts)
        if message.ephemeral_to is not None or not is_emoji(emoji.strip(":")):
            raise PersonRefusedError("invalid_name", "That reaction is not possible here.")
        return message
