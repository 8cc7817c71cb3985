"""The list of themes and a theme's page, as each person may see them."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.db.session import Database
from bot.errors import NotFound
from bot.feedback.refusal_records import QuestionView
from bot.feedback.tables import Theme
from bot.feedback.theme_list_views import read_wanted, render_list
from bot.feedback.theme_page import read_page
from bot.feedback.theme_page_views import render_page
from bot.feedback.theme_queries import (
    UNDECIDED,
    Wanted,
    read_ranking,
    theme_numbered,
    top_undecided,
)
from playground.server.rows import View
from tests.conftest import Stage
from tests.feedback.desk import top_view
from tests.feedback.seeds import AT, BEN, PUBLIC, SECRET, Seeds, guest, member
from tests.feedback.telling import (
    EXPORT,
    add_customer,
    buttons_of,
    launch_for,
    log_words,
    move,
    words_of,
)


@pytest.fixture
async def seeds(db: Database) -> Seeds:
    found = Seeds(db)
    await found.begin()
    return found


async def _names(seeds: Seeds, wanted: Wanted, *rooms: str) -> list[str]:
    async with seeds.db.read() as session:
        ranking = await read_ranking(session, member(BEN, *rooms), wanted, at=AT)
    return [one.name for one in ranking.themes]


async def test_kind_area_and_tier_narrow_the_list_down(seeds: Seeds) -> None:
    acme = await seeds.customer("Acme", tier="enterprise")
    await seeds.said(await seeds.theme("csv"), who=acme, customer_tier="enterprise", area="Import")
    await seeds.said(await seeds.theme("crash"), kind="bug")
    assert set(await _names(seeds, Wanted())) == {"csv", "crash"}
    assert await _names(seeds, Wanted(kind="bug")) == ["crash"]
    assert await _names(seeds, Wanted(area="Import")) == ["csv"]
    assert await _names(seeds, Wanted(tier="enterprise")) == ["csv"]


async def test_what_was_declined_or_is_live_stands_in_its_own_list(seeds: Seeds) -> None:
    for name in ("open", "shipped", "declined"):
        await seeds.said(await seeds.theme(name, status=name))
    assert await _names(seeds, Wanted()) == ["open"]
    assert await _names(seeds, Wanted(show="declined")) == ["declined"]
    assert len(await _names(seeds, Wanted(show="all"))) == 3


async def test_merged_themes_stand_once_under_the_one_that_they_are(seeds: Seeds) -> None:
    whole = await seeds.theme("whole")
    await seeds.said(whole, who=await seeds.customer("Acme"))
    gone = await seeds.theme("gone", merged_into=whole)
    await seeds.said(gone, who=await seeds.customer("Bolt"))
    async with seeds.db.read() as session:
        [one] = (await read_ranking(session, member(), Wanted(), at=AT)).themes
    assert (one.name, one.tally.items, one.tally.customers) == ("whole", 2, 2)


async def test_a_private_channels_words_count_for_those_in_it_only(seeds: Seeds) -> None:
    await seeds.said(await seeds.theme("secret", room=SECRET), room=SECRET, reporter_id="U7")
    mixed = await seeds.theme("mixed")
    await seeds.said(mixed)
    await seeds.said(mixed, room=SECRET, reporter_id="U7")
    assert await _names(seeds, Wanted()) == ["mixed"]
    async with seeds.db.read() as session:
        outside = await read_page(session, member(BEN), mixed, at=AT)
        inside = await read_page(session, member(BEN, SECRET), mixed, at=AT)
        with pytest.raises(NotFound):
            await read_page(session, member(BEN), "secret", at=AT)
    assert (outside.theme.tally.items, inside.theme.tally.items) == (1, 2)
    assert len(outside.quotes) == 1


async def test_the_first_without_a_decision_are_said_more_than_once(seeds: Seeds) -> None:
    for name, times in (("once", 1), ("twice", 2), ("often", 4)):
        theme = await seeds.theme(name)
        for n in range(times):
            await seeds.said(theme, author_id=f"U{n}")
    async with seeds.db.read() as session:
        found = await top_undecided(session, member(), at=AT, limit=5)
    assert [one.name for one in found] == ["often", "twice"]


async def test_a_guest_sees_neither_customers_nor_what_they_pay(seeds: Seeds) -> None:
    acme = await seeds.customer("Acme")
    theme = await seeds.theme("csv")
    await seeds.said(theme, who=acme, customer_revenue=120_000, customer_currency="EUR")
    async with seeds.db.read() as session:
        page = await read_page(session, guest(PUBLIC), theme, at=AT)
        own = await read_page(session, member(), theme, at=AT)
        ranking = await read_ranking(session, guest(PUBLIC), Wanted(), at=AT)
    read = words_of(render_page(own)["blocks"])
    assert "EUR" in read
    assert "Said once by 1 customer: 1 request." in read
    asked = QuestionView("q", theme, 1, "csv", "Which columns?", BEN, AT, None)
    read = words_of(render_page(replace(own, questions=(asked,)))["blocks"])
    assert "of 0 so far" not in read
    assert "EUR" not in words_of(render_page(page)["blocks"])
    assert buttons_of(render_page(page)["blocks"]) == {}
    assert "EUR\u202f" not in str(render_list(ranking, Wanted(), sees_money=False))


async def test_the_page_shows_five_quotes_and_the_way_to_older_ones(seeds: Seeds) -> None:
    theme = await seeds.theme("csv")
    for _ in range(7):
        await seeds.said(theme, permalink="https://x.test/p1")
    async with seeds.db.read() as session:
        first = await read_page(session, member(), theme, at=AT)
        second = await read_page(session, member(), theme, at=AT, below=first.older_than)
    assert [item.number for item in first.quotes] == [8, 7, 6, 5, 4]
    assert [item.number for item in second.quotes] == [3, 2]
    assert second.older_than is None
    assert "<https://x.test/p1|see the message>" in words_of(render_page(first)["blocks"])


async def test_a_theme_is_found_by_its_number_or_that_of_what_was_said(seeds: Seeds) -> None:
    theme = await seeds.theme("csv")
    await seeds.said(theme)
    await seeds.said(await seeds.theme("secret", room=SECRET), room=SECRET, reporter_id="U7")
    async with seeds.db.read() as session:
        assert await theme_numbered(session, member(), 1) == theme
        assert await theme_numbered(session, member(), 2) == theme
        assert await theme_numbered(session, member(), 4) is None


async def test_a_decision_takes_a_theme_from_the_undecided_also_of_one_that_merged(
    seeds: Seeds,
) -> None:
    whole = await seeds.theme("whole")
    await seeds.said(whole)
    gone = await seeds.theme("gone", merged_into=whole)
    wanted = Wanted(show=UNDECIDED)
    assert await _names(seeds, wanted) == ["whole"]
    await seeds.decision("d1", gone)
    assert await _names(seeds, wanted) == []
    await seeds.decision("d2", await seeds.theme("other"), room=SECRET)
    await seeds.said("other")
    assert await _names(seeds, wanted) == ["other"]
    assert await _names(seeds, wanted, SECRET) == []


def _read(view: View) -> str:
    return words_of(view.body["blocks"])


async def test_from_the_command_to_a_page_that_is_renamed_and_pinned(stage: Stage) -> None:
    ana = stage.who.ana
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    await launch_for(stage, item)
    await stage.people.command(ana, stage.rooms.product, "/daybook themes")
    listed = top_view(stage)
    assert "No theme fits" in _read(listed)
    await stage.people.click(ana, "theme.list.filter:show", view_id=listed.id, value="show:shipped")
    listed = top_view(stage)
    assert "said once by 1 customer" in _read(listed)
    [opens] = buttons_of(listed.body["blocks"])["Open"]
    await stage.people.click(ana, opens, view_id=listed.id)
    page = top_view(stage)
    read = _read(page)
    assert "Acme; once" in read
    assert "Please add a CSV export" in read
    assert "*Launch*" in read
    assert "*Told*, 0 of 1" in read

    [rename] = buttons_of(page.body["blocks"])["Rename"]
    await stage.people.click(ana, rename, view_id=page.id)
    form = top_view(stage)
    await stage.people.submit(ana, form.id, {"name": "Exports *of* all"})
    renamed = top_view(stage)
    assert renamed.id == page.id
    assert "“Exports ∗of∗ all”" in _read(renamed)

    [pin] = buttons_of(renamed.body["blocks"])["Pin"]
    await stage.people.click(ana, pin, view_id=renamed.id)
    assert "· pinned" in _read(top_view(stage))
    assert "Unpin" in buttons_of(top_view(stage).body["blocks"])


def test_what_was_chosen_is_read_from_both_rows_and_nonsense_is_not() -> None:
    values = {"theme.order": "sort:revenue,show:undecided", "theme.filters": "kind:bug,area:any"}
    assert read_wanted(values) == Wanted(sort="revenue", show=UNDECIDED, kind="bug")
    assert read_wanted({"theme.order": "sort:nonsense"}) == Wanted()


async def _statuses(stage: Stage) -> list[str]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(Theme.status)))


async def test_a_theme_is_live_with_its_launch_unless_only_a_private_channel_knows_of_it(
    stage: Stage,
) -> None:
    item = await log_words(stage, EXPORT)
    await launch_for(stage, item, room=stage.rooms.leads, owner=stage.who.ana)
    assert await _statuses(stage) == ["open"]
    launch_id = await launch_for(stage, item, stage_="planned")
    assert await _statuses(stage) == ["planned"]
    await move(stage, launch_id, "live")
    assert await _statuses(stage) == ["shipped"]
    await move(stage, launch_id, "rolled_back")
    assert await _statuses(stage) == ["open"]
