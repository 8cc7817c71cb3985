"""Logging a launch: the form, the shortcuts, the mention, the headline."""

import pytest

from bot.entries.tables import Entry
from bot.errors import AlreadyDone
from bot.launches.tables import Launch
from handlers.launches import save_form
from handlers.payloads import Request
from tests.conftest import Stage
from tests.launches.conftest import (
    click_headline,
    entry_kinds,
    headline,
    launch,
    open_form,
    rows,
    submit,
    thread,
    top_view,
    words,
)


async def test_title_and_owner_are_enough_and_submit_at_once_works(stage: Stage) -> None:
    await open_form(stage, "/launch New importer")
    answer = await submit(stage, {})

    assert answer.result == "closed"
    [row] = await rows(stage, Launch)
    assert (row.title, row.owner_id, row.stage) == ("New importer", stage.who.ana, "live")
    assert row.source_channel_id == stage.rooms.product
    head = headline(stage)
    assert f"#{row.number}" in words(head)
    assert "New importer" in head.text
    assert thread(stage) == []
    assert await entry_kinds(stage) == ["launch.created", "launch.live"]


async def test_the_live_entry_tells_other_rituals_which_launch_it_was(stage: Stage) -> None:
    row = await launch(stage)
    [live] = [e for e in await rows(stage, Entry) if e.kind == "launch.live"]
    assert (live.subject_kind, live.subject_id, live.actor) == ("launch", row.id, stage.who.ana)
    assert live.facts["launch"] == row.id
    assert (live.facts["number"], live.facts["stage"]) == (row.number, "live")
    assert live.source_channel_id == stage.rooms.product


async def test_the_word_after_daybook_opens_the_same_form(stage: Stage) -> None:
    view = await open_form(stage, "/daybook launch New importer")
    assert "New importer" in words(view)


async def test_a_submission_that_slack_delivers_twice_logs_one_launch(stage: Stage) -> None:
    place, at = stage.deps.places.all()[0], stage.daybook.clock.now()
    request = Request(
        place=place,
        asker=await place.directory.asker(stage.who.ana, at=at),
        at=at,
        name="launch.form.launch",
        values={"title": "Importer", "owner": stage.who.ana, "channel": stage.rooms.product},
        trigger_id="1.2.same",
    )
    await save_form(request, stage.deps)
    with pytest.raises(AlreadyDone):
        await save_form(request, stage.deps)
    await stage.settle()
    assert [row.title for row in await rows(stage, Launch)] == ["Importer"]
    assert "Importer" in headline(stage).text


async def test_an_empty_title_is_refused_under_its_field(stage: Stage) -> None:
    await open_form(stage, "/launch")
    answer = await submit(stage, {"title": "   "})
    assert answer.result == "errors"
    assert set(answer.errors) == {"title"}
    assert await rows(stage, Launch) == []


@pytest.mark.parametrize("room", ["board", "acme"])
async def test_a_channel_without_the_bot_or_with_outsiders_is_refused_under_its_field(
    stage: Stage, room: str
) -> None:
    await open_form(stage, "/launch New importer")
    answer = await submit(stage, {"channel": getattr(stage.rooms, room)})
    assert answer.result == "errors"
    assert set(answer.errors) == {"channel"}
    assert await rows(stage, Launch) == []


async def test_a_guest_cannot_log_a_launch(stage: Stage) -> None:
    await stage.people.command(stage.who.gil, stage.rooms.voice, "/launch New importer")
    assert stage.world.views.stack(stage.who.gil) == []
    await stage.people.command(stage.who.gil, stage.rooms.voice, "/launch list")
    assert await stage.whispers(stage.who.gil, stage.rooms.voice) == [
        "Guests can read `/launch list`; please ask a member to log a launch.",
        "No launches that you can see yet.",
    ]


async def test_a_guest_cannot_own_a_launch(stage: Stage) -> None:
    await open_form(stage, "/launch New importer")
    answer = await submit(stage, {"owner": stage.who.gil})
    assert set(answer.errors) == {"owner"}


async def test_a_hostile_title_pings_nobody(stage: Stage) -> None:
    await open_form(stage, "/launch")
    await submit(stage, {"title": "<!channel> *boom* <https://evil.example|x>"})
    said = headline(stage)
    for form in (said.text, words(said)):
        assert "<!channel" not in form
        assert "<https://evil" not in form


async def test_the_global_shortcut_asks_for_the_channel(stage: Stage) -> None:
    await stage.people.shortcut(stage.who.ana, "launch.new")
    missing = await submit(stage, {"title": "New importer"})
    assert set(missing.errors) == {"channel"}
    await submit(stage, {"channel": stage.rooms.product})
    assert "New importer" in headline(stage).text


async def test_the_message_shortcut_takes_the_title_from_the_message_and_only_once(
    stage: Stage,
) -> None:
    ts = await stage.people.post(
        stage.who.ben, stage.rooms.product, "Yearly prices on the plan page"
    )
    place = {"channel": stage.rooms.product, "ts": ts}
    await stage.people.shortcut(stage.who.ana, "launch.message.log", **place)
    assert "Yearly prices on the plan page" in words(top_view(stage, stage.who.ana))
    await submit(stage, {})
    await stage.people.shortcut(stage.who.ben, "launch.message.log", **place)

    [row] = await rows(stage, Launch)
    assert (row.origin_channel_id, row.origin_ts) == (stage.rooms.product, ts)
    assert stage.world.views.stack(stage.who.ben) == []
    assert "already" in (await stage.whispers(stage.who.ben, stage.rooms.product))[-1]


