"""Search by words: a question read into words and filters, and a BM25 index in memory.

The index holds what it is given and knows nobody's rights: the caller adds or filters by what the
asker may see before anything is shown.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from itertools import pairwise

from bot.ai.lexical import stems
from bot.ai.wording import normalised, plain

# Okapi BM25 (Robertson and Zaragoza 2009): saturation of repeats, and how much length counts.
SATURATION, LENGTH_SHARE = 1.2, 0.75
# A word nobody wrote is read as its nearest spelling in the index, at this discount.
MISSPELT_WORTH, MISSPELT_CUTOFF = 0.6, 0.8
# Shorter words have too many neighbours to guess at.
MISSPELT_FROM_LETTERS = 5
# Words of the question that stand next to each other in a text, too: this much more each.
TOGETHER_WORTH = 0.35

_FILTER = re.compile(
    r"(?<!\S)(kind|owner|area|customer|after|before):(?:\"([^\"]*)\"|(<@[^>]*>)|(\S+))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"([^\"]+)\"")
_OWNER_TOKEN = re.compile(r"^<@([A-Z0-9]+)(?:\|[^>]*)?>$")

_PEOPLE = (
    r"(?:(?:the |our |all |any |some )?(?:customers?|clients?|users?|people|everyone|everybody"
    r"|accounts?"
    r"|companies|team|they|we|you|i|folks|anyone|anybody|someone|somebody|who))"
)
_SAID = (
    r"(?:say|says|said|saying|tell|told|think|thinks|thought|feel|felt|write|wrote|report|reported"
    r"|complain|complained|complaining|ask|asked|asking|mention|mentioned|want|wanted|request"
    r"|requested|hear|heard|know|talk|talked|talking|decide|decided|learn|learned|learnt|like"
    r"|liked)"
)
_ABOUT = r"(?:about|on|of|for|regarding|concerning|re|with|to)"
_FRAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:so )?(?:what|which things?) (?:did|do|does|have|has|are|is|were|was|can"
        rf"|could) {_PEOPLE}"
        rf"(?: ever| all| been)? {_SAID}(?: us)?(?: so far)? {_ABOUT}\b",
        rf"^(?:has|have|did|does|do) {_PEOPLE}(?: ever| already)? {_SAID}(?: us)? {_ABOUT}?\b",
        rf"^who(?: has| else| all)? {_SAID}(?: us)? {_ABOUT}\b",
        rf"^how many (?:of )?{_PEOPLE}(?: have| has)? {_SAID}(?: us)? {_ABOUT}?\b",
        rf"^(?:what(?: is|'s| was| were| are)? |is there |do we have |show me |show |find "
        rf"|give me |list |get )"
        rf"(?:the |all |any |some )?(?:latest |recent |new )?(?:feedback|quotes?|complaints?"
        rf"|requests?"
        rf"|praise|questions?|opinions?|comments?|messages?|reports?|decisions?"
        rf"|entries) {_ABOUT}\b",
        rf"^(?:any |all |some )?(?:feedback|quotes?|complaints?|requests?|praise|opinions?"
        rf"|comments?"
        rf"|decisions?) {_ABOUT}\b",
        r"^(?:why|when|how|where) (?:did|do|have|are|were) (?:we|they|you)(?: ever)?"
        r" (?:decide|choose|launch|ship|build|drop|decline|reject|pick)(?:d|ed)?(?: to| on| for"
        r"| the| not)*\b",
        r"^(?:please )?(?:search(?: for)?|look(?: up| for)|find(?: me)?|show(?: me)?"
        r"|tell me about)\b",
    )
)


@dataclass(frozen=True)
class Question:
    """What is asked: `words` as typed, `phrases` that must stand verbatim, and the filters.

    `filters` maps kind, area, customer to a value, and owner to a Slack user id or a name;
    `after` and `before` are whole days, both included by the caller's reading of them.
    """

    words: str
    phrases: tuple[str, ...] = ()
    filters: dict[str, str] = field(default_factory=dict)
    after: date | None = None
    before: date | None = None


def parse_question(q: str) -> Question:
    """Words, quoted phrases and `kind:`, `owner:`, `area:`, `customer:`, `after:`, `before:`.

    A frame such as "what did customers say about ..." is dropped only when it matches as a whole
    and leaves something to look for. A date that is none stays among the words.
    """
    filters: dict[str, str] = {}
    dates: dict[str, date] = {}

    def take(match: re.Match[str]) -> str:
        name = match[1].lower()
        value = (match[2] or match[3] or match[4] or "").strip()
        if name in ("after", "before"):
            day = _day(value)
            if day is None:
                return match[0]
            dates[name] = day
        elif value:
            filters[name] = _owner(value) if name == "owner" else value
        return " "

    rest = _FILTER.sub(take, q.replace("“", '"').replace("”", '"'))
    rest = plain(rest)
    phrases = tuple(normalised(each) for each in _QUOTED.findall(rest) if normalised(each))
    words = _without_frame(" ".join(rest.split()))
    return Question(words, phrases, filters, dates.get("after"), dates.get("before"))


def _without_frame(q: str) -> str:
    for frame in _FRAMES:
        match = frame.match(q)
        rest = q[match.end() :].strip(" ?!.,:") if match else ""
        if stems(rest):
            return rest
    return q.strip(" ?!.,:")


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _owner(value: str) -> str:
    token = _OWNER_TOKEN.match(value)
    return token[1] if token else value.removeprefix("@")


class Index:
    """BM25 over word stems, with near spellings for words nobody wrote. Not thread-safe."""

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

    def search(self, question: str, k: int = 10) -> list[str]:
        """Up to `k` items that hold any word of the question and every quoted phrase, best first.

        Equal scores keep the order in which the items were added.
        """
        asked = parse_question(question)
        scores = self._scores(asked.words)
        held = [item for item in scores if self._holds(item, asked.phrases)]
        place = {item: i for i, item in enumerate(self._texts)} if held else {}
        return sorted(held, key=lambda item: (-scores[item], place[item]))[:k]

    def _holds(self, item: str, phrases: tuple[str, ...]) -> bool:
        return all(f" {phrase} " in self._texts[item] for phrase in phrases)

    def _scores(self, words: str) -> dict[str, float]:
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
