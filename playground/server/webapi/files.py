"""files.*: uploads in three steps, as files_upload_v2 does them."""

import mimetypes
from typing import Any

from playground.server.refusals import RefusedError
from playground.server.rows import Channel, File, Json
from playground.server.shapes import render_file
from playground.server.webapi.call import Call
from playground.server.webapi.chat import find_thread
from playground.server.webapi.content import read_content

MOST_BYTES = 1_000_000_000  # Slack's limit for one file


def get_upload_url(call: Call) -> Json:
    """files.getUploadURLExternal: announces a file of `length` bytes."""
    name = call.needed("filename")
    length = call.number("length", 0, most=MOST_BYTES + 1, code="invalid_arguments")
    if length == 0:
        raise RefusedError("invalid_arguments")
    if length > MOST_BYTES:
        raise RefusedError("file_upload_size_restricted")
    file = call.world.files.add(
        name,
        user=call.bot,
        created=int(call.world.real_now().timestamp()),
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        alt_txt=call.text("alt_txt") or "",
    )
    url = f"{call.workspace.settings.base_url}/upload/{file.id}"
    return {"upload_url": url, "file_id": file.id}


def complete_upload(call: Call) -> Json:
    """files.completeUploadExternal: shares the files in one channel, or keeps them private."""
    wanted = call.parsed("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise RefusedError("invalid_arguments")
    channel = _target(call)
    files = [_finish(call, entry) for entry in wanted]
    if channel is not None:
        files = _share(call, channel, files)
    base_url = call.workspace.settings.base_url
    return {"files": [render_file(file, base_url) for file in files]}


def file_info(call: Call) -> Json:
    """files.info."""
    file = call.world.files.get(call.needed("file", "file_not_found"))
    if file is None or not file.is_complete:
        raise RefusedError("file_not_found")
    shape = render_file(file, call.workspace.settings.base_url)
    return {"file": shape, "comments": [], "response_metadata": {"next_cursor": ""}}


def _target(call: Call) -> Channel | None:
    if call.text("channel_id") is None:
        listed = call.text("channels")
        if listed is None:
            return None
        call.args["channel_id"] = listed.partition(",")[0]
    channel = call.find_channel("channel_id")
    if call.bot not in channel.members:
        raise RefusedError("not_in_channel")
    if channel.is_archived:
        raise RefusedError("is_archived")
    return channel


def _finish(call: Call, entry: Any) -> File:
    file_id = entry.get("id") if isinstance(entry, dict) else None
    file = call.world.files.get(file_id) if isinstance(file_id, str) else None
    if file is None or call.world.files.content(file.id) is None:
        raise RefusedError("file_not_found")
    title = entry.get("title") or file.title
    return call.world.files.change(file.id, title=title, is_complete=True)


def _share(call: Call, channel: Channel, files: list[File]) -> list[File]:
    call.args["text"] = call.text("initial_comment") or ""
    content = read_content(call, is_empty_allowed=True)
    message = call.world.messages.add(
        channel.id,
        call.bot,
        content.text or "",
        thread_ts=find_thread(call, channel),
        bot_id=call.world.app.bot_id,
        blocks=content.blocks,
        files=[file.id for file in files],
    )
    call.ts = message.ts
    shared = [
        call.world.files.change(
            file.id,
            channels=(*file.channels, channel.id),
            shares={**file.shares, channel.id: [message.ts]},
        )
        for file in files
    ]
    call.workspace.announce.posted(message)
    return shared
