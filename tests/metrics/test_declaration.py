from datetime import time
from pathlib import Path

import pytest

from bot.errors import BadSetting
from bot.metrics.declaration import load
from bot.metrics.definition import MetricDefinition
from bot.metrics.units import Unit

SQL = "select day, value from daily where day >= :since and day < :until"
ENV = {"WAREHOUSE_URL": "postgresql://reader:hunter2@db.internal/facts"}
SOURCES = "sources:\n  warehouse: {type: sql, url: ${WAREHOUSE_URL}}\n"


def file_with(*lines: str, sources: str = SOURCES) -> str:
    given = {line.split(":")[0] for line in lines}
    defaults = {
        "name": "name: sign_ups",
        "label": "label: Sign-ups",
        "source": "source: warehouse",
        "sql": f"sql: {SQL}",
        "good": "good: up",
    }
    kept = [line for key, line in defaults.items() if key not in given]
    written = [line for line in (*kept, *lines) if not line.endswith("LEFT OUT")]
    return f"{sources}metrics:\n  - " + "\n    ".join(written) + "\n"


def one(*lines: str) -> MetricDefinition:
    return load(file_with(*lines), ENV).metrics[0]


def problem_of(text: str, env: dict[str, str] | None = None) -> BadSetting:
    with pytest.raises(BadSetting) as caught:
        load(text, ENV if env is None else env)
    return caught.value


def test_the_sample_of_the_playground_is_valid() -> None:
    text = Path("playground/sample/metrics.yaml").read_text()
    declaration = load(text, {"PRODUCT_DB_URL": "sqlite:///product.db"})
    assert {metric.source for metric in declaration.metrics} == {"product"}


def test_a_full_declaration_is_read() -> None:
    metric = one(
        "unit: teams",
        "timezone: Europe/Berlin",
        'ready_after: "06:00"',
        "late_days: 3",
        "missing: zero",
        "owner: U0123",
        "audience: C0123",
        "target: 450",
        "alert: {min_change: 10%, min_count: 30, budget_per_week: 1}",
    )
    assert (metric.counted, metric.zone.key, metric.ready_after, metric.late_days) == (
        Unit(word="teams"),
        "Europe/Berlin",
        time(6),
        3,
    )
    assert metric.alert is not None
    assert (metric.missing, metric.target, metric.alert.min_change) == ("zero", 450.0, 0.1)


def test_an_alert_that_nobody_would_be_told_of_is_refused() -> None:
    error = problem_of(file_with("alert: {min_change: 10%}"))
    assert error.field == "metric sign_ups, alert"
    assert "nobody would be told" in error.problem
    for told in ("owner: U0123", "alert: {channel: C0123}"):
        assert one(told, *(["alert: {}"] if "owner" in told else [])).alert


def test_a_reference_is_resolved_from_the_given_mapping() -> None:
    source = load(file_with(), ENV).sources["warehouse"]
    assert source.url.get_secret_value() == ENV["WAREHOUSE_URL"]


def test_a_reference_may_be_quoted_or_part_of_a_value() -> None:
    sources = 'sources:\n  warehouse:\n    type: sql\n    url: "sqlite:///${FOLDER}/facts.db"\n'
    declaration = load(file_with(sources=sources), {"FOLDER": "data"})
    assert declaration.sources["warehouse"].url.get_secret_value() == "sqlite:///data/facts.db"


def test_the_value_of_a_reference_cannot_add_yaml() -> None:
    hostile = 'sqlite:///x.db"}\nmetrics: []'
    source = load(file_with(), {"WAREHOUSE_URL": hostile}).sources["warehouse"]
    assert source.url.get_secret_value() == hostile


def test_an_unset_reference_is_named_with_its_line() -> None:
    error = problem_of(file_with(), {})
    assert error.field == "source warehouse, url"
    assert "(line 2)" in error.problem
    assert "WAREHOUSE_URL is not set" in error.problem
    assert ".env" in error.fix


def test_a_time_of_day_without_quotes_is_still_a_time() -> None:
    assert one("ready_after: 6:30").ready_after == time(6, 30)


def test_money_and_percent_are_units() -> None:
    assert one("currency: EUR", "minor_units: true").counted == Unit(currency="EUR", is_minor=True)
    assert one("percent: true").counted == Unit(is_percent=True)


