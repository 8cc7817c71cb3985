"""Themes that may be one: asked of people in the App Home, with evidence, undoable, logged."""

import re
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from bot.ai.vectors import Floats, Vectors
from bot.entries.tables import Entry
from bot.feedback.queries import find_themes
from bot.feedback.tables import Theme
from tests.conftest import Stage
from tests.feedback.desk import items, react, said
from tests.feedback.telling import buttons_of, words_of

# Near enough to ask about, too far to join: a cosine of .445 one way, none the other.
POINTS = {"export": (1.0, 0.0, 0.0), "csv": (0.445, 0.8955, 0.0), "login": (0.0, 0.0, 1.0)}


class Spots:
    """Texts are points by their first word; all others are nowhere."""

    model_id = "spots"

    def embed(self, texts: list[str]) -> Floats:
        found = [POINTS.get(text.split(" ")[0], (0.0, 0.0, 0.0)) for text in texts]
        return np.array(found, dtype=np.float32).reshape(-1, 3)


@pytest.fixture
def vectors() -> Vectors:
    return Spots()


@pytest.fixture
async def logged(stage: Stage) -> Stage:
    """Two exports, one csv, two logins: three themes, the first two close."""
    for text in ("export a", "export b", "csv c", "login d", "login e"):
        await react(stage, await said(stage, text))
    return stage


async def home(stage: Stage, user: str = "") -> dict[str, Any]:
    await stage.people.open_home(user or stage.who.ana)
    await stage.settle()
    view = stage.world.views.home(user or stage.who.ana)
    assert view is not None
    return {"id": view.id, "blocks": view.body["blocks"]}


async def click(stage: Stage, label: str, user: str = "") -> None:
    shown = await home(stage, user)
    [button] = buttons_of(shown["blocks"])[label]
    await stage.people.click(user or stage.who.ana, button, view_id=shown["id"])
    await stage.settle()


async def themes(stage: Stage) -> list[Theme]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(Theme).order_by(Theme.number)))


async def seen(stage: Stage) -> list[tuple[int, int]]:
    """(number, items) of the themes that Ana sees."""
    asker = await stage.deps.places.all()[0].directory.asker(
        stage.who.ana, at=stage.deps.clock.now()
    )
    async with stage.deps.db.read() as session:
        return sorted((t.number, t.items) for t in await find_themes(session, asker))


async def kinds(stage: Stage) -> list[str]:
    async with stage.deps.db.read() as session:
        lines = await session.scalars(
            select(Entry.kind).where(Entry.subject_kind == "theme").order_by(Entry.seq)
        )
        return list(lines)


async def test_two_close_themes_are_shown_with_the_words_of_both(logged: Stage) -> None:
    read = words_of((await home(logged))["blocks"])
    assert "the same thing?" in read
    assert "csv c" in read
    assert "export b" in read
    assert "login" not in read
    # Each with its number above it.
    assert re.search(r"the same thing\?\n\*#\d+\*\n(> .*\n)+\*#\d+\*\n> ", read)


async def test_yes_lets_the_smaller_join_and_both_keep_their_numbers(logged: Stage) -> None:
    large, small, other = await themes(logged)
    await click(logged, "Same")
    assert await seen(logged) == [(large.number, 3), (other.number, 2)]
    again = await themes(logged)
    assert [t.number for t in again] == [large.number, small.number, other.number]
    assert again[1].merged_into == large.id
    assert await kinds(logged) == ["theme.merged"]
    assert "the same thing?" not in words_of((await home(logged))["blocks"])


async def test_what_comes_later_joins_the_theme_that_it_is_by_then(logged: Stage) -> None:
    large, *_ = await themes(logged)
    await click(logged, "Same")
    await react(logged, await said(logged, "csv again"))
    assert (large.number, 4) in await seen(logged)
    assert len(await themes(logged)) == 3


async def test_undo_makes_two_of_them_again(logged: Stage) -> None:
    before = await seen(logged)
    await click(logged, "Same")
    await click(logged, "Undo")
    assert await seen(logged) == before
    assert await kinds(logged) == ["theme.merged", "theme.answer_undone"]
    assert "the same thing?" in words_of((await home(logged))["blocks"])


async def test_no_is_not_asked_again_by_anybody(logged: Stage) -> None:
    await click(logged, "Different")
    for user in (logged.who.ana, logged.who.ben):
        assert "the same thing?" not in words_of((await home(logged, user))["blocks"])
    await react(logged, await said(logged, "csv once more"))
    assert "the same thing?" not in words_of((await home(logged))["blocks"])
    assert await kinds(logged) == ["theme.kept_apart"]


async def test_a_pinned_theme_is_not_asked_about(logged: Stage) -> None:
    large, *_ = await themes(logged)
    await click(logged, f"Pin #{large.number}")
    assert "the same thing?" not in words_of((await home(logged))["blocks"])
    assert await kinds(logged) == ["theme.pinned"]


async def test_a_second_click_on_an_answered_pair_is_told_what_happened(logged: Stage) -> None:
    shown = await home(logged)
    await click(logged, "Same", logged.who.ben)
    [button] = buttons_of(shown["blocks"])["Same"]
    await logged.people.click(logged.who.ana, button, view_id=shown["id"])
    await logged.settle()
    assert len(await kinds(logged)) == 1


async def test_guests_and_people_outside_a_private_channel_are_not_asked(stage: Stage) -> None:
    for text in ("export a", "export b", "csv c"):
        await react(stage, await said(stage, text, stage.rooms.leads, user=stage.who.ana),
                    stage.rooms.leads)  # fmt: skip
    assert "the same thing?" in words_of((await home(stage))["blocks"])
    assert "the same thing?" not in words_of((await home(stage, stage.who.ben))["blocks"])
    assert "the same thing?" not in words_of((await home(stage, stage.who.gil))["blocks"])
    assert len(await items(stage)) == 3
