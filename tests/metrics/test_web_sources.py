"""What each kind of HTTP source and table understands beyond the common contract."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from bot.errors import MetricUnreadable
from bot.metrics.connections import SOURCE_TYPES
from bot.metrics.definition import MetricDefinition
from bot.metrics.sources.known import open_source
from bot.metrics.sources.prometheus import even_stretches
from bot.metrics.sources.protocol import DayValue
from bot.metrics.sources.rows import Window
from tests.metrics import servers
from tests.metrics.servers import SECRET, Shelf, serving

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 8)


def metric(**ask: str) -> MetricDefinition:
    base = {"name": "imports", "label": "Imports", "source": "facts", "good": "up"}
    return MetricDefinition.model_validate(base | ask)


async def read(settings: dict[str, Any], **ask: str) -> list[DayValue]:
    made = SOURCE_TYPES[settings["type"]].model_validate(settings)
    return await open_source(made).read(metric(**ask), SINCE, UNTIL)


async def failure(settings: dict[str, Any], **ask: str) -> MetricUnreadable:
    with pytest.raises(MetricUnreadable) as caught:
        await read(settings, **ask)
    assert caught.value.fix
    return caught.value


# --- CSV


def table(folder: Path, text: str | bytes) -> dict[str, Any]:
    path = folder / "facts.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return {"type": "csv", "file": str(path)}


async def test_a_table_may_use_semicolons_and_a_byte_order_mark(tmp_path: Path) -> None:
    found = await read(table(tmp_path, "\ufeffday;value\n2026-11-02;2\n\n2026-11-01;1.5\n"))
    assert found == [DayValue(date(2026, 11, 1), 1.5), DayValue(date(2026, 11, 2), 2.0)]


async def test_an_empty_cell_is_a_gap(tmp_path: Path) -> None:
    found = await read(table(tmp_path, "day,value\n2026-11-01,\n2026-11-02,2\n"))
    assert [row.day.day for row in found] == [2]


async def test_rows_of_one_day_are_added_up_only_when_asked_for(tmp_path: Path) -> None:
    rows = table(tmp_path, "day,value\n2026-11-01,1\n2026-11-01,2\n")
    assert "two rows for 2026-11-01" in (await failure(rows)).problem
    assert await read(rows, combine="sum") == [DayValue(date(2026, 11, 1), 3.0)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,value\n2026-11-01,1\n", "no column “day”"),
        ("day,value\n01.11.2026,1\n", "no date"),
        ('day,value\n2026-11-01,"1,234"\n', "no number"),
        ("day,value\n2026-11-01,nan\n", "no number"),
        (b"day,value\n2026-11-01,\xff\n", "not UTF-8"),
        ("", "no column"),
    ],
)
async def test_a_wrong_table_is_explained(tmp_path: Path, text: str | bytes, says: str) -> None:
    error = await failure(table(tmp_path, text))
    assert says in error.problem


async def test_a_missing_column_names_those_that_are_there(tmp_path: Path) -> None:
    error = await failure(table(tmp_path, "Day,Teams\n2026-11-01,1\n"), value="sales")
    assert "“Day”, “Teams”" in error.fix


# --- HTTP JSON


async def ask_api(body: Any, **ask: str) -> tuple[list[DayValue], Shelf]:
    async with serving(lambda _shelf, _request: web.json_response(body)) as shelf:
        settings = {"type": "http", "url": f"{shelf.url}/v1", "allow_private": True}
        return await read(settings, **ask), shelf


async def refuse_api(body: Any, **ask: str) -> MetricUnreadable:
    async with serving(lambda _shelf, _request: web.json_response(body)) as shelf:
        return await failure({"type": "http", "url": shelf.url, "allow_private": True}, **ask)


async def test_dates_and_values_may_stand_in_lists_of_their_own() -> None:
    body = {"x": ["2026-11-01", "2026-11-02"], "series": [[1, 2]]}
    found, _ = await ask_api(body, date="$.x[*]", value="$.series[0][*]")
    assert [row.value for row in found] == [1.0, 2.0]


async def test_lists_of_different_length_are_refused() -> None:
    error = await refuse_api({"x": ["2026-11-01"], "y": [1, 2]}, date="$.x[*]", value="$.y[*]")
    assert "1 dates and 2 values" in error.problem


async def test_unix_times_count_for_their_day_in_the_metrics_zone() -> None:
    rows = [{"created": 1793489400, "amount": 5}, {"created": 1793489400000, "amount": 6}]
    ask = {"rows": "$[*]", "date": "$.created", "value": "$.amount", "combine": "sum"}
    found, _ = await ask_api(rows, **ask, timezone="Europe/Berlin")  # 31 Oct 2026 23:30 in UTC
    assert found == [DayValue(date(2026, 11, 1), 11.0)]


async def test_an_instant_in_text_counts_for_its_day_in_the_metrics_zone() -> None:
    rows = [{"day": "2026-11-01T23:30:00Z", "value": 1}]
    ask = {"rows": "$[*]", "date": "$.day", "value": "$.value"}
    found, _ = await ask_api(rows, **ask, timezone="Europe/Berlin")
    assert found == [DayValue(date(2026, 11, 2), 1.0)]


async def test_the_path_may_carry_the_days_that_are_asked_for() -> None:
    path = "stats?from={since}&to={until}&created[gte]={since_unix}"
    ask = {"rows": "$[*]", "date": "$.d", "value": "$.v"}
    _, shelf = await ask_api([], path=path, **ask)
    [request] = shelf.seen
    assert request.path == "/v1/stats"
    assert dict(request.query) == {
        "from": "2026-11-01", "to": "2026-11-08", "created[gte]": "1793491200",
    }  # fmt: skip


async def test_an_answer_with_further_pages_is_refused_and_not_taken_for_all() -> None:
    body = {"data": [{"d": "2026-11-01", "v": 1}], "has_more": True}
    error = await refuse_api(body, rows="$.data[*]", date="$.d", value="$.v")
    assert "further pages" in error.problem


@pytest.mark.parametrize(("key", "says"), [("date", "no date where"), ("value", "no value where")])
async def test_a_path_that_leads_nowhere_says_which(key: str, says: str) -> None:
    ask = {"rows": "$[*]", "date": "$.d", "value": "$.v"} | {key: "$.elsewhere"}
    error = await refuse_api([{"d": "2026-11-01", "v": 1}], **ask)
    assert says in error.problem


# --- PostHog


async def test_a_count_of_events_needs_no_query() -> None:
    async with serving(servers.posthog) as shelf:
        shelf.numbers[date(2026, 11, 2)] = 7
        bodies: list[Any] = []

        async def noted(inner: Shelf, request: web.Request) -> Any:
            bodies.append(json.loads(await request.text()))
            return await servers.posthog(shelf, request)

        async with serving(noted) as outer:
            settings = {
                "type": "posthog", "host": outer.url, "project": "42", "key": SECRET,
                "allow_private": True,
            }  # fmt: skip
            ask = {"event": "it's signed_up", "count": "people", "timezone": "Europe/Berlin"}
            assert await read(settings, **ask) == [DayValue(date(2026, 11, 2), 7.0)]
    query = bodies[0]["query"]
    assert "distinct person_id" in query["query"]
    # What somebody typed is a value, never a part of the query.
    assert "signed_up" not in query["query"]
    assert query["values"]["event"] == "it's signed_up"


async def test_what_posthog_says_of_a_wrong_query_is_passed_on() -> None:
    async with serving(servers.posthog) as shelf:
        settings = {
            "type": "posthog", "host": shelf.url, "project": "42", "key": SECRET,
            "allow_private": True,
        }  # fmt: skip
        sql = "select nonsense as day, 1 as value from events where day >= :since and day < :until"
        error = await failure(settings, sql=sql)
        assert "Unable to resolve field: nonsense" in error.problem


# --- Prometheus


async def test_several_series_are_refused_with_the_fix() -> None:
    series = [{"metric": {"pod": str(n)}, "values": [[1, "1"]]} for n in range(3)]
    body = {"status": "success", "data": {"resultType": "matrix", "result": series}}
    async with serving(lambda _shelf, _request: web.json_response(body)) as shelf:
        settings = {"type": "prometheus", "url": shelf.url, "allow_private": True}
        error = await failure(settings, promql="x")
        assert "3 series" in error.problem
        assert "sum(" in error.fix


@pytest.mark.parametrize(
    "result",
    ["x", None, {}, ["x"], *([{"values": one}] for one in (None, [1], [[1, "x"]], [[1e300, "1"]]))],
)
async def test_junk_from_prometheus_is_told_plainly(result: Any) -> None:
    body = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    async with serving(lambda _shelf, _request: web.json_response(body)) as shelf:
        settings = {"type": "prometheus", "url": shelf.url, "allow_private": True}
        assert "does not answer as Prometheus" in (await failure(settings, promql="x")).problem


@pytest.mark.parametrize("results", [[1], [["2026-11-01"]], [["2026-11-01", 1, 2]], {}])
async def test_rows_from_posthog_that_do_not_fit_are_told_and_not_left_out(results: Any) -> None:
    body = {"columns": ["day", "value"], "results": results}
    async with serving(lambda _shelf, _request: web.json_response(body)) as shelf:
        settings = {"type": "posthog", "host": shelf.url, "project": "42", "key": SECRET,
                    "allow_private": True}  # fmt: skip
        assert "in a form that Daybook" in (await failure(settings, event="x")).problem


async def test_what_prometheus_says_of_a_wrong_query_is_passed_on() -> None:
    async with serving(servers.prometheus) as shelf:
        settings = {"type": "prometheus", "url": shelf.url, "allow_private": True}
        assert "unclosed left parenthesis" in (await failure(settings, promql="sum((x)")).problem


def test_a_day_of_25_hours_begins_a_new_stretch() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    stretches = list(even_stretches(Window(date(2026, 10, 23), date(2026, 10, 28), berlin)))
    local = [[f"{at.astimezone(berlin):%d %H:%M}" for at in pair] for pair in stretches]
    assert local == [["24 00:00", "25 00:00"], ["26 00:00", "28 00:00"]]


def test_an_empty_window_has_no_stretch() -> None:
    assert list(even_stretches(Window(SINCE, SINCE, ZoneInfo("UTC")))) == []
