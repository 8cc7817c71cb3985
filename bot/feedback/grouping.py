"""Which theme a text belongs to, and its kind: local, the same answer every time.

Keeps one grouping a scope in memory, rebuilt from the tables when they hold something else than
it does. All of it is CPU work and runs in a thread.
"""

import asyncio
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.ai.classify import Kinds, importance, sentiment
from bot.ai.lexical import Lexical
from bot.ai.themes import Grouping, name_theme
from bot.db.session import Database
from bot.feedback.tables import Feedback, Theme

# A theme's name is taken from its newest texts; more would not change it and take longer.
NAMED_FROM = 50


@dataclass(frozen=True)
class Reading:
    """What the local intelligence makes of a text."""

    kind: str
    importance: int
    sentiment: str
    group_id: int
    theme_name: str


@dataclass
class _Known:
    """One scope as this process knows it: feedback with its group, and the texts."""

    places: list[tuple[str, int]]
    items: list[tuple[int, str]]
    grouping: Grouping


class Reader:
    """Reads feedback texts of all workspaces of this process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kinds = Kinds()
        self._known: dict[tuple[str, str], _Known] = {}
        self._lock = asyncio.Lock()

    async def read(self, workspace_id: str, scope: str, feedback_id: str, text: str) -> Reading:
        """Classify ``text`` and find its group within ``scope`` (empty: public channels).

        ``feedback_id`` is the id that it will be stored under. If it is not stored after all, the
        next call sees that and rebuilds what it knows.
        """
        async with self._lock:
            known = await self._current(workspace_id, scope)
            reading = await asyncio.to_thread(self._read, known, text)
            known.places.append((feedback_id, reading.group_id))
            known.items.append((reading.group_id, text))
            return reading

    async def _current(self, workspace_id: str, scope: str) -> _Known:
        where = (
            Feedback.workspace_id == workspace_id,
            Feedback.withdrawn_at.is_(None),
            Theme.scope == scope,
        )
        joined = (Theme.workspace_id == Feedback.workspace_id) & (Theme.id == Feedback.theme_id)
        known = self._known.get((workspace_id, scope))
        async with self._db.read() as session:
            ids = select(Feedback.id, Theme.group_id).join(Theme, joined).where(*where)
            rows = await session.execute(ids.order_by(Feedback.number))
            stored = [(feedback_id, group) for feedback_id, group in rows]
            if known and known.places == stored:
                return known
            query = select(Theme.group_id, Feedback.text).join(Theme, joined).where(*where)
            texts = await session.execute(query.order_by(Feedback.number))
            items = [(group, text) for group, text in texts]
            highest = await session.scalar(
                select(func.max(Theme.group_id)).where(
                    Theme.workspace_id == workspace_id, Theme.scope == scope
                )
            )
        grouping = await asyncio.to_thread(_restored, items, (highest or 0) + 1)
        self._known[workspace_id, scope] = _Known(stored, items, grouping)
        return self._known[workspace_id, scope]

    def _read(self, known: _Known, text: str) -> Reading:
        group_id = known.grouping.add(text)
        texts = [words for group, words in known.items if group == group_id][-NAMED_FROM:]
        others = [words for group, words in known.items if group != group_id][-4 * NAMED_FROM :]
        kind = self._kinds.predict([text])[0]
        return Reading(
            kind=kind,
            importance=importance(text),
            sentiment=sentiment(text, kind),
            group_id=group_id,
            theme_name=name_theme([*texts, text], others),
        )


def _restored(items: list[tuple[int, str]], next_id: int) -> Grouping:
    vectors = Lexical()
    rows = vectors.embed([text for _, text in items])
    known = [(group, row) for (group, _), row in zip(items, rows, strict=True)]
    return Grouping.restore(known, vectors=vectors, next_id=next_id)
