"""Every Web API method of the playground, with the scopes that Slack asks for."""

from collections.abc import Callable
from dataclasses import dataclass

from playground.server.rows import Json
from playground.server.webapi import (
    chat,
    conversations,
    files,
    history,
    misc,
    people,
    reactions,
    views,
)
from playground.server.webapi.call import Call


@dataclass(frozen=True, slots=True)
class Method:
    """`scopes`: one of them is needed (a method that depends on the channel's kind checks by
    itself as well). `token`: "bot", "app", or "" for none."""

    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    token: str = "bot"  # noqa: S105 -- a kind of token


_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")

METHODS: dict[str, Method] = {
    "api.test": Method(misc.api_test, token=""),
    "auth.test": Method(misc.auth_test),
    "apps.connections.open": Method(misc.open_connection, token="app"),  # noqa: S106
    "blocks.validate": Method(misc.validate_blocks),
    "bots.info": Method(people.bot_info, ("users:read",)),
    "chat.delete": Method(chat.delete, ("chat:write",)),
    "chat.getPermalink": Method(chat.get_permalink),
    "chat.postEphemeral": Method(chat.post_ephemeral, ("chat:write",)),
    "chat.postMessage": Method(chat.post_message, ("chat:write",)),
    "chat.update": Method(chat.update, ("chat:write",)),
    "conversations.history": Method(history.history, _HISTORY),
    "conversations.info": Method(conversations.info, _READ),
    "conversations.join": Method(conversations.join, ("channels:join",)),
    "conversations.leave": Method(conversations.leave, ("channels:manage", "channels:join")),
    "conversations.list": Method(conversations.list_all),
    "conversations.members": Method(conversations.members, _READ),
    "conversations.open": Method(conversations.open_direct, ("im:write",)),
    "conversations.replies": Method(history.replies, _HISTORY),
    "files.completeUploadExternal": Method(files.complete_upload, ("files:write",)),
    "files.getUploadURLExternal": Method(files.get_upload_url, ("files:write",)),
    "files.info": Method(files.file_info, ("files:read", "files:write")),
    "reactions.add": Method(reactions.add, ("reactions:write",)),
    "reactions.get": Method(reactions.get, ("reactions:read",)),
    "reactions.remove": Method(reactions.remove, ("reactions:write",)),
    "team.info": Method(people.team_info, ("team:read",)),
    "usergroups.list": Method(people.usergroup_list, ("usergroups:read",)),
    "users.conversations": Method(conversations.list_of_user),
    "users.info": Method(people.user_info, ("users:read",)),
    "users.list": Method(people.user_list, ("users:read",)),
    "users.lookupByEmail": Method(people.user_by_email, ("users:read.email",)),
    "views.open": Method(views.open_view),
    "views.publish": Method(views.publish_view),
    "views.push": Method(views.push_view),
    "views.update": Method(views.update_view),
}
