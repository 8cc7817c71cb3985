"""The guide ticks itself from what the bot did, and the clock's arithmetic."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.slack.ids import Action, Form
from playground.page.clock import face, tomorrow_morning
from playground.page.guide import STEPS, ticks
from playground.page.moments import day_name
from playground.server.rows import LedgerRow

AT = datetime(2026, 5, 18, tzinfo=UTC)


def row(method: str, channel: str | None = None, **args: Any) -> LedgerRow:
    return LedgerRow(1, AT, AT, method, args, channel, None)


def with_button(action_id: str) -> list[dict[str, Any]]:
    return [{"type": "actions", "elements": [{"type": "button", "action_id": action_id}]}]


FORM = row("views.open", view={"callback_id": Form.LAUNCH_VERDICT.value})
VERDICT = row("chat.postMessage", "C1", text="Verdict on #45: *hit*, says <@U1>.")
DIGEST = with_button(f"{Action.DIGEST_EXPLAIN}:m1")


def test_nothing_is_ticked_at_first() -> None:
    assert ticks([], has_new_memo=False) == (False,) * len(STEPS)


def test_a_memo_ticks_the_first_step() -> None:
    assert ticks([], has_new_memo=True)[0]


def test_a_verdict_needs_its_form_and_then_its_line() -> None:
    assert not ticks([FORM], has_new_memo=False)[3]
    assert not ticks([VERDICT], has_new_memo=False)[3]
    assert ticks([FORM, VERDICT], has_new_memo=False)[3]


def test_a_digest_sent_as_a_test_is_no_morning() -> None:
    assert not ticks([row("chat.postMessage", "D1", blocks=DIGEST)], has_new_memo=False)[2]


@pytest.mark.parametrize(
    ("step", "rows"),
    [
        (2, [row("chat.postMessage", blocks=with_button(f"{Action.LAUNCH_STAGE}:l1"))]),
        (3, [row("chat.postMessage", "C1", blocks=DIGEST)]),
        (4, [FORM, VERDICT]),
        (5, [row("response_url", text="Why #10 Guided CSV importer")]),
        (6, [row("chat.update", blocks=with_button(Action.TOLD_UNDO.value))]),
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
