"""Slack is asked no faster than it allows, and what it limits waits alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.pacing import CHANNEL, CHANNELS_KEPT, METHODS, POST, Pace, Paces, kept_for_others

NOW = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DIGEST = kept_for_others(5)


def _taken(pace: Pace, method: str, channel: str, times: int, kept: float = 0) -> int:
    return sum(pace.take(method, channel, NOW, kept) is None for _ in range(times))


def test_a_channel_takes_a_short_burst_and_then_one_a_second() -> None:
    pace = Pace()
    assert _taken(pace, POST, "C1", 10) == CHANNEL.burst
    assert pace.take(POST, "C1", NOW) == NOW + SECOND
    assert pace.take(POST, "C1", NOW + SECOND) is None
    assert pace.take(POST, "C1", NOW + SECOND) == NOW + 2 * SECOND


def test_a_full_channel_holds_up_no_other() -> None:
    pace = Pace()
    _taken(pace, POST, "C1", 5)
    assert pace.take(POST, "C2", NOW) is None


def test_a_workspace_has_a_ceiling_over_all_its_channels() -> None:
    pace = Pace()
    taken = sum(pace.take(POST, f"C{n}", NOW) is None for n in range(50))
    assert taken == METHODS[POST].burst


def test_workspaces_do_not_share_a_ceiling() -> None:
    paces = Paces()
    for n in range(50):
        paces.of("w1").take(POST, f"C{n}", NOW)
    assert paces.of("w2").take(POST, "C1", NOW) is None


@pytest.mark.parametrize("method", ["chat.update", "reactions.remove", "chat.postEphemeral"])
def test_a_method_keeps_to_its_tier(method: str) -> None:
    pace, limit = Pace(), METHODS[method]
    assert _taken(pace, method, "C1", 200) == limit.burst
    later = NOW + timedelta(seconds=60)
    again = sum(pace.take(method, "C1", later) is None for _ in range(200))
    assert again == min(limit.burst, round(limit.a_second * 60))


def test_an_unknown_method_is_not_held() -> None:
    assert _taken(Pace(), "views.open", "", 500) == 500


def test_a_digest_leaves_turns_for_answers_to_people() -> None:
    pace = Pace()
    for n in range(50):
        pace.take(POST, f"C{n}", NOW, DIGEST)
    answers = sum(pace.take(POST, f"D{n}", NOW, kept_for_others(1)) is None for n in range(50))
    assert answers == DIGEST


def test_housekeeping_leaves_more_than_a_digest_does() -> None:
    assert kept_for_others(1) < kept_for_others(5) < kept_for_others(9)


def test_those_in_a_line_get_a_turn_each_and_an_answer_goes_past_them() -> None:
    pace = Pace()
    turns = [pace.take(POST, f"C{n}", NOW, DIGEST) for n in range(30)]
    waiting = [at for at in turns if at]
    assert len(set(waiting)) == len(waiting) == 22
    assert waiting == sorted(waiting)
    answer = [pace.take(POST, f"D{n}", NOW) for n in range(3)][-1]
    assert answer is not None
    assert answer < waiting[1]


def test_a_turn_is_never_further_off_than_a_minute() -> None:
    pace = Pace()
    turns = [pace.take(POST, f"C{n}", NOW, DIGEST) for n in range(2_000)]
    assert max(at for at in turns if at) == NOW + timedelta(seconds=60)


def test_a_refused_post_pauses_its_channel_alone() -> None:
    pace = Pace()
    pace.pause(POST, "C1", NOW, 30)
    assert pace.take(POST, "C1", NOW) == NOW + 30 * SECOND
    assert pace.take(POST, "C2", NOW) is None
    assert pace.take("chat.update", "C1", NOW) is None
    assert pace.take(POST, "C1", NOW + 30 * SECOND) is None


def test_a_second_refused_channel_means_the_workspace() -> None:
    pace = Pace()
    pace.pause(POST, "C1", NOW, 30)
    pace.pause(POST, "C2", NOW + SECOND, 30)
    assert pace.take(POST, "C3", NOW + SECOND) == NOW + 31 * SECOND
    assert pace.take("chat.update", "C3", NOW) is None


def test_the_same_channel_refused_twice_is_still_the_channel() -> None:
    pace = Pace()
    pace.pause(POST, "C1", NOW, 1)
    pace.pause(POST, "C1", NOW + SECOND, 1)
    assert pace.take(POST, "C2", NOW + SECOND) is None


def test_a_refused_method_pauses_that_method_in_all_channels() -> None:
    pace = Pace()
    pace.pause("chat.update", "C1", NOW, 30)
    assert pace.take("chat.update", "C2", NOW) == NOW + 30 * SECOND
    assert pace.take(POST, "C1", NOW) is None


def test_what_slack_said_holds_where_no_limits_are_kept() -> None:
    pace = Pace(is_limited=False)
    assert _taken(pace, POST, "C1", 100) == 100
    pace.pause(POST, "C1", NOW, 5)
    assert pace.take(POST, "C1", NOW) == NOW + 5 * SECOND


def test_channels_at_rest_are_forgotten() -> None:
    pace = Pace()
    for n in range(CHANNELS_KEPT + 10):
        pace.take(POST, f"C{n}", NOW + n * SECOND)
    assert len(pace._channels) < 20


@given(st.lists(st.integers(min_value=-2_000, max_value=5_000), min_size=1, max_size=200))
def test_no_minute_sees_more_than_the_burst_and_the_rate(steps: list[int]) -> None:
    pace, at, taken = Pace(), NOW, []
    for milliseconds in steps:
        at += timedelta(milliseconds=milliseconds)
        if pace.take(POST, "C1", at) is None:
            taken.append(max([at, *taken]))
    for first in taken:
        within = sum(first <= other <= first + 60 * SECOND for other in taken)
        assert within <= CHANNEL.burst + 60 * CHANNEL.a_second + 1


@given(st.lists(st.integers(min_value=0, max_value=4), min_size=5, max_size=120))
def test_who_comes_again_at_its_turn_is_served_in_the_end(which: list[int]) -> None:
    pace = Pace()
    waiting = [(NOW, n, f"C{c}") for n, c in enumerate(which)]
    rounds = 0
    while waiting:
        rounds += 1
        assert rounds < 40 * len(which)
        at, n, channel = waiting.pop(0)
        turn = pace.take(POST, channel, at, DIGEST)
        if turn:
            assert turn > at
            waiting = sorted([*waiting, (turn, n, channel)])


def test_a_refusal_heard_of_later_does_not_shorten_what_slack_asked_for() -> None:
    pace = Pace()
    pace.pause("chat.update", "", NOW, 30)
    pace.pause("chat.update", "", NOW, 10)
    assert pace.take("chat.update", "", NOW) == NOW + 30 * SECOND
    pace.pause(POST, "C1", NOW, 30)
    pace.pause(POST, "C1", NOW, 10)
    assert pace.take(POST, "C1", NOW) == NOW + 30 * SECOND
