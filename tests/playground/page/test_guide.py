"""The guide ticks itself from what the bot did, and the clock's arithmetic."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from playground.page.clock import face, tomorrow_morning
from playground.page.guide import STEPS, ticks
from playground.page.moments import day_name
from playground.server.rows import LedgerRow

AT = datetime(2026, 5, 18, tzinfo=UTC)


def row(method: str, **args: Any) -> LedgerRow:
    return LedgerRow(1, AT, AT, method, args, None, None)


def test_nothing_is_ticked_at_first() -> None:
    assert ticks([], has_new_memo=False) == (False,) * len(STEPS)


def test_a_memo_ticks_the_first_step() -> None:
    assert ticks([], has_new_memo=True)[0]


def test_a_launch_needs_its_form_and_then_its_headline() -> None:
    form = row("views.open", view={"callback_id": "launch.form"})
    headline = row("chat.postMessage", text=":rocket: New importer")
    assert not ticks([form], has_new_memo=False)[1]
    assert not ticks([headline], has_new_memo=False)[1]
    assert ticks([form, headline], has_new_memo=False)[1]


@pytest.mark.parametrize(
    ("step", "rows"),
    [
        (3, [row("chat.postMessage", metadata={"event_type": "digest.daily"})]),
        (
            4,
            [
                row("views.open", view={"callback_id": "launch.verdict"}),
                row("chat.update", text="Verdict: hit"),
            ],
        ),
        (5, [row("response_url", text="*Why* importer: why ...")]),
        (6, [row("chat.update", text="Told on 18 May")]),
    ],
)
def test_each_step_is_ticked_by_its_own_traces(step: int, rows: list[LedgerRow]) -> None:
    found = ticks(rows, has_new_memo=False)
    assert [n for n, is_done in enumerate(found, 1) if is_done] == [step]


def test_tomorrow_morning_is_nine_on_the_persons_wall() -> None:
    evening = datetime(2026, 5, 18, 23, 30, tzinfo=UTC)  # already the 19th in Berlin
    assert tomorrow_morning(evening, ZoneInfo("Europe/Berlin")) == datetime(
        2026, 5, 20, 7, tzinfo=UTC
    )
    assert tomorrow_morning(evening, ZoneInfo("UTC")) == datetime(2026, 5, 19, 9, tzinfo=UTC)


def test_the_drawn_clock_shows_the_hour() -> None:
    shown = face(datetime(2026, 5, 18, 15, 30, tzinfo=UTC))
    assert (shown.hour_hand, shown.minute_hand, shown.is_day) == (105, 180, True)


def test_days_are_named_from_today() -> None:
    today = datetime(2026, 5, 18, tzinfo=UTC).date()
    assert day_name(today, today) == "Today"
    assert day_name(today.replace(day=17), today) == "Yesterday"
    assert day_name(today.replace(day=11), today) == "Monday, 11 May"
    assert day_name(today.replace(year=2025), today) == "Sunday, 18 May 2025"
