"""reactions.*: the app's own emoji."""

import re

from playground.server.refusals import RefusedError
from playground.server.rows import Json, Message
from playground.server.shapes import render_message
from playground.server.webapi.call import Call
from playground.server.webapi.chat import find_message

_EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def add(call: Call) -> Json:
    """reactions.add."""
    name, message = _emoji(call), _message(call)
    if not call.world.messages.react(message.channel, message.ts, name, call.bot):
        raise RefusedError("already_reacted")
    call.workspace.announce.reacted(message, call.bot, name, added=True)
    return {}


def remove(call: Call) -> Json:
    """reactions.remove: of the app's own."""
    name, message = _emoji(call), _message(call)
    if not call.world.messages.unreact(message.channel, message.ts, name, call.bot):
        raise RefusedError("no_reaction")
    call.workspace.announce.reacted(message, call.bot, name, added=False)
    return {}


def get(call: Call) -> Json:
    """reactions.get."""
    message = _message(call)
    shape = render_message(call.world, message, call.workspace.settings.base_url, metadata=False)
    return {"type": "message", "channel": message.channel, "message": shape}


def is_emoji(name: str) -> bool:
    """Whether a name could be an emoji's, with or without a skin tone."""
    return _EMOJI.fullmatch(name) is not None


def _emoji(call: Call) -> str:
    name = (call.text("name") or "").strip(":")
    if not is_emoji(name):
        raise RefusedError("invalid_name")
    return name


def _message(call: Call) -> Message:
    channel = call.find_channel()
    timestamp = call.needed("timestamp", "no_item_specified")
    if call.bot not in channel.members and call.method != "reactions.get":
        raise RefusedError("not_in_channel")
    if channel.is_archived and call.method != "reactions.get":
        raise RefusedError("is_archived")
    return find_message(call, channel, timestamp)
