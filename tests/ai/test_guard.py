import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ai.claims import DOWN_WORDS, NUMBER_WORDS, UP_WORDS
from bot.ai.guard import Fact, check_narration, fill, narrate

FACTS = {
    "signups": Fact(412, "count", "412", direction="up", good="up", label="sign-ups"),
    "signups_before": Fact(380, "count", "380", label="sign-ups"),
    "errors": Fact(1.3, "percent", "1.3%", direction="down", good="down", label="error rate"),
    "latency": Fact(240, "ms", "240 ms", direction="up", good="down", label="latency"),
    "visits": Fact(9100, "count", "9,100", direction="flat", good="up", label="visits"),
}


@pytest.mark.parametrize(
    "text",
    [
        "Sign-ups rose to {signups} from {signups_before}.",
        "Sign-ups were {signups}, up from {signups_before}, while the error rate fell to {errors}.",
        "The error rate improved to {errors}. Visits held steady at {visits}.",
        "Latency got worse: {latency}.",
        "Sign-ups were 412.",
        "A calm day: visits at {visits}.",
    ],
)
def test_what_the_facts_support_may_be_said(text: str) -> None:
    assert check_narration(text, FACTS) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Sign-ups were 413.", "number"),
        ("Sign-ups were 412%.", "number"),
        ("Sign-ups were -412.", "number"),
        ("Sign-ups were 412k.", "number"),
        ("Sign-ups were 412,5.", "number"),
        ("Sign-ups were $412.", "number"),
        ("Sign-ups were {signups} thousand.", "number"),
        ("Sign-ups doubled to {signups}.", "number"),
        ("Half of the sign-ups, {signups}.", "number"),
        ("A third came back.", "number"),
        ("Sign-ups tripled.", "number"),
        ("Dozens of sign-ups.", "number"),
        ("A twenty-five point gain.", "number"),
        ("A tenfold rise.", "number"),
        ("Most of them stayed.", "number"),
        ("Sign-ups: ½ of usual.", "number"),
        ("Sign-ups: ٤١٢.", "number"),
        ("Sign-ups: Ⅳ.", "number"),
        ("Sign-ups fell to {signups}.", "direction"),
        ("The error rate rose to {errors}.", "direction"),
        ("Latency improved to {latency}.", "direction"),
        ("Visits grew to {visits}.", "direction"),
        ("Sign-ups did not rise: {signups}.", "direction"),
        ("Sign-ups rose to {signups} and {errors}.", "direction"),
        ("Sign-ups fell.", "direction"),
        ("Everything is trending-down.", "direction"),
        ("Up, as hoped.", "direction"),
        ("Sign-ups rose to {signups} because of the importer.", "cause"),
        ("A significant day for sign-ups.", "cause"),
        ("Sign-ups were {orders}.", "placeholder"),
        ("Sign-ups were 1{signups}.", "placeholder"),
        ("Sign-ups were {signups}0.", "placeholder"),
        ("Sign-ups were {signups}%.", "placeholder"),
        ("Sign-ups were -{signups}.", "placeholder"),
        ("Sign-ups were {signups},{signups_before}.", "placeholder"),
        ("Sign-ups were {signups.value}.", "placeholder"),
        ("Sign-ups were {errors}.", "placeholder"),
        ("Error rate {signups}, sign-ups {errors}.", "placeholder"),
        ("Sign-ups do\u200bubled.", "text"),
        ("Sign-ups d\u043eubled.", "text"),
        ("Sign-ups: <!channel> look", "text"),
        ("Sign-ups: see https://evil.example", "text"),
        ("Sign-ups: see evil.com", "text"),
        ("", "text"),
        ("calm " * 400, "text"),
    ],
)
def test_what_the_facts_do_not_support_is_refused(text: str, kind: str) -> None:
    assert kind in {problem.kind for problem in check_narration(text, FACTS)}


def test_a_direction_without_any_compared_fact_is_refused() -> None:
    facts = {"signups": Fact(412, "count", "412")}
    assert check_narration("A rise to {signups}.", facts)


def test_placeholders_are_filled_with_what_the_facts_show() -> None:
    assert fill("From {signups_before} to {signups}.", FACTS) == "From 380 to 412."


def test_filling_reads_no_attributes_and_leaves_other_braces() -> None:
    text = "{signups.__class__} {0} {unknown}"
    assert fill(text, FACTS) == text


def test_the_fallback_speaks_when_anything_is_wrong() -> None:
    assert narrate("Sign-ups fell to {signups}.", FACTS, "Sign-ups: 412.") == "Sign-ups: 412."
    assert narrate("Sign-ups rose to {signups}.", FACTS, "calm") == "Sign-ups rose to 412."


CALM = st.lists(
    st.sampled_from(
        [
            "the",
            "team",
            "saw",
            "sign-ups",
            "at",
            "{signups}",
            "today,",
            "Visits",
            "{visits}",
            "calm.",
        ]
    ),
    min_size=1,
    max_size=12,
)
SHOWN = {"412", "380", "9,100", "240", "1.3%"}
BAD_NUMBERS = st.one_of(
    st.integers(-(10**9), 10**9).map(str),
    st.integers(1000, 10**9).map("{:,}".format),
    st.floats(0, 1e6, allow_nan=False).map("{:.2f}".format),
    st.integers(0, 100).map("{}%".format),
    st.sampled_from(sorted(NUMBER_WORDS)).map(str.upper),
    st.characters(whitelist_categories=["Nd", "Nl", "No"]),
).filter(lambda number: number not in SHOWN)


@settings(max_examples=500)
@given(CALM, BAD_NUMBERS, st.integers(0, 12))
def test_no_foreign_number_passes_wherever_it_stands(words: list[str], bad: str, at: int) -> None:
    text = " ".join([*words[:at], bad, *words[at:]])
    assert check_narration(text, FACTS)


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(UP_WORDS | DOWN_WORDS)),
    st.sampled_from(["up", "down", "flat"]),
    st.sampled_from(["Sign-ups {} to {{x}}.", "{}: {{x}}", "With {{x}} sign-ups, a day {}."]),
)
def test_a_direction_passes_only_if_the_fact_moved_that_way(
    word: str, moved: str, sentence: str
) -> None:
    facts = {"x": Fact(412, "count", "412", direction=moved)}  # type: ignore[arg-type]
    meant = {"up"} if word in UP_WORDS else {"down"}
    passed = not check_narration(sentence.format(word), facts)
    assert not passed or moved in meant


TOKENS = st.lists(
    st.one_of(
        st.sampled_from(sorted(f"{{{name}}}" for name in FACTS)),
        st.sampled_from(["sign-ups", "visits", "latency", "error rate", "were", "at", "to", "."]),
        st.sampled_from(["rose", "fell", "doubled", "half", "and", "while", ",", "not", "%", "-"]),
        st.integers(0, 500).map(str),
        st.text(max_size=4),
    ),
    max_size=14,
)


@settings(max_examples=500)
@given(TOKENS, st.sampled_from([" ", ""]))
def test_every_number_of_a_fuzzed_narration_is_one_the_facts_show(
    tokens: list[str], glue: str
) -> None:
    text = glue.join(tokens)
    said = narrate(text, FACTS, "")
    numbers = {run.rstrip(".,") for run in re.findall(r"\d[\d.,]*", said)}
    assert numbers <= {"412", "380", "1.3", "240", "9,100"}
    assert not re.search("doubled|half", said)
