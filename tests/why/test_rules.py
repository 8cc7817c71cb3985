"""Which story a question is about, and what is missing in it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.bets.records import BetView
from bot.entries.links import Node
from bot.feedback.queries import FeedbackView
from bot.launches.records import LaunchView
from bot.metrics.units import Unit
from bot.why import rules
from bot.why.records import Candidate, LaunchStory, Story
from bot.why.rules import Edge, Gap, chain_of, find_gaps, pick_quotes, rank

AT = datetime(2026, 5, 18, tzinfo=UTC)
TODAY = date(2026, 5, 18)
IMPORTER = Candidate(Node("launch", "l1"), 12, "Guided CSV importer", "Guesses columns")
SSO = Candidate(Node("decision", "d1"), 9, "No single sign-on", "It would take eight weeks")
THEME = Candidate(Node("theme", "t1"), 3, "csv import", "importing fails on decimal commas")
ALL = [THEME, SSO, IMPORTER]


def _best(question: str) -> list[int]:
    return [candidate.number for candidate in rank(question, ALL)]


@pytest.mark.parametrize(
    "question",
    ["importer", "why importer", "why did we build the importer?", "why the guided importer"],
)
def test_a_question_finds_the_launch_that_its_words_name_first(question: str) -> None:
    assert _best(question)[0] == 12


def test_other_endings_of_a_word_are_found() -> None:
    assert _best("imports") == [12, 3]


def test_words_that_stand_only_in_what_was_said_are_found() -> None:
    assert _best("why decimal commas") == [3]


def test_a_misspelt_word_is_read_as_its_nearest_spelling() -> None:
    assert 3 in _best("decimel")


def test_words_that_nobody_wrote_find_nothing() -> None:
    assert _best("quarterly tax forms") == []
    assert _best("why???") == []


def test_a_question_with_more_other_words_than_matching_ones_finds_nothing() -> None:
    assert _best("weeks of holiday left this summer") == []


@pytest.mark.parametrize(
    ("typed", "number"),
    [("#12", 12), ("12", 12), ("#12?", 12), ("#-1", -1), ("launch 12", 12), ("Decision #12", 12)],
)
def test_a_number_is_read_as_one(typed: str, number: int) -> None:
    assert rules.asked_number(typed) == number


@pytest.mark.parametrize("typed", ["12 importers", "importer", "", "#", "9" * 30])
def test_words_are_no_number(typed: str) -> None:
    assert rules.asked_number(typed) is None


T, D, L = Node("theme", "t"), Node("decision", "d"), Node("launch", "l")
OLD, OTHER = Node("decision", "old"), Node("launch", "other")
EDGES = [Edge(T, D), Edge(D, L), Edge(T, L), Edge(OLD, D), Edge(T, OTHER)]
EVERYTHING = {T, D, L, OLD, OTHER}


def test_a_launchs_story_is_what_led_to_it_and_not_its_causes_other_ends() -> None:
    assert set(chain_of(L, EDGES, EVERYTHING)) == {L, D, T, OLD}


def test_a_themes_story_is_all_that_came_of_it() -> None:
    assert set(chain_of(T, EDGES, EVERYTHING)) == {T, D, L, OTHER}


def test_nothing_is_reached_through_what_is_not_seen() -> None:
    edges = [Edge(T, D), Edge(D, L)]
    assert chain_of(T, edges, {T, L}) == [T]


def test_a_circle_of_links_ends() -> None:
    edges = [Edge(D, OLD), Edge(OLD, D)]
    assert set(chain_of(D, edges, {D, OLD})) == {D, OLD}


def _item(number: int, customer: str, importance: int = 2) -> FeedbackView:
    return FeedbackView(
        id=str(number), number=number, text="words", permalink="", source_channel_id="C1",
        message_ts="1.0", author_id="U1", reporter_id="U2", kind="bug", area="",
        importance=importance, said_at=AT, logged_at=AT, customer_id=customer,
        customer_name=customer, theme_id="t", theme_number=1, theme_name="csv",
    )  # fmt: skip


def test_quotes_are_of_different_customers_before_one_speaks_twice() -> None:
    items = [_item(1, "acme"), _item(2, "acme", 3), _item(3, "bolt"), _item(4, "acme")]
    assert [item.number for item in pick_quotes(items)] == [2, 3, 4]


def _launch(**more: object) -> LaunchView:
    view = LaunchView(
        id="l", number=12, title="Guided importer", summary="", owner_id="U1", area="",
        stage="live", source_channel_id="C1", headline_id="h", permalink="", created_by="U1",
        created_at=AT, exposed_at=AT, live_at=AT, ended_at=None,
    )  # fmt: skip
    return replace(view, **more)  # type: ignore[arg-type]


def _bet(**more: object) -> BetView:
    view = BetView(
        id="b", subject_kind="launch", subject_id="l", owner_id="U1", kind="by_hand",
        expectation="5 of 8 finish", metric_id=None, metric_version=None, metric_label="",
        unit=Unit(), good="up", baseline=None, baseline_from=None, baseline_to=None, target=None,
        first_day=TODAY, check_date=date(2026, 6, 2), timezone="UTC", guardrails=(),
        confidence=None, smallest_visible=None, state="open", asked=0, changed_at=None,
    )  # fmt: skip
    return replace(view, **more)  # type: ignore[arg-type]


def _gaps(launch: LaunchView) -> list[Gap]:
    story = Story(about=IMPORTER, launches=(LaunchStory(launch),))
    return find_gaps(story, TODAY)


def test_everything_missing_is_named_in_the_order_of_the_loop() -> None:
    kinds = [gap.kind for gap in find_gaps(Story(about=IMPORTER), TODAY)]
    assert kinds == ["no_quotes", "no_decision", "no_launch"]


def test_a_launch_without_a_bet_and_without_anybody_told_has_both_gaps() -> None:
    assert [gap.kind for gap in _gaps(_launch())][2:] == ["no_bet", "nobody_told"]


@pytest.mark.parametrize(
    ("bet", "kind"),
    [
        (_bet(), "verdict_due"),
        (_bet(check_date=date(2026, 5, 1)), "verdict_late"),
        (_bet(first_day=None), "not_live"),
        (_bet(state="measured"), "no_verdict"),
        (_bet(state="unjudged"), "no_verdict"),
    ],
)
def test_a_verdict_that_is_not_there_says_where_it_stands(bet: BetView, kind: str) -> None:
    assert _gaps(_launch(bet=bet))[2].kind == kind


def test_a_bet_on_a_metric_that_is_not_for_this_asker_is_as_if_there_were_none() -> None:
    hidden = _launch(bet=_bet(is_hidden=True, state="judged"))
    assert rules.without_hidden(LaunchStory(hidden, evidence_link="x")) == LaunchStory(_launch())
    assert Gap("no_bet", 12) in _gaps(hidden)


def test_a_planned_launch_has_nobody_to_tell_yet() -> None:
    assert "nobody_told" not in [gap.kind for gap in _gaps(_launch(live_at=None))]
