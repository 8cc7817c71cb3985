"""The only reader of the environment. All that is missing or wrong is reported at once."""

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.clock import zone_named
from bot.errors import BadInput, BadSetting

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# Pydantic speaks of inputs and of parsing.
IN_OUR_WORDS = {
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "less_than_equal": "must be at most {le}",
    "greater_than_equal": "must be at least {ge}",
    "literal_error": "must be {expected}",
}
EMOJI_NAME = re.compile(r"[a-z0-9_+'-]+")
# Slack's own rule for commands; the same as in bot/manifest.py.
PREFIX = re.compile(r"[a-z0-9_-]{0,16}")


class Settings(BaseSettings):
    """What an operator sets, by environment or ``.env``; docs/settings.md lists each."""

    # An empty variable is one that is not set: so container tools pass what is left out.
    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    slack_bot_token: SecretStr = Field(default=SecretStr(""), description="xoxb-…, the bot's token")
    slack_app_token: SecretStr = Field(
        default=SecretStr(""),
        description="xapp-…, for Socket Mode; wins over HTTP when both are set",
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""), description="the signing secret, for HTTP"
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/", description="any Slack-compatible server"
    )
    database_url: str = Field(
        default="sqlite:///.daybook/daybook.db", description="SQLite or Postgres"
    )
    workers: Literal["inside", "apart"] = Field(
        default="inside",
        description="whether daybook run also works, or daybook worker does it (Postgres only)",
    )
    metrics_file: Path = Field(default=Path("metrics.yaml"), description="the metrics' declaration")
    host: str = Field(default="127.0.0.1", description="where the HTTP side listens")
    port: int = Field(default=3000, ge=1, le=65535, description="the port of the HTTP side")
    health_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="answers /health and takes webhooks there, in every kind of process",
    )
    capture_emoji: str = Field(
        default="memo", description="emoji names that log feedback, separated by commas"
    )
    default_timezone: str = Field(default="UTC", description="IANA zone of new schedules")
    command_prefix: str = Field(
        default="", description="put before the short commands, e.g. pd- (see daybook manifest)"
    )
    openai_api_key: SecretStr = Field(
        default=SecretStr(""), description="switches drafts by a model on"
    )
    openai_base_url: str = Field(default="", description="any OpenAI-compatible server")
    openai_model: str = Field(default="gpt-4.1-mini", description="the model that drafts")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")
    control_port: int = Field(
        default=0, ge=0, le=65535, description="loopback port that moves time; the playground only"
    )
    clock_offset_seconds: float = Field(
        default=0.0, description="how far the clock is ahead; the playground only"
    )

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value if value.endswith("/") else value + "/"

    @field_validator("database_url")
    @classmethod
    def _has_async_driver(cls, value: str) -> str:
        for plain, driver in (
            ("sqlite://", "sqlite+aiosqlite://"),
            ("postgresql://", "postgresql+psycopg://"),
            ("postgres://", "postgresql+psycopg://"),
        ):
            if value.startswith(plain):
                value = driver + value.removeprefix(plain)
                break
        if not value.startswith(("sqlite+aiosqlite://", "postgresql+psycopg://")):
            raise ValueError("must be sqlite:///path or postgresql+psycopg://…")
        if not _names_a_database(value):
            raise ValueError("names no file; as in sqlite:///.daybook/daybook.db")
        return value

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value()
        if token and (not token.startswith("xox") or token.startswith("xoxp")):
            raise ValueError("a bot token starts with xoxb-")
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith("xapp-"):
            raise ValueError("an app-level token starts with xapp-")
        return value

    @field_validator("default_timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            return zone_named(value).key
        except BadInput as error:
            raise ValueError("must be an IANA zone such as Europe/Berlin") from error

    @field_validator("log_level")
    @classmethod
    def _is_a_level(cls, value: str) -> str:
        if value.upper() not in LOG_LEVELS:
            raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
        return value.upper()

    @field_validator("capture_emoji")
    @classmethod
    def _names_an_emoji(cls, value: str) -> str:
        names = [name.strip(" :") for name in value.split(",")]
        if not names or not all(EMOJI_NAME.fullmatch(name) for name in names):
            raise ValueError("must be emoji names, as in: memo, bulb")
        return value

    @field_validator("command_prefix")
    @classmethod
    def _is_a_prefix(cls, value: str) -> str:
        if not PREFIX.fullmatch(value):
            raise ValueError("must be up to 16 small letters, digits, - and _, as in: pd-")
        return value

    @property
    def emoji(self) -> frozenset[str]:
        """The names of the emoji that log feedback, without colons."""
        return frozenset(name.strip(" :") for name in self.capture_emoji.split(",") if name.strip())

    @property
    def is_socket_mode(self) -> bool:
        """Whether events come over a socket rather than signed HTTP."""
        return bool(self.slack_app_token.get_secret_value())


def _names_a_database(address: str) -> bool:
    # Imported where it is used: it takes long, and not every command has a database.
    from sqlalchemy import make_url

    try:
        url = make_url(address)
    except ValueError as error:
        raise ValueError(
            "is no address; as in postgresql://user:password@host:5432/name"
        ) from error
    return url.get_backend_name() != "sqlite" or bool(url.database)


def load_settings(**overrides: Any) -> Settings:
    """Read the environment and ``.env``; raise one ``BadSetting`` that lists every problem."""
    try:
        if path := env_file():
            _check_env_file(Path(path))
        return Settings(**{"_env_file": env_file()} | overrides)
    except ValidationError as error:
        problems = [f"{name}: {said}" for name, said in _said_of(error).items()]
        raise BadSetting(
            field=problems[0].split(":")[0],
            problem="Daybook cannot start with these settings:\n  " + "\n  ".join(problems),
            fix="\ndocs/settings.md lists every setting.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            field="ENV_FILE",
            problem=f"{env_file()} cannot be read ({type(error).__name__}).",
            fix="It holds one NAME=value a line, as UTF-8 text that this user may read.",
        ) from error


def inspect_settings(**overrides: Any) -> tuple[Settings, dict[str, str]]:
    """Read all that can be read, for ``daybook doctor``: the settings, and each wrong one's fault.

    What is wrong has its default in the settings returned.
    """
    values: dict[str, Any] = {"_env_file": env_file()} | overrides
    faults: dict[str, str] = {}
    try:
        if path := env_file():
            _check_env_file(Path(path))
        return Settings(**values), faults
    except BadSetting as error:  # the other lines of the file still count
        faults[error.field] = str(error)
    except (OSError, UnicodeDecodeError) as error:
        faults["ENV_FILE"] = f"{env_file()} cannot be read ({type(error).__name__})"
        values["_env_file"] = None
    except ValidationError:
        pass
    try:
        return Settings(**values), faults
    except ValidationError as error:
        faults |= _said_of(error)
        for name in _said_of(error):
            field = Settings.model_fields[name.lower()]
            values[name.lower()] = field.get_default(call_default_factory=True)
    return Settings(**values), faults


def _said_of(error: ValidationError) -> dict[str, str]:
    """Return what is wrong with each setting, by its name in the environment."""
    return {
        ".".join(str(part) for part in one["loc"]).upper(): IN_OUR_WORDS.get(
            one["type"], one["msg"]
        )
        .format_map(one.get("ctx", {}))
        .removeprefix("Value error, ")
        for one in error.errors()
    }


def _check_env_file(path: Path) -> None:
    """Raise ``BadSetting`` that names the lines which are no settings."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as text:
        wrong = [str(one.original.line) for one in parse_stream(text) if one.error]
    if wrong:
        raise BadSetting(
            field="ENV_FILE",
            problem=f"{path} cannot be read from line {', '.join(wrong)} on.",
            fix="Each line is NAME=value; a quote that opens there must close too.",
        )


def source_environment() -> dict[str, str]:
    """Return what ``${NAME}`` in the metrics file may stand for: the environment over ``.env``."""
    path = env_file()
    from_file = dotenv_values(path) if path else {}
    return {name: value or "" for name, value in from_file.items()} | dict(os.environ)


def env_file() -> str | None:
    """Return the file that settings are read from beside the environment; None for no file."""
    return os.environ.get("ENV_FILE", ".env") or None


def read_metrics_file(settings: Settings) -> str:
    """Return the text of the metrics file; raises ``BadSetting`` when there is none."""
    return read_text_file(
        settings.metrics_file, fix="METRICS_FILE names the metrics file (docs/metrics.md)."
    )


def read_text_file(path: Path, *, fix: str = "Check its name.") -> str:
    """Return a text file that an operator named; raises ``BadSetting`` when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BadSetting(
            field="file",
            problem=f"{path} is not there.",
            fix=fix,
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            field="file",
            problem=f"{path} cannot be read ({type(error).__name__}).",
            fix="Check its name, that it is UTF-8 text, and that this user may read it.",
        ) from error


def check_workers(settings: Settings, *, is_worker: bool) -> None:
    """Raise ``BadSetting`` when this process may not stand beside others on its database."""
    if not settings.database_url.startswith("sqlite"):
        return
    if is_worker or settings.workers == "apart":
        raise BadSetting(
            field="DATABASE_URL" if is_worker else "WORKERS",
            problem="SQLite is for one process; daybook run does all of the work in it.",
            fix="Leave WORKERS at inside, or set DATABASE_URL to Postgres (docs/operating.md).",
        )


def check_can_reach_slack(settings: Settings, *, wrong: Collection[str] = ()) -> None:
    """Raise ``BadSetting`` naming all that is missing for ``daybook run``.

    ``wrong`` are settings that are there and cannot be used: not missing, told elsewhere.
    """
    missing = []
    if not (settings.slack_bot_token.get_secret_value() or "SLACK_BOT_TOKEN" in wrong):
        missing.append("SLACK_BOT_TOKEN (OAuth & Permissions page of your Slack app)")
    has_way_in = settings.is_socket_mode or settings.slack_signing_secret.get_secret_value()
    if not (has_way_in or "SLACK_APP_TOKEN" in wrong):
        missing.append(
            "SLACK_APP_TOKEN (Basic Information, App-Level Tokens; for Socket Mode) "
            "or SLACK_SIGNING_SECRET (Basic Information; for HTTP)"
        )
    if missing:
        raise BadSetting(
            field=missing[0].split(" ")[0],
            problem="Daybook cannot start; missing:\n  " + "\n  ".join(missing),
            fix="\nSet them in the environment or in a file named .env.",
        )
