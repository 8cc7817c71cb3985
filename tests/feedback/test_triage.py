"""The inbox in the App Home: one click an item, in its place, the last one undone."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.session import Database
from bot.entries.tables import Entry
from bot.errors import BadInput
from bot.feedback.tables import Feedback
from bot.feedback.triage import DISMISS, KEEP, KIND, LATER, THEME, Was, sort_item, undo_sorting
from bot.feedback.triage_queries import count_open, page_ids
from bot.workspaces.asker import Asker
from tests.conftest import Stage
from tests.feedback.desk import emoji_on, items, react, said
from tests.feedback.seeds import ANA, AT, BEN, PUBLIC, SECRET, TEAM, Seeds, guest, member
from tests.feedback.telling import buttons_of, words_of


@pytest.fixture
async def seeds(db: Database) -> Seeds:
    found = Seeds(db)
    await found.begin()
    await found.theme("csv")
    return found


async def _sort(seeds: Seeds, feedback_id: str, act: str, choice: str = "") -> Was | None:
    async with seeds.db.write() as session:
        return await sort_item(session, TEAM, feedback_id, act, by=ANA, at=AT, choice=choice)


async def _row(seeds: Seeds, feedback_id: str) -> Feedback:
    async with seeds.db.read() as session:
        return await session.get_one(Feedback, (TEAM, feedback_id))


async def _waiting(seeds: Seeds, asker: Asker | None = None, **more: Any) -> list[str]:
    async with seeds.db.read() as session:
        values = {"at": AT, "below": None, "limit": 10} | more
        return await page_ids(session, asker or member(), **values)


@pytest.mark.parametrize(
    ("act", "choice"), [(KEEP, ""), (KIND, "bug"), (THEME, "other"), (LATER, ""), (DISMISS, "")]
)
async def test_each_answer_takes_an_item_away_and_its_undo_brings_all_of_it_back(
    seeds: Seeds, act: str, choice: str
) -> None:
    item = await seeds.said("csv")
    await seeds.theme("other")
    before = await _row(seeds, item)
    was = await _sort(seeds, item, act, choice)
    assert await _waiting(seeds) == []
    assert was is not None
    async with seeds.db.write() as session:
        await undo_sorting(session, TEAM, Was.from_text(was.to_text()), by=ANA, at=AT)
    after = await _row(seeds, item)
    for column in Feedback.__table__.columns:
        assert getattr(after, column.key) == getattr(before, column.key), column.key
    async with seeds.db.read() as session:
        kinds = list(await session.scalars(select(Entry.kind).order_by(Entry.seq)))
    assert kinds[-2:] == ["feedback.triaged", "feedback.triage_undone"]


async def test_what_was_put_off_comes_back_after_a_week(seeds: Seeds) -> None:
    item = await seeds.said("csv")
    await _sort(seeds, item, LATER)
    from bot.feedback.triage import LATER_FOR

    assert await _waiting(seeds) == []
    assert await _waiting(seeds, at=AT + LATER_FOR) == [item]


async def test_two_people_sort_an_item_once(seeds: Seeds) -> None:
    item = await seeds.said("csv")
    assert await _sort(seeds, item, KEEP)
    assert await _sort(seeds, item, DISMISS) is None
    assert (await _row(seeds, item)).withdrawn_at is None


async def test_an_undo_of_what_is_back_already_is_refused(seeds: Seeds) -> None:
    item = await seeds.said("csv")
    was = await _sort(seeds, item, KEEP)
    assert was is not None
    async with seeds.db.write() as session:
        await undo_sorting(session, TEAM, was, by=ANA, at=AT)
    with pytest.raises(BadInput):
        async with seeds.db.write() as session:
            await undo_sorting(session, TEAM, was, by=ANA, at=AT)


async def test_the_next_page_begins_where_the_last_one_ended(seeds: Seeds) -> None:
    made = [await seeds.said("csv") for _ in range(5)]
    first = await _waiting(seeds, limit=2)
    assert first == [made[4], made[3]]
    number = (await _row(seeds, first[-1])).number
    await _sort(seeds, made[4], KEEP)
    assert await _waiting(seeds, limit=2, below=number) == [made[2], made[1]]


async def test_only_what_somebody_may_read_waits_for_them(seeds: Seeds) -> None:
    public = await seeds.said("csv")
    secret = await seeds.said("csv", room=SECRET, reporter_id="U7")
    assert await _waiting(seeds, member(BEN)) == [public]
    assert await _waiting(seeds, member(BEN, SECRET)) == [secret, public]
    async with seeds.db.read() as session:
        assert await count_open(session, guest(PUBLIC), at=AT) == 0


async def _home(stage: Stage) -> dict[str, Any]:
    view = stage.world.views.home(stage.who.ana)
    assert view is not None
    return {"id": view.id, "blocks": view.body["blocks"]}


async def _tap(stage: Stage, label: str, place: int = 0, value: str = "") -> str:
    shown = await _home(stage)
    found = buttons_of(shown["blocks"])[label][place]
    more = {"value": value} if value else {}
    await stage.people.click(stage.who.ana, found, view_id=shown["id"], **more)
    await stage.settle()
    return words_of((await _home(stage))["blocks"])


async def test_from_the_home_through_the_inbox_and_back(stage: Stage) -> None:
    spam = await said(stage, "Lunch is at noon today")
    for ts in (spam, await said(stage, "Please add a CSV export")):
        await react(stage, ts)
    await stage.people.open_home(stage.who.ana)
    await stage.settle()
    assert "*To sort:* 2 items" in words_of((await _home(stage))["blocks"])

    read = await _tap(stage, "Sort them")
    assert "*2 to sort*, newest first" in read
    read = await _tap(stage, "Not feedback", place=1)
    assert "*1 to sort*" in read
    assert "is no feedback" in read
    assert [row.text for row in await items(stage)] == ["Please add a CSV export"]
    assert emoji_on(stage, spam) == {"memo"}

    assert "*2 to sort*" in await _tap(stage, "Undo")
    assert emoji_on(stage, spam) == {"memo", "white_check_mark"}
    await _tap(stage, "Keep")
    read = await _tap(stage, "Keep")
    assert "*Everything is sorted.*" in read
    read = await _tap(stage, "Back to Home")
    assert "To sort" not in read
    assert "Nothing needs you" in read
