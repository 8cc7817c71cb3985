"""Keeps what is learnt from feedback in step with the tables; all CPU work runs in a thread.

The shared log tells what changed: each look reads the lines since the last one.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.ai.embedder import find_vectors, give_back_memory
from bot.ai.lexical import LEXICAL_PREFIX, Lexical
from bot.ai.vectors import Vectors
from bot.db.session import Database
from bot.entries.tables import Entry
from bot.errors import DaybookError
from bot.feedback.memory import Item, Memory, Reading, SplitIdea
from bot.feedback.stored_themes import find_answers, find_places
from bot.feedback.tables import (
    Area,
    Feedback,
    TextVector,
    Theme,
)

__all__ = ["Reader", "Reading"]

log = structlog.get_logger()

FEEDBACK = "feedback"
# Read at once: well under the most variables that a query may have on any database.
CHUNK = 500
# So many texts without a vector of this model are embedded on the way (.5 s); for more, words
# decide until the job that makes vectors has been through.
MISSING_AT_MOST = 50
# Changes of the log that concern what is learnt.
SUBJECTS = ("feedback", "theme", "area")


@dataclass
class _Known:
    memory: Memory
    seq: int
    is_by_words: bool  # for want of vectors, although there is a model


class Reader:
    """Reads feedback texts of all workspaces of this process."""

    def __init__(self, db: Database, vectors: Vectors | None = None) -> None:
        self._db = db
        self.vectors: Vectors = vectors or find_vectors()
        self.has_model = not self.vectors.model_id.startswith(LEXICAL_PREFIX)
        self._known: dict[str, _Known] = {}
        self._lock = asyncio.Lock()
        self._begun: dict[str, asyncio.Task[None]] = {}

    def begin(self, workspace_id: str) -> None:
        """Load the model and what is known of a workspace, once, while the caller goes on.

        The first text would wait for it, over a second; a process that sees none needs neither.
        """
        if self.has_model and workspace_id not in self._begun:
            self._begun[workspace_id] = asyncio.create_task(self._prepare(workspace_id))

    async def _prepare(self, workspace_id: str) -> None:
        try:
            async with self._lock:
                memory = await self._current(workspace_id)
                await asyncio.to_thread(memory.prepare)
        except DaybookError as error:
            # Nobody asked yet: who does, is told.
            log.warning("meaning.not_prepared", problem=str(error))

    async def aclose(self) -> None:
        """Stop what was begun."""
        for task in self._begun.values():
            task.cancel()
        await asyncio.gather(*self._begun.values(), return_exceptions=True)

    async def read(self, workspace_id: str, scope: str, feedback_id: str, text: str) -> Reading:
        """Classify ``text`` and find its theme within ``scope`` (empty: public channels).

        ``feedback_id`` is the id that it will be stored under.
        """
        async with self._lock:
            memory = await self._current(workspace_id)
            return await asyncio.to_thread(memory.read, scope, feedback_id, text)

    async def alike(
        self, workspace_id: str, scope: str, group: int | None, text: str
    ) -> list[tuple[str, float]]:
        """Return the feedback of one theme most like ``text``: ids and likeness, best first."""
        if group is None:
            return []
        async with self._lock:
            memory = await self._current(workspace_id)
            return await asyncio.to_thread(memory.alike, scope, group, text)

    async def place_again(self, workspace_id: str, feedback_id: str, without: str) -> int | None:
        """Return the group that feedback joins if not theme ``without``; None: a new one."""
        async with self._lock:
            memory = await self._current(workspace_id)
            found = await asyncio.to_thread(memory.place_again, feedback_id, without)
            del self._known[workspace_id]  # what was tried is not what is stored
            return found

    async def search(
        self, workspace_id: str, question: str, ids: Iterable[str], k: int
    ) -> list[str]:
        """Return up to ``k`` of the feedback ``ids`` that the asker may see, best first."""
        async with self._lock:
            memory = await self._current(workspace_id)
            return await asyncio.to_thread(memory.search, question, k, set(ids))

    async def themes_near(
        self, workspace_id: str, feedback_ids: Sequence[str], k: int
    ) -> dict[str, list[str]]:
        """Return up to ``k`` themes (as they are now) near each feedback, the nearest first."""
        async with self._lock:
            memory = await self._current(workspace_id)
            return await asyncio.to_thread(memory.themes_near, feedback_ids, k)

    async def pairs_to_ask(
        self, workspace_id: str, scope: str, count: int
    ) -> list[tuple[str, str, float]]:
        """Return pairs of themes most worth asking about: larger, smaller, average link."""
        async with self._lock:
            memory = await self._current(workspace_id)
            pairs = await asyncio.to_thread(memory.pairs_to_ask, scope, count)
            return [(larger, smaller, pair.link) for pair, larger, smaller in pairs]

    async def splits_to_ask(self, workspace_id: str, scope: str) -> list[SplitIdea]:
        """Return themes that may be two things, the clearest first."""
        async with self._lock:
            memory = await self._current(workspace_id)
            return await asyncio.to_thread(memory.splits_to_ask, scope)

    async def embed(self, texts: list[str]) -> list[bytes]:
        """Return vectors as they are stored, in the order of the texts; empty without a model."""
        if not self.has_model:
            return [b"" for _ in texts]
        rows = await asyncio.to_thread(self.vectors.embed, texts)
        return [row.astype("<f4").tobytes() for row in rows]

    def forget(self, workspace_id: str) -> None:
        """Read everything anew at the next look."""
        self._known.pop(workspace_id, None)

    async def _current(self, workspace_id: str) -> Memory:
        known = self._known.get(workspace_id)
        async with self._db.read() as session:
            if known and known.is_by_words:
                missing = await count_missing(session, workspace_id, self.vectors.model_id)
                known = None if missing <= MISSING_AT_MOST else known
            if known is None:
                known = await self._all(session, workspace_id)
            else:
                await self._catch_up(session, workspace_id, known)
        self._known[workspace_id] = known
        return known.memory

    async def _all(self, session: AsyncSession, workspace_id: str) -> _Known:
        seq = await session.scalar(
            select(func.max(Entry.seq)).where(Entry.workspace_id == workspace_id)
        )
        missing = 0
        if self.has_model:
            missing = await count_missing(session, workspace_id, self.vectors.model_id)
        by_words = missing > MISSING_AT_MOST
        vectors = Lexical() if by_words else self.vectors
        memory = Memory(vectors, stores_vectors=self.has_model and not by_words)
        query = select(Feedback.id).where(*is_readable(workspace_id)).order_by(Feedback.number)
        ids = list(await session.scalars(query))
        for start in range(0, len(ids), CHUNK):
            # All at once would hold each vector twice, and leave holes where they were.
            some = ids[start : start + CHUNK]
            rows = await _read_rows(session, workspace_id, vectors.model_id, some)
            memory.stack(await asyncio.to_thread(_items, vectors, rows))
        places = await find_places(session, workspace_id)
        answers = await find_answers(session, workspace_id)
        await asyncio.to_thread(memory.set_themes, places, answers)
        await asyncio.to_thread(give_back_memory)
        await self._take_areas(session, workspace_id, memory)
        return _Known(memory, seq or 0, by_words)

    async def _catch_up(self, session: AsyncSession, workspace_id: str, known: _Known) -> None:
        news = await session.execute(
            select(Entry.seq, Entry.subject_kind, Entry.subject_id)
            .where(Entry.workspace_id == workspace_id, Entry.seq > known.seq)
            .order_by(Entry.seq)
        )
        lines = news.tuples().all()
        if not lines:
            return
        ids = list(dict.fromkeys(i for _, kind, i in lines if kind == FEEDBACK))
        kinds = {kind for _, kind, _ in lines}
        for start in range(0, len(ids), CHUNK):
            await self._take_some(session, workspace_id, known.memory, ids[start : start + CHUNK])
        if "theme" in kinds:
            await self._take_themes(session, workspace_id, known.memory)
        if "area" in kinds:
            await self._take_areas(session, workspace_id, known.memory)
        known.seq = lines[-1][0]

    async def _take_some(
        self, session: AsyncSession, workspace_id: str, memory: Memory, ids: Sequence[str]
    ) -> None:
        rows = await _read_rows(session, workspace_id, memory.vectors.model_id, ids)
        items = await asyncio.to_thread(_items, memory.vectors, rows)
        await asyncio.to_thread(memory.drop, set(ids) - {item.id for item in items})
        unknown = {item.theme_id for item in items if not memory.knows_theme(item.theme_id)}
        if unknown:
            memory.add_themes(await find_places(session, workspace_id, Theme.id.in_(unknown)))
        await asyncio.to_thread(memory.put, items)

    async def _take_themes(self, session: AsyncSession, workspace_id: str, memory: Memory) -> None:
        places = await find_places(session, workspace_id)
        answers = await find_answers(session, workspace_id)
        await asyncio.to_thread(memory.set_themes, places, answers)

    async def _take_areas(self, session: AsyncSession, workspace_id: str, memory: Memory) -> None:
        query = select(Area.name, Area.examples).where(Area.workspace_id == workspace_id)
        memory.set_areas(dict((await session.execute(query.order_by(Area.id))).tuples().all()))


async def count_missing(session: AsyncSession, workspace_id: str, model_id: str) -> int:
    """Return how many texts have no vector by this model."""
    query = select(func.count()).select_from(Feedback).where(*is_readable(workspace_id))
    return await session.scalar(query.where(has_no_vector(workspace_id, model_id))) or 0


def is_readable(workspace_id: str) -> tuple[ColumnElement[bool], ...]:
    """Build the filter for feedback whose words stand."""
    return (
        Feedback.workspace_id == workspace_id,
        Feedback.withdrawn_at.is_(None),
        Feedback.redacted_at.is_(None),
    )


def has_no_vector(workspace_id: str, model_id: str) -> ColumnElement[bool]:
    """Build the filter for feedback without a vector by this model.

    Not a join: of tables without statistics Postgres would compare each text with each vector.
    """
    made = select(TextVector.subject_id).where(
        TextVector.workspace_id == workspace_id,
        TextVector.subject_kind == FEEDBACK,
        TextVector.model_id == model_id,
    )
    return Feedback.id.not_in(made)


async def _read_rows(
    session: AsyncSession, workspace_id: str, model_id: str, ids: Sequence[str]
) -> list[Any]:
    """Return feedback as `_items` takes it, each with its vector or None."""
    texts = select(
        Feedback.id,
        Feedback.theme_id,
        Feedback.text,
        Feedback.kind,
        Feedback.area,
        Feedback.kind_chosen_by,
        Feedback.area_chosen_by,
    ).where(*is_readable(workspace_id), Feedback.id.in_(ids))
    stored = select(TextVector.subject_id, TextVector.vector).where(
        TextVector.workspace_id == workspace_id,
        TextVector.subject_kind == FEEDBACK,
        TextVector.model_id == model_id,
        TextVector.subject_id.in_(ids),
    )
    vectors = dict((await session.execute(stored)).tuples().all())
    rows = (await session.execute(texts.order_by(Feedback.number))).tuples()
    return [(*row, vectors.get(row[0])) for row in rows]


def _items(vectors: Vectors, rows: Sequence[Any]) -> list[Item]:
    bare = [row for row in rows if row[-1] is None]
    made = dict(zip((row[0] for row in bare), vectors.embed([r[2] for r in bare]), strict=True))
    return [
        Item(
            id=feedback_id,
            theme_id=theme_id,
            text=text,
            vector=made[feedback_id] if stored is None else np.frombuffer(stored, dtype="<f4"),
            kind=kind,
            area=area,
            is_kind_told=bool(kind_by),
            is_area_told=bool(area_by),
        )
        for feedback_id, theme_id, text, kind, area, kind_by, area_by, stored in rows
    ]