async def test_a_mention_in_a_thread_logs_at_once_with_a_title(stage: Stage) -> None:
    root = await stage.people.post(stage.who.ben, stage.rooms.product, "who pressed the button?")
    bot = stage.world.bot.id
    text = f"<@{bot}> launch New importer"
    await stage.people.post(stage.who.ana, stage.rooms.product, text, thread_ts=root)
    await stage.settle()

    [row] = await rows(stage, Launch)
    assert (row.title, row.owner_id, row.origin_ts) == ("New importer", stage.who.ana, root)
    assert "New importer" in headline(stage).text
    [whisper] = await stage.whispers(stage.who.ana, stage.rooms.product)
    assert whisper == f"Logged as launch #{row.number}: New importer."


LONG = "The importer reads every file that a customer has " * 10


async def test_a_title_that_is_too_long_is_told_and_stands_whole_in_the_form(stage: Stage) -> None:
    view = await open_form(stage, f"/launch {LONG}")
    assert "so I shortened yours" in words(view)
    await submit(stage, {})
    [row] = await rows(stage, Launch)
    assert (len(row.title) <= 150, row.summary) == (True, LONG.strip())


async def test_a_title_that_fits_nowhere_is_given_back_privately(stage: Stage) -> None:
    for line in ("/launch", "/decision", "/retro"):
        await stage.people.command(stage.who.ana, stage.rooms.product, f"{line} {LONG * 5}")
        told = (await stage.whispers(stage.who.ana, stage.rooms.product))[-1]
        assert "so nothing was logged" in told
    assert stage.world.views.stack(stage.who.ana) == []


async def test_a_mention_with_a_long_title_keeps_all_of_it_and_says_so(stage: Stage) -> None:
    text = f"<@{stage.world.bot.id}> launch {LONG}"
    await stage.people.post(stage.who.ana, stage.rooms.product, text)
    await stage.settle()
    [row] = await rows(stage, Launch)
    assert (len(row.title) <= 150, row.summary) == (True, LONG.strip())
    [note] = await stage.people.ephemerals(stage.who.ana, stage.rooms.product)
    assert "All you wrote is in its summary." in str(note.blocks)


async def test_a_mention_without_a_title_offers_the_form_privately(stage: Stage) -> None:
    root = await stage.people.post(stage.who.ben, stage.rooms.product, "it is out")
    text = f"<@{stage.world.bot.id}> launch"
    await stage.people.post(stage.who.ana, stage.rooms.product, text, thread_ts=root)
    await stage.settle()
    [note] = await stage.people.ephemerals(stage.who.ana, stage.rooms.product)
    await stage.people.click(
        stage.who.ana, "launch.form.open", channel=stage.rooms.product, ts=note.ts
    )
    await submit(stage, {"title": "New importer"})
    [row] = await rows(stage, Launch)
    assert row.origin_ts == root


async def test_past_launches_with_such_a_title_are_shown_with_how_they_stand(
    stage: Stage,
) -> None:
    await launch(stage, "Importer for spreadsheets")
    view = await open_form(stage, "/launch Importer for big spreadsheets")
    assert "much like this" in words(view)
    assert "Importer for spreadsheets: live" in words(view)


async def test_the_list_filters_by_stage_area_and_owner(stage: Stage) -> None:
    await launch(stage, "New importer", area="Import")
    await launch(stage, "Dark mode", stage="beta", area="Looks", owner=stage.who.ben)
    for wanted, shown in (
        ("", {"New importer", "Dark mode"}),
        ("beta", {"Dark mode"}),
        ("import", {"New importer"}),
        (f"<@{stage.who.ben}>", {"Dark mode"}),
        ("rolled back", set()),
    ):
        await stage.people.command(
            stage.who.ana, stage.rooms.product, f"/daybook launch list {wanted}"
        )
        said = words((await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1])
        assert {t for t in ("New importer", "Dark mode") if t in said} == shown, wanted


async def test_editing_changes_the_headline_in_place_and_tells_the_thread(stage: Stage) -> None:
    await launch(stage)
    ts = headline(stage).ts
    await click_headline(stage, "launch.item.edit")
    sentence = "It leads you through each row"
    changes = {"title": "Newer importer", "owner": stage.who.ben, "summary": sentence}
    await submit(stage, changes)

    assert headline(stage).ts == ts
    assert "Newer importer" in headline(stage).text
    assert f"<@{stage.who.ben}>" in headline(stage).text
    [note] = thread(stage)
    assert "changed the title, owner, sentence about it" in note.text
    assert sentence in words(headline(stage))
    assert (await entry_kinds(stage))[-1] == "launch.edited"


async def test_saving_an_edit_that_changes_nothing_says_nothing(stage: Stage) -> None:
    await launch(stage)
    await click_headline(stage, "launch.item.edit")
    await submit(stage, {})
    assert thread(stage) == []
    assert "launch.edited" not in await entry_kinds(stage)


async def test_an_update_goes_into_the_thread_in_its_writers_words(stage: Stage) -> None:
    await launch(stage)
    await click_headline(stage, "launch.update.write")
    await submit(stage, {"text": "Half of the teams have it <!here>"})
    [note] = thread(stage)
    assert "Half of the teams have it" in words(note)
    assert "<!here>" not in words(note)
    assert (await entry_kinds(stage))[-1] == "launch.updated"
