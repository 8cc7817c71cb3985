"""What users of such bots complain of most, and what holds each complaint off a digest, by its name.

Most of it is held by tests beside what they test; `HELD_BY` names them, and falls when one is gone.
"""

import ast
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from bot.digests.rules import Standing, stand
from bot.digests.views import BetLine, Happening, MetricLine, Post, render_post
from bot.metrics.queries import Correction
from bot.metrics.units import Unit
from bot.slack import limits
from bot.slack.blocks import Message

TESTS = Path(__file__).parent.parent
LAST = date(2026, 5, 14)  # a Thursday
AT = datetime(2026, 5, 15, 7, 0, tzinfo=UTC)

HELD_BY = {
    "It fails silently, or says sent when it was not": [
        "digests/test_posting.py::test_kicked_from_the_channel_the_owner_hears_what_why_and_can_resend",
        "digests/test_posting.py::test_a_broken_metric_is_said_and_stops_no_other",
        "digests/test_home.py::test_a_post_that_did_not_arrive_stands_there_with_a_resend_button",
        "digests/test_posting.py::test_down_past_noon_it_is_skipped_with_the_reason",
        "alerts/test_episodes.py::test_a_metric_that_stopped_coming_is_told_to_its_owner_and_not_taken_for_calm",
        "metrics/test_form.py::test_a_metrics_file_that_breaks_is_told_to_admins_in_the_list_and_their_home",
        "digests/test_posting.py::test_a_metric_whose_name_left_the_file_is_said_to_be_retired_once",
        "engine/test_pauses.py::test_five_failures_in_a_row_pause_and_a_resumed_one_goes_on",
    ],
    "Noise; muted channels": [
        "digests/test_message.py::test_a_calm_day_is_one_calm_sentence",
        "digests/test_posting.py::test_a_quiet_day_is_skipped_when_asked_for_and_remembered_as_skipped",
        "digests/test_uses.py::test_a_snoozed_digest_is_silent_for_a_week_and_can_be_woken",
        "alerts/test_episodes.py::test_a_second_episode_in_a_week_is_over_the_budget",
        "engine/test_budget.py::test_the_seventh_message_of_a_day_waits_for_the_next_morning",
    ],
    "Wrong hour, zone, weekend, holiday": [
        "digests/test_posting.py::test_a_digest_posts_once_at_its_local_time_with_a_picture",
        "digests/test_form.py::test_the_preview_follows_the_schedule_while_it_is_typed",
        "digests/test_rules.py::test_a_weekend_is_compared_with_weekends_and_never_with_working_days",
        "calendars/test_waiting.py::test_a_post_due_on_saturday_comes_on_monday_and_says_so",
        "calendars/test_rules.py::test_a_holiday_is_named",
        "test_clock.py::test_a_time_that_occurs_twice_takes_the_first",
    ],
    "The ritual decays: nobody reads, actions are never followed": [
        "digests/test_uses.py::test_a_digest_that_nobody_used_asks_its_owner_once_and_is_kept",
        "digests/test_uses.py::test_a_word_on_a_post_counts_once_changes_and_can_be_taken_back",
        "digests/test_message.py::test_what_happened_since_stands_below_with_links",
    ],
    "Must leave Slack or connect an account": [
        "digests/test_form.py::test_the_first_digest_is_two_clicks_metrics_and_schedule_are_filled_in",
        "digests/test_posting.py::test_daybooks_own_metrics_need_no_set_up",
        "digests/test_form.py::test_about_tells_what_a_number_means_and_where_it_comes_from",
        "digests/test_questions.py::test_a_question_in_the_thread_is_answered_in_the_thread_and_is_use",
    ],
    "Private channels, renames, ids, scopes": [
        "digests/test_posting.py::test_a_private_metric_never_reaches_another_channel",
        "digests/test_audience.py::test_who_may_not_see_a_metric_hears_of_it_by_no_door",
        "digests/test_form.py::test_the_list_names_no_digest_of_a_private_channel_to_others",
        "digests/test_form.py::test_a_channel_with_outsiders_or_without_the_bot_is_refused_under_its_field",
        "handlers/test_failures.py::test_a_channel_that_changes_is_known_anew_at_once",
        "handlers/test_comings_and_goings.py::test_an_archived_channel_pauses_its_digest_and_offers_it_back",
    ],
    "Double posts from replicas or retries": [
        "digests/test_posting.py::test_a_run_that_is_done_again_after_a_crash_is_told_and_kept_once",
        "digests/test_posting.py::test_an_edit_of_the_time_after_posting_does_not_post_the_same_day_twice",
        "engine/test_workers.py::test_two_workers_run_each_thing_once",
    ],
    "A number or a picture with no meaning": [
        "digests/test_message.py::test_a_metrics_line_stands_alone_with_value_comparison_and_target",
        "digests/test_message.py::test_each_line_says_whether_it_is_unusual_or_as_usual",
        "digests/test_message.py::test_a_day_that_is_still_outside_is_nothing_new_but_never_called_usual",
        "digests/test_message.py::test_old_data_is_dated_so_that_it_never_looks_like_this_mornings",
        "digests/test_chart.py::test_the_alt_text_tells_what_the_picture_shows",
        "digests/test_message.py::test_a_late_day_is_shown_as_late_and_not_as_a_drop",
    ],
    "Modals and commands that die": [
        "digests/test_form.py::test_a_schedule_that_is_not_understood_is_said_under_its_field",
        "handlers/test_dispatch.py::test_a_form_that_slack_does_not_open_is_told_in_plain_words",
        "handlers/test_dispatch.py::test_a_crash_is_one_private_sentence_with_a_number_and_no_traceback",
    ],
    "Naming and shaming": [
        "digests/test_uses.py::test_a_word_on_a_post_counts_once_changes_and_can_be_taken_back",
    ],
}  # fmt: skip


