import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ai.embedder import Embedder
from bot.ai.lexical import Lexical
from bot.ai.themes import Grouping, Thresholds, medoid, name_theme
from bot.ai.vectors import Floats

EXPORT = [
    "The CSV export stops at 1,000 rows",
    "export to csv is broken for big projects",
    "CSV exports time out on big projects",
    "exporting CSV loses the header row",
]
DARK = ["Please add dark mode", "a dark mode would help at night", "dark mode in the mobile app"]


class Spots:
    """Texts are points, written as numbers: "3 4" is the direction (3, 4)."""

    model_id = "spots"

    def embed(self, texts: list[str]) -> Floats:
        rows = np.array([[float(n) for n in text.split()] for text in texts], dtype=np.float32)
        unit: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def test_texts_about_one_thing_share_a_theme_and_others_do_not() -> None:
    grouping = Grouping(Lexical())
    exports = {grouping.add(text) for text in EXPORT}
    darks = {grouping.add(text) for text in DARK}
    assert len(exports) == 1
    assert len(darks) == 1
    assert exports != darks


def test_the_same_texts_give_the_same_ids_again() -> None:
    first, second = Grouping(Lexical()), Grouping(Lexical())
    texts = [*EXPORT, *DARK, "hello", "👍", ""]
    assert [first.add(t) for t in texts] == [second.add(t) for t in texts]


def test_similar_ranks_the_nearest_theme_first() -> None:
    grouping = Grouping(Lexical())
    export, dark = grouping.add(EXPORT[0]), grouping.add(DARK[0])
    ranked = grouping.similar("the csv export is slow", 2)
    assert [theme for theme, _ in ranked] == [export, dark]
    assert ranked[0][1] > ranked[1][1]


def test_nothing_is_similar_before_the_first_text() -> None:
    assert Grouping(Lexical()).similar("anything") == []


def test_a_restored_grouping_continues_like_the_one_that_was_stored() -> None:
    texts = [*EXPORT, *DARK]
    original = Grouping(Lexical())
    stored = [(original.add(text), Lexical().embed([text])[0]) for text in texts]
    original.consolidate()
    restored = Grouping.restore(stored, vectors=Lexical())
    assert restored.sizes == original.sizes
    for text in ("dark mode please", "csv export is empty", "billing address"):
        assert restored.add(text) == original.add(text)


def test_no_theme_is_named_by_half_a_word_of_a_very_long_text() -> None:
    assert set(name_theme(["Really " * 4_860]).split()) == {"Really"}


def test_an_id_that_was_given_out_is_never_given_again() -> None:
    stored = [(4, Lexical().embed([EXPORT[0]])[0])]
    grouping = Grouping.restore(stored, vectors=Lexical(), next_id=9)
    assert grouping.add(DARK[0]) == 9


def two_close_themes() -> tuple[Grouping, int, int]:
    """A theme of 90 texts and one of 1 close to it, among others far away."""
    items = [(1, spot("1 0 0"))] * 90 + [(2, spot("0.8 0.6 0"))] + [(3, spot("0 0 1"))] * 60
    return Grouping.restore(items, vectors=Spots(), thresholds=Thresholds(0.9, 0.5)), 1, 2


def spot(text: str) -> Floats:
    first: Floats = Spots().embed([text])[0]
    return first


def test_consolidation_lets_the_smaller_of_two_close_themes_join_the_larger() -> None:
    grouping, large, small = two_close_themes()
    assert grouping.consolidate() == {small: large}
    assert grouping.sizes == {1: 91, 3: 60}


def test_a_pinned_theme_never_merges_by_itself() -> None:
    for pinned in (1, 2):
        grouping, *_ = two_close_themes()
        grouping.pin(pinned)
        assert grouping.consolidate() == {}


def test_an_unpinned_theme_may_merge_again() -> None:
    grouping, large, small = two_close_themes()
    grouping.pin(small)
    grouping.unpin(small)
    assert grouping.consolidate() == {small: large}


def test_themes_a_person_keeps_apart_do_not_merge() -> None:
    grouping, large, small = two_close_themes()
    grouping.keep_apart(large, small)
    assert grouping.consolidate() == {}


def test_a_theme_kept_apart_stays_apart_from_what_its_partner_became() -> None:
    grouping, large, small = two_close_themes()
    grouping.keep_apart(3, small)
    grouping.merge(3, into=large)
    assert grouping.consolidate() == {}


def test_a_person_may_merge_even_what_is_pinned() -> None:
    grouping, large, small = two_close_themes()
    grouping.pin(small)
    grouping.merge(small, into=large)
    assert grouping.sizes == {1: 91, 3: 60}


