"""A theme's local name and its best example, both in the customers' own words."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from bot.ai.lexical import COMMON, Lexical, stem
from bot.ai.wording import plain

# Fits a Block Kit button's text (75) with room for a number before it.
MAX_NAME_CHARACTERS = 60
LONGEST_PHRASE_WORDS = 4
# A phrase of n telling words is worth n ** this as much as one word said as often.
LENGTH_BONUS = 0.9
# A name should be said by at least this many texts, if there are three texts or more.
SAID_BY_AT_LEAST = 2
LONGEST_ACRONYM = 5

# Words of wishing and moaning: in every theme, the name of none.
# Split from one string: a hundred quoted words would hide the list.
_VAGUE = frozenset(
    """
    ability able add allow also always amazing app awesome bad bug crash day doesn don
    enable error every everything fail fails fast feature find fix good great happen hate
    hello hour issue kindly like lot love make minute missing month need never new nice
    nothing option person please possible problem product program request seem since slow
    somehow stop support team thing time today tool using want week wish work working
    wrong year yesterday
    """.split()  # noqa: SIM905
)
_VAGUE_STEMS = frozenset(stem(word) for word in _VAGUE)
_VAGUE_WORTH = 0.25
_JOINING = frozenset({"of", "to", "for", "in", "on", "the", "a", "an", "and", "by", "from", "with"})
# "top up" and "log in" are one word each to their speakers.
_PARTICLES = frozenset({"up", "down", "out", "off", "back"})
_BEFORE_IN = frozenset({"log", "sign", "check", "opt", "logging", "signing"})
_E_MAIL = re.compile(r"(?<!\S)\S+@\S+")
_CLAUSE_END = re.compile(r"[^\w\s'/&+-]+|\n+|\s-\s")
_SURFACE_WORD = re.compile(r"[^\W_](?:[\w'/&+-]*[^\W_])?")
_LONG_NUMBER = re.compile(r"\d{4,}")

Phrase = tuple[str, ...]


def name_theme(texts: Sequence[str], others: Iterable[str] = ()) -> str:
    """A readable phrase that most of `texts` share and `others` do not, in sentence case.

    Class-based TF-IDF over phrases of up to four words: how many of the texts say it, times how
    telling its words are. Falls back to the opening of the most typical text; "" without words.
    """
    said_by, surfaces = _phrases(texts)
    if not said_by:
        return _sentence_case(_opening(texts))
    background = Counter(word for text in others for word in _stems_of(text))
    floor = SAID_BY_AT_LEAST if len(texts) > SAID_BY_AT_LEAST else 1
    common = {phrase: n for phrase, n in said_by.items() if n >= floor}
    if not common:
        return _sentence_case(_opening(texts))
    best = max(common, key=lambda phrase: (_worth(phrase, common[phrase], background), phrase))
    return _sentence_case(_with_acronyms(_usual(surfaces[best]), texts))


def medoid(texts: Sequence[str]) -> int:
    """The place of the text most like all others; the first of equals. `texts` is not empty."""
    if not texts:
        raise ValueError("no texts")
    vectors = Lexical().embed(texts)
    return int(np.argmax(vectors @ vectors.sum(axis=0)))


def _phrases(texts: Sequence[str]) -> tuple[Counter[Phrase], dict[Phrase, Counter[str]]]:
    said_by: Counter[Phrase] = Counter()
    surfaces: dict[Phrase, Counter[str]] = defaultdict(Counter)
    for text in texts:
        found = dict(_phrases_of(text))
        said_by.update(found.keys())
        for phrase, surface in found.items():
            surfaces[phrase][surface] += 1
    return said_by, surfaces


def _phrases_of(text: str) -> Iterator[tuple[Phrase, str]]:
    """The stems of each phrase, in one order for all ("CSV export", "export to CSV"), as spoken."""
    for clause in _CLAUSE_END.split(_E_MAIL.sub(" . ", plain(text))):
        spoken = _SURFACE_WORD.findall(clause)
        for start, end in _runs(spoken):
            stems = {stem(part) for word in spoken[start:end] for part in _telling_parts(word)}
            particle = spoken[end - 1].casefold()
            yield (
                tuple(sorted(stems | ({particle} if not _is_telling(particle) else set()))),
                " ".join(spoken[start:end]),
            )


def _runs(spoken: Sequence[str]) -> Iterator[tuple[int, int]]:
    for start, first in enumerate(spoken):
        if not _is_telling(first):
            continue
        for end in range(start + 1, min(start + LONGEST_PHRASE_WORDS, len(spoken)) + 1):
            if not _may_stand(spoken[end - 1]):
                if _is_particle(spoken[end - 1], spoken[end - 2]):
                    yield start, end
                break
            if _is_telling(spoken[end - 1]) or _is_particle(spoken[end - 1], spoken[end - 2]):
                yield start, end


def _telling_parts(word: str) -> list[str]:
    return word.casefold().split("-") if _is_telling(word) else []


def _is_particle(word: str, before: str) -> bool:
    verb = before.casefold()
    return (word.casefold() in _PARTICLES and _is_telling(verb)) or (
        word.casefold() == "in" and verb in _BEFORE_IN
    )


def _is_telling(word: str) -> bool:
    folded = word.casefold()
    return len(folded) > 1 and folded not in COMMON and not _LONG_NUMBER.search(folded)


def _may_stand(word: str) -> bool:
    return _is_telling(word) or word.casefold() in _JOINING


def _stems_of(text: str) -> set[str]:
    return {stem(w.casefold()) for w in _SURFACE_WORD.findall(plain(text)) if _is_telling(w)}


def _worth(phrase: Phrase, said_by: int, background: Counter[str]) -> float:
    telling = [
        (_VAGUE_WORTH if word in _VAGUE_STEMS else 1.0)
        * math.log1p((said_by + background.total() / 10) / (said_by + background[word]))
        for word in phrase
    ]
    bonus = len(phrase) ** LENGTH_BONUS
    return said_by * sum(telling) / len(telling) * float(bonus)


def _usual(surfaces: Counter[str]) -> str:
    folded: Counter[str] = Counter()
    for surface, times in surfaces.items():
        folded[surface.casefold()] += times
    usual = max(folded, key=lambda each: (folded[each], -len(each), each))
    spelt = {surface: n for surface, n in surfaces.items() if surface.casefold() == usual}
    return max(spelt, key=lambda each: (spelt[each], not each.isupper(), each))


def _with_acronyms(name: str, texts: Sequence[str]) -> str:
    """`name` with the capitals of short words that somebody wrote in capitals without shouting."""
    calm = [text for text in texts if not text.isupper()]
    spoken = {word for text in calm for word in _SURFACE_WORD.findall(plain(text))}
    return " ".join(
        word.upper() if len(word) <= LONGEST_ACRONYM and word.upper() in spoken else word
        for word in name.split(" ")
    )


def _opening(texts: Sequence[str]) -> str:
    if not texts:
        return ""
    typical = _E_MAIL.sub(" ", plain(texts[medoid(texts)]))
    clauses = [" ".join(clause.split()) for clause in _CLAUSE_END.split(typical)]
    return next((clause for clause in clauses if clause), "")


def _sentence_case(name: str) -> str:
    short = name
    while len(short) > MAX_NAME_CHARACTERS:
        shorter = short.rpartition(" ")[0]
        short = shorter or short[:MAX_NAME_CHARACTERS]
    return short[:1].upper() + short[1:]
