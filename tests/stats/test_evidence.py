import math

import pytest

from bot.stats.evidence import (
    Evidence,
    Good,
    evidence,
    grade,
    is_beyond_noise,
    judge_guardrails,
)


def interval(lo: float, hi: float) -> dict[str, object]:
    return {"status": "ok", "lo": lo, "hi": hi}


TOO_SHORT = {"status": "too_short", "lo": -1.0, "hi": math.inf}


@pytest.mark.parametrize(
    ("lo", "hi", "said"),
    [
        (0.12, 0.30, "beyond_target"),
        (0.02, 0.30, "moved"),
        (-0.02, 0.30, "within_noise"),
        (0.02, 0.08, "below_target"),
        (-0.05, 0.08, "below_target"),
        (-0.30, -0.02, "below_target"),
    ],
)
def test_evidence_places_the_interval_between_no_change_and_the_target(
    lo: float, hi: float, said: Evidence
) -> None:
    assert evidence(interval(lo, hi), 0.10) == said
    assert evidence(interval(-hi, -lo), -0.10, good="down") == said


def test_a_whole_interval_on_the_target_is_not_past_it() -> None:
    assert evidence(interval(0.10, 0.30), 0.10) == "moved"


def test_too_little_history_is_said_before_anything_else() -> None:
    assert evidence(TOO_SHORT, 0.1) == "too_little_history"
    assert not is_beyond_noise(TOO_SHORT)


def test_noise_is_never_beyond_a_target_on_the_wrong_side_of_no_change() -> None:
    assert evidence(interval(-0.01, 0.05), -0.10, good="up") == "within_noise"


@pytest.mark.parametrize(
    ("lo", "hi", "said"),
    [(0.02, 0.3, "moved"), (-0.1, 0.1, "within_noise"), (-0.3, -0.1, "below_target")],
)
def test_a_bet_without_a_number_can_only_move(lo: float, hi: float, said: Evidence) -> None:
    assert evidence(interval(lo, hi), None) == said


def test_below_target_may_or_may_not_be_more_than_noise() -> None:
    inside, outside = interval(-0.05, 0.08), interval(0.02, 0.08)
    assert evidence(inside, 0.1) == evidence(outside, 0.1) == "below_target"
    assert (is_beyond_noise(inside), is_beyond_noise(outside)) == (False, True)


def test_an_experiment_is_an_a_even_when_nothing_moved() -> None:
    assert grade(interval(-0.1, 0.1), "experiment").letter == "A"


def test_a_holdout_is_a_b() -> None:
    assert grade(interval(0.1, 0.2), "holdout").letter == "B"


@pytest.mark.parametrize(("lo", "hi"), [(0.01, 0.2), (-0.2, -0.01)])
def test_before_and_after_clear_of_the_noise_is_a_c(lo: float, hi: float) -> None:
    assert grade(interval(lo, hi)).letter == "C"


def test_before_and_after_inside_the_noise_is_a_d_and_says_so() -> None:
    assert grade(interval(-0.1, 0.2)) == (
        "D",
        "before and after only, inside the noise of launch-free times",
    )


@pytest.mark.parametrize("design", ["experiment", "holdout", "before_after"])
def test_too_little_history_is_a_d_however_it_was_compared(design: str) -> None:
    assert grade(TOO_SHORT, design).letter == "D"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lo", "hi", "good", "harmed"),
    [
        (-0.20, -0.01, "up", True),
        (-0.20, 0.01, "up", False),
        (0.01, 0.20, "up", False),
        (0.01, 0.20, "down", True),
        (-0.01, 0.20, "down", False),
    ],
)
def test_one_guardrail_is_harmed_when_its_interval_is_wholly_bad(
    lo: float, hi: float, good: Good, harmed: bool
) -> None:
    said = judge_guardrails({"refunds": interval(lo, hi)}, {"refunds": good})
    assert said["refunds"].is_harmed is harmed


def test_the_largest_harm_left_open_is_the_bad_end_of_the_interval() -> None:
    said = judge_guardrails(
        {"sales": interval(-0.07, 0.1), "errors": interval(-0.1, 0.04), "best": interval(0.1, 0.2)},
        {"sales": "up", "errors": "down", "best": "up"},
    )
    assert [said[name].largest_harm for name in ("sales", "errors", "best")] == [0.07, 0.04, 0.0]


def test_the_same_interval_counts_for_less_among_many_guardrails() -> None:
    barely = interval(-0.2, -0.001)
    others = {f"metric {n}": interval(-0.1, 0.1) for n in range(5)}
    good: dict[str, Good] = dict.fromkeys([*others, "sales"], "up")
    said = judge_guardrails({**others, "sales": barely}, good)
    assert not said["sales"].is_harmed


def test_a_great_harm_is_seen_among_many_guardrails_and_eases_the_next() -> None:
    great, clear = interval(-0.5, -0.4), interval(-0.2, -0.012)
    said = judge_guardrails({"a": great, "b": clear}, {"a": "up", "b": "up"})
    assert said["a"].is_harmed
    assert said["b"].is_harmed


def test_a_guardrail_that_cannot_be_told_is_neither_harmed_nor_safe() -> None:
    said = judge_guardrails({"new": TOO_SHORT}, {"new": "up"})
    assert said["new"] == (False, math.inf)


def test_a_harm_tested_otherwise_counts_for_less_among_guardrails_too() -> None:
    alone = judge_guardrails({}, {}, chances={"complaints": 0.02})
    assert alone["complaints"].is_harmed
    still = {"sales": interval(-0.1, 0.1)}
    among = judge_guardrails(still, {"sales": "up"}, chances={"complaints": 0.02})
    assert not among["complaints"].is_harmed
    assert judge_guardrails(still, {"sales": "up"}, chances={"complaints": 0.001})[
        "complaints"
    ].is_harmed
