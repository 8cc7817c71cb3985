"""What a metric asks of its source, in words, and what stands behind a number's About."""

import json

import pytest

from bot.digests.cards import render_metric
from bot.metrics.asks import describe_ask
from bot.metrics.queries import MetricView
from bot.metrics.units import Unit


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ({"meaning": "Launches recorded."}, "Launches recorded."),
        ({"sql": "select 1", "query": "one"}, "select 1"),
        ({"event": "signed_up", "count": "people"}, "People with the event “signed_up”, by day."),
        ({"event": "signed_up"}, "Count of the event “signed_up”, by day."),
        ({"promql": "sum(x)"}, "sum(x)"),
        ({"date": "Day", "value": "EUR"}, "One a day: EUR by Day."),
        (
            {"date": "$.d", "value": "$.v", "rows": "$[*]", "combine": "sum"},
            "Added up by day: $.v by $.d in $[*].",
        ),
        ({}, ""),
    ],
)
def test_every_kind_of_ask_can_be_told(definition: dict[str, str], words: str) -> None:
    assert describe_ask(definition) == words


def test_about_shows_definition_source_owner_and_the_link() -> None:
    definition = {"event": "signed_up", "link": "https://dashboards.test/7"}
    metric = MetricView(
        id="m", name="n", label="People <!here>", unit=Unit(), good="up", owner_id="U0DANA",
        timezone="UTC", target=None, source="product", version=2, definition=definition,
        source_channel_id=None, read_through=None, read_at=None, problem="", fix="",
    )  # fmt: skip
    words = json.dumps(render_metric(metric, []), ensure_ascii=False)
    for said in ("signed_up", "product", "<@U0DANA>", "<https://dashboards.test/7|See it"):
        assert said in words
    assert "<!here>" not in words
