"""Logging a decision: the command, the shortcut, the mention, the form, the post."""

from datetime import date

import pytest

from playground.server.payloads import render_submission
from tests.conftest import Stage
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


async def test_title_and_choice_are_enough(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Where uploads live")
    answer = await submit(stage, {"choice": "S3"})

    assert answer.result == "updated"
    assert "is logged" in words(answer.view) or "Logged as #" in words(answer.view)
    [row] = await decisions(stage)
    assert (row.title, row.choice, row.owner_id) == ("Where uploads live", "S3", stage.who.ana)
    assert (row.status, row.source_channel_id) == ("proposed", stage.rooms.product)
    assert await entry_kinds(stage) == ["decision.proposed"]


async def test_the_decision_is_posted_once_with_its_buttons(stage: Stage) -> None:
    row = await decide(
        stage, "Where uploads live", options="S3\nDisk", rationale="no disk to watch"
    )
    [said] = stage.posts(stage.rooms.product)
    assert f"Decision #{row.number}: Where uploads live" in said.text
    shown = words(said)
    assert "S3" in shown
    assert "no disk to watch" in shown
    for label in ("Accept", "Edit", "Supersede", "Retire"):
        assert f'"{label}"' in shown


async def test_the_word_after_daybook_does_the_same(stage: Stage) -> None:
    await stage.people.command(
        stage.who.ana, stage.rooms.product, "/daybook decision Where uploads live"
    )
    assert "Where uploads live" in words(top_view(stage, stage.who.ana))


async def test_a_decision_told_to_the_bot_directly_is_sent_back_directly_and_seen_by_members(
    stage: Stage,
) -> None:
    home = stage.world.channels.direct(stage.who.ana, stage.world.bot.id).id
    await stage.people.command(stage.who.ana, home, "/decision Where uploads live")
    await submit(stage, {"choice": "S3"})
    [row] = await decisions(stage)
    assert row.source_channel_id is None
    assert "Where uploads live" in stage.dms(stage.who.ana)[-1].text
    await stage.people.command(stage.who.ben, stage.rooms.product, "/decision list")
    assert "Where uploads live" in await _last_list(stage, stage.who.ben)


async def _last_list(stage: Stage, user: str, channel: str = "") -> str:
    found = await stage.people.ephemerals(user, channel or stage.rooms.product)
    return words(found[-1])


async def test_the_same_submission_delivered_twice_logs_one(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Where uploads live")
    await submit(stage, {"choice": "  "})  # what Slack keeps of an empty field stays in the form
    view = top_view(stage, stage.who.ana)
    typed = {"choice": {"choice": {"type": "plain_text_input", "value": "S3"}}}
    view = stage.world.views.change(view.id, state=view.state | typed)
    person = stage.world.users.get(stage.who.ana)
    assert person is not None
    payload = render_submission(stage.people.workspace, person, view)
    for _ in range(2):
        await stage.people.workspace.outbox.ask("interactive", payload)
    await stage.settle()
    assert len(await decisions(stage)) == 1
    assert len(stage.posts(stage.rooms.product)) == 1


async def test_an_empty_title_is_refused_under_its_field(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision")
    answer = await submit(stage, {"title": "  ", "choice": "S3"})
    assert set(answer.errors) == {"title"}
    assert await decisions(stage) == []


async def test_a_revisit_date_in_the_past_is_refused_under_its_field(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Uploads")
    answer = await submit(stage, {"choice": "S3", "revisit": "2026-05-01"})
    assert set(answer.errors) == {"revisit"}
    assert await decisions(stage) == []


async def test_every_wrong_field_of_a_decision_is_marked_at_once(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Uploads")
    wrong = {
        "title": " ",
        "choice": "\u200b",
        "owner": stage.who.gil,
        "options": "x" * 301,
        "revisit": "2026-05-01",
        "channel": stage.rooms.board,
    }
    assert set((await submit(stage, wrong)).errors) == set(wrong)
    assert await decisions(stage) == []


async def test_a_guest_cannot_own_a_decision(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Uploads")
    answer = await submit(stage, {"choice": "S3", "owner": stage.who.gil})
    assert set(answer.errors) == {"owner"}


async def test_a_guest_cannot_log_one_but_may_read_what_their_channel_decided(stage: Stage) -> None:
    await decide(stage, "Seen by guests", channel=stage.rooms.voice)
    await decide(stage, "Not for guests", channel=stage.rooms.product)
    await stage.people.command(stage.who.gil, stage.rooms.voice, "/decision Mine")
    assert stage.world.views.stack(stage.who.gil) == []
    assert "Guests" in (await stage.whispers(stage.who.gil, stage.rooms.voice))[-1]
    await stage.people.command(stage.who.gil, stage.rooms.voice, "/decision list")
    listed = await _last_list(stage, stage.who.gil, stage.rooms.voice)
    assert "Seen by guests" in listed
    assert "Not for guests" not in listed


async def test_a_channel_without_the_bot_is_refused_under_its_field(stage: Stage) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision Uploads")
    answer = await submit(stage, {"choice": "S3", "channel": stage.rooms.board})
    assert set(answer.errors) == {"channel"}
    assert await decisions(stage) == []


async def test_nothing_is_posted_where_customers_read(stage: Stage) -> None:
    await decide(stage, "What we do for Acme", channel=stage.rooms.acme)
    assert stage.posts(stage.rooms.acme) == []
    assert "What we do for Acme" in stage.dms(stage.who.ana)[-1].text


async def test_hostile_words_ping_nobody_and_link_nowhere(stage: Stage) -> None:
    evil = "<!channel> *boom* <https://evil.example|x> <@U0ALL>"
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision")
    await submit(
        stage,
        {"title": evil, "choice": evil, "context": evil, "options": evil, "change": evil,
         "area": "<!here>"},
    )  # fmt: skip
    said = post(stage)
    for form in (said.text, words(said)):
        assert "<!channel" not in form
        assert "<!here" not in form
        assert "<https://evil" not in form
        assert "<@U0ALL>" not in form


async def test_a_long_title_is_shortened_and_stands_whole_beside_it(stage: Stage) -> None:
    typed = ("very long " * 100).strip()
    await stage.people.command(stage.who.ana, stage.rooms.product, f"/decision {typed}")
    await submit(stage, {"choice": "S3"})
    [row] = await decisions(stage)
    assert (len(row.title) <= 150, row.context) == (True, typed)


async def test_forty_thousand_characters_are_given_back_and_break_nothing(stage: Stage) -> None:
    typed = "/decision " + "very long " * 4_000
    await stage.people.command(stage.who.ana, stage.rooms.product, typed)
    [told] = await stage.whispers(stage.who.ana, stage.rooms.product)
    assert "so nothing was logged" in told
    assert await decisions(stage) == []


async def test_a_private_channels_decision_is_listed_for_its_members_only(stage: Stage) -> None:
    await decide(stage, "Salaries", channel=stage.rooms.leads)
    await stage.people.command(stage.who.ben, stage.rooms.product, "/decision list")
    assert "Salaries" not in await _last_list(stage, stage.who.ben)
    await stage.people.command(stage.who.ana, stage.rooms.product, "/decision list")
    assert "Salaries" in await _last_list(stage, stage.who.ana)


async def test_past_decisions_about_the_same_are_shown_with_how_they_ended(stage: Stage) -> None:
    old = await decide(stage, "Where uploaded files are stored", "On one big disk")
    await click(stage, post(stage), "decision.item.accept")
    await stage.people.command(
        stage.who.ben, stage.rooms.product, "/decision Store uploaded files elsewhere"
    )
    shown = words(top_view(stage, stage.who.ben))
    assert f"#{old.number} Where uploaded files are stored" in shown
    assert "On one big disk" in shown
    assert "it stands" in shown


async def test_a_private_channels_decision_is_not_shown_as_similar_to_others(stage: Stage) -> None:
    await decide(stage, "Where uploaded files are stored", channel=stage.rooms.leads)
    await stage.people.command(
        stage.who.ben, stage.rooms.product, "/decision Store uploaded files elsewhere"
    )
    assert "Decided before" not in words(top_view(stage, stage.who.ben))


async def test_typing_the_title_shows_what_was_decided_before_and_keeps_the_rest(
    stage: Stage,
) -> None:
    await decide(stage, "Where uploaded files are stored")
    await stage.people.command(stage.who.ben, stage.rooms.product, "/decision")
    view = top_view(stage, stage.who.ben)
    await stage.people.click(
        stage.who.ben,
        "decision.form.title",
        view_id=view.id,
        value="Storing uploaded files",
        state={"choice": "On tape", "status": "accepted"},
    )
    again = top_view(stage, stage.who.ben)
    assert "Decided before" in words(again)
    await submit(stage, {}, stage.who.ben)
    row = (await decisions(stage))[-1]
    assert (row.title, row.choice, row.status) == ("Storing uploaded files", "On tape", "accepted")


async def test_the_shortcut_opens_the_form_for_the_messages_thread(stage: Stage) -> None:
    root, [_, answer] = await thread_of(stage, "Where do uploads live?", "S3, writing it down")
    await stage.people.shortcut(
        stage.who.ana, "decision.message.log", channel=stage.rooms.product, ts=answer
    )
    await submit(stage, {"title": "Where uploads live", "choice": "S3"})
    [row] = await decisions(stage)
    assert row.thread_ts == root
    assert root.replace(".", "") in row.permalink
    assert (row.snapshot, row.snapshot_by) == ("Where do uploads live?", stage.who.ben)
    said = post(stage)
    assert said.thread_ts == root
    assert row.permalink in words(said)


async def test_a_mention_in_a_thread_offers_the_form_privately_with_the_title_filled_in(
    stage: Stage,
) -> None:
    root, _ = await thread_of(stage, "Where do uploads live?", "S3")
    await mention(stage, "decision Where uploads live", thread=root)
    [note] = await stage.people.ephemerals(stage.who.ana, stage.rooms.product)
    assert await stage.whispers(stage.who.ben, stage.rooms.product) == []
    await click(stage, note, "decision.form.open")
    assert "Where uploads live" in words(top_view(stage, stage.who.ana))
    await submit(stage, {"choice": "S3"})
    [row] = await decisions(stage)
    assert (row.title, row.thread_ts) == ("Where uploads live", root)
    assert post(stage).thread_ts == root


async def test_a_mention_by_a_guest_is_answered_in_one_private_sentence(stage: Stage) -> None:
    await mention(stage, "decision Mine", user=stage.who.gil, channel=stage.rooms.voice)
    assert await stage.whispers(stage.who.gil, stage.rooms.voice) == [
        "Only members can log decisions; ask one to."
    ]


async def test_a_mention_by_an_outsider_changes_and_answers_nothing(stage: Stage) -> None:
    await mention(stage, "decision Mine", user=stage.who.olga, channel=stage.rooms.acme)
    assert await decisions(stage) == []
    assert await stage.whispers(stage.who.olga, stage.rooms.acme) == []
    assert stage.posts(stage.rooms.acme) == []


async def test_the_form_may_be_forged_for_no_private_channel_that_one_is_not_in(
    stage: Stage,
) -> None:
    root, _ = await thread_of(stage, "Where do uploads live?")
    await mention(stage, "decision Uploads", thread=root, user=stage.who.ben)
    [note] = await stage.people.ephemerals(stage.who.ben, stage.rooms.product)
    await click(stage, note, "decision.form.open", user=stage.who.ben)
    view = top_view(stage, stage.who.ben)
    forged = view.body["private_metadata"].replace(stage.rooms.product, stage.rooms.leads)
    stage.world.views.change(view.id, body=view.body | {"private_metadata": forged})
    await submit(stage, {"choice": "S3"}, stage.who.ben)
    assert await decisions(stage) == []


@pytest.mark.parametrize("status", ["proposed", "accepted"])
async def test_all_that_was_typed_is_kept(stage: Stage, status: str) -> None:
    row = await decide(
        stage,
        "Where uploads live",
        context="The disk is full",
        options="- S3\n- Disk",
        rationale="No disk to watch",
        owner=stage.who.ben,
        participants=[stage.who.ana, stage.who.ben],
        confidence="80",
        reversible="no",
        area="Uploads",
        revisit="2026-08-18",
        change="If it costs over 100 a month",
        status=status,
    )
    assert row.options == ["S3", "Disk"]
    assert (row.owner_id, row.participants) == (stage.who.ben, [stage.who.ana])
    assert (row.confidence, row.is_reversible, row.area) == (80, False, "Uploads")
    assert (row.revisit_on, row.status) == (date(2026, 8, 18), status)
    shown = words(post(stage))
    for part in ("The disk is full", "80 % sure", "hard to undo", "18 August 2026", "100 a month"):
        assert part in shown
