"""chat.*: what the app says."""

from playground.server.refusals import RefusedError
from playground.server.rows import Channel, Json, Message
from playground.server.shapes import permalink, render_message
from playground.server.webapi.call import Call
from playground.server.webapi.content import read_content


def post_message(call: Call) -> Json:
    """chat.postMessage: to a channel, a DM, or a person's id."""
    channel = _target(call)
    _check_writable(call, channel)
    content = read_content(call)
    message = call.world.messages.add(
        channel.id,
        call.bot,
        content.text or "",
        thread_ts=find_thread(call, channel),
        broadcast=call.flag("reply_broadcast") and call.text("thread_ts") is not None,
        bot_id=call.world.app.bot_id,
        blocks=content.blocks,
        metadata=content.metadata,
        username=call.text("username") if call.has_scope("chat:write.customize") else None,
    )
    call.ts = message.ts
    call.workspace.show_files(channel.id, content.blocks)
    call.workspace.announce.posted(message)
    return {"channel": channel.id, "ts": message.ts, "message": _shape(call, message)}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral: for one person's eyes."""
    channel = call.find_channel()
    if call.bot not in channel.members:
        raise RefusedError("not_in_channel")
    if channel.is_archived:
        raise RefusedError("is_archived")
    user = call.find_user(code="user_not_found")
    if user.id not in channel.members:
        raise RefusedError("user_not_in_channel")
    content = read_content(call)
    message = call.world.messages.add(
        channel.id,
        call.bot,
        content.text or "",
        thread_ts=find_thread(call, channel),
        ephemeral_to=user.id,
        bot_id=call.world.app.bot_id,
        blocks=content.blocks,
    )
    call.ts = message.ts
    call.workspace.announce.posted(message)
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """chat.update: of the app's own messages. What is not sent stays, except that text
    without blocks takes the blocks away."""
    channel = call.find_channel()
    before = _own(call, channel, "cant_update_message")
    content = read_content(call, is_empty_allowed=call.args.get("metadata") is not None)
    changes: Json = {"edited_by": call.bot, "edited_ts": call.world.messages.new_ts()}
    if content.text is not None or content.blocks is not None:
        changes |= {"text": content.text or "", "blocks": content.blocks}
    if content.metadata is not None:
        changes["metadata"] = content.metadata
    call.world.messages.change(channel.id, before.ts, **changes)
    after = find_message(call, channel, before.ts)
    call.workspace.show_files(channel.id, content.blocks)
    call.workspace.announce.changed(before, after)
    return {
        "channel": channel.id,
        "ts": after.ts,
        "text": after.text,
        "message": _shape(call, after),
    }


def delete(call: Call) -> Json:
    """chat.delete: of the app's own messages."""
    channel = call.find_channel()
    message = _own(call, channel, "cant_delete_message")
    call.workspace.erase(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """chat.getPermalink."""
    channel = call.find_channel()
    message = find_message(call, channel, call.needed("message_ts", "message_not_found"))
    link = permalink(call.workspace.settings.base_url, message)
    return {"channel": channel.id, "permalink": link}


def find_message(call: Call, channel: Channel, ts: str) -> Message:
    """A message of a channel, or message_not_found."""
    message = call.world.messages.get(channel.id, ts)
    if message is None:
        raise RefusedError("message_not_found")
    call.ts = message.ts
    return message


def find_thread(call: Call, channel: Channel) -> str | None:
    """The parent's ts of the thread to write in; a reply's ts stands for its parent's."""
    wanted = call.text("thread_ts")
    if wanted is None:
        return None
    parent = call.world.messages.get(channel.id, wanted)
    if parent is None:
        raise RefusedError("cannot_reply_to_message")
    return parent.thread_ts or parent.ts


def _target(call: Call) -> Channel:
    wanted = call.needed("channel", "channel_not_found")
    person = call.world.users.get(wanted)
    if person is None:
        return call.find_channel()
    if person.deleted:
        raise RefusedError("channel_not_found")
    if person.is_bot:
        raise RefusedError("cannot_dm_bot")
    channel = call.world.channels.direct(call.bot, person.id)
    call.channel = channel.id
    return channel


def _check_writable(call: Call, channel: Channel) -> None:
    if channel.is_archived:
        raise RefusedError("is_archived")
    is_inside = call.bot in channel.members
    if not is_inside and not call.has_scope("chat:write.public"):
        raise RefusedError("not_in_channel")


def _own(call: Call, channel: Channel, code: str) -> Message:
    message = find_message(call, channel, call.needed("ts", "message_not_found"))
    if message.bot_id != call.world.app.bot_id or message.subtype == "tombstone":
        raise RefusedError(code)
    if channel.is_archived:
        raise RefusedError("is_archived")
    return message


def _shape(call: Call, message: Message) -> Json:
    return render_message(call.world, message, call.workspace.settings.base_url, metadata=True)
