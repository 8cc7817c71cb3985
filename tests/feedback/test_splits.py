"""A theme that may be two things: asked of people, with words of both, undoable, logged."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from bot.ai.vectors import Floats
from bot.db.session import Database
from bot.entries.tables import Entry
from bot.errors import BadInput
from bot.feedback.grouping import Reader
from bot.feedback.memory import SplitIdea
from bot.feedback.merging import undo_answer
from bot.feedback.proposal_queries import home_answered, home_proposals, home_splits
from bot.feedback.proposal_views import mark_of, render_home_proposals
from bot.feedback.queries import find_themes
from bot.feedback.splitting import keep_whole, split_theme
from bot.feedback.tables import Feedback, Theme
from tests.conftest import Stage
from tests.feedback.desk import react, said
from tests.feedback.seeds import ANA, AT, BEN, SECRET, TEAM, Seeds, guest, member
from tests.feedback.telling import buttons_of, words_of

POINTS = {"export": (1.0, 0.0, 0.0), "login": (0.0, 1.0, 0.0)}


class Spots:
    """Texts are points by their first word; all others are nowhere."""

    model_id = "spots"

    def embed(self, texts: list[str]) -> Floats:
        found = [POINTS.get(text.split(" ")[0], (0.0, 0.0, 0.0)) for text in texts]
        return np.array(found, dtype=np.float32).reshape(-1, 3)


@pytest.fixture
def vectors() -> Spots:
    return Spots()


@pytest.fixture
async def seeds(db: Database) -> Seeds:
    found = Seeds(db)
    await found.begin()
    return found


async def _mixed(seeds: Seeds, room: str = "") -> str:
    """A theme of six exports and four logins."""
    theme = await seeds.theme("mixed", room=room)
    for n in range(10):
        kind = "export" if n < 6 else "login"
        more = {"room": room, "reporter_id": "U7"} if room else {}
        await seeds.said(theme, text=f"{kind} {n}", **more)
    return theme


async def _idea(seeds: Seeds, reader: Reader, user: str = ANA, *rooms: str) -> SplitIdea | None:
    async with seeds.db.read() as session:
        found = await home_splits(session, member(user, *rooms), reader)
    return found[0].idea if found else None


async def _split(seeds: Seeds, idea: SplitIdea) -> None:
    async with seeds.db.write() as session:
        await split_theme(session, TEAM, idea.theme_id, idea.smaller_ids, idea.name, by=ANA, at=AT)


async def _counts(seeds: Seeds) -> list[tuple[int, int]]:
    async with seeds.db.read() as session:
        return sorted((t.number, t.items) for t in await find_themes(session, member()))


async def test_the_larger_part_keeps_the_number_and_undo_makes_one_of_them_again(
    seeds: Seeds,
) -> None:
    theme = await _mixed(seeds)
    reader = Reader(seeds.db, Spots())
    idea = await _idea(seeds, reader)
    assert idea is not None
    assert (idea.theme_id, len(idea.smaller_ids), len(idea.larger_ids)) == (theme, 4, 6)
    await _split(seeds, idea)
    assert await _counts(seeds) == [(1, 6), (1001, 4)]
    async with seeds.db.read() as session:
        assert await home_proposals(session, member(), reader) == []
        [answered] = await home_answered(session, member(), at=AT)
        shown = words_of(render_home_proposals([], [answered]))
        lines = list(await session.scalars(select(Entry.kind).order_by(Entry.seq)))
    assert "#1001 was split off #1" in shown
    assert lines == ["theme.split", *["feedback.moved"] * 4]

    async with seeds.db.write() as session:
        await undo_answer(session, TEAM, answered.id, by=ANA, at=AT)
    assert await _counts(seeds) == [(1, 10)]
    assert await _idea(seeds, reader) is None


async def test_one_thing_is_asked_again_only_when_it_has_doubled(seeds: Seeds) -> None:
    theme = await _mixed(seeds)
    reader = Reader(seeds.db, Spots())
    async with seeds.db.write() as session:
        await keep_whole(session, TEAM, theme, 10, by=ANA, at=AT)
    assert await _idea(seeds, reader) is None
    for n in range(10):
        await seeds.said(theme, text=f"login {n}")
    reader.forget(TEAM)
    assert await _idea(seeds, reader) is not None


async def test_a_pinned_theme_and_a_private_channels_are_not_asked_about_outside(
    seeds: Seeds,
) -> None:
    await _mixed(seeds, SECRET)
    reader = Reader(seeds.db, Spots())
    assert await _idea(seeds, reader, BEN) is None
    assert await _idea(seeds, reader, BEN, SECRET) is not None
    async with seeds.db.read() as session:
        assert await home_splits(session, guest(SECRET), reader) == []
    async with seeds.db.write() as session:
        (await session.get_one(Theme, (TEAM, "mixed"))).is_pinned = True
    reader.forget(TEAM)
    assert await _idea(seeds, reader, BEN, SECRET) is None


async def test_a_theme_that_changed_meanwhile_is_not_split(seeds: Seeds) -> None:
    await _mixed(seeds)
    await seeds.theme("elsewhere")
    idea = await _idea(seeds, Reader(seeds.db, Spots()))
    assert idea is not None
    async with seeds.db.write() as session:
        row = await session.get_one(Feedback, (TEAM, idea.smaller_ids[0]))
        row.theme_id = "elsewhere"
    with pytest.raises(BadInput):
        await _split(seeds, idea)
    assert mark_of(idea) != mark_of(replace(idea, smaller_ids=idea.smaller_ids[1:]))


async def test_it_is_asked_in_the_home_with_words_of_both_and_split_by_a_click(
    stage: Stage,
) -> None:
    for n in range(6):
        await react(stage, await said(stage, f"export {n}"))
    for n in range(4):
        await react(stage, await said(stage, f"login {n}"))
    async with stage.deps.db.write() as session:
        first = await session.scalar(select(Theme.id).order_by(Theme.number).limit(1))
        for row in await session.scalars(select(Feedback)):
            row.theme_id = first
    stage.deps.feedback.forget(stage.workspace_id)
    ana = stage.who.ana
    await stage.people.open_home(ana)
    await stage.settle()
    view = stage.world.views.home(ana)
    assert view is not None
    read = words_of(view.body["blocks"])
    assert "two things?\n*6 like*\n> export 5\n> export 4\n*4 like*\n> login 3" in read
    [yes] = buttons_of(view.body["blocks"])["Two things"]
    await stage.people.click(ana, yes, view_id=view.id)
    await stage.settle()
    view = stage.world.views.home(ana)
    assert view is not None
    assert "was split off" in words_of(view.body["blocks"])
