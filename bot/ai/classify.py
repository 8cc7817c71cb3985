"""What a customer's text is: its kind, its mood and how much hangs on it.

Evidence for each kind is added up from the families in `bot.ai.families`; repeats are damped, the
first sentence counts more, and praise is halved beside a bug or a request: people are polite.
Nearness in meaning to typical sentences of each kind is added to it (`bot.ai.prototypes`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

from bot.ai.areas import Areas
from bot.ai.cues import BUG, COMPETITOR, KINDS, MASKS, PRAISE, REQUEST, Family
from bot.ai.embedder import find_vectors
from bot.ai.families import FAMILIES, OPENINGS
from bot.ai.lexical import LEXICAL_PREFIX
from bot.ai.prototypes import Meaning
from bot.ai.stakes import HIGH_STAKES, LEAVING, LOW_STAKES
from bot.ai.taught_kinds import Guess, TaughtKinds
from bot.ai.vectors import Floats, Vectors
from bot.ai.wording import first_sentence_end, plain

__all__ = ["Areas", "Cues", "Evidence", "Guess", "Kinds", "importance", "sentiment"]

Sentiment = Literal["positive", "neutral", "negative"]

# A cue in the first sentence against the same cue later: people open with what they came for,
# but not praise, with which they also open out of courtesy.
FIRST_SENTENCE = 1.4
# Each further hit of a family in the same text is worth this share of the one before.
REPEAT = 0.5
# Praise beside at least this much evidence of a bug or a request counts half.
POLITE_FROM, POLITE = 1.0, 0.5
# A name the team gave, said anywhere: more than a hint, and less than "switching to".
NAMED_COMPETITOR = 2.0
# With no cue at all, short texts are mostly remarks of approval and long ones reports.
LONG_TEXT_WORDS = 7
# Evidence of trouble or of praise from which a request or a question carries a mood of its own.
UPSET, PLEASED = 1.8, 1.0
NO_CUE = 0.1


class Evidence(Protocol):
    """One opinion about texts: how strongly each speaks for each kind, in units of evidence."""

    def weigh(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """For each text, evidence by kind; a kind left out weighs nothing."""
        ...


class Kinds:
    """Guesses kinds from cues and, with the local model, from meaning, added up.

    `competitors` are names the team gave; `further` is evidence beside these. Without `vectors` it
    takes the local model, or cues alone where that is not installed.
    """

    def __init__(
        self,
        competitors: Iterable[str] = (),
        further: Sequence[Evidence] = (),
        *,
        vectors: Vectors | None = None,
    ) -> None:
        self._sources: tuple[Evidence, ...] = (Cues(competitors), *further)
        self._vectors = vectors or find_vectors()
        self._has_meaning = not self._vectors.model_id.startswith(LEXICAL_PREFIX)
        self._taught: TaughtKinds | None = None
        self._ruled: dict[str, Guess] = {}  # what the rules say of the texts of the last fit

    def predict(self, texts: list[str]) -> list[str]:
        """One of `KINDS` for each text."""
        return [guess.kind for guess in self.predict_all(texts)]

    def predict_one(self, text: str) -> Guess:
        """The guess for one text."""
        return self.predict_all([text])[0]

    def predict_all(self, texts: Sequence[str], rows: Floats | None = None) -> list[Guess]:
        """A guess for each text, in order; `rows` are their vectors where they are known."""
        rows = self._vectors.embed(list(texts)) if rows is None else rows
        guesses = self._by_rules(texts, rows)
        return self._taught.revise(texts, rows, guesses) if self._taught else guesses

    def fit(
        self, texts: Sequence[str], labels: Sequence[str], rows: Floats | None = None
    ) -> "Kinds":
        """Learn from what people said: one kind for each text; `rows` are vectors, if known.

        A text nearly the same as one of these gets its kind; all others are only read by what was
        learnt once that beats the rules on the same texts, each judged by all others.
        """
        if not len(labels):
            self._taught, self._ruled = None, {}
            return self
        rows = self._vectors.embed(list(texts)) if rows is None else rows
        self._taught = TaughtKinds(texts, rows, labels, self._by_rules_again(texts, rows))
        return self

    def _by_rules_again(self, texts: Sequence[str], rows: Floats) -> list[Guess]:
        """As `_by_rules`, which says the same of a text each time: most were there last time."""
        new = [place for place, text in enumerate(texts) if text not in self._ruled]
        told = self._by_rules([texts[place] for place in new], rows[new])
        known = self._ruled | {texts[place]: one for place, one in zip(new, told, strict=True)}
        self._ruled = {text: known[text] for text in texts}
        return [known[text] for text in texts]

    def _by_rules(self, texts: Sequence[str], rows: Floats) -> list[Guess]:
        opinions = [source.weigh(texts) for source in self._sources]
        if self._has_meaning and len(texts):
            opinions.append(Meaning(self._vectors).weigh_rows(rows))
        return [_best(each) for each in zip(*opinions, strict=True)]


class Cues:
    """The evidence of the cue families; needs no model, the same answer every time."""

    def __init__(self, competitors: Iterable[str] = ()) -> None:
        names = [re.escape(name.strip()) for name in competitors if name.strip()]
        self._named = re.compile(rf"\b(?:{'|'.join(names)})\b", re.IGNORECASE) if names else None

    def weigh(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """For each text, evidence for every one of `KINDS`."""
        return [self._weigh_one(plain(text)) for text in texts]

    def _weigh_one(self, text: str) -> dict[str, float]:
        first_end = first_sentence_end(text)
        scores = dict.fromkeys(KINDS, 0.0)
        masked = text
        for family in MASKS:
            _add(scores, family, masked, first_end)
            masked = family.pattern.sub(lambda hit: " " * len(hit[0]), masked)
        for family in FAMILIES:
            _add(scores, family, masked, first_end)
        for family in OPENINGS:
            _add(scores, family, masked[:first_end], first_end)
        if self._named and self._named.search(text):
            scores[COMPETITOR] += NAMED_COMPETITOR
        return _settled(scores, text)


def _add(scores: dict[str, float], family: Family, text: str, first_end: int) -> None:
    if family.kind is None:
        return
    worth = family.weight
    opening = 1.0 if family.kind == PRAISE else FIRST_SENTENCE
    for hit in family.pattern.finditer(text):
        scores[family.kind] += worth * (opening if hit.start() < first_end else 1.0)
        worth *= REPEAT


def _settled(scores: dict[str, float], text: str) -> dict[str, float]:
    if scores[BUG] >= POLITE_FROM or scores[REQUEST] >= POLITE_FROM:
        scores[PRAISE] *= POLITE
    if not any(scores.values()):
        is_long = len(text.split()) >= LONG_TEXT_WORDS
        scores[BUG if is_long else PRAISE] = NO_CUE
    return scores


def _best(opinions: Iterable[Mapping[str, float]]) -> Guess:
    total = dict.fromkeys(KINDS, 0.0)
    for opinion in opinions:
        for kind, worth in opinion.items():
            total[kind] += worth
    first, second = sorted(total, key=lambda kind: -total[kind])[:2]
    return Guess(first, total[first] - total[second], total)


def sentiment(text: str, kind: str) -> Sentiment:
    """The mood of `text`, derived from its kind first: a bug report is never called positive."""
    evidence = Cues().weigh([text])[0]
    pleased, upset = evidence[PRAISE], evidence[BUG]
    if kind == PRAISE:
        return "neutral" if upset >= pleased and upset >= POLITE_FROM else "positive"
    if kind == BUG:
        return "neutral" if pleased > upset + POLITE_FROM else "negative"
    if kind == COMPETITOR:
        return "negative" if LEAVING.search(text) or upset >= UPSET else "neutral"
    if upset >= UPSET and upset > pleased:
        return "negative"
    return "positive" if pleased >= PLEASED and pleased > upset else "neutral"


def importance(text: str) -> Literal[1, 2, 3]:
    """How much hangs on `text` for its customer: 1 small, 2 usual, 3 high. Cues only."""
    words = plain(text)
    low, high = bool(LOW_STAKES.search(words)), bool(HIGH_STAKES.search(words))
    if low == high:
        return 2
    return 3 if high else 1
