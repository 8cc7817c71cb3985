"""Feedback with everything that can be wrong: said clearly, nothing lost, nothing doubled."""

import asyncio
from contextvars import Context
from functools import partial

import pytest
from sqlalchemy import func, select

from bot.engine.tables import Inbox
from bot.errors import NotFound
from bot.feedback.service import note_mark
from bot.feedback.tables import Feedback, Mark
from bot.slack.blocks import Message
from bot.slack.limits import TYPED_TEXT
from tests.conftest import Stage
from tests.feedback.desk import (
    emoji_on,
    items,
    react,
    reporters,
    said,
    top_view,
    unreact,
    whisper,
)


async def test_a_message_that_is_gone_before_it_is_read_is_told(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    await stage.people.react(stage.who.ana, stage.rooms.voice, ts, "memo")
    await stage.people.delete(stage.who.ben, stage.rooms.voice, ts)
    await stage.settle()
    assert await items(stage) == []
    told = await whisper(stage)
    assert told.text == "I cannot find that message (any more); nothing was logged."


async def test_a_message_deleted_later_takes_its_feedback_with_it(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    await stage.people.delete(stage.who.ben, stage.rooms.voice, ts)
    await stage.settle()
    assert await items(stage) == []


async def test_an_edited_message_is_followed_by_its_feedback(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    await stage.people.edit(stage.who.ben, stage.rooms.voice, ts, "Please add a dark theme")
    await stage.settle()
    assert [item.text for item in await items(stage)] == ["Please add a dark theme"]


async def test_the_bots_own_message_is_no_feedback(stage: Stage) -> None:
    gateway = stage.deps.places.all()[0].gateway
    posted = await gateway.post(stage.rooms.voice, Message("Mine"))
    await react(stage, posted.ts)
    assert await items(stage) == []
    assert "one of my own messages" in (await whisper(stage)).text


async def test_a_message_of_one_picture_is_logged_by_its_name(stage: Stage) -> None:
    ts = await said(stage, "", files=[("broken.png", b"x")])
    await react(stage, ts)
    assert [item.text for item in await items(stage)] == ["File: broken.png"]


async def test_a_message_without_words_is_told(stage: Stage) -> None:
    ts = await said(stage, "\u200b\u200e")
    await react(stage, ts)
    assert await items(stage) == []
    assert (await whisper(stage)).text == "That message has no words. Nothing was logged."


async def test_forty_thousand_characters_are_logged_word_for_word(stage: Stage) -> None:
    text = "import fails " * 3_076  # 39,988
    ts = await said(stage, text)
    await react(stage, ts)
    assert [item.text for item in await items(stage)] == [text.strip()]
    assert emoji_on(stage, ts) == {"memo", "white_check_mark"}


async def test_a_long_message_logged_by_shortcut_is_kept_whole(stage: Stage) -> None:
    text = ("The importer stops at row 9. " * 300).strip()
    ts = await said(stage, text)
    await stage.people.shortcut(stage.who.ana, "feedback.message.log", stage.rooms.voice, ts)
    view = top_view(stage)
    shown = view.body["blocks"][0]["element"]["initial_value"]
    assert len(shown) <= TYPED_TEXT
    await stage.people.submit(stage.who.ana, view.id, {"text": shown})
    assert [item.text for item in await items(stage)] == [text]


async def test_words_changed_in_the_shortcuts_form_are_logged_as_changed(stage: Stage) -> None:
    ts = await said(stage, "Ann says: exports are slow")
    await stage.people.shortcut(stage.who.ana, "feedback.message.log", stage.rooms.voice, ts)
    answer = await stage.people.submit(
        stage.who.ana, top_view(stage).id, {"text": "Exports are slow", "kind": "bug"}
    )
    [item] = await items(stage)
    assert f"Logged as #{item.number}: bug, customer unknown." in str(answer)
    assert (item.text, item.kind, item.message_ts) == ("Exports are slow", "bug", ts)
    await stage.settle()
    assert emoji_on(stage, ts) == {"white_check_mark"}


async def test_a_reaction_taken_back_before_it_is_told_of_logs_nothing(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    stage.people.faults.add("reorder_event", method="reaction_added")
    await stage.people.react(stage.who.ana, stage.rooms.voice, ts, "memo")
    await stage.people.unreact(stage.who.ana, stage.rooms.voice, ts, "memo")
    await stage.settle()
    assert await items(stage) == []


async def test_of_two_events_of_one_reaction_worked_on_at_once_the_later_holds(
    stage: Stage,
) -> None:
    mark = Mark(channel_id=stage.rooms.voice, message_ts="1", user_id=stage.who.ana, emoji="memo")
    seen = partial(note_mark, workspace_id=stage.workspace_id, mark=mark)

    async def reaction() -> bool:
        async with stage.deps.db.write() as session:
            return await seen(session, is_on=True, event_ts="1.1")

    async with stage.deps.db.write() as session:
        assert await seen(session, is_on=False, event_ts="1.2")
        came = asyncio.create_task(reaction(), context=Context())  # another's unit of work
        for _ in range(20):  # it looks while the removal is not committed yet
            await session.execute(select(1))
    assert await came is False


async def test_an_event_told_twice_is_logged_and_answered_once(stage: Stage) -> None:
    stage.people.faults.add("duplicate_event", method="reaction_added", remaining=3)
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    assert len(await items(stage)) == 1
    assert len(await stage.whispers(stage.who.ana, stage.rooms.voice)) == 1


async def test_an_event_that_was_lost_at_first_is_logged_by_its_retry(stage: Stage) -> None:
    stage.people.faults.add("drop_event", method="reaction_added", remaining=2)
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    assert len(await items(stage)) == 1


async def test_two_people_who_react_at_once_are_one_feedback_with_two_reporters(
    stage: Stage,
) -> None:
    ts = await said(stage, "Please add dark mode")
    await asyncio.gather(
        *(
            stage.people.react(user, stage.rooms.voice, ts, "memo")
            for user in (stage.who.ana, stage.who.ben)
        )
    )
    await stage.settle()
    assert len(await items(stage)) == 1
    assert await reporters(stage) == {stage.who.ana, stage.who.ben}


async def test_a_guest_is_told_to_ask_a_member(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts, user=stage.who.gil)
    assert await items(stage) == []
    assert (await whisper(stage, stage.who.gil)).text.startswith("Only members can log feedback")


async def test_an_outsider_in_a_shared_channel_logs_nothing_and_is_not_answered(
    stage: Stage,
) -> None:
    ts = await said(stage, "Exports fail", stage.rooms.acme, user=stage.who.ana)
    await react(stage, ts, stage.rooms.acme, stage.who.olga)
    assert await items(stage) == []
    assert await stage.whispers(stage.who.olga, stage.rooms.acme) == []
    assert stage.dms(stage.who.olga) == []


async def test_where_customers_read_nothing_shows_and_the_receipt_comes_as_a_dm(
    stage: Stage,
) -> None:
    ts = await said(stage, "Exports fail since Monday", stage.rooms.acme, user=stage.who.olga)
    await react(stage, ts, stage.rooms.acme)
    [item] = await items(stage)
    assert emoji_on(stage, ts, stage.rooms.acme) == {"memo"}
    assert await stage.whispers(stage.who.ana, stage.rooms.acme) == []
    assert stage.posts(stage.rooms.acme) == []
    assert [m.text for m in stage.dms(stage.who.ana)] == [
        f"Logged as #{item.number}: bug, customer unknown."
    ]
    await unreact(stage, ts, stage.rooms.acme)
    assert await items(stage) == []
    assert [m.text for m in stage.dms(stage.who.ana)][1:] == [
        f"Undone: #{item.number} is no longer logged."
    ]
    assert await stage.whispers(stage.who.ana, stage.rooms.acme) == []


async def test_a_thread_reply_is_logged_with_its_own_words(stage: Stage) -> None:
    head = await said(stage, "Morning all")
    reply = await said(stage, "The import is broken again", thread_ts=head)
    await react(stage, reply)
    assert [item.text for item in await items(stage)] == ["The import is broken again"]


async def test_feedback_of_a_private_channel_stays_with_its_members(stage: Stage) -> None:
    ts = await said(stage, "Our churn number is secret", stage.rooms.leads, user=stage.who.ana)
    await react(stage, ts, stage.rooms.leads)
    assert len(await items(stage)) == 1
    await stage.people.command(stage.who.ben, stage.rooms.voice, "/daybook search churn")
    assert "churn number" not in str((await whisper(stage, stage.who.ben)).blocks)
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook search churn")
    assert "churn number" in str((await whisper(stage)).blocks)


async def test_a_guest_finds_only_what_comes_from_their_channels(stage: Stage) -> None:
    here = await said(stage, "Export to CSV please")
    there = await said(stage, "Export to PDF please", stage.rooms.product)
    await react(stage, here)
    await react(stage, there, stage.rooms.product)
    await stage.people.command(stage.who.gil, stage.rooms.voice, "/daybook search export")
    found = str((await whisper(stage, stage.who.gil)).blocks)
    assert ("CSV" in found, "PDF" in found) == (True, False)


async def test_a_reaction_in_a_channel_that_cannot_be_read_is_told(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    stage.people.faults.add("error", method="conversations.history", error="missing_scope")
    await react(stage, ts)
    assert await items(stage) == []
    assert "I may not read that message (missing_scope)" in (await whisper(stage)).text


async def test_slack_being_away_for_a_while_loses_no_reaction(stage: Stage) -> None:
    stage.people.faults.add("server_error", method="conversations.history", remaining=3)
    stage.people.faults.add("rate_limited", method="reactions.add", remaining=2)
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    assert await items(stage) == []
    await stage.after(minutes=10)
    assert len(await items(stage)) == 1
    assert emoji_on(stage, ts) == {"memo", "white_check_mark"}


async def test_another_emoji_means_nothing(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts, emoji="thumbsup")
    async with stage.deps.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Inbox)) == 0


async def test_the_second_reporter_may_undo_their_own_report_and_the_log_stays(
    stage: Stage,
) -> None:
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    await stage.after(minutes=9)
    await react(stage, ts, user=stage.who.ben)
    await stage.after(minutes=5)
    await unreact(stage, ts, user=stage.who.ben)
    assert await reporters(stage) == {stage.who.ana}
    assert len(await items(stage)) == 1
    assert "others reported it too" in (await whisper(stage, stage.who.ben)).text


async def test_a_log_that_was_undone_can_be_made_again_under_its_number(stage: Stage) -> None:
    ts = await said(stage, "Please add dark mode")
    await react(stage, ts)
    [first] = await items(stage)
    await unreact(stage, ts)
    await react(stage, ts)
    [again] = await items(stage)
    assert (again.id, again.number) == (first.id, first.number)
    assert emoji_on(stage, ts) == {"memo", "white_check_mark"}


@pytest.mark.parametrize("text", ["   ", "\u200b"])
async def test_an_empty_form_stays_open_with_the_problem_under_its_field(
    stage: Stage, text: str
) -> None:
    await stage.people.command(stage.who.ana, stage.rooms.voice, "/daybook feedback")
    answer = await stage.people.submit(stage.who.ana, top_view(stage).id, {"text": text})
    assert answer.result == "errors"
    assert list(answer.errors) == ["text"]
    assert await items(stage) == []


async def test_an_unknown_channel_is_not_found(stage: Stage) -> None:
    place = stage.deps.places.all()[0]
    with pytest.raises(NotFound):
        await place.directory.channel("C0NOWHERE", at=stage.deps.clock.now())


async def test_a_message_in_a_channel_without_the_bot_is_refused_before_anything_is_typed(
    stage: Stage,
) -> None:
    ts = await said(stage, "Secret plans", stage.rooms.board)
    await stage.people.shortcut(stage.who.ana, "feedback.message.log", stage.rooms.board, ts)
    assert stage.world.views.stack(stage.who.ana) == []
    assert [m.text for m in stage.dms(stage.who.ana)] == [
        "I cannot see that channel. Invite me there first."
    ]


async def test_numbers_are_shared_by_all_kinds_and_have_no_gaps(stage: Stage) -> None:
    for text in ("Exports are slow", "Exports are very slow"):
        await react(stage, await said(stage, text))
    async with stage.deps.db.read() as session:
        numbers = list(await session.scalars(select(Feedback.number).order_by(Feedback.number)))
    assert len(set(numbers)) == 2
