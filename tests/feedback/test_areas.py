"""Areas by example, and what people take out of a theme."""

from typing import Any

from sqlalchemy import select

from bot.entries.tables import Entry
from bot.feedback.tables import Area
from tests.conftest import Stage
from tests.feedback.desk import items, react, said, top_view, whisper
from tests.feedback.telling import buttons_of

BILLING = "The invoice is wrong\nWrong invoice amount\nInvoice address is old"
IMPORT = "The import of a file fails\nImport my file\nImporting files is slow"


async def add_area(stage: Stage, name: str, examples: str) -> Any:
    """Through /daybook settings areas; returns what the form answers."""
    ana, room = stage.who.ana, stage.rooms.voice
    await stage.people.command(ana, room, "/daybook settings areas")
    await stage.settle()
    view = top_view(stage)
    [button] = buttons_of(view.body["blocks"])["Add an area"]
    await stage.people.click(ana, button, view_id=view.id)
    await stage.settle()
    return await stage.people.submit(ana, top_view(stage).id, {"name": name, "examples": examples})


async def areas(stage: Stage) -> list[Area]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(Area).order_by(Area.name)))


async def test_feedback_gets_the_area_whose_examples_it_is_like(stage: Stage) -> None:
    await add_area(stage, "Billing", BILLING)
    await add_area(stage, "Import", IMPORT)
    assert [area.name for area in await areas(stage)] == ["Billing", "Import"]
    await react(stage, await said(stage, "Importing my file fails"))
    [item] = await items(stage)
    assert (item.area, item.area_chosen_by) == ("Import", "")
    assert "about Import" in (await whisper(stage)).text


async def test_two_sentences_are_too_few_for_an_area(stage: Stage) -> None:
    answer = await add_area(stage, "Billing", "one\ntwo")
    assert "three to five" in str(answer)
    assert await areas(stage) == []


async def test_changes_of_areas_are_lines_of_the_log(stage: Stage) -> None:
    await add_area(stage, "Billing", BILLING)
    async with stage.deps.db.read() as session:
        kinds = list(await session.scalars(select(Entry.kind).where(Entry.subject_kind == "area")))
    assert kinds == ["area.added"]


async def test_what_is_not_about_a_theme_leaves_it_and_can_go_back(stage: Stage) -> None:
    for text in ("The CSV export stops", "CSV export stops again"):
        await react(stage, await said(stage, text))
    first, second = await items(stage)
    assert first.theme_id == second.theme_id
    receipt = await whisper(stage)
    [button] = buttons_of(receipt.blocks)["Not this theme"]
    await stage.people.click(stage.who.ana, button, channel=stage.rooms.voice, ts=receipt.ts)
    await stage.settle()
    first, second = await items(stage)
    assert first.theme_id != second.theme_id
    await react(stage, await said(stage, "csv export stops again!"))
    assert (await items(stage))[2].theme_id == second.theme_id
