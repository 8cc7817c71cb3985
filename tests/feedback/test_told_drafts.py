"""The sentences that a customer is told."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.bets.records import BetView, EvidenceView, VerdictView
from bot.feedback.told_drafts import DRAFT_LIMIT, draft
from bot.feedback.told_records import Telling
from bot.feedback.told_views import render_home_due
from bot.launches.records import LaunchView
from bot.metrics.units import Unit
from tests.feedback.telling import words_of

NOW = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)
ASKED = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
LAUNCH = LaunchView(
    id="l",
    number=412,
    title="CSV export",
    summary="",
    owner_id="U1",
    area="",
    stage="live",
    source_channel_id="C1",
    headline_id="",
    permalink="",
    created_by="U1",
    created_at=NOW,
    exposed_at=NOW,
    live_at=NOW,
    ended_at=None,
)
BET = BetView(
    id="b",
    subject_kind="launch",
    subject_id="l",
    owner_id="U1",
    kind="move_metric",
    expectation="",
    metric_id="m",
    metric_version=1,
    metric_label="Revenue",
    unit=Unit(),
    good="up",
    baseline=100.0,
    baseline_from=None,
    baseline_to=None,
    target=120.0,
    first_day=None,
    check_date=date(2026, 5, 18),
    timezone="UTC",
    guardrails=(),
    confidence=None,
    smallest_visible=None,
    state="judged",
    asked=1,
    changed_at=None,
)
EVIDENCE = EvidenceView(
    id="e",
    kind="moved",
    is_reached=True,
    value=123.0,
    target=120.0,
    effect=0.1,
    lo=0.02,
    hi=0.2,
    expected=100.0,
    smallest_visible=None,
    grade="C",
    grade_reason="",
    method="",
    problem="",
    window_from=None,
    window_to=None,
    data_as_of=None,
    metric_version=1,
    guardrails=(),
    facts={},
    message_id=None,
    at=NOW,
)


def _judged(
    verdict: str, *, reached: bool | None, lo: float, hi: float, good: str = "up", step: str = ""
) -> str:
    said = VerdictView(verdict, "", step, is_against_evidence=False, reason="", by="U1", at=NOW)
    launch = replace(
        LAUNCH,
        bet=replace(BET, good=good),
        evidence=replace(EVIDENCE, is_reached=reached, lo=lo, hi=hi),
        verdict=said,
    )
    return draft("verdict", launch, "please, a CSV export", ASKED, NOW)


def test_shipped_is_said_with_the_day_the_words_and_what_it_is() -> None:
    launch = replace(LAUNCH, summary="All orders of a month in one file")
    said = draft("shipped", launch, "please,\n a CSV  export", ASKED, NOW)
    assert said == (
        "Hi, on 3 March you wrote to us: “please, a CSV export”. It is there now: CSV export. "
        "All orders of a month in one file. Does it do what you needed? If not, tell me and I "
        "will pass it on."
    )


def test_words_of_another_year_are_dated_with_it() -> None:
    said = draft("shipped", LAUNCH, "export!", ASKED.replace(year=2025), NOW)
    assert said.startswith("Hi, on 3 March 2025 you wrote to us: “export!” It is there now")


@pytest.mark.parametrize(
    ("reached", "lo", "hi", "good", "answer"),
    [
        (True, 0.02, 0.2, "up", "It reached what we were aiming for, by more than the usual ups"),
        (True, -0.1, 0.2, "up", "It reached what we were aiming for, but the change cannot be"),
        (False, -0.1, 0.1, "up", "It has not reached what we were aiming for, and the change can"),
        (False, 0.02, 0.1, "up", "not as far as we hoped"),
        (False, -0.2, -0.1, "up", "it moved the other way, by more than the usual ups and downs"),
        (False, -0.2, -0.1, "down", "it did get better by more than the usual ups and downs"),
    ],
)
def test_the_two_answers_are_said_plainly(
    reached: bool, lo: float, hi: float, good: str, answer: str
) -> None:
    assert answer in _judged("inconclusive", reached=reached, lo=lo, hi=hi, good=good)


@pytest.mark.parametrize(
    ("step", "said"),
    [("fix", "working on it again"), ("remove", "take it out again"), ("keep", "keep it as it is")],
)
def test_a_miss_says_what_happens_with_it(step: str, said: str) -> None:
    assert said in _judged("missed", reached=False, lo=-0.1, hi=0.1, step=step)


def test_no_figure_and_no_metric_of_ours_stands_in_a_draft() -> None:
    said = _judged("missed", reached=False, lo=-0.1, hi=0.1, step="fix")
    assert "Revenue" not in said
    assert not any(c.isdigit() for c in said.replace("3 March", ""))


def test_a_bet_that_its_reader_may_not_see_is_told_by_its_verdict_alone() -> None:
    said = VerdictView("hit", "", "", is_against_evidence=False, reason="", by="U1", at=NOW)
    launch = replace(LAUNCH, bet=replace(BET, is_hidden=True), evidence=EVIDENCE, verdict=said)
    assert "It did what we hoped for." in draft("verdict", launch, "export", ASKED, NOW)


def test_a_draft_keeps_to_what_its_form_takes() -> None:
    launch = replace(LAUNCH, title="x" * 400, summary="y " * 4_000)
    assert len(draft("shipped", launch, "z " * 10_000, ASKED, NOW)) <= DRAFT_LIMIT


def test_drafts_that_the_home_has_no_room_for_are_named() -> None:
    tellings = [Telling(replace(LAUNCH, number=n), "shipped", ()) for n in range(1, 8)]
    *_, last = render_home_due(tellings, shown=2)
    said = words_of([last])
    assert said.startswith("Drafts wait about *#3 CSV export*, *#4 CSV export*, *#5 CSV export*")
    assert "2 more, too" in said
    assert "Drafts wait" not in words_of(render_home_due(tellings, shown=7))
