"""The JSON that Slack uses for the things of a world. Pure: rows in, dicts out."""

import hashlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from playground.server.rich_text import render_rich_text
from playground.server.rows import Channel, File, Json, Message, User, View
from playground.server.world import World


def render_user(user: User, at: datetime, *, has_email: bool, app_id: str = "") -> Json:
    """A user object. The e-mail address is there only with scope users:read.email; `at` decides
    the zone's present offset."""
    offset = at.astimezone(ZoneInfo(user.tz)).utcoffset()
    profile: Json = {
        "title": user.title,
        "phone": "",
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.real_name,
        "display_name_normalized": user.real_name,
        "status_text": user.status_text,
        "status_emoji": user.status_emoji,
        "status_expiration": user.status_expiration,
        "avatar_hash": hashlib.sha256(user.id.encode()).hexdigest()[:12],
        "first_name": user.real_name.partition(" ")[0],
        "last_name": user.real_name.partition(" ")[2],
        "team": user.team_id,
    }
    if has_email and user.email:
        profile["email"] = user.email
    if user.is_bot and app_id:
        profile["api_app_id"] = app_id
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "color": "9f69e7",
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "profile": profile,
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
        "is_email_confirmed": True,
    }


def render_channel(channel: Channel, viewer: str) -> Json:
    """A conversation object as `viewer` (the bot's user id) gets it."""
    common: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_im": channel.is_im,
        "is_org_shared": False,
    }
    if channel.is_im:
        other = next((member for member in channel.members if member != viewer), viewer)
        return {**common, "user": other, "is_user_deleted": False, "priority": 0}
    return {
        **common,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": channel.name == "general",
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "unlinked": 0,
        "is_member": viewer in channel.members,
        "creator": channel.creator,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
        "previous_names": [],
        "num_members": len(channel.members),
    }


def render_message(world: World, message: Message, base_url: str, *, metadata: bool) -> Json:
    """A message object, the same in history, in events and in payloads."""
    author = world.users.get(message.user)
    team = author.team_id if author is not None else world.team.id
    body: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": team,
    }
    if message.subtype is not None:
        body["subtype"] = message.subtype
    if message.bot_id is not None:
        body |= {"bot_id": message.bot_id, "app_id": world.app.app_id}
        body["bot_profile"] = render_bot_profile(world)
    else:
        body["client_msg_id"] = hashlib.md5(message.ts.encode(), usedforsecurity=False).hexdigest()
    if message.username is not None:
        body["username"] = message.username
    blocks = message.blocks
    if blocks is None and message.bot_id is None and message.text:
        blocks = render_rich_text(message.text)
    if blocks is not None:
        body["blocks"] = blocks
    if team != world.team.id:
        body |= {"user_team": team, "source_team": team}
    if message.edited_ts is not None:
        body["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if metadata and message.metadata is not None:
        body["metadata"] = message.metadata
    return {**body, **_thread_part(world, message), **_extras(world, message, base_url)}


def render_bot_profile(world: World) -> Json:
    """The app's bot as it stands in its messages."""
    return {
        "id": world.app.bot_id,
        "app_id": world.app.app_id,
        "user_id": world.app.bot_user_id,
        "name": world.bot.real_name,
        "deleted": False,
        "updated": 0,
        "team_id": world.team.id,
        "icons": {},
    }


def render_file(file: File, base_url: str) -> Json:
    """A file object."""
    private = f"{base_url}/files/{file.id}/{file.name}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2] if "." in file.name else "binary",
        "user": file.user,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "is_public": bool(file.channels),
        "alt_txt": file.alt_txt,
        "url_private": private,
        "url_private_download": f"{private}?download=1",
        "permalink": private,
        "channels": list(file.channels),
        "groups": [],
        "ims": [],
        "shares": {
            "public": {
                channel: [{"ts": ts} for ts in file.shares[channel]] for channel in file.shares
            }
        }
        if file.shares
        else {},
    }


def render_view(world: World, view: View) -> Json:
    """A view object with its state."""
    body = view.body
    return {
        "id": view.id,
        "team_id": world.team.id,
        "type": view.kind,
        "blocks": body.get("blocks") or [],
        "private_metadata": body.get("private_metadata") or "",
        "callback_id": body.get("callback_id") or "",
        "state": {"values": view.state},
        "hash": view.hash,
        "title": body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": bool(body.get("clear_on_close")),
        "notify_on_close": bool(body.get("notify_on_close")),
        "close": body.get("close"),
        "submit": body.get("submit"),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": world.app.app_id,
        "external_id": body.get("external_id") or "",
        "app_installed_team_id": world.team.id,
        "bot_id": world.app.bot_id,
    }


def permalink(base_url: str, message: Message) -> str:
    """Where a person opens a message."""
    link = f"{base_url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={message.channel}"
    return link


def _thread_part(world: World, message: Message) -> Json:
    if message.thread_ts is None:
        return {}
    if message.is_reply:
        parent = world.messages.get(message.channel, message.thread_ts)
        author = {"parent_user_id": parent.user} if parent is not None else {}
        return {"thread_ts": message.thread_ts, **author}
    return {
        "thread_ts": message.thread_ts,
        "reply_count": message.reply_count,
        "reply_users_count": len(message.reply_users),
        "reply_users": list(message.reply_users),
        "latest_reply": message.latest_reply,
        "is_locked": False,
        "subscribed": False,
    }


def _extras(world: World, message: Message, base_url: str) -> Json:
    found: dict[str, Any] = {}
    if message.reactions:
        found["reactions"] = [
            {"name": one.name, "users": list(one.users), "count": len(one.users)}
            for one in message.reactions
        ]
    files = [file for file in map(world.files.get, message.files) if file is not None]
    if files:
        found |= {"files": [render_file(file, base_url) for file in files], "upload": False}
    return found
