"""Slack's payloads as one plain value: who asks for what, from where."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.engine.deliveries import ANSWER, Cause
from bot.errors import BadInput
from bot.slack.gateway import SlackMessage, read_message
from bot.slack.limits import TYPED_TEXT
from bot.slack.text import storable, visible
from bot.workspaces.asker import Asker
from bot.workspaces.places import Place


@dataclass(frozen=True)
class Request:
    """One act of a person: command, click, submission or shortcut.

    ``name`` is the command's word, the action id or the callback id. ``values`` are a modal's
    fields by block id, as text (several values joined by commas). ``state`` is what the modal was
    given when it opened.
    """

    place: Place
    asker: Asker
    at: datetime
    name: str
    text: str = ""
    value: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    trigger_id: str = ""
    response_url: str = ""
    channel_id: str = ""
    thread_ts: str = ""
    message: SlackMessage | None = None
    view_id: str = ""
    view_hash: str = ""
    view_type: str = ""  # modal or home, for clicks inside one

    @property
    def workspace_id(self) -> str:
        """Our id of the workspace."""
        return self.place.workspace_id

    @property
    def user_id(self) -> str:
        """Who acts."""
        return self.asker.user_id

    @property
    def cause(self) -> Cause:
        """Why the bot says something in answer to this act."""
        key = f"act:{self.trigger_id or f'{self.user_id}.{self.at.timestamp()}'}"
        return Cause(self.workspace_id, key, self.at, self.user_id, priority=ANSWER)

    def typed(self, block_id: str, *, label: str = "", limit: int = TYPED_TEXT) -> str:
        """Return what was typed; raises ``BadInput`` when empty (with a label) or too long."""
        text = self.values.get(block_id, "").strip()
        if label and not visible(text).strip():
            raise BadInput(field=block_id, problem=f"{label} is empty.", fix="Please fill it in.")
        if len(text) > limit:
            raise BadInput(
                field=block_id, problem=f"This is over {limit:,} characters.", fix="Shorten it."
            )
        return text

    def typed_date(self, block_id: str) -> date | None:
        """Return the date picked there, or None."""
        text = self.values.get(block_id, "")
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise BadInput(
                field=block_id, problem=f"“{text}” is not a date.", fix="Use 2026-12-31."
            ) from error

    def chosen(self, block_id: str) -> list[str]:
        """Return what was chosen in a menu of several."""
        return [value for value in self.values.get(block_id, "").split(",") if value]


@dataclass(frozen=True)
class Source:
    """Where a payload comes from, before anybody is looked up."""

    team_id: str
    enterprise_id: str
    user_id: str
    user_team_id: str
    channel_id: str


def read_source(body: Mapping[str, Any]) -> Source:
    """Read the tenant and the person of any interactive payload or command."""
    team = body.get("team") or {}
    user = body.get("user") or {}
    user_id = user.get("id") if isinstance(user, Mapping) else user
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    enterprise = (body.get("enterprise") or {}).get("id") or body.get("enterprise_id")
    return Source(
        team_id=str(team.get("id") or body.get("team_id") or ""),
        enterprise_id=str(enterprise or ""),
        user_id=str(user_id or body.get("user_id") or ""),
        user_team_id=str((user.get("team_id") if isinstance(user, Mapping) else "") or ""),
        channel_id=str(channel or body.get("channel_id") or ""),
    )


def read_command(body: Mapping[str, Any]) -> dict[str, Any]:
    """Read a slash command."""
    return {
        "name": str(body.get("command") or "").lstrip("/"),
        "text": storable(str(body.get("text") or "")).strip(),
        "trigger_id": str(body.get("trigger_id") or ""),
        "response_url": str(body.get("response_url") or ""),
    }


def read_click(body: Mapping[str, Any]) -> dict[str, Any]:
    """Read a click or choice (block_actions)."""
    action = (body.get("actions") or [{}])[0]
    view = body.get("view") or {}
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    message = body.get("message") or {}
    ts = message.get("ts") or container.get("message_ts")
    state = view.get("state") or body.get("state") or {}
    return {
        "name": str(action.get("action_id") or ""),
        "value": element_value(action),
        "values": form_values(state, view),
        "state": view_state(view),
        "trigger_id": str(body.get("trigger_id") or ""),
        "response_url": str(body.get("response_url") or ""),
        "thread_ts": str(message.get("thread_ts") or container.get("thread_ts") or ""),
        "message": read_message(channel, {**message, "ts": ts}) if ts else None,
        "view_id": str(view.get("id") or ""),
        "view_hash": str(view.get("hash") or ""),
        "view_type": str(view.get("type") or ""),
    }


def read_submission(body: Mapping[str, Any]) -> dict[str, Any]:
    """Read a submitted or closed modal."""
    view = body.get("view") or {}
    return {
        "name": str(view.get("callback_id") or ""),
        "values": form_values(view.get("state") or {}, view),
        "state": view_state(view),
        "trigger_id": str(body.get("trigger_id") or ""),
        "view_id": str(view.get("id") or ""),
        "view_hash": str(view.get("hash") or ""),
        "view_type": "modal",
    }


def read_shortcut(body: Mapping[str, Any]) -> dict[str, Any]:
    """Read a global or message shortcut."""
    channel = (body.get("channel") or {}).get("id") or ""
    message = body.get("message")
    return {
        "name": str(body.get("callback_id") or ""),
        "trigger_id": str(body.get("trigger_id") or ""),
        "response_url": str(body.get("response_url") or ""),
        "message": read_message(channel, message) if message else None,
        "thread_ts": str((message or {}).get("thread_ts") or ""),
    }


def view_state(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the modal was given when it opened."""
    try:
        state = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def form_values(state: Mapping[str, Any], view: Mapping[str, Any]) -> dict[str, str]:
    """Return a form's fields as text, by block id.

    Slack sends every field, the empty ones too. Other servers send those that they can show; the
    rest still hold what the form was opened with.
    """
    shown = {
        block_id: ",".join(filter(None, (element_value(e) for e in elements.values())))
        for block_id, elements in (state.get("values") or {}).items()
    }
    return _first_values(view) | shown


