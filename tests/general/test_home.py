"""The App Home of a member and of a guest."""

from typing import Any

from bot.feedback.tables import FollowUp
from bot.retros.service import NewSeries, Opening, create_series, open_run
from tests.conftest import Stage
from tests.feedback.telling import (
    EXPORT,
    add_customer,
    buttons_of,
    follow_ups,
    judge,
    launch_for,
    log_words,
    words_of,
)
from tests.intake.test_imports import bring_in


async def _home(stage: Stage, user: str) -> dict[str, Any]:
    await stage.people.open_home(user)
    await stage.settle()
    view = stage.world.views.home(user)
    assert view is not None
    return {"id": view.id, "blocks": view.body["blocks"]}


async def _drafted(stage: Stage) -> FollowUp:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    await launch_for(stage, item)
    [row] = await follow_ups(stage)
    return row


async def test_the_home_is_calm_when_nothing_is_due(stage: Stage) -> None:
    home = await _home(stage, stage.who.ben)
    assert "Nothing needs you." in words_of(home["blocks"])
    assert {"New launch", "New decision", "Log feedback"} <= set(buttons_of(home["blocks"]))


async def test_a_draft_to_tell_needs_its_owner_and_is_told_from_the_home(stage: Stage) -> None:
    await _drafted(stage)
    home = await _home(stage, stage.who.ben)
    read = words_of(home["blocks"])
    assert "*Needs you*" in read
    assert "*Acme* wrote" in read
    [told] = buttons_of(home["blocks"])["Told"]

    await stage.people.click(stage.who.ben, told, view_id=home["id"])
    await stage.settle()
    view = stage.world.views.home(stage.who.ben)
    assert "Nothing needs you." in words_of(view.body["blocks"])
    [row] = await follow_ups(stage)
    assert row.state == "told"
    assert "*Acme*: told" in words_of(stage.dms(stage.who.ben)[0].blocks)

    assert "*Acme*: told" in words_of(view.body["blocks"])
    [undo] = [a for a in buttons_of(view.body["blocks"])["Undo"] if a.startswith("told.")]
    await stage.people.click(stage.who.ben, undo, view_id=view.id)
    await stage.settle()
    again = stage.world.views.home(stage.who.ben).body["blocks"]
    assert "Told" in buttons_of(again)
    assert "*Acme*: told" not in words_of(again)


async def test_a_draft_edited_from_the_home_shows_there_at_once(stage: Stage) -> None:
    await _drafted(stage)
    home = await _home(stage, stage.who.ben)
    [edit] = [a for a in buttons_of(home["blocks"])["Edit"] if a.startswith("told.")]
    await stage.people.click(stage.who.ben, edit, view_id=home["id"])
    form = stage.world.views.stack(stage.who.ben)[-1]
    await stage.people.submit(stage.who.ben, form.id, {"draft": "It is there, Ann."})
    await stage.settle()
    view = stage.world.views.home(stage.who.ben)
    assert "It is there, Ann." in words_of(view.body["blocks"])


async def test_a_form_that_was_opened_in_the_home_changes_the_home(stage: Stage) -> None:
    home = await _home(stage, stage.who.ben)
    [new] = buttons_of(home["blocks"])["New launch"]
    await stage.people.click(stage.who.ben, new, view_id=home["id"])
    form = stage.world.views.stack(stage.who.ben)[-1]
    values = {"title": "Brand new", "channel": stage.rooms.product}
    await stage.people.submit(stage.who.ben, form.id, values)
    await stage.settle()
    view = stage.world.views.home(stage.who.ben)
    assert "Brand new" in words_of(view.body["blocks"])


async def test_the_buttons_open_forms(stage: Stage) -> None:
    home = await _home(stage, stage.who.ben)
    for label in ("New decision", "Log feedback"):
        [action] = buttons_of(home["blocks"])[label]
        await stage.people.click(stage.who.ben, action, view_id=home["id"])
        form = stage.world.views.stack(stage.who.ben)[-1]
        assert form.body["submit"]
        await stage.people.close(stage.who.ben, form.id)


