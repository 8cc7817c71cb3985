"""Texts as vectors of their words and letters: no model, no download, the same answer every time.

Word stems and the letter trigrams and 4-grams inside words are hashed into a fixed number of signed
dimensions (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"), with
1 + ln(tf) for repeats and a fixed low weight for words that every text uses.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np

from bot.ai.vectors import Floats
from bot.ai.wording import normalised, words

# 1,024: 40 MB for 10,000 texts; 2,048 grouped no better.
DIMENSIONS = 1024
LEXICAL_PREFIX = "words-"
# What letters weigh beside whole stems: enough for typos and compounds, too little for chance.
LETTERS_SHARE = 0.6
# A function word says little, yet "how to" and "not" are not nothing.
COMMON_SHARE = 0.15

# Split from one string: two hundred quoted words would hide the list.
COMMON = frozenset(
    """a about above after again all also am an and any are as at be because been before being below
    between both but by can cannot can't could couldn't did didn't do does doesn't doing don't down
    during each either else even ever every few for from further get gets getting give go going got
    had has hasn't have haven't having he hello help her here hers hey hi him his how i i'd i'll i'm
    i've if in into is isn't it it's its itself just know let like look made make makes may maybe me
    might more most much must my need needs no nor not now of off ok on once one only or other our
    ours out over own people please put quite really said same say says see she should so some
    someone something still such sure take tell than thank thanks that that's the their them then
    there there's these they thing things think this those though through time to too try trying
    under until up us use used user users using very want wants was wasn't way we we'd we'll we're
    we've were what what's when where which while who why will with without won't would you you'd
    you'll you're you've your yours""".split()  # noqa: SIM905
)

_ENDINGS = ("ations", "ation", "ments", "ment", "ness", "ings", "ing", "edly", "ies", "ied", "ers")
_SHORT_ENDINGS = ("er", "ed", "es", "ly", "s", "e", "y")
_STEM_AT_LEAST = 3


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """`word` without its inflection, so that exports, exported and exporting meet.

    A light suffix stripper: coarser than Porter's, and never shorter than three letters.
    """
    root = word.removesuffix("'s").replace("'", "")
    for endings in (_ENDINGS, _SHORT_ENDINGS):
        for ending in endings:
            if root.endswith(ending) and len(root) - len(ending) >= _STEM_AT_LEAST:
                root = root[: -len(ending)]
                break
    if len(root) > _STEM_AT_LEAST and root[-1] == root[-2] and root[-1] not in "ls":
        root = root[:-1]
    return root


def stems(text: str, *, common: bool = False) -> list[str]:
    """The stems of the words of `text` in order; words that every text uses only if `common`."""
    return [stem(word) for word in words(text) if common or word not in COMMON]


class Lexical:
    """Vectors of unit length from words and letters; a text of marks alone is like itself,
    an empty one is all zeros."""

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self.dimensions = dimensions
        self.model_id = f"{LEXICAL_PREFIX}{dimensions}"

    def embed(self, texts: Sequence[str]) -> Floats:
        """Array (len(texts), dimensions) of float32."""
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            weights = _weights(text)
            if weights:
                marks = np.fromiter(weights, dtype=np.int64, count=len(weights))
                worth = np.fromiter(weights.values(), dtype=np.float64, count=len(weights))
                signed = np.where(marks & 1, worth, -worth)
                row[:] = np.bincount((marks >> 1) % self.dimensions, signed, self.dimensions)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def _weights(text: str) -> dict[int, float]:
    """Return what each feature of a text weighs, by the feature's checksum."""
    found = words(text)
    weights: dict[int, float] = {}
    if not found and (marks := normalised(text)):
        weights[crc32(f"m:{marks}".encode())] = 1.0
    for word, times in Counter(found).items():
        repeats = 1.0 + math.log(times)
        for feature, weight in _features(word):
            worth = repeats * weight
            known = weights.get(feature)
            weights[feature] = worth if known is None else math.hypot(known, worth)
    return weights


# Texts of one product use the same words again and again: 10,000 of them know a few thousand.
@lru_cache(maxsize=20_000)
def _features(word: str) -> tuple[tuple[int, float], ...]:
    """Return the checksums of a word's stem and letters, with what they weigh in a text."""
    share = COMMON_SHARE if word in COMMON else 1.0
    found = [(crc32(f"w:{stem(word)}".encode()), share)]
    grams = list(_letters(word)) if share == 1.0 else []
    weight = share * LETTERS_SHARE / math.sqrt(len(grams) or 1)
    return (*found, *((crc32(f"g:{gram}".encode()), weight) for gram in grams))


def _letters(word: str) -> Iterator[str]:
    fenced = f"<{word}>"
    for size in (3, 4):
        for start in range(len(fenced) - size + 1):
            yield fenced[start : start + size]