@pytest.mark.parametrize(
    ("line", "field", "says", "fix"),
    [
        ("goood: up", "metric sign_ups, goood", "no setting “goood”", "Did you mean “good”?"),
        ("good: LEFT OUT", "metric sign_ups, good", "it is missing", "good: up"),
        ("good: sideways", "metric sign_ups, good", "'up' or 'down'", "good: down"),
        ("timezone: Berlin", "metric sign_ups, timezone", "no time zone", "Europe/Berlin"),
        ("currency: EURO", "metric sign_ups, currency", "no currency code", "EUR"),
        ("ready_after: dawn", "metric sign_ups, ready_after", "time", '"06:00"'),
        ("late_days: many", "metric sign_ups, late_days", "whole number", "0 to 60"),
        ("missing: none", "metric sign_ups, missing", "'gap' or 'zero'", "missing: zero"),
        ("owner: '@dana'", "metric sign_ups, owner", "wrong form", "member id"),
        ("audience: '#leads'", "metric sign_ups, audience", "wrong form", "channel id"),
        ("target: .inf", "metric sign_ups, target", "number", "number"),
        ("alert: {min_change: 10}", "metric sign_ups, alert, min_change", "percentage", "10%"),
        ("alert: {above: 5, below: 9}", "metric sign_ups, alert", "every day", "alert: {"),
        ("alert: [1]", "metric sign_ups, alert", "wrong shape", "alert: {"),
        ('label: "  "', "metric sign_ups, label", "it is empty", "label: "),
        ("alert: {min_cont: 1}", "metric sign_ups, alert, min_cont", "no setting", "min_count"),
        ("source: warehose", "metric sign_ups, source", "no source", "“warehouse”"),
        ("source: daybook", "metric sign_ups, source", "without a declaration", "out"),
        ("sql: drop table x", "metric sign_ups, sql", "select or with", "select day"),
        ("sql: select day, value from t", "metric sign_ups, sql", ":since and :until", "select"),
        (f"sql: {SQL} and team = :team", "metric sign_ups, sql", ":team", "select day"),
        ("name: Sign ups", "metric Sign ups, name", "wrong form", "small letters"),
        ("label: ${WAREHOUSE_URL}", "metric sign_ups, label", "${...}", "Only sources"),
    ],
)
def test_a_wrong_setting_is_named_with_its_fix(line: str, field: str, says: str, fix: str) -> None:
    error = problem_of(file_with(line))
    assert error.field == field
    assert says in error.problem
    assert fix in error.fix


def test_a_problem_stands_with_its_line() -> None:
    assert "(line 10)" in problem_of(file_with("late_days: 2", "missing: none")).problem


def test_two_units_exclude_each_other() -> None:
    error = problem_of(file_with("unit: teams", "percent: true"))
    assert "unit and percent exclude each other" in error.problem


def test_a_cast_is_no_placeholder() -> None:
    query = "select day::date as day, value from t where day >= :since and day < :until"
    assert one(f"sql: '{query};'").sql == query


def test_two_metrics_of_one_name_are_refused() -> None:
    block = file_with().split("metrics:\n")[1]
    assert "the name is taken" in problem_of(file_with() + block).problem


def test_an_unknown_source_type_names_the_known_ones() -> None:
    error = problem_of(file_with(sources="sources:\n  warehouse: {type: sqll}\n"))
    assert error.field == "source warehouse, type"
    assert "Did you mean “sql”? Known types: sql, " in error.fix


def test_a_password_may_not_stand_in_the_file() -> None:
    sources = "sources:\n  warehouse: {type: sql, url: 'postgresql://me:hunter2@db/x'}\n"
    error = problem_of(file_with(sources=sources))
    assert "a password stands in the file" in error.problem
    assert "hunter2" not in str(error)


