"""Reads a Slack app manifest: what the app registered, may do and listens to."""

from typing import Any

from playground.server.rows import Json


class Manifest:
    """`source` is the parsed app.yaml; missing parts mean that the app has none of it."""

    def __init__(self, source: Json) -> None:
        self.source = source
        features = source.get("features") or {}
        settings = source.get("settings") or {}
        oauth = source.get("oauth_config") or {}
        self._commands: list[Json] = features.get("slash_commands") or []
        self._shortcuts: list[Json] = features.get("shortcuts") or []
        self.bot_name = str((features.get("bot_user") or {}).get("display_name") or "")
        self.has_home = bool((features.get("app_home") or {}).get("home_tab_enabled", True))
        scopes = oauth.get("scopes") or {}
        self.scopes: list[str] = [*(scopes.get("bot") or []), *(scopes.get("bot_optional") or [])]
        subscriptions = settings.get("event_subscriptions") or {}
        self.bot_events = frozenset(subscriptions.get("bot_events") or [])
        self.is_socket_mode = bool(settings.get("socket_mode_enabled"))
        interactivity = settings.get("interactivity") or {}
        self.events_url = str(subscriptions.get("request_url") or "")
        self.interactivity_url = str(interactivity.get("request_url") or "")
        menus = interactivity.get("message_menu_options_url")
        self.options_url = str(menus or self.interactivity_url)

    def command(self, word: str) -> dict[str, str] | None:
        """The registered slash command, for example "/launch", or None."""
        return next((one for one in self.commands() if one["command"] == word), None)

    def commands(self) -> list[dict[str, str]]:
        """command, description, usage_hint and url of each slash command."""
        names = ("command", "description", "usage_hint", "url")
        return [_strings(one, names) for one in self._commands]

    def shortcuts(self, kind: str) -> list[dict[str, str]]:
        """name, callback_id and description of the shortcuts of kind "global" or "message"."""
        names = ("name", "callback_id", "description")
        return [_strings(one, names) for one in self._shortcuts if one.get("type") == kind]


def _strings(source: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: str(source.get(name) or "") for name in names}
