from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ai.classify import Kinds, importance, sentiment
from bot.ai.cues import KINDS
from tests.ai.labelled import HELD_OUT, MOODS, TUNING


def macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """The mean over the true classes of the harmonic mean of precision and recall."""
    pairs = list(zip(truth, said, strict=True))
    scores = []
    for kind in sorted(set(truth)):
        hits = sum(t == s == kind for t, s in pairs)
        misses = sum((t == kind) != (s == kind) for t, s in pairs)
        scores.append(2 * hits / (2 * hits + misses))
    return sum(scores) / len(scores)


def test_kinds_of_sentences_written_before_the_cues_are_read_well() -> None:
    said = Kinds().predict([text for text, _ in HELD_OUT])
    assert macro_f1([kind for _, kind in HELD_OUT], said) >= 0.86


def test_a_margin_of_two_is_nearly_always_right() -> None:
    rows = TUNING + HELD_OUT
    guesses = Kinds().predict_all([text for text, _ in rows])
    sure = [g.kind == kind for g, (_, kind) in zip(guesses, rows, strict=True) if g.margin >= 2]
    assert len(sure) > len(rows) / 3
    assert sum(sure) / len(sure) > 0.93


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("No problems at all", "praise"),
        ("There are problems again", "bug"),
        ("I can't live without the planner", "praise"),
        ("I can't open the planner", "bug"),
        ("It would be great if the planner opened on Mondays", "request"),
        ("The planner is great", "praise"),
    ],
)
def test_a_negation_is_read_with_its_verb(text: str, kind: str) -> None:
    assert Kinds().predict([text]) == [kind]


def test_praise_beside_a_bug_is_politeness() -> None:
    guess = Kinds().predict_one("Wonderful product, thanks! The export crashes for big projects.")
    assert guess.kind == "bug"


def test_saying_error_nine_times_weighs_less_than_three_times_as_much() -> None:
    once = Kinds().predict_one("error").evidence["bug"]
    nine = Kinds().predict_one("error " * 9).evidence["bug"]
    assert once < nine < 3 * once


def test_a_cue_counts_more_in_the_first_sentence() -> None:
    first = Kinds().predict_one("It crashed. We opened the page.").evidence["bug"]
    later = Kinds().predict_one("We opened the page. It crashed.").evidence["bug"]
    assert first > later


def test_a_name_the_team_gave_makes_a_remark_about_a_competitor() -> None:
    remark = "their cousin uses taskzilla for the same chores"
    assert Kinds().predict_one(remark).kind != "competitor"
    assert Kinds(["Taskzilla"]).predict_one(remark).kind == "competitor"


def test_further_evidence_is_added_to_the_cues() -> None:
    class Insists:
        def weigh(self, texts: Sequence[str]) -> list[dict[str, float]]:
            return [{"question": 50.0} for _ in texts]

    assert Kinds(further=[Insists()]).predict(["It crashed"]) == ["question"]


def test_zero_width_marks_do_not_hide_a_cue() -> None:
    assert Kinds().predict(["It cra\u200bshed again, please f\u200bix"]) == ["bug"]


@given(st.text(max_size=300))
def test_any_text_gets_one_kind_and_a_margin_that_is_not_negative(text: str) -> None:
    guess = Kinds().predict_one(text)
    assert guess.kind in KINDS
    assert guess.margin >= 0


def test_moods_follow_the_kind_and_then_the_words() -> None:
    said = [sentiment(text, kind) for text, kind, _ in MOODS]
    assert macro_f1([mood for *_, mood in MOODS], said) >= 0.85


def test_a_polite_bug_report_is_not_called_positive() -> None:
    bugs = [text for text, kind in TUNING + HELD_OUT if kind == "bug"]
    assert "positive" not in {sentiment(text, "bug") for text in bugs}


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("We are blocked: nobody can log in and our renewal is next week", 3),
        ("This is urgent, production is down", 3),
        ("Tiny cosmetic thing, no rush", 1),
        ("Nice to have: a darker grey. Not urgent.", 1),
        ("Add a filter by owner", 2),
        ("", 2),
    ],
)
def test_importance_follows_what_is_at_stake(text: str, level: int) -> None:
    assert importance(text) == level
