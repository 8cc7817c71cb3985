"""Kinds as people corrected them: remembered at once, learnt from when there are enough."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.ai.cues import KINDS
from bot.ai.learned import Learner, centred, likeness, macro_f1
from bot.ai.lexical import Lexical
from bot.ai.vectors import Doubles, Floats

# As near as this a text says what the remembered one says: it gets the kind people gave that.
NEARLY_SAME = 0.85
# Fewer labels of a kind than this do not make it learnable (32 are what it usually takes).
LABELS_AT_LEAST = 8
KINDS_AT_LEAST = 2
# What the rules think, and the words themselves, weigh beside the meaning of a text.
RULES_SHARE, WORDS_SHARE = 1.0, 0.3
RIDGE = 0.3
SURE = 2.0
TINY = 1e-9


@dataclass(frozen=True)
class Guess:
    """A kind, and by how much evidence it leads the next one (0: a toss-up; 2 or more: sure)."""

    kind: str
    margin: float
    evidence: Mapping[str, float]


@dataclass(frozen=True)
class _Features:
    """The same texts seen in three ways, unit rows each."""

    meaning: Doubles
    rules: Doubles
    words: Doubles

    def kernel(self, other: "_Features") -> Doubles:
        told: Doubles = (
            likeness(self.meaning, other.meaning)
            + RULES_SHARE * self.rules @ other.rules.T
            + WORDS_SHARE * self.words @ other.words.T
        )
        return told


class TaughtKinds:
    """What was learnt from people's labels; ``is_better``: than the rules, cross-validated."""

    def __init__(
        self, texts: Sequence[str], rows: Floats, labels: Sequence[str], rules: Sequence[Guess]
    ) -> None:
        self._rows, self._labels = rows, list(labels)
        counts = Counter(labels)
        known = {kind for kind, n in counts.items() if n >= LABELS_AT_LEAST}
        chosen = [place for place, label in enumerate(labels) if label in known]
        self._mean: Floats = rows.mean(axis=0)
        self.rules_f1 = self.learned_f1 = 0.0
        self._learner: Learner | None = None
        if len(known) >= KINDS_AT_LEAST:
            self._learn(
                [texts[place] for place in chosen],
                rows[chosen],
                [rules[place] for place in chosen],
                [labels[place] for place in chosen],
            )

    @property
    def is_better(self) -> bool:
        """Whether what was learnt beats the rules on the labelled texts."""
        return self._learner is not None and self.learned_f1 > self.rules_f1

    def _learn(
        self, texts: Sequence[str], rows: Floats, rules: Sequence[Guess], labels: Sequence[str]
    ) -> None:
        self._examples = self._features(texts, rows, rules)
        self._learner = Learner(self._examples.kernel(self._examples), labels, RIDGE)
        self.rules_f1 = macro_f1(labels, [guess.kind for guess in rules])
        self.learned_f1 = macro_f1(labels, self._learner.left_out())

    def revise(self, texts: Sequence[str], rows: Floats, rules: Sequence[Guess]) -> list[Guess]:
        """The guesses of the rules, changed where people's labels know better."""
        if not len(texts):
            return []
        guesses = self._by_learner(texts, rows, rules) if self.is_better else list(rules)
        cosines = rows @ self._rows.T
        nearest = cosines.argmax(axis=1)
        for place, near in enumerate(nearest):
            if cosines[place, near] >= NEARLY_SAME:
                kind = self._labels[int(near)]
                guesses[place] = Guess(kind, SURE, guesses[place].evidence)
        return guesses

    def _by_learner(
        self, texts: Sequence[str], rows: Floats, rules: Sequence[Guess]
    ) -> list[Guess]:
        assert self._learner is not None  # noqa: S101  is_better was asked
        kernel = self._features(texts, rows, rules).kernel(self._examples)
        found = []
        for guess, scores in zip(rules, self._learner.scores(kernel), strict=True):
            if guess.kind not in self._learner.classes and guess.margin >= SURE:
                found.append(guess)  # a kind that nobody taught is still the rules' to find
                continue
            order = np.argsort(-scores)
            margin = 2 * SURE * float(scores[order[0]] - scores[order[1]])
            found.append(Guess(self._learner.classes[int(order[0])], margin, guess.evidence))
        return found

    def _features(self, texts: Sequence[str], rows: Floats, rules: Sequence[Guess]) -> _Features:
        told = np.array([[guess.evidence.get(kind, 0.0) for kind in KINDS] for guess in rules])
        told -= told.mean(axis=1, keepdims=True)
        lengths = np.linalg.norm(told, axis=1, keepdims=True)
        words = Lexical().embed(list(texts)).astype(np.float64)
        return _Features(centred(rows, self._mean), told / np.maximum(lengths, TINY), words)
