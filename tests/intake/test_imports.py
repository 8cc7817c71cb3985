"""A file from Slack to feedback or customers, with one message that tells how far it is."""

import json
from typing import Any

from sqlalchemy import select

from bot.entries.tables import Entry
from bot.intake.tables import Import
from bot.workspaces.tables import Customer
from tests.conftest import Stage
from tests.feedback.desk import items, react, said, top_view
from tests.feedback.telling import buttons_of


def file_of(stage: Stage, name: str, content: str) -> dict[str, Any]:
    """A file that Ana has chosen in a form."""
    files = stage.world.files
    file = files.add(name, user=stage.who.ana, created=1)
    files.write(file.id, content.encode())
    files.change(file.id, is_complete=True)
    return {"id": file.id}


async def bring_in(stage: Stage, name: str, content: str, **values: Any) -> str:
    """Through /daybook import; returns what the message says at its end."""
    ana = stage.who.ana
    await stage.people.command(ana, stage.rooms.voice, "/daybook import")
    form = {"file": [file_of(stage, name, content)], **values}
    await stage.people.submit(ana, top_view(stage).id, form)
    await stage.settle()
    await stage.settle()
    return shown(stage)


def shown(stage: Stage) -> str:
    message = stage.dms(stage.who.ana)[-1]
    return message.text + json.dumps(message.blocks, ensure_ascii=False)


async def test_a_file_comes_in_with_duplicates_counted_and_goes_again_as_a_whole(
    stage: Stage,
) -> None:
    await react(stage, await said(stage, "Search is slow"))
    lines = [f"Wish number {n} about topic {n}" for n in range(120)]
    rows = [{"text": text} for text in [*lines, lines[0], "Search is slow", " "]]
    told = await bring_in(stage, "desk.json", json.dumps(rows))

    assert "Imported desk.json: 120 lines added, 2 known already, 1 to look at." in told
    assert "Line 123: there are no words." in told
    assert len(await items(stage)) == 121
    assert len(stage.dms(stage.who.ana)) == 1
    again = await bring_in(stage, "desk.json", json.dumps(rows))
    assert "0 lines added, 122 known already" in again

    message = stage.dms(stage.who.ana)[0]
    [button] = buttons_of(message.blocks)["Undo"]
    await stage.people.click(stage.who.ana, button, channel=message.channel, ts=message.ts)
    await stage.settle()
    assert [item.text for item in await items(stage)] == ["Search is slow"]
    assert "taken back" in stage.dms(stage.who.ana)[0].text
    async with stage.deps.db.read() as session:
        kinds = list(
            await session.scalars(
                select(Entry.kind).where(Entry.subject_kind == "import").order_by(Entry.seq)
            )
        )
        contents = set(await session.scalars(select(Import.content)))
    assert kinds[:2] == ["import.begun", "import.finished"]
    assert kinds[-1] == "import.undone"
    assert contents == {""}


async def test_customers_come_from_a_file_and_what_is_wrong_is_named(stage: Stage) -> None:
    good = "name,domains,tier,colour\nAcme,acme.example,growth,red\nKyoto,,,\n"
    told = await bring_in(stage, "accounts.csv", good, kind="customers")
    assert "2 customers added or changed" in told
    assert "left out: “colour”" in told
    told = await bring_in(stage, "accounts.csv", "name,owner\nOslo,nobody@x.test\n",
                          kind="customers")  # fmt: skip
    assert "I do not know a member" in told
    told = await bring_in(stage, "accounts.csv", "colour\nred\n", kind="customers")
    assert "Nothing was changed" in told
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook import")
    form = {"kind": "customers", "pasted": "name\nLagos"}
    await stage.people.submit(stage.who.ana, top_view(stage).id, form)
    await stage.settle()
    async with stage.deps.db.read() as session:
        names = set(await session.scalars(select(Customer.name)))
    assert names == {"Acme", "Kyoto", "Lagos"}
