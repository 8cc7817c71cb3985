"""An import of customers is taken back."""

from datetime import UTC, datetime

from sqlalchemy import select

from bot.db.session import Database
from bot.entries.tables import Entry
from bot.feedback.tables import Feedback
from bot.intake.customer_undo import (
    TakenBack,
    count_taken_back,
    keep_changes,
    put_back_some,
)
from bot.workspaces.customer_file import read_customers
from bot.workspaces.customers import CustomerFacts, archive_customer, put_customer, put_customers
from bot.workspaces.tables import Customer, Workspace
from tests.conftest import Stage
from tests.feedback.telling import buttons_of
from tests.intake.test_imports import bring_in

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
TEAM = "team"


async def _begun(db: Database) -> None:
    async with db.write() as session:
        session.add(Workspace(id=TEAM, team_id="T1", created_at=AT))
        await session.flush()
        await put_customer(session, TEAM, CustomerFacts("Acme", tier="starter"), at=AT)
        old = await put_customer(session, TEAM, CustomerFacts("Oslo"), at=AT)
        await archive_customer(session, TEAM, old, is_archived=True, by="U1", at=AT)


async def _import(db: Database, text: str, name: str = "i1") -> None:
    async with db.write() as session:
        changes = await put_customers(session, TEAM, read_customers(text).rows, at=AT, by="U1")
        await keep_changes(session, TEAM, name, changes)


async def _take_back(db: Database, name: str = "i1") -> TakenBack:
    async with db.write() as session:
        while await put_back_some(session, TEAM, name, by="U1", at=AT):
            pass
        return await count_taken_back(session, TEAM, name)


async def _rows(db: Database) -> dict[str, Customer]:
    async with db.read() as session:
        return {one.name: one for one in await session.scalars(select(Customer))}


async def test_what_was_there_is_as_before_and_what_was_new_is_gone(db: Database) -> None:
    await _begun(db)
    text = "name,tier,domains\nACME,growth,acme.test\nKyoto,,\nOslo,big,\n"
    await _import(db, text)
    assert set(await _rows(db)) == {"ACME", "Kyoto", "Oslo"}

    assert await _take_back(db) == TakenBack(removed=1, restored=2)
    rows = await _rows(db)
    assert set(rows) == {"Acme", "Oslo"}
    assert (rows["Acme"].tier, rows["Acme"].domains) == ("starter", [])
    assert rows["Oslo"].archived_at is not None
    assert rows["Oslo"].tier == ""
    async with db.read() as session:
        kinds = list(await session.scalars(select(Entry.kind).order_by(Entry.seq)))
    assert sorted(kinds[-3:]) == ["customer.changed", "customer.changed", "customer.removed"]


async def test_what_somebody_edited_since_stays_as_they_made_it(db: Database) -> None:
    await _begun(db)
    await _import(db, "name,tier\nAcme,growth\nKyoto,big\n")
    async with db.write() as session:
        await put_customer(session, TEAM, CustomerFacts("Acme", tier="vip"), at=AT, by="U2")
    await _import(db, "name,tier\nKyoto,huge\n", "i2")

    assert await _take_back(db) == TakenBack(left=2)
    assert (await _rows(db))["Acme"].tier == "vip"
    assert await _take_back(db, "i2") == TakenBack(restored=1)
    assert (await _rows(db))["Kyoto"].tier == "big"


async def test_a_new_customer_whose_words_were_logged_is_archived(db: Database) -> None:
    await _begun(db)
    await _import(db, "name\nKyoto\n")
    kyoto = (await _rows(db))["Kyoto"].id
    async with db.write() as session:
        session.add(
            Feedback(
                workspace_id=TEAM,
                id="f1",
                number=1,
                text="x",
                kind="bug",
                customer_id=kyoto,
                said_at=AT,
                logged_at=AT,
            )
        )

    assert await _take_back(db) == TakenBack(archived=1)
    assert (await _rows(db))["Kyoto"].archived_at is not None


async def test_undo_in_the_message_takes_customers_back_and_says_so_there(stage: Stage) -> None:
    await bring_in(stage, "accounts.csv", "name\nAcme\nKyoto\n", kind="customers")
    [message] = stage.dms(stage.who.ana)
    [button] = buttons_of(message.blocks)["Undo"]
    await stage.people.click(stage.who.ana, button, channel=message.channel, ts=message.ts)
    await stage.settle()

    [message] = stage.dms(stage.who.ana)
    assert message.text == "The import of accounts.csv is taken back. Customers: 2 removed."
    assert await _rows(stage.deps.db) == {}
