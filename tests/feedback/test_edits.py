"""What an edit or a deletion of a message does to what was logged from it, and what stays."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.session import Database
from bot.errors import BadInput, NotFound
from bot.feedback.edits import Edit, follow_deletion, follow_edit
from bot.feedback.memory import Reading
from bot.feedback.pieces import join_same, part_again, split_item
from bot.feedback.service import correct, get_feedback, move_to_theme
from bot.feedback.tables import Feedback
from bot.feedback.triage import DISMISS, sort_item, undo_sorting
from tests.conftest import Stage
from tests.feedback.desk import items, react, said
from tests.feedback.seeds import ANA, AT, TEAM, Seeds

# Read in the new words: a crash of the import, which is the group of the second theme.
CRASH = Reading("bug", "import", 3, "negative", group_id=2, beside="", theme_name="import")


@pytest.fixture
async def seeds(db: Database) -> Seeds:
    found = Seeds(db)
    await found.begin()
    await found.theme("dark mode")
    await found.theme("import")
    return found


async def edited(seeds: Seeds, **chosen: Any) -> Feedback:
    """Feedback of the first theme, corrected by a person, then edited into a crash."""
    one = await seeds.said("dark mode", text="Please add dark mode", sentiment="neutral")
    async with seeds.db.write() as session:
        if theme := chosen.pop("theme", ""):
            await move_to_theme(session, TEAM, one, theme, by=ANA, at=AT)
        await correct(session, TEAM, one, by=ANA, at=AT, **chosen)
    async with seeds.db.write() as session:
        edit = Edit(one, "The import crashes", CRASH, "m", b"")
        row = await get_feedback(session, TEAM, one)
        await follow_edit(session, row, edit, by="U9", at=AT)
    async with seeds.db.read() as session:
        return await get_feedback(session, TEAM, one)


async def test_an_edited_message_is_read_anew(seeds: Seeds) -> None:
    row = await edited(seeds)
    assert (row.kind, row.sentiment, row.area) == ("bug", "negative", "import")
    assert (row.importance, row.theme_id) == (3, "import")


@pytest.mark.parametrize(
    ("chosen", "field", "stays"),
    [
        ({"kind": "praise"}, "kind", "praise"),
        ({"area": "looks"}, "area", "looks"),
        ({"mood": "positive"}, "sentiment", "positive"),
        ({"importance": 1}, "importance", 1),
        ({"theme": "other"}, "theme_id", "other"),
    ],
)
async def test_what_a_person_set_stays_though_the_message_is_edited(
    seeds: Seeds, chosen: dict[str, Any], field: str, stays: object
) -> None:
    await seeds.theme("other")
    row = await edited(seeds, **chosen)
    assert getattr(row, field) == stays
    others = {"kind": "bug", "area": "import", "sentiment": "negative", "importance": 3}
    others.pop(field, None)
    assert {name: getattr(row, name) for name in others} == others


async def test_a_split_keeps_the_importance_that_a_person_set(seeds: Seeds) -> None:
    one = await seeds.said("dark mode")
    async with seeds.db.write() as session:
        await correct(session, TEAM, one, by=ANA, at=AT, importance=1)
        row = await get_feedback(session, TEAM, one)
        await split_item(session, row, [("It crashes", CRASH), ("So", CRASH)], by=ANA, at=AT)
        assert (row.importance, row.kind) == (1, "bug")


async def test_what_was_said_before_does_not_come_back_once_its_message_is_deleted(
    seeds: Seeds,
) -> None:
    first, again = [await seeds.said("dark mode") for _ in "12"]
    async with seeds.db.write() as session:
        row, into = [await get_feedback(session, TEAM, one) for one in (again, first)]
        await join_same(session, row, into, by=ANA, at=AT)
        assert await follow_deletion(session, row, at=AT)
        assert not await follow_deletion(session, row, at=AT)
        with pytest.raises(NotFound, match="message is gone"):
            await part_again(session, row, by=ANA, at=AT)
        assert row.withdrawn_at


async def test_what_was_counted_with_a_message_speaks_for_itself_once_that_is_deleted(
    seeds: Seeds,
) -> None:
    first, again = [await seeds.said("dark mode") for _ in "12"]
    async with seeds.db.write() as session:
        row, into = [await get_feedback(session, TEAM, one) for one in (again, first)]
        await join_same(session, row, into, by=ANA, at=AT)
        await follow_deletion(session, into, at=AT)
        standing = select(Feedback.id).where(Feedback.withdrawn_at.is_(None))
        assert list(await session.scalars(standing)) == [again]


async def test_what_was_dismissed_does_not_come_back_once_its_message_is_deleted(
    seeds: Seeds,
) -> None:
    one = await seeds.said("dark mode")
    async with seeds.db.write() as session:
        was = await sort_item(session, TEAM, one, DISMISS, by=ANA, at=AT)
        row = await get_feedback(session, TEAM, one)
        await follow_deletion(session, row, at=AT)
        assert was
        with pytest.raises(BadInput, match="no longer logged"):
            await undo_sorting(session, TEAM, was, by=ANA, at=AT)
        assert row.withdrawn_at


async def test_an_edit_in_slack_changes_the_kind_too(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    [item] = await items(stage)
    assert item.kind == "request"
    text = "The CSV export crashes every time, it is broken"
    await stage.people.edit(stage.who.ben, stage.rooms.voice, ts, text)
    await stage.settle()
    [item] = await items(stage)
    assert (item.text, item.kind, item.sentiment) == (text, "bug", "negative")
