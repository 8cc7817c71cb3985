"""Customers, one at a time and from a file."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.db.session import Database
from bot.db.types import new_id
from bot.entries.tables import Entry
from bot.errors import BadInput
from bot.workspaces.customer_file import read_customers
from bot.workspaces.customers import CustomerFacts, put_customer, put_customers
from bot.workspaces.tables import Channel, Customer, Member, Workspace

AT = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)


async def _workspace(db: Database) -> str:
    workspace_id = new_id()
    async with db.write() as session:
        session.add(Workspace(id=workspace_id, team_id="T1", created_at=AT, settings={}))
        await session.flush()
        session.add(
            Member(workspace_id=workspace_id, id="U1", email="Ana@north.test", refreshed_at=AT)
        )
        session.add(Channel(workspace_id=workspace_id, id="C1", name="ext-acme", refreshed_at=AT))
    return workspace_id


async def _customers(db: Database) -> list[Customer]:
    async with db.read() as session:
        return list(await session.scalars(select(Customer).order_by(Customer.name)))


async def test_a_customer_put_twice_is_one_and_only_its_change_is_logged(db: Database) -> None:
    workspace_id = await _workspace(db)
    for tier in ("starter", "starter", "growth"):
        async with db.write() as session:
            facts = CustomerFacts("Acme" if tier == "starter" else "ACME", tier=tier)
            await put_customer(session, workspace_id, facts, at=AT)

    [customer] = await _customers(db)
    assert (customer.name, customer.tier) == ("ACME", "growth")
    async with db.read() as session:
        kinds = list(await session.scalars(select(Entry.kind).order_by(Entry.seq)))
    assert kinds == ["customer.added", "customer.changed"]


async def test_a_file_brings_customers_with_owner_by_mail_and_channel_by_name(db: Database) -> None:
    workspace_id = await _workspace(db)
    text = (
        "\ufeffname;domains;owner;channel;monthly revenue;currency\r\n"
        "Acme;acme.example Acme.Test;ana@north.test;#ext-acme;449.5;eur\r\n"
        "Kyoto;;;;1200;JPY\r\n"
    )
    async with db.write() as session:
        await put_customers(session, workspace_id, read_customers(text).rows, at=AT)

    acme, kyoto = await _customers(db)
    assert acme.domains == ["acme.example", "acme.test"]
    assert (acme.owner_id, acme.channel_id) == ("U1", "C1")
    assert (acme.monthly_revenue, acme.currency) == (44950, "EUR")
    assert (kyoto.monthly_revenue, kyoto.owner_id) == (1200, None)


async def test_columns_that_a_file_does_not_have_keep_what_is_known(db: Database) -> None:
    workspace_id = await _workspace(db)
    async with db.write() as session:
        facts = CustomerFacts("Acme", owner_id="U1", tier="growth")
        await put_customer(session, workspace_id, facts, at=AT)
        rows = read_customers("name,tier\nacme,business\n").rows
        await put_customers(session, workspace_id, rows, at=AT)

    [acme] = await _customers(db)
    assert (acme.owner_id, acme.tier) == ("U1", "business")


async def test_an_unknown_owner_imports_nothing_and_names_line_and_column(db: Database) -> None:
    workspace_id = await _workspace(db)
    rows = read_customers("name,owner\nAcme,ana@north.test\nBolt,nobody@north.test\n").rows
    with pytest.raises(BadInput, match="Line 3, column owner"):
        async with db.write() as session:
            await put_customers(session, workspace_id, rows, at=AT)
    assert await _customers(db) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Line 1: the column “name” is missing."),
        ("Nmae,tier\nAcme,x", "Line 1: the column “name” is missing. Is it “nmae”?"),
        ("Company name,tier\nAcme,x", "the column “name” is missing. Is it “company_name”?"),
        ("name,monthly_revenue,curency\nA,1,EUR", "column “currency” beside it. Is it “curency”?"),
        ("name,name\nAcme,x", "Line 1: “name” stands twice."),
        ("name\n", "There is no customer below the header line."),
        ("name,tier\nAcme,x,y", "Line 2: 3 cells, but 2 columns."),
        ("name,tier\n\n,growth", "Line 3, column name: it is empty."),
        ("name\nAcme\nacme", "Line 3, column name: “acme” stands in line 2 too."),
        ("name,domains\nAcme,acme", "Line 2, column domains: “acme” is not an e-mail domain"),
        ("name,monthly_revenue\nAcme,12", "“monthly_revenue” needs a column “currency”"),
        ("name,monthly_revenue,currency\nA,1'000,EUR", "Line 2, column monthly_revenue: “1'000”"),
        ("name,monthly_revenue,currency\nA,1.005,EUR", "Line 2, column monthly_revenue: “1.005”"),
        ("name,monthly_revenue,currency\nA,NaN,EUR", "Line 2, column monthly_revenue: “NaN”"),
        ("name,monthly_revenue,currency\nA,-3,EUR", "Line 2, column monthly_revenue: “-3”"),
        ("name,monthly_revenue,currency\nA,3,Euro", "Line 2, column currency: “Euro”"),
        ('name,tier\n"Ac\nme",x\n=1+1,y', "Line 4, column name: “=1+1” reads like a formula."),
        ("name,tier\nAcme,@x", "Line 2, column tier: “@x” reads like a formula."),
        ('name\n"Acme', "this is not CSV"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_column(text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_customers(text)
    assert said in str(caught.value)
    assert "Nothing was imported." in str(caught.value)


def test_an_apostrophe_says_that_a_cell_is_text() -> None:
    [row] = read_customers("name\n'+Plus AG\n").rows
    assert row.name == "+Plus AG"


def test_a_column_that_means_nothing_is_left_out_named_and_the_rest_comes_in() -> None:
    found = read_customers("name,Colour,domians,tier,\nAcme,=red,acme.example,growth,\n")
    [acme] = found.rows
    assert (acme.name, acme.tier, acme.columns) == ("Acme", "growth", {"name", "tier"})
    [note] = found.notes
    assert "left out: “colour”, “domians” (is it “domains”?" in note
