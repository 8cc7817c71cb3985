"""The guard of narration: no number, number word or direction that the facts do not support.

A model may put the day into words, but it writes `{name}` where a number belongs, and we fill in
what we measured. `check_narration` reads the template before that; when anything is wrong the
caller lets its own template speak (`narrate`). Doubt counts as wrong: a calm sentence of ours is
always at hand, and a wrong number in a digest is never forgiven.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.ai.claims import (
    BETTER_WORDS,
    CAUSE_WORDS,
    DOWN_WORDS,
    FLAT_WORDS,
    HARMLESS,
    NEGATIONS,
    NUMBER_STEMS,
    NUMBER_WORDS,
    UP_WORDS,
    VAGUE_AMOUNTS,
    WORSE_WORDS,
)
from bot.ai.wording import visible

Direction = Literal["up", "down", "flat"]

# A digest must be read aloud in 20 seconds; nobody reads more than this anyway.
MAX_NARRATION_CHARACTERS = 1_200

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NUMBER = re.compile(
    r"(?<![\w.,])[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?: ?%)?(?![\w%])"
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_CLAUSE = re.compile(r"[;:,]|\b(?:while|but|and|whereas|although|though|as)\b")
_SENTENCE = re.compile(r"[.!?\n]+(?=\s|$)")
_LINK = re.compile(r"[<>@#*_~`|\\]|https?|www\.|\w\.[a-z]{2,}", re.IGNORECASE)
_SYMBOL = re.compile(r"[%\u2030$\u20ac\u00a3\u00a5\u00d7=+^\u2191\u2193]")
# Characters that would change the number beside them: "-{x}", "{x}%", "1/{x}", "{x},{y}".
_STICKY = frozenset("-+%/^=~$\u20ac\u00a3\u00a5\u00b0\u00b1\u2212{}.,:")


@dataclass(frozen=True)
class Fact:
    """One measured thing. `shown` is what a reader sees; `value` is in `unit`.

    `direction` is where it moved against what it is compared with, None when nothing is compared;
    `good` says which direction is welcome, None when neither is. `label` is what it is called in
    prose ("sign-ups"); a text that calls a number by another fact's label is refused.
    """

    value: float
    unit: str
    shown: str
    direction: Direction | None = None
    good: Literal["up", "down"] | None = None
    label: str = ""

    @property
    def is_better(self) -> bool | None:
        """Whether it moved as welcome; None when it did not move or nobody minds."""
        if self.good is None or self.direction not in ("up", "down"):
            return None
        return self.direction == self.good


Facts = Mapping[str, Fact]


@dataclass(frozen=True)
class Problem:
    """Why a narration may not be shown: the `kind` of claim and the words that make it."""

    kind: Literal["number", "direction", "cause", "placeholder", "text"]
    words: str


def check_narration(text: str, facts: Facts) -> list[Problem]:
    """Everything in the template `text` that `facts` do not support; empty when it may be shown.

    A number written out is held to be the placeholder of the fact that shows exactly it.
    """
    named = _with_placeholders(text, facts)
    bare = _PLACEHOLDER.sub(" \u2026 ", named)
    problems = [*_bad_text(text), *_bad_placeholders(named, facts)]
    problems += [*_bad_numbers(bare), *_bad_words(bare)]
    for sentence in _SENTENCE.split(named):
        problems += _bad_labels(sentence, facts)
        for claim in _claims(sentence):
            problems += _bad_directions(claim, facts)
    return problems


def fill(text: str, facts: Facts) -> str:
    """`text` with each `{name}` replaced by what its fact shows; other braces stay."""
    return _PLACEHOLDER.sub(lambda hit: facts[hit[1]].shown if hit[1] in facts else hit[0], text)


def narrate(text: str, facts: Facts, fallback: str) -> str:
    """The filled narration if nothing is wrong with it, else `fallback`."""
    return fallback if check_narration(text, facts) else fill(text, facts)


def _with_placeholders(text: str, facts: Facts) -> str:
    shown = {"".join(fact.shown.split()): name for name, fact in reversed(list(facts.items()))}

    def name_it(hit: re.Match[str]) -> str:
        name = shown.get("".join(hit[0].split()))
        return f"{{{name}}}" if name else hit[0]

    return _NUMBER.sub(name_it, text)


def _bad_text(text: str) -> Iterator[Problem]:
    if not text.strip() or len(text) > MAX_NARRATION_CHARACTERS:
        yield Problem("text", "empty or too long")
    if visible(text) != text:
        yield Problem("text", "hidden or unusual characters")
    if (link := _LINK.search(_PLACEHOLDER.sub(" ", text))) is not None:
        yield Problem("text", link[0])
    for letter in text:
        if letter.isalpha() and not letter.isascii():
            yield Problem("text", letter)


def _bad_placeholders(text: str, facts: Facts) -> Iterator[Problem]:
    for hit in _PLACEHOLDER.finditer(text):
        before, after = text[: hit.start()][-1:], text[hit.end() :][:2]
        if hit[1] not in facts:
            yield Problem("placeholder", hit[0])
        if _is_sticky(before) or (after[:1].isalnum() or _is_sticky(after)):
            yield Problem("placeholder", f"{before}{hit[0]}{after}")
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        yield Problem("placeholder", "a brace")


def _is_sticky(beside: str) -> bool:
    """Whether what stands beside a placeholder would change its number.

    A comma, full stop or colon behind it is harmless when a space or nothing follows.
    """
    if beside[:1] in (".", ",", ":") and (len(beside) == 1 or beside[1].isspace()):
        return False
    return beside[:1].isalnum() or beside[:1] in _STICKY if beside else False


def _bad_numbers(bare: str) -> Iterator[Problem]:
    for run in re.findall(r"\S*\d\S*", bare):
        yield Problem("number", run)
    for mark in bare:
        if not mark.isdecimal() and unicodedata.numeric(mark, None) is not None:
            yield Problem("number", mark)
    if (symbol := _SYMBOL.search(bare)) is not None:
        yield Problem("number", symbol[0])


def _bad_labels(sentence: str, facts: Facts) -> Iterator[Problem]:
    """Placeholders that stand behind (or, with nothing before, ahead of) another fact's label."""
    labels = {fact.label.casefold() for fact in facts.values() if fact.label}
    if not labels:
        return
    ordered = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    said = [(hit.start(), hit[0].casefold()) for hit in re.finditer(ordered, sentence, re.I)]
    for hit in _PLACEHOLDER.finditer(sentence):
        own = facts[hit[1]].label.casefold() if hit[1] in facts else ""
        before = [label for at, label in said if at < hit.start()]
        nearest = before[-1:] or [label for _, label in said][:1]
        if own and nearest and nearest != [own]:
            yield Problem("placeholder", f"{nearest[0]} {hit[0]}")


