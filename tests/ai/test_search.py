from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ai import search
from bot.ai.embedder import Embedder
from bot.ai.lexical import Lexical
from bot.ai.search import parse_question
from bot.ai.shelf import Shelf


def Index() -> search.Index:  # noqa: N802
    """An index where the model is not installed."""
    return search.Index(Lexical())


@pytest.mark.parametrize(
    "question",
    [
        "What did customers say about dark mode?",
        "what do our users think about dark mode",
        "What have people told us about dark mode?",
        "has anyone asked for dark mode?",
        "Who asked for dark mode",
        "How many customers have asked for dark mode?",
        "any feedback on dark mode?",
        "show me all feedback about dark mode",
        "What's the latest feedback on dark mode?",
        "search for dark mode",
        "why did we decide on dark mode?",
    ],
)
def test_a_frame_around_the_words_is_dropped(question: str) -> None:
    assert parse_question(question).words == "dark mode"


@pytest.mark.parametrize(
    "question",
    ["what customers say in surveys", "people about", "what did Acme say about exports"],
)
def test_words_stay_when_no_frame_matches(question: str) -> None:
    assert parse_question(question).words == question


def test_a_frame_with_nothing_behind_it_stays_as_the_words() -> None:
    assert parse_question("what did customers say about it?").words


def test_filters_are_read_and_taken_out_of_the_words() -> None:
    asked = parse_question('importer kind:bug owner:<@U123|ana> area:"public api" after:2026-01-31')
    assert asked.words == "importer"
    assert asked.filters == {"kind": "bug", "owner": "U123", "area": "public api"}
    assert asked.after == date(2026, 1, 31)
    assert asked.before is None


def test_an_owner_may_be_named_with_an_at_sign() -> None:
    assert parse_question("owner:@ana").filters == {"owner": "ana"}


def test_a_date_that_is_none_stays_among_the_words() -> None:
    assert "after:lunch" in parse_question("errors after:lunch").words


def test_an_unknown_filter_is_only_words() -> None:
    assert parse_question("ratio 3:4 foo:bar").filters == {}


def test_curly_quotes_make_a_phrase() -> None:
    assert parse_question("say “Dark Mode” now").phrases == ("dark mode",)


@given(st.text(max_size=120))
def test_any_question_can_be_read(q: str) -> None:
    parse_question(q)


def filled() -> search.Index:
    index = Index()
    index.add("dark", "Please add dark mode to the mobile app")
    index.add("export", "Exporting to CSV stops at 1,000 rows")
    index.add("mode", "Which mode is the default?")
    index.add("invoice", "The invoice shows the wrong currency")
    return index


def test_the_item_with_most_of_the_words_comes_first() -> None:
    assert filled().search("what did customers say about dark mode?", 3) == ["dark", "mode"]


def test_inflection_does_not_matter() -> None:
    assert filled().search("exports", 3) == ["export"]


def test_a_misspelt_word_finds_its_nearest_spelling() -> None:
    assert filled().search("curency", 3) == ["invoice"]


def test_a_quoted_phrase_must_stand_in_the_text() -> None:
    index = filled()
    assert index.search('"dark mode"', 3) == ["dark"]
    assert index.search('"mode dark"', 3) == []


def test_a_removed_item_is_not_found() -> None:
    index = filled()
    index.remove("dark")
    assert index.search("dark mobile", 3) == []
    assert len(index) == 3


def test_adding_an_item_again_replaces_its_text() -> None:
    index = filled()
    index.add("dark", "Billing address on receipts")
    assert index.search("mobile", 3) == []
    assert index.search("billing", 3) == ["dark"]


def test_nothing_found_is_an_empty_list() -> None:
    assert filled().search("zebra", 3) == []
    assert Index().search("zebra", 3) == []
    assert filled().search("", 3) == []


def test_at_most_k_items_come_back() -> None:
    index = Index()
    for n in range(20):
        index.add(str(n), "the importer is slow")
    assert index.search("importer", 5) == ["0", "1", "2", "3", "4"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=30)), max_size=12))
def test_removing_everything_leaves_nothing_behind(items: list[tuple[str, str]]) -> None:
    index = Index()
    for item, text in items:
        index.add(item, text)
    for item, text in items:
        index.remove(item)
        assert item not in index.search(text, 12)
    assert len(index) == 0
    assert index._words._postings == {}


SAID = {
    "key": "I cannot sign in since my password was reset",
    "night": "a dark theme for the night, please",
    "bill": "The address on our bill is outdated",
    "csv": "Exporting to CSV stops at 1,000 rows",
    "night2": "my eyes hurt in the evening, the screen is too bright",
}


def by_meaning(embedder: Embedder) -> search.Index:
    index = search.Index(embedder)
    for item, text in SAID.items():
        index.add(item, text)
    return index


def test_what_is_meant_is_found_in_other_words(embedder: Embedder) -> None:
    index = by_meaning(embedder)
    assert index.search("what did customers say about logging on?", 1) == ["key"]
    assert index.search("invoice details", 1) == ["bill"]


def test_what_is_near_nothing_finds_nothing(embedder: Embedder) -> None:
    assert by_meaning(embedder).search("which cheese goes with pears?", 5) == []


def test_only_what_the_asker_may_see_is_looked_at(embedder: Embedder) -> None:
    index = by_meaning(embedder)
    assert index.search("dark mode", 5, among={"key", "csv"}) == []
    assert index.search("dark mode", 5, among={"night"}) == ["night"]


def test_the_texts_of_a_theme_about_the_question_are_lifted_together(embedder: Embedder) -> None:
    index = search.Index(embedder)
    for item, text in SAID.items():
        index.add(item, text, theme="night" if item.startswith("night") else item)
    assert set(index.search("dark mode", 2)) == {"night", "night2"}


def test_a_removed_item_is_not_found_by_its_meaning_either(embedder: Embedder) -> None:
    index = by_meaning(embedder)
    index.remove("key")
    assert "key" not in index.search("logging on", 5)
    assert index.search("dark theme", 1) == ["night"]


def test_an_index_over_a_filled_shelf_finds_by_its_vectors_and_themes(embedder: Embedder) -> None:
    shelf = Shelf()
    rows = embedder.embed(list(SAID.values()))
    for item, row in zip(SAID, rows, strict=True):
        shelf.put(item, item, row)
    index = search.Index(embedder, shelf)
    for item, text in SAID.items():
        index.add_words(item, text)
    assert index.search("invoice details", 1) == ["bill"]
    for item in ("night", "night2"):
        shelf.move(item, "night")
    assert set(index.search("dark mode", 2)) == {"night", "night2"}
    assert np.abs(shelf.vector("bill") - rows[list(SAID).index("bill")]).max() < 1e-4
