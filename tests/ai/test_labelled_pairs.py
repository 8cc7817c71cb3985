"""How well duplicates are told apart and questions answered, on invented sentences."""

from bot.ai.duplicates import similarity
from bot.ai.embedder import Embedder
from bot.ai.lexical import Lexical
from bot.ai.search import Index
from bot.ai.vectors import Vectors
from tests.ai.labelled_pairs import ASKED, OTHER, SAID, SAME


def average_precision(vectors: Vectors) -> float:
    """The mean, over the true pairs, of how many of those at least as near are true."""
    rows = [(similarity(*pair, vectors), is_same) for is_same, pairs in ((1, SAME), (0, OTHER))
            for pair in pairs]  # fmt: skip
    # Of equally near pairs the wrong one counts first.
    rows.sort(key=lambda row: (-row[0], row[1]))
    found, total = 0, 0.0
    for place, (_, is_same) in enumerate(rows, 1):
        found += is_same
        total += is_same * found / place
    return total / len(SAME)


def reciprocal_rank(vectors: Vectors) -> float:
    """The mean of one over the place of the first right answer among ten."""
    index = Index(vectors)
    for item, text in SAID.items():
        index.add(item, text)
    ranks = []
    for question, answers in ASKED:
        found = index.search(question, 10)
        ranks.append(next((1 / n for n, one in enumerate(found, 1) if one in answers), 0.0))
    return sum(ranks) / len(ranks)


def test_the_same_thing_said_twice_is_told_from_what_only_sounds_like_it(
    embedder: Embedder,
) -> None:
    by_meaning = average_precision(embedder)
    assert by_meaning >= 0.70
    assert by_meaning > average_precision(Lexical()) + 0.2


def test_questions_in_other_words_are_answered_first_or_second(embedder: Embedder) -> None:
    by_meaning = reciprocal_rank(embedder)
    assert by_meaning >= 0.84
    assert by_meaning > reciprocal_rank(Lexical()) + 0.3
