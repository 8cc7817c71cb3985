"""The interaction payloads that Slack sends when a person uses the app."""

import json

from playground.server.rows import Channel, Json, Message, User, View
from playground.server.shapes import render_message, render_view
from playground.server.workspace import Workspace


def render_common(workspace: Workspace, kind: str, user: User) -> Json:
    """What every interaction carries."""
    world = workspace.world
    return {
        "type": kind,
        "team": {"id": world.team.id, "domain": world.team.domain},
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team_id,
        },
        "api_app_id": world.app.app_id,
        "token": world.app.verification_token,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def render_command(
    workspace: Workspace, user: User, channel: Channel, command: str, text: str
) -> Json:
    """A slash command; over HTTP it is a form, so every value is text."""
    world = workspace.world
    return {
        "token": world.app.verification_token,
        "team_id": world.team.id,
        "team_domain": world.team.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": world.app.app_id,
        "is_enterprise_install": "false",
        "response_url": workspace.issue_response_url(user.id, channel.id),
        "trigger_id": workspace.triggers.issue(user.id),
    }


def render_place(workspace: Workspace, user: User, place: Message | View) -> Json:
    """Where an element was used: container, message or view, state, trigger, response_url."""
    if isinstance(place, View):
        return {
            "container": {"type": "view", "view_id": place.id},
            "view": render_view(workspace.world, place),
            "trigger_id": workspace.triggers.issue(user.id, place.id),
        }
    container: Json = {
        "type": "message",
        "message_ts": place.ts,
        "channel_id": place.channel,
        "is_ephemeral": place.ephemeral_to is not None,
    }
    if place.thread_ts is not None:
        container["thread_ts"] = place.thread_ts
    channel = workspace.world.channels.get(place.channel)
    found: Json = {
        "container": container,
        "channel": {"id": place.channel, "name": channel_name(channel)},
        "trigger_id": workspace.triggers.issue(user.id),
        "response_url": workspace.issue_response_url(
            user.id, place.channel, ts=place.ts, thread_ts=place.thread_ts
        ),
    }
    if place.ephemeral_to is None:  # Slack does not give ephemeral messages back
        found["message"] = _message(workspace, place)
    return found


def render_message_action(
    workspace: Workspace, user: User, callback_id: str, message: Message
) -> Json:
    """A message shortcut."""
    channel = workspace.world.channels.get(message.channel)
    return {
        **render_common(workspace, "message_action", user),
        "action_ts": workspace.world.messages.new_ts(),
        "callback_id": callback_id,
        "trigger_id": workspace.triggers.issue(user.id),
        "response_url": workspace.issue_response_url(user.id, message.channel),
        "message_ts": message.ts,
        "channel": {"id": message.channel, "name": channel_name(channel)},
        "message": _message(workspace, message),
    }


def render_shortcut(workspace: Workspace, user: User, callback_id: str) -> Json:
    """A global shortcut."""
    return {
        **render_common(workspace, "shortcut", user),
        "action_ts": workspace.world.messages.new_ts(),
        "callback_id": callback_id,
        "trigger_id": workspace.triggers.issue(user.id),
    }


def render_submission(workspace: Workspace, user: User, view: View) -> Json:
    """A sent modal."""
    return {
        **render_common(workspace, "view_submission", user),
        "trigger_id": workspace.triggers.issue(user.id, view.id),
        "view": render_view(workspace.world, view),
        "response_urls": _response_urls(workspace, user, view),
    }


def render_closed(workspace: Workspace, user: User, view: View, *, is_cleared: bool) -> Json:
    """A closed modal."""
    return {
        **render_common(workspace, "view_closed", user),
        "view": render_view(workspace.world, view),
        "is_cleared": is_cleared,
    }


def channel_name(channel: Channel | None) -> str:
    """The name that payloads give: a DM is "directmessage", a private channel its own name."""
    if channel is None or channel.is_im:
        return "directmessage"
    return channel.name


def _message(workspace: Workspace, message: Message) -> Json:
    base_url = workspace.settings.base_url
    shape = render_message(workspace.world, message, base_url, metadata=False)
    return json.loads(json.dumps(shape))  # type: ignore[no-any-return]


def _response_urls(workspace: Workspace, user: User, view: View) -> list[Json]:
    """One for each channel picked in an input with response_url_enabled."""
    urls: list[Json] = []
    for block in view.body.get("blocks") or []:
        element = block.get("element") or {}
        entry = view.state.get(block["block_id"], {}).get(element.get("action_id"), {})
        chosen = entry.get("selected_conversation") or entry.get("selected_channel")
        if element.get("response_url_enabled") and chosen:
            urls.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": chosen,
                    "response_url": workspace.issue_response_url(user.id, chosen),
                }
            )
    return urls
