"""What the app answers a person through a response_url or in a command's acknowledgement."""

from typing import Any

from playground.server.refusals import RefusedError
from playground.server.rows import Json
from playground.server.webapi.call import Call
from playground.server.webapi.content import Content, read_content
from playground.server.workspace import Workspace


def respond(workspace: Workspace, key: str, body: Json) -> None:
    """One use of a response_url. RefusedError when it is used up, expired, unknown, or when
    what it should show is refused. The ledger knows it as method "response_url"."""
    with workspace.world.store.transaction():
        channel, user, original, thread_ts = workspace.take_response_url(key)
        call = Call(workspace, "response_url", dict(body), channel=channel)
        if call.flag("delete_original"):
            _delete(call, channel, original)
        elif call.flag("replace_original") and original is not None:
            _replace(call, channel, original)
        else:
            answer(call, user, channel, thread_ts)
        workspace.world.record("response_url", body, channel, call.ts)


def answer(call: Call, user: str, channel: str, thread_ts: str | None = None) -> None:
    """Shows the call's content to `user` alone, or with response_type "in_channel" to all."""
    content = read_content(call)
    is_public = call.args.get("response_type") == "in_channel"
    message = call.world.messages.add(
        channel,
        call.bot,
        content.text or "",
        thread_ts=call.text("thread_ts") or (None if is_public else thread_ts),
        ephemeral_to=None if is_public else user,
        bot_id=call.world.app.bot_id,
        blocks=content.blocks,
        metadata=content.metadata if is_public else None,
    )
    call.ts = message.ts
    call.workspace.announce.posted(message)


def _replace(call: Call, channel: str, ts: str) -> None:
    content = read_content(call)
    call.ts = ts
    if call.world.messages.ephemeral(channel, ts) is not None:
        _change(call, channel, ts, content)
        call.world.notify("message", channel=channel, ts=ts)
        return
    before = call.world.messages.get(channel, ts)
    if before is None:
        raise RefusedError("message_not_found")
    _change(call, channel, ts, content, edited_ts=call.world.messages.new_ts(), edited_by=call.bot)
    after = call.world.messages.get(channel, ts)
    if after is not None:
        call.workspace.announce.changed(before, after)


def _change(call: Call, channel: str, ts: str, content: Content, **more: Any) -> None:
    parts: Json = {"text": content.text or "", "blocks": content.blocks}
    call.world.messages.change(channel, ts, **parts, **more)


def _delete(call: Call, channel: str, ts: str | None) -> None:
    messages = call.world.messages
    found = messages.ephemeral(channel, ts) or messages.get(channel, ts) if ts else None
    if found is None:
        raise RefusedError("message_not_found")
    call.ts = found.ts
    call.workspace.erase(found)