async def test_an_open_retro_needs_those_of_its_channel_and_stands_in_the_status(
    stage: Stage,
) -> None:
    new = NewSeries("Sprint", "start_stop", ["What went well?"], stage.rooms.leads, "UTC")
    async with stage.deps.db.write() as session:
        series = await create_series(
            session, stage.workspace_id, new, by=stage.who.ana, at=stage.clock.at
        )
        opening = Opening(stage.clock.at, [], by=stage.who.ana)
        await open_run(session, series, opening, at=stage.clock.at)
    read = words_of((await _home(stage, stage.who.ana))["blocks"])
    assert "Sprint" in read
    assert "*Needs you*" in read
    assert "Sprint" not in words_of((await _home(stage, stage.who.ben))["blocks"])

    await stage.people.command(stage.who.ana, stage.rooms.product, "/daybook status")
    said = (await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1]
    assert "End of retro #2 Sprint" in words_of(said.blocks)


async def test_others_do_not_see_what_is_mine_to_tell(stage: Stage) -> None:
    await _drafted(stage)
    home = await _home(stage, stage.who.ana)
    assert "Nothing needs you." in words_of(home["blocks"])
    assert "CSV export is live" in words_of(home["blocks"])
    assert "Told" not in buttons_of(home["blocks"])


async def test_a_guest_sees_only_what_comes_from_channels_they_are_in(stage: Stage) -> None:
    await _drafted(stage)
    await launch_for(stage, title="Told to guests too", room=stage.rooms.voice)
    home = await _home(stage, stage.who.gil)
    read = words_of(home["blocks"])
    assert "Told to guests too" in read
    assert "CSV export" not in read
    assert "New launch" not in buttons_of(home["blocks"])
    assert "You see what comes from channels you are in." in read


async def test_a_private_channels_launch_is_news_to_its_members_only(stage: Stage) -> None:
    await launch_for(stage, title="Secret plan", room=stage.rooms.leads, owner=stage.who.ana)
    assert "Secret plan" in words_of((await _home(stage, stage.who.ana))["blocks"])
    assert "Secret plan" not in words_of((await _home(stage, stage.who.ben))["blocks"])


async def test_the_latest_say_what_happened_without_quotes(stage: Stage) -> None:
    row = await _drafted(stage)
    await judge(stage, row.subject_id, "hit")
    read = words_of((await _home(stage, stage.who.ana))["blocks"])
    assert "CSV export is live" in read
    assert "CSV export has its verdict: hit" in read
    assert "needs it every Friday" not in read


async def test_a_file_of_feedback_leaves_room_for_what_else_was_new_and_was_logged(
    stage: Stage,
) -> None:
    ana = stage.who.ana
    item = await log_words(stage, EXPORT)
    await launch_for(stage, item)
    await bring_in(stage, "desk.csv", "text\n" + "".join(f"Wish {n}\n" for n in range(20)))
    read = words_of((await _home(stage, ana))["blocks"])
    assert read.count(" was logged") <= 3 + read.count("as a launch")
    assert "was logged as a launch" in read
    assert read.count("You logged") == 1
    assert f"{item.number}>: {item.kind}" in read.partition("You logged")[2]


async def test_a_busy_home_keeps_to_slacks_hundred_blocks(stage: Stage) -> None:
    items = []
    for n in range(6):
        await add_customer(stage, f"Cust{n}", owner=stage.who.ben)
        items.append(await log_words(stage, f"Please add a CSV export, ann@cust{n}.test"))
    for n in range(8):
        await launch_for(stage, *items, title=f"Launch number {n}")
    home = await _home(stage, stage.who.ben)
    assert len(home["blocks"]) <= 100
    assert "There is more" in words_of(home["blocks"]) or "more after these" in words_of(
        home["blocks"]
    )
