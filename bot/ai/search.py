"""Search: a question read into words and filters, and an index in memory by meaning and words.

The index holds what it is given and knows nobody's rights: the caller adds or filters by what the
asker may see before anything is shown.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from bot.ai.embedder import find_vectors
from bot.ai.fulltext import FullText
from bot.ai.lexical import LEXICAL_PREFIX, stems
from bot.ai.shelf import Shelf
from bot.ai.themes import Grouping
from bot.ai.vectors import Floats, Vectors
from bot.ai.wording import normalised, plain

# A theme about the question lifts all of its texts, and shared words lift a little (chosen on two
# public sets of questions at once).
THEME_SHARE, WORDS_SHARE = 0.6, 0.2
# A text that shares no word with the question is found from this nearness (1.6 at most) on.
NEAR_ENOUGH = 0.32

_FILTER = re.compile(
    r"(?<!\S)(kind|owner|area|customer|after|before):(?:\"([^\"]*)\"|(<@[^>]*>)|(\S+))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"([^\"]+)\"")
_OWNER_TOKEN = re.compile(r"^<@([A-Za-z0-9_-]+)(?:\|[^>]*)?>$")

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
    """Texts by meaning and words; by words alone where the model is not installed.

    Without `vectors` it takes the local model. A `shelf` that is given is filled by who gives it,
    before the texts come (`add_words`), so that vectors are held once. Not thread-safe.
    """

    def __init__(self, vectors: Vectors | None = None, shelf: Shelf | None = None) -> None:
        self._vectors = vectors or find_vectors()
        self._has_meaning = not self._vectors.model_id.startswith(LEXICAL_PREFIX)
        self._words = FullText()
        self._shelf = Shelf() if shelf is None else shelf
        self._grouping = Grouping(self._vectors)

    def __len__(self) -> int:
        return len(self._words)

    def add(
        self, item: str, text: str, *, vector: Floats | None = None, theme: str | None = None
    ) -> None:
        """Add or replace the text of `item`; `theme` is grouped here where it is not known."""
        self.remove(item)
        self._words.add(item, text)
        if not self._has_meaning:
            return
        row = self._vectors.embed([text])[0] if vector is None else vector
        self._shelf.put(item, theme or f"grouped:{self._grouping.place(row)}", row)

    def add_words(self, item: str, text: str) -> None:
        """Add or replace the text of `item`, whose vector stands on the shelf."""
        self._words.add(item, text)

    def remove(self, item: str) -> None:
        """Take `item` out; nothing happens when it is not there."""
        self._words.remove(item)
        removed = self._shelf.take(item)
        if removed and removed[0].startswith("grouped:"):
            self._grouping.forget(int(removed[0].partition(":")[2]), removed[1])

    def search(
        self, question: str, k: int = 10, *, among: Collection[str] | None = None
    ) -> list[str]:
        """Up to `k` items that answer the question, best first; none when nothing is near it.

        Only items `among` those given (all by default) are looked at. What is quoted in the
        question must stand in the text.
        """
        asked = parse_question(question)
        if not stems(asked.words) and not stems(asked.words, common=True):
            return []
        words = self._words.scores(asked.words)
        near = self._nearness(asked.words, words)
        word_share = WORDS_SHARE / (max(words.values(), default=0.0) or 1.0)
        scores = {
            item: near.get(item, 0.0) + word_share * words.get(item, 0.0)
            for item in (*near, *(item for item in words if item not in near))
            if (among is None or item in among) and self._words.holds(item, asked.phrases)
        }
        return sorted(scores, key=lambda item: -scores[item])[:k]

    def _nearness(self, words: str, found: Collection[str]) -> dict[str, float]:
        """Of items near in meaning, and of those that share words: cosine and theme together."""
        if not self._has_meaning or not len(self._shelf):
            return {}
        vector = self._vectors.embed([words])[0]
        near = {
            item: cosine + THEME_SHARE * theme
            for item, cosine, theme in self._shelf.cosines(vector)
        }
        return {
            item: score for item, score in near.items() if score >= NEAR_ENOUGH or item in found
        }
