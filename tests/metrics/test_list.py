"""What ``/daybook metrics`` and a first read say of a metric's newest day. Pure."""

import json
from datetime import UTC, date, datetime

from bot.metrics.queries import MetricView
from bot.metrics.units import Unit
from bot.metrics.views import render_first_read, render_metric_list
from bot.slack.blocks import Message

SUNDAY, FRIDAY = date(2026, 5, 17), date(2026, 5, 15)
AT = datetime(2026, 5, 18, 7, tzinfo=UTC)


def _metric(id_: str = "m", label: str = "Sign-ups") -> MetricView:
    return MetricView(
        id=id_, name=id_, label=label, unit=Unit("teams"), good="up", owner_id="",
        timezone="Europe/Berlin", target=None, source="product", version=1, definition={},
        source_channel_id=None, read_through=SUNDAY, read_at=AT, problem="", fix="",
    )  # fmt: skip


def _words(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def test_the_last_figure_is_shown_though_the_last_day_is_missing() -> None:
    shown = _words(render_metric_list([_metric()], frozenset(), {"m": (FRIDAY, 61.0)}))
    assert "61 teams on Fri 15 May; nothing newer yet" in shown
    shown = _words(render_metric_list([_metric()], frozenset(), {"m": (SUNDAY, 61.0)}))
    assert "61 teams on Sun 17 May" in shown
    assert "nothing newer" not in shown


def test_a_read_tells_the_newest_figure_and_that_there_is_none_newer() -> None:
    told = render_first_read(_metric(), (FRIDAY, 61.0), 30).text
    assert told == "Sign-ups on Friday 15 May: 61 teams. Days read: 30. There is nothing newer yet."
    assert "has no day yet" in render_first_read(_metric(), None, 0).text


def test_a_long_list_says_how_to_find_the_others() -> None:
    many = [_metric(f"m{n}") for n in range(23)]
    assert "And 3 more: `/daybook metrics` and a word" in _words(
        render_metric_list(many, frozenset(), {})
    )
    assert "with “<!here” in its name" not in _words(
        render_metric_list([], frozenset(), {}, words="<!here")
    )
    assert "There is no metric with “sale” in its name" in _words(
        render_metric_list([], frozenset(), {}, words="sale")
    )
