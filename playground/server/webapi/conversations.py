"""conversations.* and users.conversations: rooms and who is in them."""

from playground.server.refusals import RefusedError
from playground.server.rows import Channel, Json
from playground.server.shapes import render_channel
from playground.server.webapi.call import Call
from playground.server.webapi.cursors import page_of

_KINDS = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}


def info(call: Call) -> Json:
    """conversations.info."""
    channel = call.find_channel()
    call.check_kind_scope(channel, "read")
    shape = render_channel(channel, call.bot)
    if not call.flag("include_num_members"):
        shape.pop("num_members", None)
    return {"channel": shape}


def list_all(call: Call) -> Json:
    """conversations.list: what the app may know of."""
    seen = [one for one in call.world.channels.all() if not call.is_hidden(one)]
    return _listed(call, seen)


def list_of_user(call: Call) -> Json:
    """users.conversations: the rooms of a person (the app itself when none is named)."""
    user = call.text("user") or call.bot
    if call.world.users.get(user) is None:
        raise RefusedError("user_not_found")
    seen = [one for one in call.world.channels.of(user) if not call.is_hidden(one)]
    return _listed(call, seen)


def members(call: Call) -> Json:
    """conversations.members."""
    channel = call.find_channel()
    call.check_kind_scope(channel, "read")
    page, metadata = page_of(call, channel.members)
    return {"members": page, "response_metadata": metadata}


def open_direct(call: Call) -> Json:
    """conversations.open: the DM with one person."""
    known = call.text("channel")
    if known is not None:
        channel = call.find_channel()
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    wanted = [part.strip() for part in (call.text("users") or "").split(",") if part.strip()]
    if not wanted:
        raise RefusedError("users_list_not_supplied")
    if len(wanted) > 1:
        raise RefusedError("method_not_supported_for_channel_type")
    user = call.world.users.get(wanted[0])
    if user is None:
        raise RefusedError("user_not_found")
    if user.deleted:
        raise RefusedError("user_disabled")
    if user.is_bot:
        raise RefusedError("cannot_dm_bot")
    is_old = call.world.channels.find_direct(call.bot, user.id) is not None
    channel = call.world.channels.direct(call.bot, user.id)
    call.channel = channel.id
    shape = render_channel(channel, call.bot) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shape, "no_op": is_old, "already_open": is_old}


def join(call: Call) -> Json:
    """conversations.join: public channels only."""
    channel = call.find_channel()
    if channel.is_im or channel.is_private:
        raise RefusedError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise RefusedError("is_archived")
    answer: Json = {}
    if not call.workspace.enter(channel, call.bot):
        answer = {
            "warning": "already_in_channel",
            "response_metadata": {"warnings": ["already_in_channel"]},
        }
    channel = call.world.channels.get(channel.id) or channel
    return {"channel": render_channel(channel, call.bot), **answer}


def leave(call: Call) -> Json:
    """conversations.leave."""
    channel = call.find_channel()
    if not call.world.channels.remove_member(channel.id, call.bot):
        return {"not_in_channel": True}
    call.workspace.announce.bot_removed(channel, call.bot)
    return {}


def _listed(call: Call, channels: list[Channel]) -> Json:
    kinds = [kind.strip() for kind in (call.text("types") or "public_channel").split(",")]
    for kind in kinds:
        if kind not in _KINDS:
            raise RefusedError("invalid_types")
        call.check_scope(_KINDS[kind])
    if call.flag("exclude_archived"):
        channels = [channel for channel in channels if not channel.is_archived]
    wanted = [channel for channel in channels if _kind(channel) in kinds]
    page, metadata = page_of(call, wanted)
    shapes = [render_channel(channel, call.bot) for channel in page]
    return {"channels": shapes, "response_metadata": metadata}


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"
