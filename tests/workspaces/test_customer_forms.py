"""Customers in Slack: added, edited, archived, restored."""

from sqlalchemy import select

from bot.feedback.queries import customer_cards
from bot.figures import THIN
from bot.workspaces.asker import Asker
from bot.workspaces.tables import Customer
from tests.conftest import Stage
from tests.feedback.desk import top_view
from tests.feedback.telling import buttons_of, words_of


async def click(stage: Stage, name: str) -> None:
    view = top_view(stage)
    await stage.people.click(
        stage.who.ana, buttons_of(view.body["blocks"])[name][0], view_id=view.id
    )
    await stage.settle()


async def test_a_customer_is_added_edited_archived_and_restored_by_forms(stage: Stage) -> None:
    ana = stage.who.ana
    await stage.people.command(ana, stage.rooms.voice, "/daybook customers")
    await click(stage, "Add a customer")
    form = {"name": "Acme", "domains": "acme.example", "owner": stage.who.ben,
            "channel": stage.rooms.acme, "monthly_revenue": "449,5", "currency": "eur"}  # fmt: skip
    refused = await stage.people.submit(ana, top_view(stage).id, form)
    assert "449,5" in str(refused)
    await stage.people.submit(ana, top_view(stage).id, form | {"monthly_revenue": "449.5"})
    assert f"EUR{THIN}449.50 a month" in words_of(top_view(stage).body["blocks"])

    await click(stage, "Edit")
    await stage.people.submit(ana, top_view(stage).id, {"name": "Acme Inc", "tier": "growth"})
    async with stage.deps.db.read() as session:
        [row] = await session.scalars(select(Customer))
        asker = Asker(stage.workspace_id, ana, sees_public=True)
        assert len(await customer_cards(session, asker)) == 1
    assert (row.name, row.tier, row.monthly_revenue, row.owner_id, row.channel_id) == (
        "Acme Inc", "growth", 44950, stage.who.ben, stage.rooms.acme,
    )  # fmt: skip

    await click(stage, "Edit")
    await click(stage, "Archive")
    async with stage.deps.db.read() as session:
        assert await customer_cards(session, asker) == []
    await stage.people.command(ana, stage.rooms.voice, "/daybook customers acme")
    await click(stage, "Restore")
    async with stage.deps.db.read() as session:
        assert len(await customer_cards(session, asker)) == 1
