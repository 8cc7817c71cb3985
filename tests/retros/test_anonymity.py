"""Anonymous retros: nothing that is kept or said joins a person to what they wrote."""

import json
from typing import Any

from sqlalchemy import select, text

from bot.db.schema import metadata
from bot.entries.tables import Entry
from bot.retros.tables import RetroAnswer, RetroMark
from tests.conftest import Stage
from tests.retros.conftest import (
    answer,
    click,
    close,
    crowd,
    headline,
    hold,
    rows,
    runs,
    set_up,
    submit,
    thread,
    top_view,
    words,
)

SECRET = "The release train scares me"


async def _everything(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    kept = {}
    async with stage.deps.db.read() as session:
        for name in metadata().tables:
            found = await session.execute(text(f'SELECT * FROM "{name}"'))
            kept[name] = [dict(row) for row in found.mappings()]
    return kept


async def test_no_row_of_any_table_holds_both_an_answer_and_its_author(stage: Stage) -> None:
    author, _ = crowd(stage, stage.rooms.product)
    head = await hold(stage, anonymous="yes")
    await answer(stage, head, user=author, q0=SECRET)
    await close(stage, head)

    kept = await _everything(stage)
    with_text = [
        (name, row)
        for name, found in kept.items()
        for row in found
        if SECRET in json.dumps(row, default=str)
    ]
    assert {name for name, _ in with_text} >= {"retro_answer", "delivery"}
    assert not [name for name, row in with_text if author in json.dumps(row, default=str)]
    [kept_answer] = kept["retro_answer"]
    assert set(kept_answer) == {"workspace_id", "id", "run_id", "question", "text", "author_id"}
    assert kept_answer["author_id"] is None


async def test_the_author_stands_in_no_row_that_came_of_answering(stage: Stage) -> None:
    author, _ = crowd(stage, stage.rooms.product)
    head = await hold(stage, anonymous="yes")
    await answer(stage, head, user=author, q0=SECRET)
    await close(stage, head)

    kept = await _everything(stage)
    named = {
        name
        for name, found in kept.items()
        for row in found
        if author in json.dumps(row, default=str)
    }
    assert named <= {"member"}


async def test_the_thread_and_the_headline_name_nobody(stage: Stage) -> None:
    author, _ = crowd(stage, stage.rooms.product)
    head = await hold(stage, anonymous="yes")
    await answer(stage, head, user=author, q0=SECRET)
    await close(stage, head)

    said = words(headline(stage)) + words(thread(stage, head)[0])
    assert SECRET in said
    assert author not in said
    assert "member0" not in said


async def test_answers_are_written_again_in_another_order_with_each_new_one(stage: Stage) -> None:
    first, second = crowd(stage, stage.rooms.product)
    head = await hold(stage, anonymous="yes")
    await answer(stage, head, user=first, q0="one", q1="two")
    before = {row.id for row in await rows(stage, RetroAnswer)}
    await answer(stage, head, user=second, q0="three")

    after = await rows(stage, RetroAnswer)
    assert {row.text for row in after} == {"one", "two", "three"}
    assert not before & {row.id for row in after}


async def test_answering_again_adds_shows_nothing_and_counts_once(stage: Stage) -> None:
    author, _ = crowd(stage, stage.rooms.product)
    head = await hold(stage, anonymous="yes")
    await answer(stage, head, user=author, q0=SECRET)
    await click(stage, head, "retro.run.answer", user=author)
    form = words(top_view(stage, author))
    assert SECRET not in form
    assert "cannot be changed" in form
    await submit(stage, {"q0": "Another thing"}, author)

    assert "*Answered so far:* 1" in words(headline(stage))
    assert len(await rows(stage, RetroAnswer)) == 2
    async with stage.deps.db.read() as session:
        [mark] = await session.scalars(select(RetroMark.mark))
    assert author not in mark


async def test_that_somebody_answered_is_logged_without_who(stage: Stage) -> None:
    author, _ = crowd(stage, stage.rooms.product)
    head = await hold(stage, anonymous="yes")
    await answer(stage, head, user=author, q0=SECRET)

    async with stage.deps.db.read() as session:
        query = select(Entry).where(Entry.kind == "retro.answered")
        [line] = await session.scalars(query)
    assert (line.actor, line.facts["answered"]) == ("", 1)


async def test_fewer_than_four_members_cannot_be_anonymous_and_the_form_says_why(
    stage: Stage,
) -> None:
    crowd(stage, stage.rooms.voice, 1)  # with ana, ben and a guest
    done = await set_up(stage, channel=stage.rooms.voice, anonymous="yes")

    assert done.result == "errors"
    assert "fewer than 4 members" in done.errors["anonymous"]
    assert await runs(stage) == []


async def test_a_scheduled_anonymous_retro_does_not_open_once_people_have_left(
    stage: Stage,
) -> None:
    _, leaver = crowd(stage, stage.rooms.product)
    await set_up(stage, when="every day at 15:00 Berlin", anonymous="yes")
    stage.world.channels.remove_member(stage.rooms.product, leaver)
    await stage.after(hours=10)

    assert await runs(stage) == []
    assert "did not open" in stage.dms(stage.who.ana)[-1].text


async def test_both_forms_say_what_cannot_be_hidden(stage: Stage) -> None:
    author, _ = crowd(stage, stage.rooms.product)
    await stage.people.command(stage.who.ana, stage.rooms.product, "/retro Sprint")
    assert "cannot hide" in words(top_view(stage, stage.who.ana))
    head = await hold(stage, anonymous="yes")
    await click(stage, head, "retro.run.answer", user=author)

    assert "cannot hide" in words(top_view(stage, author))
