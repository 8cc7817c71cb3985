"""Full text in memory: BM25 over word stems, with near spellings for words nobody wrote."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import pairwise

from bot.ai.lexical import stems
from bot.ai.wording import normalised

# Okapi BM25 (Robertson and Zaragoza 2009): saturation of repeats, and how much length counts.
SATURATION, LENGTH_SHARE = 1.2, 0.75
# A word nobody wrote is read as its nearest spelling in the index, at this discount.
MISSPELT_WORTH, MISSPELT_CUTOFF = 0.6, 0.8
# Shorter words have too many neighbours to guess at.
MISSPELT_FROM_LETTERS = 5
# Words of the question that stand next to each other in a text, too: this much more each.
TOGETHER_WORTH = 0.35


class FullText:
    """Texts by their words. Not thread-safe."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._lengths: dict[str, int] = {}
        self._total_length = 0
        self._postings: dict[str, dict[str, int]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, item: str, text: str) -> None:
        """Add or replace the text of `item`."""
        self.remove(item)
        found = stems(text, common=True)
        self._texts[item] = f" {normalised(text)} "
        self._lengths[item] = len(found)
        self._total_length += len(found)
        for term, times in Counter((*found, *_pairs(found))).items():
            self._postings[term][item] = times

    def remove(self, item: str) -> None:
        """Take `item` out; nothing happens when it is not there."""
        text = self._texts.pop(item, None)
        if text is None:
            return
        self._total_length -= self._lengths.pop(item)
        found = stems(text, common=True)
        for term in {*found, *_pairs(found)}:
            self._postings[term].pop(item, None)
            if not self._postings[term]:
                del self._postings[term]

    def search(self, words: str, phrases: tuple[str, ...] = (), k: int = 10) -> list[str]:
        """Up to `k` items that hold any of the words and every phrase, best first.

        Equal scores keep the order in which the items were added.
        """
        scores = self.scores(words)
        held = [item for item in scores if self.holds(item, phrases)]
        place = {item: i for i, item in enumerate(self._texts)} if held else {}
        return sorted(held, key=lambda item: (-scores[item], place[item]))[:k]

    def holds(self, item: str, phrases: tuple[str, ...]) -> bool:
        """Tell whether every phrase stands in the text of `item`."""
        return all(f" {phrase} " in self._texts[item] for phrase in phrases)

    def scores(self, words: str) -> dict[str, float]:
        """Items that hold any of the words, with their BM25."""
        told = stems(words) or stems(words, common=True)
        scores: dict[str, float] = defaultdict(float)
        for term, worth in self._terms(told):
            for item, score in self._bm25(term):
                scores[item] += worth * score
        return scores

    def _terms(self, told: list[str]) -> Iterable[tuple[str, float]]:
        for term in dict.fromkeys(told):
            if term in self._postings:
                yield term, 1.0
            elif len(term) >= MISSPELT_FROM_LETTERS:
                for near in get_close_matches(term, self._single_words(), 2, MISSPELT_CUTOFF):
                    yield near, MISSPELT_WORTH
        for pair in dict.fromkeys(_pairs(told)):
            yield pair, TOGETHER_WORTH

    def _single_words(self) -> list[str]:
        return [term for term in self._postings if " " not in term]

    def _bm25(self, term: str) -> Iterable[tuple[str, float]]:
        postings = self._postings.get(term, {})
        count = len(self._texts)
        rarity = math.log1p((count - len(postings) + 0.5) / (len(postings) + 0.5))
        average = self._total_length / count if count else 1.0
        for item, times in postings.items():
            length = 1.0 - LENGTH_SHARE + LENGTH_SHARE * self._lengths[item] / average
            yield item, rarity * times * (SATURATION + 1) / (times + SATURATION * length)


def _pairs(found: list[str]) -> list[str]:
    return [f"{one} {other}" for one, other in pairwise(found)]
