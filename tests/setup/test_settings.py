"""What an operator sets: read from two places, and all problems told at once."""

import re
from pathlib import Path

import pytest

from bot.errors import BadSetting
from bot.settings import (
    Settings,
    check_can_reach_slack,
    inspect_settings,
    load_settings,
    source_environment,
)

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"
NAMES = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without ``.env``, an environment without our names."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_an_env_file_that_is_no_text_is_named(empty_place: Path) -> None:
    (empty_place / ".env").write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(BadSetting, match=r"\.env cannot be read"):
        load_settings()


def test_a_line_of_the_env_file_that_is_no_setting_is_named_by_its_number(
    empty_place: Path,
) -> None:
    (empty_place / ".env").write_text("PORT=4000\n# mine\nthis is no setting\n")
    with pytest.raises(BadSetting, match=r"\.env cannot be read from line 3 on"):
        load_settings()


def test_an_env_file_that_is_a_folder_is_named(empty_place: Path) -> None:
    (empty_place / ".env").mkdir()
    with pytest.raises(BadSetting, match=r"\.env cannot be read"):
        load_settings()


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite:///", "postgresql://u:secret@h:notaport/x"]
)
def test_an_address_that_names_no_database_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(BadSetting, match="DATABASE_URL: ") as refused:
        load_settings()
    assert "secret" not in str(refused.value)


def test_a_persons_token_is_not_taken_for_the_bots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxp-1-2")
    with pytest.raises(BadSetting, match="SLACK_BOT_TOKEN: a bot token starts with xoxb-"):
        load_settings()


def test_without_any_setting_there_are_defaults() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite+aiosqlite:///.daybook/daybook.db"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.emoji == {"memo"}
    assert not settings.is_socket_mode


def test_the_environment_wins_over_the_file(
    empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_place / ".env").write_text("PORT=4000\nHOST=0.0.0.0\nUNRELATED=1\n")
    monkeypatch.setenv("PORT", "5000")
    settings = load_settings()
    assert (settings.port, settings.host) == (5000, "0.0.0.0")  # noqa: S104


def test_every_problem_is_told_at_once_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "SLACK_BOT_TOKEN": "xapp-secret",
        "SLACK_APP_TOKEN": "xoxb-secret",
        "SLACK_API_URL": "slack.com",
        "DATABASE_URL": "mysql://u:secret@h/d",
        "PORT": "http",
        "DEFAULT_TIMEZONE": "Berlin",
        "LOG_LEVEL": "LOUD",
        "CAPTURE_EMOJI": "the memo!",
        "COMMAND_PREFIX": "PD ",
        "CONTROL_PORT": "99999",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as refused:
        load_settings()
    told = str(refused.value)
    assert [name for name in wrong if f"  {name}: " not in told] == []
    assert "secret" not in told
    assert "docs/settings.md" in told


def test_what_is_wrong_is_named_and_the_rest_is_read(
    empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_place / ".env").write_text('HOST=0.0.0.0\nPORT=99999\nLOG_LEVEL="open\n')
    monkeypatch.setenv("DATABASE_URL", "mysql://h/d")
    settings, faults = inspect_settings()
    assert list(faults) == ["ENV_FILE", "DATABASE_URL", "PORT"]
    assert faults["PORT"] == "must be at most 65535"
    assert (settings.host, settings.port) == ("0.0.0.0", 3000)  # noqa: S104


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "")
    assert load_settings() == load_settings(_env_file=None)
    assert load_settings().port == 3000


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_a_database_address_gets_the_driver_it_needs(typed: str, used: str) -> None:
    assert load_settings(database_url=typed).database_url == used


def test_an_address_of_slack_ends_in_a_slash() -> None:
    settings = load_settings(slack_api_url="http://127.0.0.1:1/api")
    assert settings.slack_api_url == "http://127.0.0.1:1/api/"


def test_emoji_are_names_without_colons() -> None:
    assert load_settings(capture_emoji=":memo:, bulb ,+1").emoji == {"memo", "bulb", "+1"}


def test_the_app_token_makes_it_socket_mode_also_with_a_signing_secret() -> None:
    settings = load_settings(slack_app_token="xapp-1", slack_signing_secret="s")
    assert settings.is_socket_mode


def test_what_is_missing_to_reach_slack_is_told_at_once() -> None:
    with pytest.raises(BadSetting) as refused:
        check_can_reach_slack(load_settings())
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        assert name in str(refused.value)


@pytest.mark.parametrize("how", ["slack_app_token", "slack_signing_secret"])
def test_a_token_and_one_way_in_are_enough(how: str) -> None:
    check_can_reach_slack(load_settings(slack_bot_token="xoxb-1", **{how: "xapp-1"}))


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    settings = load_settings(slack_bot_token="xoxb-hidden", openai_api_key="hidden")
    assert "hidden" not in f"{settings!r} {settings}"


def test_names_in_the_metrics_file_come_from_the_environment_over_the_file(
    empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_place / ".env").write_text("WAREHOUSE=file\nOTHER=file\n")
    monkeypatch.setenv("WAREHOUSE", "environment")
    found = source_environment()
    assert (found["WAREHOUSE"], found["OTHER"]) == ("environment", "file")


def test_the_docs_list_every_setting_with_its_default() -> None:
    rows = dict(
        re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|", DOCS.read_text(), re.MULTILINE)
    )
    assert sorted(rows) == sorted(NAMES)
    secret = {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "OPENAI_API_KEY"}
    for name, field in Settings.model_fields.items():
        default = "" if name.upper() in secret else str(field.default).removesuffix(".0")
        assert rows[name.upper()] == default, name
