"""Other forms of app.yaml: for HTTP, with a prefix before the short commands, or without them."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from bot.errors import BadInput
from bot.web.http import SLACK_PATH

MANIFEST = Path(__file__).parent.parent / "app.yaml"
MAIN_COMMAND = "/daybook"
# Slack's own rule for commands, without the slash.
PREFIX_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


def read_manifest() -> dict[str, Any]:
    """Return app.yaml as it stands."""
    manifest: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    return manifest


def render_manifest(*, url: str = "", prefix: str = "", single: bool = False) -> dict[str, Any]:
    """Return the manifest for an installation.

    ``url`` is the public https address for HTTP instead of Socket Mode; ``prefix`` goes before the
    short commands (slash commands are not namespaced); ``single`` keeps only /daybook.
    """
    manifest = deepcopy(read_manifest())
    features, settings = manifest["features"], manifest["settings"]
    commands = features["slash_commands"]
    if single:
        commands = [c for c in commands if c["command"] == MAIN_COMMAND]
    if prefix:
        commands = [_prefixed(c, _checked_prefix(prefix)) for c in commands]
    features["slash_commands"] = commands
    if url:
        address = _checked_url(url) + SLACK_PATH
        for command in commands:
            command["url"] = address
        settings["event_subscriptions"]["request_url"] = address
        settings["interactivity"]["request_url"] = address
        settings["socket_mode_enabled"] = False
    return manifest


def _prefixed(command: dict[str, Any], prefix: str) -> dict[str, Any]:
    if command["command"] == MAIN_COMMAND:
        return command
    return command | {"command": f"/{prefix}{command['command'].lstrip('/')}"}


def _checked_prefix(prefix: str) -> str:
    if not set(prefix) <= PREFIX_CHARACTERS or len(prefix) > 16:
        raise BadInput(
            field="--prefix",
            problem=f"“{prefix}” cannot stand in a command.",
            fix="Use up to 16 small letters, digits, - and _, for example pd-",
        )
    return prefix


def _checked_url(url: str) -> str:
    if not url.startswith("https://"):
        raise BadInput(
            field="--url",
            problem="Slack only calls https addresses.",
            fix="For example --url https://daybook.example.com",
        )
    return url.rstrip("/")
