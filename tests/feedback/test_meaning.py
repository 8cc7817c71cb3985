"""Feedback grouped by meaning, with the local model: vectors kept, made anew, and done without."""

import asyncio

import pytest
from sqlalchemy import delete, select, update

from bot.ai.embedder import Embedder
from bot.ai.lexical import Lexical
from bot.ai.vectors import Floats, Vectors
from bot.feedback.grouping import Reader
from bot.feedback.tables import Feedback, TextVector, Theme
from bot.feedback.vectors import ask_for_vectors
from tests.conftest import Stage
from tests.feedback.desk import items, react, said, whisper

MEANT = ("I cannot sign in", "Logging on to my account fails", "the login page rejects my password")


@pytest.fixture(scope="session")
def model() -> Embedder:
    return Embedder()


@pytest.fixture
def vectors(model: Embedder) -> Vectors:
    return model


async def log(stage: Stage, *texts: str) -> None:
    for text in texts:
        await react(stage, await said(stage, text))


async def stored(stage: Stage) -> dict[str, TextVector]:
    async with stage.deps.db.read() as session:
        return {row.subject_id: row for row in await session.scalars(select(TextVector))}


async def test_what_means_the_same_is_one_theme_and_the_receipt_says_so(stage: Stage) -> None:
    await log(stage, *MEANT, "The invoice shows the wrong address")
    *same, other = await items(stage)
    assert len({item.theme_id for item in same}) == 1
    assert other.theme_id != same[0].theme_id
    await log(stage, "I can't log in to my account")
    assert "like theme #" in (await whisper(stage)).text


class Noticed:
    """The local model, and whether it was asked for anything."""

    def __init__(self, model: Embedder) -> None:
        self.model_id, self._model = model.model_id, model
        self.asked: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def embed(self, texts: list[str]) -> Floats:
        rows = self._model.embed(texts)
        self.asked.get_loop().call_soon_threadsafe(self._notice)
        return rows

    def _notice(self) -> None:
        if not self.asked.done():
            self.asked.set_result(None)


async def test_the_model_is_loaded_at_a_first_sign_of_life_and_not_before(
    stage: Stage, model: Embedder
) -> None:
    noticed = Noticed(model)
    reader = stage.deps.feedback
    reader.vectors = noticed
    assert not noticed.asked.done()
    await said(stage, "Good morning, all")
    await stage.settle()
    await noticed.asked
    assert not await items(stage)


async def test_a_vector_is_kept_with_the_model_that_made_it_and_follows_an_edit(
    stage: Stage, model: Embedder
) -> None:
    ts = await said(stage, MEANT[0])
    await react(stage, ts)
    [item] = await items(stage)
    [row] = (await stored(stage)).values()
    assert (row.subject_id, row.model_id) == (item.id, model.model_id)
    assert row.vector == model.embed([MEANT[0]])[0].astype("<f4").tobytes()
    await stage.people.edit(stage.who.ben, stage.rooms.voice, ts, "Please add dark mode")
    await stage.settle()
    [row] = (await stored(stage)).values()
    assert row.vector == model.embed(["Please add dark mode"])[0].astype("<f4").tobytes()


async def test_vectors_of_another_model_are_made_anew_by_a_job(
    stage: Stage, model: Embedder
) -> None:
    await log(stage, *MEANT)
    before = {key: row.vector for key, row in (await stored(stage)).items()}
    async with stage.deps.db.write() as session:
        await session.execute(update(TextVector).values(model_id="older", vector=b"xxxx"))
        await ask_for_vectors(
            session, stage.workspace_id, model.model_id, at=stage.deps.clock.now()
        )
    await stage.settle()
    after = await stored(stage)
    assert {row.model_id for row in after.values()} == {model.model_id}
    assert {key: row.vector for key, row in after.items()} == before


async def test_nothing_is_asked_for_when_no_vector_is_missing(
    stage: Stage, model: Embedder
) -> None:
    await log(stage, MEANT[0])
    async with stage.deps.db.write() as session:
        asked = await ask_for_vectors(
            session, stage.workspace_id, model.model_id, at=stage.deps.clock.now()
        )
    assert not asked


async def test_a_restart_goes_on_with_the_themes_there_are(stage: Stage) -> None:
    await log(stage, *MEANT[:2])
    stage.deps.feedback.forget(stage.workspace_id)
    await log(stage, MEANT[2])
    assert len({item.theme_id for item in await items(stage)}) == 1


async def test_texts_whose_vectors_are_lost_are_still_grouped_with(stage: Stage) -> None:
    await log(stage, *MEANT[:2])
    async with stage.deps.db.write() as session:
        await session.execute(delete(TextVector))
    stage.deps.feedback.forget(stage.workspace_id)
    await log(stage, MEANT[2])
    assert len({item.theme_id for item in await items(stage)}) == 1


async def test_what_is_taken_back_no_longer_draws_others_to_its_theme(stage: Stage) -> None:
    ts = await said(stage, MEANT[0])
    await react(stage, ts)
    await stage.people.unreact(stage.who.ana, stage.rooms.voice, ts, "memo")
    await stage.settle()
    await log(stage, MEANT[1])
    async with stage.deps.db.read() as session:
        themes = list(await session.scalars(select(Theme)))
        last = await session.scalar(select(Feedback).where(Feedback.withdrawn_at.is_(None)))
    assert len(themes) == 2
    assert last is not None
    assert last.theme_id == themes[1].id


async def test_two_openings_side_by_side_become_one_theme(stage: Stage) -> None:
    reader = stage.deps.feedback
    first = await reader.read(stage.workspace_id, "", "f1", MEANT[0])
    second = await reader.read(stage.workspace_id, "", "f2", MEANT[1])
    assert (first.group_id, first.beside) == (None, "")
    assert (second.group_id, second.beside) == (None, "f1")


async def test_where_the_model_is_missing_words_decide_and_no_vector_is_stored(
    stage: Stage,
) -> None:
    reader = Reader(stage.deps.db, Lexical())
    reading = await reader.read(stage.workspace_id, "", "f1", "The CSV export crashes")
    assert (reading.kind, reading.vector, reading.model_id) == ("bug", b"", "")
    assert await reader.embed(["anything"]) == [b""]
