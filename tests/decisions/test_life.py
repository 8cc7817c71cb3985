"""A decision after it is logged: accepted, edited, superseded, retired, looked at again."""

from datetime import UTC, date, datetime
from typing import Any

from bot.decisions.queries import decided_between, get_decision, home_due, reversed_between
from bot.decisions.tables import Decision
from bot.entries.links import Node, linked
from tests.conftest import START, Stage
from tests.decisions.conftest import (
    click,
    decide,
    decisions,
    entry_kinds,
    mention,
    post,
    submit,
    thread_of,
    top_view,
    words,
)

REVISIT = date(2026, 6, 2)
REVISIT_AT = datetime(2026, 6, 2, 7, 0, tzinfo=UTC)  # 9:00 in Berlin


async def _accepted(stage: Stage, title: str = "Where uploads live", **more: Any) -> Decision:
    return await decide(stage, title, status="accepted", **more)


async def test_accepting_edits_the_message_in_place_and_takes_edit_away(stage: Stage) -> None:
    await decide(stage, "Where uploads live")
    await click(stage, post(stage), "decision.item.accept", user=stage.who.ben)

    [said] = stage.posts(stage.rooms.product)
    assert "(accepted)" in said.text
    assert '"Accept"' not in words(said)
    assert '"Edit"' not in words(said)
    [row] = await decisions(stage)
    assert (row.status, row.accepted_by) == ("accepted", stage.who.ben)
    assert await entry_kinds(stage) == ["decision.proposed", "decision.accepted"]


async def test_a_proposal_is_edited_in_place_and_the_change_is_logged(stage: Stage) -> None:
    await decide(stage, "Where uploads live")
    await click(stage, post(stage), "decision.item.edit", user=stage.who.ben)
    await submit(stage, {"choice": "A bigger disk"}, stage.who.ben)

    [said] = stage.posts(stage.rooms.product)
    assert "A bigger disk" in words(said)
    [row] = await decisions(stage)
    assert (row.choice, row.owner_id) == ("A bigger disk", stage.who.ana)
    assert await entry_kinds(stage) == ["decision.proposed", "decision.changed"]


async def test_a_form_opened_before_it_was_accepted_changes_nothing_any_more(stage: Stage) -> None:
    await decide(stage, "Where uploads live")
    await click(stage, post(stage), "decision.item.edit", user=stage.who.ben)
    await click(stage, post(stage), "decision.item.accept")
    answer = await submit(stage, {"choice": "A bigger disk"}, stage.who.ben)

    assert "Supersede it" in words(answer.view)
    assert [row.choice for row in await decisions(stage)] == ["S3"]


async def test_superseding_links_both_ways_in_the_messages_and_the_graph(stage: Stage) -> None:
    old = await _accepted(stage)
    first = post(stage)
    await click(stage, first, "decision.item.supersede", user=stage.who.ben)
    assert "Where uploads live" in words(top_view(stage, stage.who.ben))
    await submit(stage, {"choice": "Glacier"}, stage.who.ben)

    old, new = await decisions(stage)
    assert (old.status, old.superseded_by) == ("superseded", new.id)
    assert (new.status, new.choice) == ("accepted", "Glacier")
    before, after = stage.posts(stage.rooms.product)
    assert f"#{new.number} Where uploads live" in words(before)
    assert f"#{old.number} Where uploads live" in words(after)
    assert '"Accept"' not in words(before)
    assert "decision.item" not in words(before)
    async with stage.deps.db.read() as session:
        near = await linked(session, stage.workspace_id, {Node("decision", old.id)})
    assert near == {Node("decision", new.id)}
    assert await entry_kinds(stage) == [
        "decision.proposed", "decision.accepted", "decision.proposed", "decision.accepted",
        "decision.superseded",
    ]  # fmt: skip


