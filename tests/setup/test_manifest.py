"""app.yaml is held to the code: commands, shortcuts, ids, events and scopes."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient
from typer.testing import CliRunner

from bot.cli import app as cli
from bot.errors import BadInput
from bot.general.rules import MENTIONS
from bot.manifest import MAIN_COMMAND, read_manifest, render_manifest
from bot.slack import gateway
from bot.slack.ids import Action, Form, Shortcut
from handlers.routes import build_routes

ROOT = Path(__file__).parents[2]
HISTORY = {"channels:history", "groups:history", "im:history"}
READ = {"channels:read", "groups:read"}
# What Slack asks for, method by method (api.slack.com/methods), as far as Daybook uses it.
SCOPES_OF_METHODS: dict[str, set[str]] = {
    "apps.connections.open": set(),  # the app-level token
    "auth.test": set(),
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": HISTORY,
    "conversations.info": READ,
    "conversations.list": READ,  # never of Slack itself: for servers without users.conversations
    "conversations.members": READ,
    "conversations.open": {"im:write"},
    "conversations.replies": HISTORY,
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "files.info": {"files:read"},
    "reactions.add": {"reactions:write"},
    "reactions.remove": {"reactions:write"},
    "users.conversations": READ,
    "users.info": {"users:read", "users:read.email"},  # with e-mail: whose customer somebody is
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}
SCOPES_OF_EVENTS = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
    "member_joined_channel": READ,
    "member_left_channel": READ,
}


def _manifest() -> dict[str, Any]:
    return read_manifest()


def _called() -> set[str]:
    """The methods of Slack's that the gateway names, the only caller of them."""
    tree = ast.parse(Path(gateway.__file__).read_text())
    strings = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    names = {s for s in strings if isinstance(s, str) and re.fullmatch(r"[a-z]+\.[A-Za-z.]+", s)}
    return {name for name in names if hasattr(AsyncWebClient, name.replace(".", "_"))}


def _events() -> set[str]:
    return set(_manifest()["settings"]["event_subscriptions"]["bot_events"])


def test_every_command_is_answered_and_every_short_one_is_a_word_of_the_main_one() -> None:
    commands = [c["command"] for c in _manifest()["features"]["slash_commands"]]
    assert commands[0] == MAIN_COMMAND
    assert {c.removeprefix("/") for c in commands[1:]} <= set(build_routes().commands)


def test_the_words_in_the_commands_hint_are_answered() -> None:
    hint = _manifest()["features"]["slash_commands"][0]["usage_hint"]
    assert set(hint.split(" | ")) <= set(build_routes().commands)


def test_what_can_be_said_in_a_thread_can_be_typed_as_a_command_too() -> None:
    assert set(MENTIONS) <= set(build_routes().commands)


def test_the_shortcuts_are_those_that_the_code_answers() -> None:
    listed = {s["callback_id"] for s in _manifest()["features"]["shortcuts"]}
    assert listed == {s.value for s in Shortcut} == set(build_routes().shortcuts)


def test_every_id_of_a_button_or_form_is_answered_and_no_other() -> None:
    routes = build_routes()
    assert set(routes.actions) == {action.value for action in Action}
    # Modals that only show something are never sent.
    shown = {
        form.value
        for form in (
            *(Form.PROBLEM, Form.DIGEST_METRIC, Form.DIGEST_CARD, Form.METRIC_DONE),
            *(Form.AREAS, Form.CUSTOMERS, Form.THEME_LIST, Form.THEME_PAGE),
        )
    }
    assert set(routes.forms) == {form.value for form in Form} - shown


def test_the_events_are_those_that_the_code_matches() -> None:
    told = {"message" if e.startswith("message.") else e for e in _events()}
    assert told == set(build_routes().matchers) | {"app_home_opened"}


def test_the_scopes_are_those_that_what_is_called_and_heard_needs() -> None:
    assert _called() == set(SCOPES_OF_METHODS)
    needed = {"commands"}.union(*(SCOPES_OF_METHODS[method] for method in _called()))
    for event in _events():
        prefix = "groups" if event.startswith("group_") else "channels"
        needed |= SCOPES_OF_EVENTS.get(event, {f"{prefix}:read"})
    scopes = _manifest()["oauth_config"]["scopes"]
    assert set(scopes["bot"]) | set(scopes.get("bot_optional", [])) == needed


def test_nothing_but_the_gateway_calls_slack() -> None:
    callers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "handlers", "jobs")
        for path in (ROOT / folder).rglob("*.py")
        if "AsyncWebClient" in path.read_text()
    ]
    # bootstrap hands Bolt and the socket their client; they call apps.connections.open only.
    ours = ["bot/slack/calls.py", "bot/slack/gateway.py"]
    assert sorted(callers) == ["bot/bootstrap.py", *ours]


def test_the_texts_keep_slacks_limits() -> None:
    told = _manifest()["display_information"]
    assert len(told["name"]) <= 35
    assert len(told["description"]) <= 140
    assert 174 <= len(told["long_description"]) <= 4_000
    for command in _manifest()["features"]["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,32}", command["command"])
        assert len(command["description"]) <= 2_000
    for shortcut in _manifest()["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def test_for_http_every_address_is_the_installations_and_no_socket_is_used() -> None:
    manifest = render_manifest(url="https://daybook.example.com/")
    address = "https://daybook.example.com/slack/events"
    settings = manifest["settings"]
    assert settings["event_subscriptions"]["request_url"] == address
    assert settings["interactivity"]["request_url"] == address
    assert {c["url"] for c in manifest["features"]["slash_commands"]} == {address}
    assert not settings["socket_mode_enabled"]


def test_a_prefix_stands_before_all_commands_but_the_main_one() -> None:
    commands = render_manifest(prefix="pd-")["features"]["slash_commands"]
    names = [c["command"] for c in commands]
    assert names[0] == "/daybook"
    assert all(name.startswith("/pd-") for name in names[1:])


def test_a_single_command_is_enough() -> None:
    commands = render_manifest(single=True, prefix="pd-")["features"]["slash_commands"]
    assert [c["command"] for c in commands] == ["/daybook"]


@pytest.mark.parametrize(
    ("option", "value"), [("url", "http://x.test"), ("prefix", "PD "), ("prefix", "x" * 17)]
)
def test_what_slack_would_refuse_is_refused_with_the_fix(option: str, value: str) -> None:
    with pytest.raises(BadInput) as refused:
        render_manifest(**{option: value})  # type: ignore[arg-type]
    assert refused.value.field == f"--{option}"
    assert refused.value.fix


def test_rendering_leaves_the_file_as_it_is() -> None:
    before = read_manifest()
    render_manifest(url="https://x.test", prefix="pd-", single=True)
    assert read_manifest() == before


def test_the_command_line_prints_yaml_that_says_the_same() -> None:
    result = CliRunner().invoke(cli, ["manifest", "--prefix", "pd-"])
    assert result.exit_code == 0
    assert yaml.safe_load(result.stdout) == render_manifest(prefix="pd-")
