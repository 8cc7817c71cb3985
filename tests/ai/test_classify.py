from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ai.classify import Evidence, Kinds, importance, sentiment
from bot.ai.cues import KINDS
from bot.ai.embedder import Embedder
from bot.ai.learned import macro_f1
from bot.ai.lexical import Lexical
from tests.ai.labelled import HELD_OUT, MOODS, TUNING

WORDS = Lexical()


def by_cues(*competitors: str, further: Sequence[Evidence] = ()) -> Kinds:
    """Kinds as they are read where the model is not installed."""
    return Kinds(competitors, further, vectors=WORDS)


def test_kinds_of_sentences_written_before_the_cues_are_read_well() -> None:
    said = by_cues().predict([text for text, _ in HELD_OUT])
    assert macro_f1([kind for _, kind in HELD_OUT], said) >= 0.86


def test_a_margin_of_two_is_nearly_always_right() -> None:
    rows = TUNING + HELD_OUT
    guesses = by_cues().predict_all([text for text, _ in rows])
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
    assert by_cues().predict([text]) == [kind]


def test_praise_beside_a_bug_is_politeness() -> None:
    guess = by_cues().predict_one("Wonderful product, thanks! The export crashes for big projects.")
    assert guess.kind == "bug"


def test_saying_error_nine_times_weighs_less_than_three_times_as_much() -> None:
    once = by_cues().predict_one("error").evidence["bug"]
    nine = by_cues().predict_one("error " * 9).evidence["bug"]
    assert once < nine < 3 * once


def test_a_cue_counts_more_in_the_first_sentence() -> None:
    first = by_cues().predict_one("It crashed. We opened the page.").evidence["bug"]
    later = by_cues().predict_one("We opened the page. It crashed.").evidence["bug"]
    assert first > later


def test_a_name_the_team_gave_makes_a_remark_about_a_competitor() -> None:
    remark = "their cousin uses taskzilla for the same chores"
    assert by_cues().predict_one(remark).kind != "competitor"
    assert by_cues("Taskzilla").predict_one(remark).kind == "competitor"


def test_further_evidence_is_added_to_the_cues() -> None:
    class Insists:
        def weigh(self, texts: Sequence[str]) -> list[dict[str, float]]:
            return [{"question": 50.0} for _ in texts]

    assert by_cues(further=[Insists()]).predict(["It crashed"]) == ["question"]


def test_zero_width_marks_do_not_hide_a_cue() -> None:
    assert by_cues().predict(["It cra\u200bshed again, please f\u200bix"]) == ["bug"]


@given(st.text(max_size=300))
def test_any_text_gets_one_kind_and_a_margin_that_is_not_negative(text: str) -> None:
    guess = by_cues().predict_one(text)
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


def test_meaning_beside_the_cues_reads_more_of_what_was_written_before_both(
    embedder: Embedder,
) -> None:
    texts, kinds = [text for text, _ in HELD_OUT], [kind for _, kind in HELD_OUT]
    with_meaning = macro_f1(kinds, Kinds(vectors=embedder).predict(texts))
    assert with_meaning >= 0.88
    assert with_meaning > macro_f1(kinds, by_cues().predict(texts))


def test_a_mood_is_read_with_the_model_as_without(embedder: Embedder) -> None:
    bugs = [text for text, kind in TUNING + HELD_OUT if kind == "bug"]
    said = Kinds(vectors=embedder).predict(bugs)
    moods = [sentiment(text, kind) for text, kind in zip(bugs, said, strict=True)]
    assert moods.count("positive") <= 0.15 * len(bugs)


def test_what_is_nearly_the_text_that_a_person_labelled_gets_its_kind() -> None:
    kinds = by_cues().fit(["Export of the CSV crashes on Mondays"], ["question"])
    assert kinds.predict(["export of the CSV crashes, on mondays!"]) == ["question"]
    assert kinds.predict(["The login crashes"]) == ["bug"]


def invented(words: Sequence[str], kind: str, count: int) -> list[tuple[str, str]]:
    """Texts with a vocabulary of their own, which says nothing to the rules."""
    return [(f"{words[i % 4]} {words[i // 4 % 4]} zorp{i}", kind) for i in range(count)]


def test_many_labels_teach_what_the_rules_cannot_know() -> None:
    rows = [
        *invented(["glorf", "brix", "quonk", "vash"], "question", 24),
        *invented(["mimsy", "tove", "wabe", "gyre"], "request", 24),
    ]
    kinds = by_cues().fit([text for text, _ in rows], [kind for _, kind in rows])
    assert kinds.predict(["brix vash again", "wabe tove once more"]) == ["question", "request"]


def test_labels_that_agree_with_the_rules_leave_them_in_force() -> None:
    rows = TUNING
    kinds = by_cues().fit([text for text, _ in rows], by_cues().predict([t for t, _ in rows]))
    texts = [text for text, _ in HELD_OUT]
    assert kinds.predict(texts) == by_cues().predict(texts)


def test_a_kind_that_nobody_taught_is_still_found_by_the_rules() -> None:
    rows = [
        *invented(["glorf", "brix", "quonk", "vash"], "question", 24),
        *invented(["mimsy", "tove", "wabe", "gyre"], "request", 24),
    ]
    kinds = by_cues().fit([text for text, _ in rows], [kind for _, kind in rows])
    assert kinds.predict(["It crashes and freezes every single time"]) == ["bug"]