async def test_the_earlier_one_stands_until_the_later_one_is_accepted(stage: Stage) -> None:
    await _accepted(stage)
    await click(stage, post(stage), "decision.item.supersede")
    await submit(stage, {"choice": "Glacier", "status": "proposed"})
    assert [row.status for row in await decisions(stage)] == ["accepted", "proposed"]
    await click(stage, post(stage), "decision.item.accept")
    assert [row.status for row in await decisions(stage)] == ["superseded", "accepted"]


async def test_a_chain_of_three_is_read_both_ways(stage: Stage) -> None:
    await _accepted(stage, "One")
    for choice in ("Two", "Three"):
        await click(stage, post(stage), "decision.item.supersede")
        await submit(stage, {"choice": choice})
    one, two, three = await decisions(stage)
    asker = await _asker(stage, stage.who.ben)
    async with stage.deps.db.read() as session:
        detail = await get_decision(session, asker, f"#{two.number}")
    assert [past.id for past in detail.supersedes] == [one.id]
    assert detail.superseded_by is not None
    assert detail.superseded_by.id == three.id


async def test_what_was_superseded_by_a_private_decision_does_not_name_it_in_public(
    stage: Stage,
) -> None:
    await _accepted(stage)
    await click(stage, post(stage), "decision.item.supersede")
    done = await submit(
        stage, {"title": "The secret plan", "choice": "Glacier", "channel": stage.rooms.leads}
    )
    assert done.result == "updated", done
    public = stage.posts(stage.rooms.product)[0]
    assert "(superseded)" in public.text
    assert "secret" not in words(public)
    assert "The secret plan" in post(stage, stage.rooms.leads).text


async def test_retiring_asks_why_and_ends_it(stage: Stage) -> None:
    await _accepted(stage)
    await click(stage, post(stage), "decision.item.retire")
    empty = await submit(stage, {"reason": "  "})
    assert set(empty.errors) == {"reason"}
    await submit(stage, {"reason": "We no longer take uploads"})
    [row] = await decisions(stage)
    assert (row.status, row.reason) == ("retired", "We no longer take uploads")
    [said] = stage.posts(stage.rooms.product)
    assert "We no longer take uploads" in words(said)
    assert "decision.item" not in words(said)


async def test_two_people_accepting_at_once_log_it_once(stage: Stage) -> None:
    await decide(stage, "Where uploads live")
    before = post(stage)
    await click(stage, before, "decision.item.accept")
    row = next(b for b in before.blocks or [] if b["type"] == "actions")
    late = row["elements"][0]
    stage.world.messages.change(before.channel, before.ts, blocks=before.blocks)
    await stage.people.click(stage.who.ben, late["action_id"], channel=before.channel, ts=before.ts)
    await stage.settle()
    assert await entry_kinds(stage) == ["decision.proposed", "decision.accepted"]


async def test_the_owner_is_asked_on_the_revisit_date_at_nine_where_they_are(stage: Stage) -> None:
    row = await _accepted(stage, revisit=REVISIT.isoformat(), change="A better price")
    await stage.run_until(REVISIT_AT.replace(hour=6, minute=59))
    assert stage.dms(stage.who.ana) == []
    await stage.run_until(REVISIT_AT.replace(minute=1))
    [asked] = stage.dms(stage.who.ana)
    assert f"#{row.number}" in asked.text
    assert "A better price" in words(asked)


async def test_the_owners_own_zone_decides_when_they_are_asked(stage: Stage) -> None:
    await _accepted(stage, revisit=REVISIT.isoformat(), owner=stage.who.ben)
    await stage.run_until(REVISIT_AT.replace(hour=12, minute=59))
    assert stage.dms(stage.who.ben) == []
    await stage.run_until(REVISIT_AT.replace(hour=13, minute=1))
    assert len(stage.dms(stage.who.ben)) == 1


async def _asked(stage: Stage) -> Any:
    await _accepted(stage, revisit=REVISIT.isoformat())
    await stage.run_until(REVISIT_AT.replace(minute=1))
    return stage.dms(stage.who.ana)[-1]


