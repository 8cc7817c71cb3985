"""Where numbers are read from, as declared: one model for each type of source."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from bot.metrics.parts import QUERY_NAME, Part, checked_json_path, checked_query

Query = Annotated[str, AfterValidator(checked_query)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=100)]
JsonPath = Annotated[str, AfterValidator(checked_json_path)]
QueryName = Annotated[str, StringConstraints(pattern=QUERY_NAME, max_length=60)]
Host = Annotated[str, StringConstraints(pattern=r"^(\*\.)?[A-Za-z0-9.-]+$", max_length=253)]


def _web_address(secret: SecretStr) -> SecretStr:
    parts = urlsplit(secret.get_secret_value())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it is no address that begins with https://")
    if parts.username or parts.password:
        raise ValueError("a user or password stands in it")
    return secret


WebAddress = Annotated[SecretStr, AfterValidator(_web_address)]


class Source(Part):
    """What every type of source takes.

    ``slack`` says who may make metrics of it in Slack: nobody (empty), ``members``, or those who
    read a channel (its id), which then is the metrics' audience.
    """

    uses: ClassVar[tuple[str, ...]] = ()
    """Settings by which a metric says what it asks of this source."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Of those: one at least must be there."""
    typed: ClassVar[tuple[str, ...]] = ()
    """Of those: what somebody in Slack may type, since it reaches nothing undeclared."""

    timeout_seconds: float = Field(default=20, gt=0, le=300)
    row_limit: int = Field(default=5000, ge=1, le=100_000)
    slack: str = Field(default="", pattern=r"^(members|[CGD][A-Z0-9]{2,})?$")

    def named(self) -> Mapping[str, dict[str, Any]]:
        """Return the queries it offers by name, each as settings of a metric."""
        return {}


class SqlConnection(Source):
    """A database, by any SQLAlchemy URL. It is only ever read."""

    uses = ("sql",)
    needs = ("sql",)

    type: Literal["sql"]
    url: SecretStr
    queries: dict[QueryName, Query] = Field(default_factory=dict)

    def named(self) -> Mapping[str, dict[str, Any]]:
        return {name: {"sql": sql} for name, sql in self.queries.items()}


class WebConnection(Source):
    """Something read over HTTP.

    Private and loopback addresses are refused unless ``allow_private``. A redirect is followed to
    the same host and to ``allow_hosts`` (``*.example.com`` takes every name below it).
    """

    allow_private: bool = False
    allow_hosts: tuple[Host, ...] = ()

    def secrets(self) -> tuple[SecretStr | None, ...]:
        """Return what must not be sent in the clear."""
        return ()

    def address(self) -> str:
        """Return where it is."""
        return ""

    @model_validator(mode="after")
    def _keeps_its_secrets(self) -> "WebConnection":
        is_plain = self.address().startswith("http://")
        if is_plain and any(self.secrets()) and not self.allow_private:
            raise ValueError("a secret would be sent in the clear; use https://")
        return self


class PosthogConnection(WebConnection):
    """A PostHog project, read by its query API."""

    uses = ("sql", "event", "count")
    needs = ("sql", "event")
    typed = ("event", "count")

    type: Literal["posthog"]
    host: WebAddress = SecretStr("https://us.posthog.com")
    project: str = Field(pattern=r"^\w+$")
    key: SecretStr
    queries: dict[QueryName, Query] = Field(default_factory=dict)

    def named(self) -> Mapping[str, dict[str, Any]]:
        return {name: {"sql": sql} for name, sql in self.queries.items()}

    def secrets(self) -> tuple[SecretStr | None, ...]:
        return (self.key,)

    def address(self) -> str:
        return self.host.get_secret_value()


class CsvConnection(WebConnection):
    """A table with a header, as a file or at an address (a published sheet, say)."""

    uses = ("date", "value", "combine")
    typed = ("date", "value")

    type: Literal["csv"]
    file: str = ""
    url: WebAddress | None = None
    token: SecretStr | None = None

    def secrets(self) -> tuple[SecretStr | None, ...]:
        return (self.token,)

    def address(self) -> str:
        return self.url.get_secret_value() if self.url else ""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "CsvConnection":
        if bool(self.file) == bool(self.url):
            raise ValueError("it needs either a file or a url")
        return self


class JsonQuery(Part):
    """One thing an HTTP source answers: where, and where in the answer dates and values stand."""

    path: str = Field(default="", max_length=1000)
    rows: JsonPath | None = None
    date: JsonPath
    value: JsonPath
    combine: Literal["one", "sum"] = "one"


class HttpConnection(WebConnection):
    """Any API that answers JSON."""

    uses = ("path", "rows", "date", "value", "combine")
    needs = ("date",)

    type: Literal["http"]
    url: WebAddress
    token: SecretStr | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    queries: dict[QueryName, JsonQuery] = Field(default_factory=dict)

    def named(self) -> Mapping[str, dict[str, Any]]:
        return {name: one.model_dump(exclude_none=True) for name, one in self.queries.items()}

    def secrets(self) -> tuple[SecretStr | None, ...]:
        return (self.token, *self.headers.values())

    def address(self) -> str:
        return self.url.get_secret_value()


class PrometheusConnection(WebConnection):
    """A Prometheus server, or whatever answers its ``query_range``."""

    uses = ("promql",)
    needs = ("promql",)

    type: Literal["prometheus"]
    url: WebAddress
    token: SecretStr | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    queries: dict[QueryName, Annotated[str, StringConstraints(min_length=1)]] = Field(
        default_factory=dict
    )

    def named(self) -> Mapping[str, dict[str, Any]]:
        return {name: {"promql": promql} for name, promql in self.queries.items()}

    def secrets(self) -> tuple[SecretStr | None, ...]:
        return (self.token, *self.headers.values())

    def address(self) -> str:
        return self.url.get_secret_value()


Connection = (
    SqlConnection | PosthogConnection | CsvConnection | HttpConnection | PrometheusConnection
)
"""What a source may be."""

SOURCE_TYPES: dict[str, type[Connection]] = {
    "sql": SqlConnection,
    "posthog": PosthogConnection,
    "csv": CsvConnection,
    "http": HttpConnection,
    "prometheus": PrometheusConnection,
}