def test_a_malformed_url_is_refused_without_being_shown() -> None:
    error = problem_of(file_with(), {"WAREHOUSE_URL": "hunter2-no-url"})
    assert "not a database URL" in error.problem
    assert "hunter2" not in str(error)


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = file_with("missing: none", "goood: up").replace("type: sql", "type: sheet")
    told = str(problem_of(text))
    assert "3 problems" in told
    assert told.index("type") < told.index("missing") < told.index("goood")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sources: [", "line 1"),
        ("metrics:\n\t- x", "line 2"),
        ("- a", "two parts"),
        ("metrics: []\nmetrics: []", "stands there twice"),
        ("metrics: &all [*all]", "holds itself"),
        ("metrics: \x00", "does not allow"),
        ("metrics: {}", "wrong shape"),
        ("metrics: [text]", "wrong shape"),
        ("sources: {warehouse: text}", "wrong shape"),
        ("sources: {daybook: {type: sql, url: 'sqlite:///x'}}", "Daybook's own source"),
        ("metric: []", "Did you mean “metrics”?"),
    ],
)
def test_a_file_of_the_wrong_shape_says_where(text: str, says: str) -> None:
    assert says.lower() in str(problem_of(text)).lower()


def test_an_empty_file_declares_nothing() -> None:
    declaration = load("", {})
    assert (dict(declaration.sources), declaration.metrics) == ({}, ())


WEB = """
sources:
  product: {type: posthog, host: https://eu.posthog.com, project: 1234, key: ${KEY}}
  sheet:
    type: csv
    allow_hosts: ["*.content.test"]
    url: https://sheets.test/pub?output=csv
  billing:
    type: http
    url: https://billing.test/v1
    headers: {X-Api-Key: ${KEY}}
    slack: members
    queries:
      paid: {path: "stats?since={since}", rows: "$.data[*]", date: $.day, value: $.total}
  ops: {type: prometheus, url: http://ops.test:9090, allow_private: true, token: ${KEY}}
metrics:
  - {name: people, label: People, source: product, event: signed_up, count: people, good: up}
  - {name: sales, label: Sales, source: sheet, date: Date, value: EUR, good: up, currency: EUR}
  - {name: paid, label: Paid, source: billing, query: paid, good: up}
  - {name: errors, label: Errors, source: ops, promql: "sum(increase(errors[1d]))", good: down}
"""
WEB_ENV = {"KEY": "hunter2"}


def test_every_type_of_source_is_declared_with_its_own_settings() -> None:
    declared = load(WEB, WEB_ENV)
    assert [one.type for one in declared.sources.values()] == [
        "posthog", "csv", "http", "prometheus",
    ]  # fmt: skip
    assert [one.asked() for one in declared.metrics] == [
        {"event": "signed_up", "count": "people"},
        {"date": "Date", "value": "EUR"},
        {
            "query": "paid", "path": "stats?since={since}", "rows": "$.data[*]", "date": "$.day",
            "value": "$.total", "combine": "one",
        },
        {"promql": "sum(increase(errors[1d]))"},
    ]  # fmt: skip


def test_no_secret_shows_when_a_declaration_is_printed() -> None:
    assert "hunter2" not in repr(load(WEB, WEB_ENV))


@pytest.mark.parametrize(
    ("old", "new", "field", "says", "fix"),
    [
        ("query: paid", "query: payed", "metric paid, query", "no query “payed”", "“paid”"),
        ("event: signed_up, ", "", "metric people, sql", "missing", "Write: select"),
        ("promql: ", "sql: ", "metric errors, sql", "select or with", "select day"),
        ("date: Date", "path: x", "metric sales, path", "does not take path", "date, value"),
        ("host: https://", "host: http://", "source product", "in the clear", ""),
        ("url: https://billing", "url: ftp://billing", "source billing, url", "https://", ""),
        ("token: ${KEY}", "token: abc", "source ops, token", "a secret stands", "${API_KEY}"),
        ("X-Api-Key: ${KEY}", "X-Api-Key: k", "source billing, headers, X-Api-Key", "secret", ""),
        ('rows: "$.data[*]"', 'rows: "$.["', "source billing, queries, paid, rows", "JSONPath", ""),
        ("slack: members", "slack: all", "source billing, slack", "wrong form", "slack: members"),
        (
            "    url: https://sheets.test/pub?output=csv\n",
            "",
            "source sheet",
            "a file or a url",
            "",
        ),
    ],
)
def test_a_wrong_web_source_is_named_with_its_fix(
    old: str, new: str, field: str, says: str, fix: str
) -> None:
    error = problem_of(WEB.replace(old, new), WEB_ENV)
    assert error.field == field
    assert says in error.problem
    assert fix in error.fix
    assert "hunter2" not in str(error)
