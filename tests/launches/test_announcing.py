"""Announcing a launch, and what was launched or decided before while its title is typed."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.entries.tables import Entry
from bot.launches.announcements import draft_announcement
from bot.launches.crew_tables import LaunchAnnouncement
from bot.launches.records import LaunchDetail
from tests.conftest import Stage
from tests.launches.conftest import (
    click_headline,
    headline,
    launch,
    open_form,
    rows,
    submit,
    thread,
    top_view,
    words,
)
from tests.launches.test_bulletin import BET, LAUNCH


async def _draft(stage: Stage) -> str:
    await click_headline(stage, "launch.crew.open")
    view = top_view(stage, stage.who.ana)
    await stage.people.click(stage.who.ana, "launch.announcement.draft", view_id=view.id)
    return words(top_view(stage, stage.who.ana))


async def test_an_announcement_is_drafted_from_facts_and_posted_by_a_click_only(
    stage: Stage,
) -> None:
    await launch(stage, "Guided importer", summary="It names each failing row.")
    before = len(stage.posts(stage.rooms.voice))
    shown = await _draft(stage)
    assert "Guided importer is live for everybody." in shown
    assert "It names each failing row." in shown
    assert len(stage.posts(stage.rooms.voice)) == before

    text = "It is there, <!channel>. Try it."
    answer = await submit(stage, {"channel": stage.rooms.voice, "text": text})
    assert answer.result == "closed", answer
    posted = stage.posts(stage.rooms.voice)[-1]
    assert "It is there" in words(posted)
    assert "<!channel>" not in words(posted)
    assert f"Announced by <@{stage.who.ana}>" in words(posted)
    assert thread(stage)[-1].text == f"<@{stage.who.ana}> announced it in <#{stage.rooms.voice}>."
    assert "Checklist: " in words(headline(stage))
    [row] = await rows(stage, LaunchAnnouncement)
    assert (row.channel_id, row.by) == (stage.rooms.voice, stage.who.ana)
    assert [e.kind for e in await rows(stage, Entry)].count("launch.announced") == 1


async def test_nothing_is_announced_where_customers_read(stage: Stage) -> None:
    await launch(stage)
    await _draft(stage)
    answer = await submit(stage, {"channel": stage.rooms.acme, "text": "Look"})
    assert set(answer.errors) == {"channel"}
    assert await rows(stage, LaunchAnnouncement) == []


async def test_past_launches_and_decisions_stand_in_the_form_while_typing(stage: Stage) -> None:
    ana, room = stage.who.ana, stage.rooms.product
    await launch(stage, "Guided spreadsheet importer")
    await stage.people.command(ana, room, "/decision Spreadsheet importer format")
    await submit(stage, {"choice": "Only CSV", "status": "accepted"})
    view = await open_form(stage)
    assert "Launched before" not in words(view)
    await stage.people.click(
        ana, "launch.form.title", view_id=view.id, value="Spreadsheet importer again"
    )
    shown = words(top_view(stage, ana))
    assert "Launched before, much like this" in shown
    assert "#1 Guided spreadsheet importer" in shown
    assert "Decided before" in shown
    assert "Only CSV" in shown


def test_a_draft_names_the_check_only_while_it_is_to_come() -> None:
    one = replace(LAUNCH, bet=BET)
    for at, state, is_told in (
        (datetime(2026, 6, 1, 8, tzinfo=UTC), "open", True),
        (datetime(2026, 6, 2, 8, tzinfo=UTC), "open", False),
        (datetime(2026, 5, 20, 8, tzinfo=UTC), "judged", False),
    ):
        detail = LaunchDetail(replace(one, bet=replace(BET, state=state)), ())
        assert ("checked on 1 June" in draft_announcement(detail, [], at=at)) is is_told