def _first_values(view: Mapping[str, Any]) -> dict[str, str]:
    fields = (block for block in view.get("blocks") or () if block.get("type") == "input")
    return {str(f.get("block_id") or ""): _first_value(f.get("element") or {}) for f in fields}


def _first_value(element: Mapping[str, Any]) -> str:
    firsts = {
        name.replace("initial_", "" if name == "initial_value" else "selected_", 1): first
        for name, first in element.items()
        if name.startswith("initial_")
    }
    return element_value(firsts)


def element_value(element: Mapping[str, Any]) -> str:
    """Return the value of any input element or action as text."""
    for name in ("selected_option", "selected_options"):
        chosen = element.get(name)
        if chosen:
            many = chosen if isinstance(chosen, list) else [chosen]
            return ",".join(str(option.get("value") or "") for option in many)
    for name in ("selected_users", "selected_conversations", "selected_channels"):
        if element.get(name):
            return ",".join(element[name])
    if element.get("files"):
        ids = (one.get("id") if isinstance(one, Mapping) else one for one in element["files"])
        return ",".join(str(file_id or "") for file_id in ids)
    for name in (
        "value", "selected_user", "selected_conversation", "selected_channel",
        "selected_date", "selected_time",
    ):  # fmt: skip
        if element.get(name) is not None:
            return storable(str(element[name]))
    return ""


def split_word(text: str) -> tuple[str, str]:
    """Split ``text`` into its first word, lower case, and the rest."""
    match = re.match(r"\s*(\S+)\s*(.*)", text, re.DOTALL)
    return (match[1].lower(), match[2].strip()) if match else ("", "")