@cache
def _tests_of(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


@pytest.mark.parametrize("complaint", HELD_BY)
def test_each_complaint_has_tests_that_hold_it_off(complaint: str) -> None:
    gone = [
        one for one in HELD_BY[complaint] if one.split("::")[1] not in _tests_of(one.split("::")[0])
    ]
    assert gone == []


def _standing(last: float = 118) -> Standing:
    dates = np.arange(np.datetime64(LAST) - 139, np.datetime64(LAST) + 1)
    values = 118.0 + np.arange(140) % 5
    values[-1] = last
    return stand(dates, values, expected=LAST)


def _line(label: str, last: float = 118, **more: object) -> MetricLine:
    known = {
        "id": label.lower(), "label": label, "good": "up", "owner_id": "U0DANA", "target": 130.0,
        "standing": _standing(last), "unit": Unit("teams"),
    }  # fmt: skip
    return MetricLine(**(known | more))  # type: ignore[arg-type]


def _post(*lines: MetricLine, **more: object) -> Post:
    known = {"number": 12, "name": "Product numbers", "slot": date(2026, 5, 15),
             "zone": "Europe/Berlin", "lines": lines, "as_of": AT}  # fmt: skip
    return Post(**(known | more))  # type: ignore[arg-type]


def _read(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def _full(count: int) -> Post:
    """A digest with all that can stand under each of its metrics."""
    bets = tuple(
        BetLine(f"Launch {n} " + "x" * 60, n, 3, 14, 0.12, "https://a.slack.com/x")
        for n in range(2)
    )
    fixed = (Correction(LAST - timedelta(days=2), 110, 121, AT),)
    lines = [
        _line(f"Metric {n} " + "y" * 50, 71, bets=bets, corrections=fixed) for n in range(count)
    ]
    happened = tuple(
        Happening("Verdict", f"Launch {n} " + "z" * 80, AT, n, "missed. " + "We learnt much. " * 9,
                  "https://a.slack.com/archives/C1/p1")
        for n in range(20)
    )  # fmt: skip
    return _post(*lines, happenings=happened)


def test_noise_a_calm_day_of_twenty_metrics_opens_with_one_sentence() -> None:
    first, *_ = render_post(_post(*(_line(f"Metric {n}") for n in range(20))))
    opening = first.blocks[0]["text"]["text"]
    assert opening == "*A calm Thursday: all 20 metrics stayed in their usual range.*"


def test_noise_twenty_full_metrics_fit_one_message_and_the_rest_its_thread() -> None:
    pieces = render_post(_full(20))
    assert len(pieces) > 1
    for piece in pieces:
        assert len(piece.blocks) < limits.BLOCKS_PER_MESSAGE
        assert len(_read(piece)) < limits.CHARACTERS_PER_MESSAGE
    assert all(f"Metric {n} " in "".join(map(_read, pieces)) for n in range(20))


def test_wrong_zone_every_digest_names_the_zone_of_its_data() -> None:
    [message] = render_post(_post(_line("Sign-ups")))
    assert "Data as of 09:00 Europe/Berlin" in _read(message)


def test_must_leave_slack_each_number_is_explained_by_one_tap_and_nothing_links_out() -> None:
    for message in render_post(_full(4)):
        assert set(re.findall(r"https?://([^/|>\"]+)", _read(message))) <= {"a.slack.com"}
    [message] = render_post(_post(_line("Sign-ups"), _line("Imports")))
    taps = [block["accessory"]["text"]["text"] for block in message.blocks if "accessory" in block]
    assert taps == ["About", "About"]


def test_a_number_with_no_meaning_each_value_stands_beside_what_it_is_compared_with() -> None:
    [message] = render_post(_post(_line("Sign-ups", 71)))
    said = message.blocks[2]["text"]["text"]
    for part in ("71 teams", "on Thu last week", "mean of the last 4 Thu", "*Unusual:*", "Target"):
        assert part.lower() in said.lower()


def test_a_number_with_no_meaning_what_is_told_above_stands_in_a_line_below() -> None:
    first, *_ = render_post(_post(_line("Sign-ups", 71), _line("Imports"), _line("Upgrades")))
    headline, _, told = first.blocks[0]["text"]["text"].partition("\n")
    lines = " ".join(block["text"]["text"] for block in first.blocks[2:] if "text" in block)
    assert set(re.findall(r"\d+", headline)) <= set(re.findall(r"\d+", lines))
    assert told == "No other of the last 14 days was as low. The other 2 were as usual."


def test_a_number_with_no_meaning_what_coincided_is_named_and_never_called_a_cause() -> None:
    launched = Happening("Launched", "New form", datetime(2026, 5, 13, 8, tzinfo=UTC), 41)
    long_ago = replace(launched, text="Old form", at=AT - timedelta(days=9))
    first, *_ = render_post(_post(_line("Sign-ups", 71), happenings=(long_ago, launched)))
    told = first.blocks[0]["text"]["text"]
    assert "New form (#41) was launched in those days" in told
    assert "does not show that one led to the other" in told
    assert "Old form" not in told


def test_naming_and_shaming_a_digest_names_nobody() -> None:
    for message in render_post(_full(20)):
        assert "<@" not in _read(message)
        assert "<@" not in message.text
