"""What a check's finding says about the verdict, in words."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from bot.bets.cards import outcome_phrase, render_outcome
from bot.bets.checks import Material, waits_for
from bot.bets.measurement import History, Outlook, Span
from bot.bets.words import (
    complaints_phrase,
    decider_phrase,
    fitting_phrase,
    guardrail_phrase,
    outlook_note,
    result_phrase,
)
from bot.errors import MetricUnreadable
from bot.metrics.queries import MetricView
from bot.metrics.units import Unit
from tests.feedback.test_told_drafts import EVIDENCE
from tests.launches.test_bulletin import BET, LAUNCH

METRIC = MetricView(
    id="m1", name="sign_ups", label="Sign-ups", unit=Unit(), good="up", owner_id="U1",
    timezone="UTC", target=None, source="s", version=1, definition={}, source_channel_id=None,
    read_through=None, read_at=None, problem="", fix="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "is_reached", "said"),
    [
        ("below_target", False, "target not reached; below the target. Missed fits that"),
        ("beyond_target", True, "target reached; beyond the target. Hit fits that"),
        (
            "moved",
            True,
            "target reached; more than usual noise, but by how much stays open. "
            "Hit or Inconclusive fit that",
        ),
    ],
)
def test_the_owner_is_told_which_verdict_the_measurement_says(
    kind: str, is_reached: bool, said: str
) -> None:
    told = fitting_phrase(replace(EVIDENCE, kind=kind, is_reached=is_reached))
    assert told == f"Measured: {said}"


@pytest.mark.parametrize(("checked_on", "said"), [(15, "19"), (8, "24")])
def test_one_bet_has_one_smallest_change_unless_other_days_were_measured(
    checked_on: int, said: str
) -> None:
    bet = replace(
        BET,
        kind="move_metric",
        smallest_visible=0.19,
        first_day=date(2026, 5, 1),
        check_date=date(2026, 5, 15),
    )
    days = {"window_from": date(2026, 5, 1), "window_to": date(2026, 5, checked_on - 1)}
    found = replace(EVIDENCE, kind="within_noise", smallest_visible=0.24, **days)
    assert f"a change of {said}\u202f% or more" in decider_phrase(bet, found)


def test_nothing_is_said_where_nothing_was_measured() -> None:
    assert fitting_phrase(replace(EVIDENCE, kind="by_hand", is_reached=None)) == ""


@pytest.mark.parametrize(
    ("kind", "is_reached", "said"),
    [
        ("below_target", False, "Measured: target not reached; below the target. Grade C."),
        (
            "counted",
            True,
            "Measured: target reached; a count, with nothing to compare it with. Grade C.",
        ),
        ("by_hand", None, "Judged by hand."),
        ("not_measured", None, "Not measured."),
    ],
)
def test_a_check_is_told_in_the_same_words_everywhere(
    kind: str, is_reached: bool | None, said: str
) -> None:
    evidence = replace(EVIDENCE, kind=kind, is_reached=is_reached, grade="C")
    assert result_phrase(evidence) == said
    one = replace(LAUNCH, bet=replace(BET, state="unjudged"), evidence=evidence)
    assert said in str(render_outcome(one))
    phrase = said.removeprefix("Measured: ").partition(". ")[0].rstrip(".").lower()
    assert outcome_phrase(one) == f"Unjudged: {phrase}"


def test_an_outlook_counts_one_day_and_none_as_people_do() -> None:
    outlook = Outlook(visible=0.2, change=0.3, is_decidable=True)
    assert outlook_note(outlook, 1).startswith("In one day this metric can show")
    assert "No whole day can be measured by then" in outlook_note(outlook, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [(9.0, "It is 10 times today's level."), (-1.5, "It is on the other side of zero.")],
)
def test_a_target_that_is_hardly_meant_is_asked_about(change: float, said: str) -> None:
    note = outlook_note(Outlook(visible=0.2, change=change, is_decidable=True), 14)
    assert "Is this the target you mean?" in note
    assert said in note
    assert "can decide" not in note


def test_a_guardrail_is_not_wider_than_a_limit_that_reads_the_same() -> None:
    guard = {"label": "Errors", "harm": 0.1, "largest_harm": 0.1004, "is_harmed": False}
    said = guardrail_phrase(guard)
    assert "your limit" in said
    assert "wider" not in said
    assert "wider" in guardrail_phrase(guard | {"largest_harm": 0.12})


def test_complaints_of_one_day_are_counted_as_people_do() -> None:
    found = {"after": 1, "before": 0, "days": 1, "is_more": False}
    assert "1 in the day after, 0 in as many before" in complaints_phrase(found)


def test_a_check_that_waits_names_the_trouble_of_its_own_metric_only() -> None:
    days = np.arange("2026-05-01", "2026-05-28", dtype="datetime64[D]")
    material = Material(
        METRIC,
        History(days, np.ones(len(days)), date(2026, 5, 27)),
        Span(date(2026, 5, 18), date(2026, 5, 18), date(2026, 5, 31)),
    )
    errors = MetricUnreadable(metric="Errors", problem="Its table is gone.")
    own = MetricUnreadable(metric="Sign-ups", problem="It took too long.")
    waiting = waits_for(material, [errors])
    assert waiting is not None
    assert waiting.problem == "Sign-ups has readings through 27 May, the check needs 31 May."
    waiting = waits_for(material, [errors, own])
    assert waiting is not None
    assert waiting.problem.endswith("31 May. It took too long.")