async def test_still_right_ends_the_asking(stage: Stage) -> None:
    await click(stage, await _asked(stage), "decision.revisit.holds")
    [row] = await decisions(stage)
    assert (row.revisit_on, row.status) == (None, "accepted")
    assert "still holds" in stage.dms(stage.who.ana)[-1].text
    assert (await entry_kinds(stage))[-1] == "decision.revisited"


async def test_extend_asks_again_after_ninety_days(stage: Stage) -> None:
    await click(stage, await _asked(stage), "decision.revisit.extend")
    [row] = await decisions(stage)
    assert row.revisit_on == date(2026, 8, 31)
    await stage.run_until(datetime(2026, 8, 31, 7, 1, tzinfo=UTC))
    assert len(stage.dms(stage.who.ana)) == 2
    assert "Is it still right?" in stage.dms(stage.who.ana)[-1].text


async def test_revisit_asks_the_thread_and_offers_to_supersede(stage: Stage) -> None:
    await click(stage, await _asked(stage), "decision.revisit.reopen")
    note = post(stage)
    assert "wants to look again" in note.text
    assert note.is_reply
    await click(stage, stage.dms(stage.who.ana)[-1], "decision.item.supersede")
    await submit(stage, {"choice": "Glacier"})
    assert [row.status for row in await decisions(stage)] == ["superseded", "accepted"]


async def test_a_superseded_decision_is_not_asked_about(stage: Stage) -> None:
    await _accepted(stage, revisit=REVISIT.isoformat())
    await click(stage, post(stage), "decision.item.supersede")
    await submit(stage, {"choice": "Glacier"})
    await stage.run_until(REVISIT_AT.replace(minute=1))
    assert stage.dms(stage.who.ana) == []


async def test_due_and_decided_are_read_as_their_asker_may(stage: Stage) -> None:
    private = await _accepted(stage, "Salaries", channel=stage.rooms.leads, revisit="2026-06-02")
    public = await _accepted(stage, "Where uploads live")
    end = datetime(2026, 7, 1, tzinfo=UTC)
    ana, ben = await _asker(stage, stage.who.ana), await _asker(stage, stage.who.ben)
    async with stage.deps.db.read() as session:
        seen = [d.id for d in await decided_between(session, ana, START, end)]
        seen_by_ben = [d.id for d in await decided_between(session, ben, START, end)]
        due = [d.id for d in await home_due(session, ana, today=REVISIT)]
        not_due = await home_due(session, ben, today=REVISIT)
        over = await reversed_between(session, ana, START, end)
    assert seen == [public.id, private.id]
    assert seen_by_ben == [public.id]
    assert (due, not_due, over) == ([private.id], [], [])


async def test_what_a_thread_decided_is_edited_in_that_thread(stage: Stage) -> None:
    root, _ = await thread_of(stage, "Where do uploads live?")
    await mention(stage, "decision Where uploads live", thread=root)
    [note] = await stage.people.ephemerals(stage.who.ana, stage.rooms.product)
    await click(stage, note, "decision.form.open")
    await submit(stage, {"choice": "S3"})
    await click(stage, post(stage), "decision.item.accept")
    said = post(stage)
    assert (said.thread_ts, "(accepted)" in said.text) == (root, True)


async def _asker(stage: Stage, user: str) -> Any:
    place = stage.deps.places.of(stage.workspace_id)
    return await place.directory.asker(user, at=stage.daybook.clock.now())


async def test_the_later_of_two_edits_of_a_proposal_overwrites_nothing(stage: Stage) -> None:
    ana, ben = stage.who.ana, stage.who.ben
    await decide(stage, "Where to store uploads", status="proposed")
    for who in (ana, ben):
        await click(stage, post(stage), "decision.item.edit", user=who)
    assert (await submit(stage, {"choice": "On our disk"}, ben)).result != "errors"
    late = await submit(stage, {"choice": "In a bucket"}, ana)
    assert "somebody changed this proposal" in late.errors["title"]
    assert [one.choice for one in await decisions(stage)] == ["On our disk"]