def test_the_pair_asked_about_first_is_the_one_most_likely_the_same() -> None:
    grouping, large, small = two_close_themes()
    [pair] = grouping.pairs_to_ask(1)
    assert (pair.larger, pair.smaller) == (large, small)
    assert pair.link > 0.5


def test_a_pair_kept_apart_is_not_asked_about_again() -> None:
    grouping, large, small = two_close_themes()
    grouping.keep_apart(large, small)
    assert (large, small) not in [(p.larger, p.smaller) for p in grouping.pairs_to_ask(10)]


def test_a_forgotten_text_leaves_its_theme() -> None:
    grouping = Grouping(Lexical())
    theme = grouping.add(EXPORT[0])
    assert grouping.add(EXPORT[1]) == theme
    vector = Lexical().embed([EXPORT[0]])[0]
    assert grouping.forget(theme, vector)
    assert grouping.sizes == {theme: 1}
    assert not grouping.forget(theme, vector)


def test_what_a_person_took_out_of_a_theme_and_what_is_like_it_does_not_join_it_again() -> None:
    grouping, large, _ = two_close_themes()
    grouping.merge(2, into=large)
    astray = spot("0.9 0.4 0")
    grouping.reject(large, astray)
    assert grouping.place(astray) != large
    assert grouping.place(spot("1 0.01 0")) == large


def test_what_was_said_of_a_theme_that_merged_holds_for_the_one_it_joined() -> None:
    grouping, large, small = two_close_themes()
    grouping.reject(small, spot("0.9 0.4 0"))
    grouping.merge(small, into=large)
    assert grouping.place(spot("0.9 0.4 0")) != large


# Said in different words on purpose: nothing but the meaning holds each group together.
MEANT = (
    ("I cannot sign in", "Logging on to my account fails", "the login page rejects my password"),
    ("a night theme would be easier on the eyes", "A dark theme for working at night, please"),
    ("The invoice shows the wrong address", "The address on our bills is incorrect"),
)


def test_texts_that_mean_the_same_in_other_words_share_a_theme(embedder: Embedder) -> None:
    grouping = Grouping(embedder)
    groups = [{grouping.add(text) for text in texts} for texts in MEANT]
    assert all(len(group) == 1 for group in groups)
    assert len(set.union(*groups)) == len(MEANT)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 9)), min_size=1, max_size=130),
    st.sets(st.integers(1, 6)),
)
def test_a_consolidation_moves_few_texts_and_none_that_is_pinned(
    points: list[tuple[int, int]], pinned: set[int]
) -> None:
    grouping = Grouping(Spots(), Thresholds(join=0.95, merge=0.3))
    placed = [grouping.add(f"{x} {y}") for x, y in points]
    for theme in pinned:
        grouping.pin(theme)
    moved = grouping.consolidate()
    assert not pinned & (moved.keys() | set(moved.values()))
    assert sum(theme in moved for theme in placed) <= 0.02 * len(placed)
    now = [moved.get(theme, theme) for theme in placed]
    assert grouping.sizes == {theme: now.count(theme) for theme in set(now)}


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (EXPORT, "CSV export"),
        (DARK, "Dark mode"),
        (["SSO with Okta please", "okta sso is a must", "When will SSO come?"], "Okta SSO"),
        (["can't sign in", "sign in fails", "Sign in page is blank"], "Sign in"),
        ([], ""),
    ],
)
def test_a_theme_is_named_in_the_customers_words(texts: list[str], name: str) -> None:
    spoken = name.casefold()
    assert name_theme(texts).casefold() == spoken
    assert name_theme(texts)[:1] == name[:1]


def test_a_name_prefers_what_other_themes_do_not_say() -> None:
    texts = ["card limit", "the limit of my card", "card has a limit", "my card"]
    others = ["lost card", "new card", "card stolen", "card payment", "card fee"] * 4
    assert "imit" in name_theme(texts, others)


def test_a_name_carries_no_mention_link_or_address() -> None:
    texts = ["<@U123> ana@acme.com https://evil.example/x importer", "<!channel> importer 5551234"]
    assert name_theme(texts) == "Importer"


def test_a_name_fits_a_button() -> None:
    assert len(name_theme(["x" * 300])) <= 60
    assert len(name_theme(["many words " * 40])) <= 60


def test_the_medoid_is_the_text_most_like_the_others() -> None:
    assert medoid(["dark mode", "hello there", "dark mode in the app", "dark app mode"]) != 1


def test_there_is_no_medoid_of_nothing() -> None:
    with pytest.raises(ValueError, match="no texts"):
        medoid([])
