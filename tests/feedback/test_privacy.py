"""Words are removed everywhere; persons are erased; old words go by themselves."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.inspection import inspect

from bot.ai.lexical import Lexical
from bot.ai.vectors import Vectors
from bot.db.base import Base
from bot.db.session import Database
from bot.decisions.service import NewDecision, Words, propose_decision
from bot.decisions.tables import Decision
from bot.engine.deliveries import Cause
from bot.entries.log import check_chain
from bot.entries.tables import Entry
from bot.feedback.refusing import Condition, ask_askers, decline_theme
from bot.feedback.search import search_feedback
from bot.feedback.service import rename_theme
from bot.feedback.tables import TextVector
from bot.privacy.retention import count_older, forget_snapshots
from bot.workspaces.tables import Workspace
from tests.conftest import START, Stage
from tests.feedback.desk import items, react, said, top_view, whisper
from tests.feedback.telling import buttons_of, words_of

SECRET = "Zanzibar quokkas nibble our CSV export every Friday"


class Meaningful(Lexical):
    """Words that pretend to be a model, so that vectors are stored."""

    def __init__(self) -> None:
        super().__init__()
        self.model_id = "pretended"


@pytest.fixture
def vectors() -> Vectors:
    return Meaningful()


async def everything(stage: Stage) -> str:
    """All that every table holds, as text."""
    found: list[Any] = []
    async with stage.deps.db.read() as session:
        for mapper in Base.registry.mappers:
            for row in await session.scalars(select(mapper.class_)):
                state = inspect(row).dict
                found.append({k: str(v) for k, v in state.items() if not k.startswith("_sa")})
    return json.dumps(found, ensure_ascii=False)


async def remove(stage: Stage, number: int, user: str = "") -> str:
    who = user or stage.who.ana
    await stage.people.command(who, stage.rooms.voice, f"/daybook redact {number}")
    answer = await stage.people.submit(who, top_view(stage, who).id, {})
    await stage.settle()
    return answer.result


async def test_removed_words_are_in_no_table_index_or_answer_and_that_it_was_said_stays(
    stage: Stage,
) -> None:
    ts = await said(stage, SECRET)
    await react(stage, ts)
    [item] = await items(stage)
    assert "quokkas" in await everything(stage)
    async with stage.deps.db.read() as session:
        assert len(list(await session.scalars(select(TextVector)))) == 1

    assert await remove(stage, item.number) == "updated"
    assert "quokkas" not in (await everything(stage)).casefold()
    [item] = await items(stage)
    assert (item.kind, item.text, item.redacted_at is not None) == (item.kind, "", True)
    async with stage.deps.db.read() as session:
        assert list(await session.scalars(select(TextVector))) == []
        assert await check_chain(session, stage.workspace_id) is None
        place = stage.deps.places.all()[0]
        asker = await place.directory.asker(stage.who.ana, at=stage.clock.at)
        assert await search_feedback(session, asker, stage.deps.feedback, "quokkas", limit=5) == []
        kinds = list(await session.scalars(select(Entry.kind).order_by(Entry.seq.desc()).limit(1)))
    assert kinds == ["feedback.redacted"]

    # Neither an edit nor another report brings them back.
    await stage.people.edit(stage.who.ben, stage.rooms.voice, ts, f"{SECRET}!")
    await react(stage, ts, user=stage.who.ben)
    assert "quokkas" not in (await everything(stage)).casefold()


async def test_removing_what_was_said_twice_removes_both(stage: Stage) -> None:
    for text in (SECRET, f"{SECRET}!"):
        await react(stage, await said(stage, text))
    first, _ = await items(stage)
    receipt = await whisper(stage)
    [same] = buttons_of(receipt.blocks)[f"Same as #{first.number}"]
    await stage.people.click(stage.who.ana, same, channel=stage.rooms.voice, ts=receipt.ts)
    await stage.settle()
    await remove(stage, first.number)
    assert "quokkas" not in (await everything(stage)).casefold()


async def test_only_who_logged_or_wrote_it_or_an_admin_removes_words(stage: Stage) -> None:
    await react(stage, await said(stage, SECRET, user=stage.who.ana))
    [item] = await items(stage)
    who = stage.who.ben
    await stage.people.command(who, stage.rooms.voice, f"/daybook redact {item.number}")
    assert "Only who logged it" in (await stage.whispers(who, stage.rooms.voice))[-1]
    assert stage.world.views.stack(who) == []


async def test_a_customers_person_is_erased_by_address_with_a_preview_and_a_receipt(
    stage: Stage,
) -> None:
    ana = stage.who.ana
    await react(stage, await said(stage, "The import eats our umlauts", stage.rooms.acme,
                                  user=stage.who.olga), stage.rooms.acme)  # fmt: skip
    await react(stage, await said(stage, "olga@acme.test wants a dark mode"))
    await react(stage, await said(stage, "Search is slow"))

    await stage.people.command(ana, stage.rooms.voice, "/daybook erase Olga@acme.test")
    preview = top_view(stage)
    shown = json.dumps(preview.body["blocks"])
    assert "2 feedback texts" in shown
    assert "1 profile" in shown
    assert len([one for one in await items(stage) if one.text]) == 3
    await stage.people.submit(ana, preview.id, {})
    await stage.settle()

    left = await everything(stage)
    for gone in ("umlauts", "dark mode", "olga@acme.test", "Olga Other"):
        assert gone not in left
    assert [one.text for one in await items(stage) if one.text] == ["Search is slow"]
    assert "2 feedback texts" in json.dumps(stage.dms(ana)[-1].blocks)


async def test_an_erased_address_goes_from_what_others_wrote_and_their_other_words_stay(
    stage: Stage,
) -> None:
    await react(stage, await said(stage, "Search is slow"))
    [item] = await items(stage)
    asked = "Was it olga@acme.test or Bob?"
    async with stage.deps.db.write() as session:
        at, theme = stage.clock(), item.theme_id or ""
        by, workspace = stage.who.ana, stage.workspace_id
        await decline_theme(
            session, workspace, theme, "Only OLGA@acme.test wants it", Condition(),
            by=by, timezone="UTC", at=at,
        )  # fmt: skip
        await ask_askers(session, workspace, theme, asked, by=by, at=at)
        await rename_theme(session, workspace, theme, "What olga@acme.test said", by=by, at=at)
        words = Words("Search", "Wait", by, options=("Ask olga@acme.test", "Wait"))
        await propose_decision(session, workspace, NewDecision(words, by, "UTC"), at=at)

    await stage.people.command(by, stage.rooms.voice, "/daybook erase olga@acme.test")
    preview = top_view(stage)
    assert "4 notes of others" in json.dumps(preview.body["blocks"])
    await stage.people.submit(by, preview.id, {})
    await stage.settle()

    left = await everything(stage)
    assert "olga@acme.test" not in left.casefold()
    for kept in ("Only (address removed) wants it", "Was it (address removed) or Bob?",
                 "What (address removed) said", "Ask (address removed)", "Search is slow"):  # fmt: skip
        assert kept in left


async def test_a_member_may_erase_themselves_and_nobody_else(stage: Stage) -> None:
    ben, voice = stage.who.ben, stage.rooms.voice
    await stage.people.command(ben, voice, "/daybook erase ana@northstar.test")
    assert "Only an admin" in (await stage.whispers(ben, voice))[-1]
    await react(stage, await said(stage, SECRET))
    await stage.people.command(ben, voice, "/daybook erase me")
    await stage.people.submit(ben, top_view(stage, ben).id, {})
    await stage.settle()
    assert "quokkas" not in await everything(stage)


async def test_a_guest_may_erase_themselves_and_nobody_else(stage: Stage) -> None:
    gil, voice = stage.who.gil, stage.rooms.voice
    await stage.people.command(gil, voice, "/daybook erase ana@northstar.test")
    told = (await stage.whispers(gil, voice))[-1]
    assert told == "Only an admin may erase somebody else. `/daybook erase me` erases you."
    await stage.people.command(gil, voice, "/daybook erase me")
    await stage.people.submit(gil, top_view(stage, gil).id, {})
    assert "Erasing" in json.dumps(top_view(stage, gil).body)


async def test_words_older_than_the_workspace_keeps_them_go_in_the_night(stage: Stage) -> None:
    ana = stage.who.ana
    await react(stage, await said(stage, SECRET))
    await stage.people.command(ana, stage.rooms.voice, "/daybook settings privacy")
    answer = await stage.people.submit(ana, top_view(stage).id, {"months": "3"})
    assert answer.result == "updated"
    await stage.after(days=60)
    assert (await items(stage))[0].text == SECRET
    await stage.after(days=35)
    assert (await items(stage))[0].text == ""


async def test_a_member_who_is_no_admin_does_not_set_how_long_words_are_kept(stage: Stage) -> None:
    ben = stage.who.ben
    await stage.people.command(ben, stage.rooms.voice, "/daybook settings privacy")
    assert "Only an admin" in (await stage.whispers(ben, stage.rooms.voice))[-1]


async def test_the_edit_form_has_a_button_that_removes_the_words(stage: Stage) -> None:
    await react(stage, await said(stage, SECRET))
    ana, receipt = stage.who.ana, await whisper(stage)
    [edit] = buttons_of(receipt.blocks)["Edit"]
    await stage.people.click(ana, edit, channel=stage.rooms.voice, ts=receipt.ts)
    await stage.settle()
    [gone] = buttons_of(top_view(stage).body["blocks"])["Remove the words"]
    await stage.people.click(ana, gone, view_id=top_view(stage).id)
    await stage.settle()
    await stage.people.submit(ana, top_view(stage).id, {})
    assert (await items(stage))[0].text == ""
    # The form below, which shows them, does not come up again.
    assert SECRET not in str([view.body for view in stage.world.views.stack(ana)])
    assert "are removed." in words_of(top_view(stage).body["blocks"])
    number = (await items(stage))[0].number
    await stage.people.command(ana, stage.rooms.voice, f"/daybook feedback {number}")
    assert "Remove the words" not in buttons_of(top_view(stage).body["blocks"])


async def test_what_a_decision_keeps_of_an_old_thread_goes_and_its_own_words_stay(
    db: Database,
) -> None:
    async with db.write() as session:
        session.add(Workspace(id="team", team_id="T1", created_at=START))
        await session.flush()
        for name, days in (("old", 100), ("new", 10)):
            session.add(
                Decision(
                    workspace_id="team",
                    id=name,
                    number=days,
                    title="Where",
                    choice="S3",
                    owner_id="U1",
                    status="accepted",
                    snapshot=SECRET,
                    snapshot_by="U2",
                    snapshot_at=START - timedelta(days=days),
                    created_by="U1",
                    created_at=START,
                )
            )
    async with db.write() as session:
        assert await count_older(session, "team", 3, at=START) == 1
        cause = Cause("team", "night", START)
        assert await forget_snapshots(session, cause, 3) == 1
    async with db.read() as session:
        kept = {row.id: row for row in await session.scalars(select(Decision))}
        lines = list(await session.scalars(select(Entry).where(Entry.kind == "snapshots.removed")))
    assert (kept["old"].snapshot, kept["old"].snapshot_by, kept["old"].choice) == ("", "", "S3")
    assert kept["new"].snapshot == SECRET
    assert [line.facts for line in lines] == [{"count": 1, "why": "retention"}]
