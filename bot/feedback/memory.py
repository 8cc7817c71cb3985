"""What one workspace's feedback has taught: themes, kinds, areas and the index of its words.

Lives in memory, told by `bot.feedback.grouping` what the tables hold. CPU work only: called in a
worker thread, by one caller at a time.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from bot.ai.classify import Areas, Kinds, importance, sentiment
from bot.ai.duplicates import SAME
from bot.ai.search import Index
from bot.ai.shelf import Shelf
from bot.ai.splitting import find_parts
from bot.ai.themes import Grouping, Pair, name_theme
from bot.ai.vectors import Floats, Vectors
from bot.ai.wording import normalised

NO_VECTOR: Floats = np.zeros(0, dtype=np.float32)
# A theme's name is taken from its newest texts, against those of other themes; more would not
# change it and take longer.
NAMED_FROM, NAMED_AGAINST = 30, 60
# Readings that opened a theme and are not stored yet: what comes side by side is compared to them.
OPENINGS = 32
# A theme's newest that a text is compared to, and how many of them are told.
COMPARED, ALIKE = 200, 5
# More texts at once are grouped together rather than one by one.
FEW = 20
# The newest labels and examples that are learnt from; more are slower and say the same.
LABELS, EXAMPLES_AN_AREA = 300, 50
# A theme that was said to be one thing is asked about again when it has so many times its texts.
GROWN_TIMES = 2
# The newest texts of a theme show whether it is two; all of a huge one would take seconds.
PARTED_AT_MOST = 400


@dataclass(frozen=True)
class Reading:
    """What the local intelligence makes of a text.

    ``group_id`` is the theme it joins; None: a new one, or the one that feedback ``beside`` opened
    a moment ago. ``vector`` is empty where no model made one.
    """

    kind: str
    area: str
    importance: int
    sentiment: str
    group_id: int | None
    beside: str
    theme_name: str
    model_id: str = ""
    vector: bytes = b""


@dataclass(frozen=True, slots=True)
class Item:
    """One feedback as the tables have it; ``is_kind_told`` and ``is_area_told``: by a person."""

    id: str
    theme_id: str | None
    text: str
    vector: Floats
    kind: str
    area: str
    is_kind_told: bool
    is_area_told: bool


@dataclass(frozen=True)
class Place:
    """A theme as the tables have it; ``root_id``, ``group``: of the one that it merged into."""

    id: str
    scope: str
    root_id: str
    group: int
    is_pinned: bool = False


@dataclass(frozen=True)
class Answers:
    """What people said about themes: pairs that differ, and (feedback, theme) that do not fit."""

    apart: tuple[tuple[str, str], ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    whole: tuple[tuple[str, int], ...] = ()  # themes that are one thing, with their texts then


@dataclass(frozen=True)
class SplitIdea:
    """A theme that may be two: which feedback would go, out of how many, and why.

    ``between`` and ``within`` are mean cosines; ``name`` is what the smaller part would be called.
    """

    theme_id: str
    smaller_ids: tuple[str, ...]
    larger_ids: tuple[str, ...]
    between: float
    within: float
    name: str


class Memory:
    """One workspace."""

    def __init__(self, vectors: Vectors, *, stores_vectors: bool) -> None:
        self.vectors = vectors
        self._stores = stores_vectors
        # Without their vectors, which stand on the shelf alone: 15 MB for 10,000 texts.
        self._items: dict[str, Item] = {}
        self._shelf = Shelf()
        self._places: dict[str, Place] = {}
        self._groupings: dict[str, Grouping] = {}
        # Feedback ids of each theme (scope, group) in the order in which they came.
        self._members: dict[tuple[str, int], dict[str, None]] = {}
        self._openings: deque[tuple[str, str, Floats]] = deque(maxlen=OPENINGS)
        self._pairs: dict[str, list[tuple[Pair, str, str]]] = {}
        self._splits: dict[str, list[SplitIdea]] = {}
        self._index = Index(vectors, self._shelf)
        self._unindexed: set[str] = set()  # until somebody searches: a minute for 50,000 texts
        self._kinds = Kinds(vectors=vectors)
        self._areas = Areas(vectors)
        self._answers = Answers()
        self._examples: Mapping[str, Sequence[str]] = {}
        self._example_rows: Floats | None = None  # made once for each change of the areas
        self._has_new_labels = True

    def __len__(self) -> int:
        return len(self._items)

    def stack(self, items: Iterable[Item]) -> None:
        """Take much, as after a start; `set_themes` then groups all of it at once."""
        for item in items:
            self._shelf.put(item.id, item.id, item.vector)
            self._items[item.id] = _bare(item)
            self._unindexed.add(item.id)

    def put(self, items: Sequence[Item]) -> None:
        """Add feedback, or replace what is known of it."""
        is_many = len(items) > FEW
        for item in items:
            known = self._items.get(item.id)
            self._has_new_labels |= _labels(item) != _labels(known)
            if known is not None and _is_same_place(known, item):
                self._items[item.id] = _bare(item)
                continue
            self._forget_place(item.id)
            self._pairs, self._splits = {}, {}
            self._shelf.take(item.id)
            self._shelf.put(item.id, self._root(item) or item.id, item.vector)
            self._items[item.id] = _bare(item)
            self._unindexed.add(item.id)
            if not is_many:
                self._keep_place(item)
        if is_many:
            self._group_anew()

    def drop(self, ids: Iterable[str]) -> None:
        """Forget feedback that was taken back."""
        self._pairs, self._splits = {}, {}
        gone = set(ids)
        waiting = (one for one in self._openings if one[0] not in gone)
        self._openings = deque(waiting, maxlen=OPENINGS)
        for feedback_id in gone:
            self._forget_place(feedback_id)
            self._unindexed.discard(feedback_id)
            self._index.remove(feedback_id)
            known = self._items.pop(feedback_id, None)
            self._has_new_labels |= _labels(known) != (False, False)

    def set_themes(self, places: Iterable[Place], answers: Answers) -> None:
        """Take the themes and what people said of them, and group everything anew."""
        self._pairs, self._splits = {}, {}
        self._places = {place.id: place for place in places}
        self._answers = answers
        self._group_anew()

    def _group_anew(self) -> None:
        self._groupings = {}
        self._members = {}
        stored: dict[str, list[tuple[int, Floats]]] = {}
        for item in self._items.values():
            self._shelf.move(item.id, self._root(item) or item.id)
            if place := self._places.get(item.theme_id or ""):
                vector = self._shelf.vector(item.id)
                stored.setdefault(place.scope, []).append((place.group, vector))
                self._members.setdefault((place.scope, place.group), {})[item.id] = None
        for scope, rows in stored.items():
            self._groupings[scope] = Grouping.restore(rows, vectors=self.vectors)
        for place in self._places.values():
            if place.is_pinned:
                self._grouping(place.scope).pin(place.group)
        answers = self._answers
        for one, other in answers.apart:
            if one in self._places and other in self._places:
                self._grouping(self._places[one].scope).keep_apart(
                    self._places[one].group, self._places[other].group
                )
        for feedback_id, theme_id in answers.rejected:
            if feedback_id in self._items and theme_id in self._places:
                self.reject(feedback_id, theme_id)

    def add_themes(self, places: Iterable[Place]) -> None:
        """Take themes that were not known; those that are stay as they are."""
        self._places = {place.id: place for place in places} | self._places

    def reject(self, feedback_id: str, theme_id: str) -> None:
        """A person said that this feedback is not about that theme."""
        place = self._places[theme_id]
        vector = self._shelf.vector(feedback_id)
        self._grouping(place.scope).reject(place.group, vector)

    def set_areas(self, examples: Mapping[str, Sequence[str]]) -> None:
        """Take the areas with the sentences that they are recognised by."""
        self._examples = dict(examples)
        self._example_rows = None
        self._has_new_labels = True

    def knows_theme(self, theme_id: str | None) -> bool:
        """Tell whether the theme was among those told of last."""
        return theme_id is None or theme_id in self._places

    def prepare(self) -> None:
        """Do what the first text would wait for: load the model, learn from what is labelled."""
        self._learn()
        self._kinds.predict(["What does a first text wait for?"])

    def read(self, scope: str, feedback_id: str, text: str) -> Reading:
        """Classify a text and find its theme within ``scope`` (empty: public channels)."""
        self._learn()
        vector = self.vectors.embed([text])[0]
        group, beside = self._placed(scope, feedback_id, vector)
        [kind] = self._kinds.predict_all([text], vector[None])
        [area] = self._areas.guess_rows(vector[None])
        return Reading(
            kind=kind.kind,
            area=area.area if area.is_near else "",
            importance=importance(text),
            sentiment=sentiment(text, kind.kind),
            group_id=group,
            beside=beside,
            theme_name=self._name(scope, group, text),
            model_id=self.vectors.model_id if self._stores else "",
            vector=vector.astype("<f4").tobytes() if self._stores else b"",
        )

    def place_again(self, feedback_id: str, without: str) -> int | None:
        """The theme (its group) that feedback belongs to if not to theme ``without``."""
        if feedback_id not in self._items or without not in self._places:
            return None
        place = self._places[without]
        self._forget_place(feedback_id)
        self.reject(feedback_id, without)
        return self._grouping(place.scope).best(self._shelf.vector(feedback_id))

    def alike(self, scope: str, group: int | None, text: str) -> list[tuple[str, float]]:
        """The feedback of one theme most like a text: ids and likeness (0 to 1), best first."""
        members = self._members.get((scope, group), {}) if group is not None else {}
        ids = list(islice(reversed(members), COMPARED))
        if not ids:
            return []
        rows = np.stack([self._shelf.vector(one) for one in ids])
        scores = rows @ self.vectors.embed([text])[0]
        words = normalised(text)
        found = [
            (one, SAME if normalised(self._items[one].text) == words else float(score))
            for one, score in zip(ids, scores, strict=True)
        ]
        return sorted(found, key=lambda one: -one[1])[:ALIKE]

    def themes_near(self, feedback_ids: Iterable[str], k: int) -> dict[str, list[str]]:
        """Up to ``k`` root ids of themes near each feedback that is known, the nearest first."""
        found = {}
        for feedback_id in feedback_ids:
            item = self._items.get(feedback_id)
            place = self._places.get(item.theme_id or "") if item else None
            if item and place:
                root_of = self._roots(place.scope)
                near = self._grouping(place.scope).near(self._shelf.vector(feedback_id), k)
                found[feedback_id] = [root_of[group] for group in near if group in root_of]
        return found

    def _roots(self, scope: str) -> dict[int, str]:
        return {p.group: p.root_id for p in self._places.values() if p.scope == scope}

    def pairs_to_ask(self, scope: str, count: int) -> list[tuple[Pair, str, str]]:
        """The pairs of themes most worth asking about: larger, smaller (root ids)."""
        if scope not in self._pairs:
            root_of = self._roots(scope)
            self._pairs[scope] = [
                (pair, root_of[pair.larger], root_of[pair.smaller])
                for pair in self._grouping(scope).pairs_to_ask(count)
            ]
        return self._pairs[scope]

    def splits_to_ask(self, scope: str) -> list[SplitIdea]:
        """The themes that may be two, the clearest first."""
        if scope not in self._splits:
            root_of = self._roots(scope)
            ideas = [
                idea
                for (of, group), members in self._members.items()
                if of == scope and group in root_of and self._may_split(root_of[group], members)
                if (idea := self._split(root_of[group], scope, list(members)[-PARTED_AT_MOST:]))
            ]
            ideas.sort(key=lambda idea: (idea.between - idea.within, idea.theme_id))
            self._splits[scope] = ideas
        return self._splits[scope]

    def _may_split(self, theme_id: str, members: Mapping[str, None]) -> bool:
        """Not what is empty by now, what people pinned or put together, or said is one thing."""
        if not members:
            return False
        told = [texts for known, texts in self._answers.whole if known == theme_id]
        if self._places[theme_id].is_pinned or theme_id in self._joined():
            return False
        return all(len(members) >= GROWN_TIMES * texts for texts in told)

    def _joined(self) -> set[str]:
        return {place.root_id for place in self._places.values() if place.root_id != place.id}

    def _split(self, theme_id: str, scope: str, ids: Sequence[str]) -> SplitIdea | None:
        grouping = self._grouping(scope)
        parts = find_parts(grouping.centred(np.array([self._shelf.vector(i) for i in ids])))
        if parts is None:
            return None
        smaller = tuple(i for i, goes in zip(ids, parts.smaller, strict=True) if goes)
        gone = set(smaller)
        larger = tuple(i for i in ids if i not in gone)
        texts = [[self._items[i].text for i in part] for part in (smaller, larger)]
        name = name_theme(texts[0][-NAMED_FROM:], texts[1][-NAMED_AGAINST:])
        return SplitIdea(theme_id, smaller, larger, parts.between, parts.within, name)

    def search(self, question: str, k: int, among: set[str]) -> list[str]:
        """Up to ``k`` feedback ids ``among`` those given, best first."""
        for feedback_id in sorted(self._unindexed):
            self._index.add_words(feedback_id, self._items[feedback_id].text)
        self._unindexed.clear()
        return self._index.search(question, k, among=among)

    def _placed(self, scope: str, feedback_id: str, vector: Floats) -> tuple[int | None, str]:
        grouping = self._grouping(scope)
        group = grouping.best(vector)
        if group is not None:
            return group, ""
        for other_id, other_scope, other in reversed(self._openings):
            is_waiting = other_scope == scope and other_id not in self._items
            if is_waiting and grouping.are_one(other, vector):
                return None, other_id
        self._openings.append((feedback_id, scope, vector))
        return None, ""

    def _name(self, scope: str, group: int | None, text: str) -> str:
        known = self._members.get((scope, group), {}) if group is not None else {}
        own = [self._items[one].text for one in islice(reversed(known), NAMED_FROM)]
        others: list[str] = []
        for item in islice(reversed(self._items.values()), 2 * NAMED_AGAINST):
            place = self._places.get(item.theme_id or "")
            if place and place.scope == scope and place.group != group:
                others.append(item.text)
        return name_theme([*own, text], others[:NAMED_AGAINST])

    def _grouping(self, scope: str) -> Grouping:
        if scope not in self._groupings:
            self._groupings[scope] = Grouping(self.vectors)
        return self._groupings[scope]

    def _root(self, item: Item) -> str:
        place = self._places.get(item.theme_id or "")
        return place.root_id if place else ""

    def _keep_place(self, item: Item) -> None:
        if place := self._places.get(item.theme_id or ""):
            self._grouping(place.scope).keep(place.group, self._shelf.vector(item.id))
            self._members.setdefault((place.scope, place.group), {})[item.id] = None

    def _forget_place(self, feedback_id: str) -> None:
        item = self._items.get(feedback_id)
        place = self._places.get(item.theme_id or "") if item else None
        if item and place:
            self._grouping(place.scope).forget(place.group, self._shelf.vector(feedback_id))
            self._members.get((place.scope, place.group), {}).pop(feedback_id, None)

    def _learn(self) -> None:
        if not self._has_new_labels:
            return
        self._has_new_labels = False
        self._learn_kinds()
        self._learn_areas()

    def _learn_kinds(self) -> None:
        """People's kinds, and as many that they let stand: both must speak for what is learnt."""
        newest = list(reversed(self._items.values()))
        told = [item for item in newest if item.is_kind_told][:LABELS]
        kept = [item for item in newest if not item.is_kind_told][:LABELS] if told else []
        rows = [*told, *kept]
        # Their vectors stand on the shelf: to make them anew would take seconds.
        vectors = np.array([self._shelf.vector(item.id) for item in rows], dtype=np.float32)
        self._kinds.fit([item.text for item in rows], [item.kind for item in rows], vectors)

    def _learn_areas(self) -> None:
        texts = [(text, area) for area, examples in self._examples.items() for text in examples]
        known, counts = set(self._examples), Counter[str]()
        taught = []
        for item in reversed(self._items.values()):
            if item.is_area_told and item.area in known and counts[item.area] < EXAMPLES_AN_AREA:
                counts[item.area] += 1
                taught.append(item)
        if self._example_rows is None:
            self._example_rows = self.vectors.embed([text for text, _ in texts])
        rows = [
            *self._example_rows,
            *(self._shelf.vector(i.id) for i in taught),
        ]
        labels = [*(area for _, area in texts), *(item.area for item in taught)]
        self._areas.fit_rows(np.array(rows, dtype=np.float32), labels)


def _bare(item: Item) -> Item:
    return replace(item, vector=NO_VECTOR)


def _is_same_place(one: Item, other: Item) -> bool:
    return one.theme_id == other.theme_id and one.text == other.text


def _labels(item: Item | None) -> tuple[object, object]:
    if item is None:
        return False, False
    kind = item.kind if item.is_kind_told else False
    return kind, item.area if item.is_area_told else False