def _bad_words(bare: str) -> Iterator[Problem]:
    for word in _words(bare):
        if _is_amount(word):
            yield Problem("number", word)
    for cause in CAUSE_WORDS.finditer(bare):
        yield Problem("cause", cause[0])


def _is_amount(word: str) -> bool:
    is_listed = word in NUMBER_WORDS or word in VAGUE_AMOUNTS
    return is_listed or word.endswith("fold") or NUMBER_STEMS.search(word) is not None


def _claims(sentence: str) -> list[str]:
    """The clauses of a sentence; one that names no direction belongs to the one before it."""
    claims: list[str] = []
    for part in _CLAUSE.split(sentence):
        if claims and not (_has_direction(part) and _has_direction(claims[-1])):
            claims[-1] += f", {part}"
        else:
            claims.append(part)
    return claims


def _has_direction(part: str) -> bool:
    return any(_wanted(word) for word in _words(_PLACEHOLDER.sub(" ", part)))


def _bad_directions(claim: str, facts: Facts) -> Iterator[Problem]:
    """Direction words of a clause against the facts it names; against all when it names none."""
    spoken = list(_words(_PLACEHOLDER.sub(" ", claim)))
    in_claim = set(_PLACEHOLDER.findall(claim))
    named = [
        fact
        for name, fact in facts.items()
        if name in in_claim or (fact.label and fact.label.casefold() in claim.casefold())
    ]
    held_to = [fact for fact in named or facts.values() if fact.direction is not None]
    negated = any(word in NEGATIONS or word.endswith("n't") for word in spoken)
    for word in spoken:
        wanted = _wanted(word)
        if wanted and (negated or not held_to or not all(_agrees(f, wanted) for f in held_to)):
            yield Problem("direction", word)


def _wanted(word: str) -> str | None:
    sorts = {
        "up": UP_WORDS,
        "down": DOWN_WORDS,
        "flat": FLAT_WORDS,
        "better": BETTER_WORDS,
        "worse": WORSE_WORDS,
    }
    return next((sort for sort, members in sorts.items() if word in members), None)


def _agrees(fact: Fact, wanted: str) -> bool:
    if wanted in ("better", "worse"):
        return fact.is_better is (wanted == "better")
    return fact.direction == wanted


def _words(text: str) -> Iterator[str]:
    """The words of `text`, casefolded; hyphenated ones whole and in parts."""
    for hit in _WORD.finditer(text.replace("\u2019", "'")):
        word = hit[0].casefold()
        yield word
        if "-" in word and word not in HARMLESS:
            yield from word.split("-")
