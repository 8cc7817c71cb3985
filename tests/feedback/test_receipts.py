"""The receipt's one tap: fields, several asks of one message, the same once more; all undoable."""

from sqlalchemy import select

from bot.entries.log import check_chain
from bot.feedback.tables import Feedback
from bot.slack.ids import Action
from bot.workspaces.customers import CustomerFacts, put_customer
from tests.conftest import Stage
from tests.feedback.desk import items, react, reporters, said, whisper
from tests.feedback.telling import buttons_of

ASKS = "Two things:\n- The CSV export stops early\n- We need a dark mode soon"


async def tap(stage: Stage, name: str) -> None:
    """A button of the newest receipt, or of what replaced it."""
    receipt = await whisper(stage)
    [button] = buttons_of(receipt.blocks)[name]
    await stage.people.click(stage.who.ana, button, channel=stage.rooms.voice, ts=receipt.ts)
    await stage.settle()


async def test_customer_and_importance_are_corrected_by_one_tap(stage: Stage) -> None:
    async with stage.deps.db.write() as session:
        facts = CustomerFacts("Acme", tier="growth")
        acme = await put_customer(session, stage.workspace_id, facts, at=stage.clock.at)
    await react(stage, await said(stage, "The import is slow"))
    [item] = await items(stage)
    for field, value in (("customer", acme), ("importance", "3")):
        receipt = await whisper(stage)
        name = f"{Action.FEEDBACK_FIELD}:{field}/{item.id}"
        await stage.people.click(
            stage.who.ana, name, channel=stage.rooms.voice, ts=receipt.ts, value=value
        )
        await stage.settle()
    [item] = await items(stage)
    assert (item.customer_id, item.customer_tier, item.importance) == (acme, "growth", 3)
    receipt = await whisper(stage)
    assert ", Acme" in receipt.text
    assert "Importance: high" in str(receipt.blocks)


async def test_a_message_with_several_asks_is_split_follows_its_edits_and_becomes_whole_again(
    stage: Stage,
) -> None:
    ts = await said(stage, ASKS)
    await react(stage, ts)
    await tap(stage, "Split into 2")
    first, second = await items(stage)
    assert [first.text, second.text] == ["The CSV export stops early", "We need a dark mode soon"]
    assert (second.split_of, second.permalink) == (first.id, first.permalink)

    await stage.people.edit(stage.who.ben, stage.rooms.voice, ts, ASKS.replace("dark", "night"))
    await stage.settle()
    assert (await items(stage))[1].text == "We need a night mode soon"

    await tap(stage, "Put together again")
    [item] = await items(stage)
    assert (item.id, item.text.splitlines()[0]) == (first.id, "Two things:")
    whole = await stage.deps.feedback.read(stage.workspace_id, "", item.id, item.text)
    assert (item.kind, item.importance) == (whole.kind, whole.importance)
    async with stage.deps.db.read() as session:
        assert await check_chain(session, stage.workspace_id) is None


async def test_what_was_said_before_is_counted_there_by_one_tap_and_comes_apart_again(
    stage: Stage,
) -> None:
    await react(stage, await said(stage, "The CSV export stops early!"))
    [first] = await items(stage)
    await react(stage, await said(stage, "the csv export stops early"))
    await tap(stage, f"Same as #{first.number}")
    assert [item.id for item in await items(stage)] == [first.id]
    assert await reporters(stage) == {stage.who.ana}
    await tap(stage, "Not the same")
    assert len(await items(stage)) == 2
    async with stage.deps.db.read() as session:
        assert set(await session.scalars(select(Feedback.duplicate_of))) == {None}


async def test_what_a_person_logged_stands_in_their_app_home_with_its_corrections(
    stage: Stage,
) -> None:
    await react(stage, await said(stage, "The import is slow"))
    ana = stage.who.ana
    await stage.people.open_home(ana)
    await stage.settle()
    home = stage.world.views.home(ana)
    assert home is not None
    [item] = await items(stage)
    assert "You logged <" in str(home.body)
    [undo] = buttons_of(home.body["blocks"])[f"Undo #{item.number}"]
    await stage.people.click(ana, undo, view_id=home.id)
    await stage.settle()
    assert await items(stage) == []
    home = stage.world.views.home(ana)
    assert home is not None
    assert "You logged <" not in str(home.body)
