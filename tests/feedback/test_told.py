"""Those who asked are told what came of it, by the one who looks after them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.engine.inbox import Arrival, receive
from bot.entries.consumers import consume
from bot.entries.links import Node, put_link
from bot.entries.tables import Cursor, Entry
from bot.errors import NotAllowed
from bot.feedback.tables import Feedback
from bot.feedback.told import mark
from bot.feedback.told_askers import open_follow_ups
from bot.feedback.told_queries import due_for, find_follow_ups, told_rate
from bot.workspaces.asker import Asker
from jobs.told import CONSUMERS
from playground.server.rows import Message
from tests.conftest import Stage
from tests.feedback.telling import (
    EXPORT,
    SAME_WISH,
    add_customer,
    buttons_of,
    follow_ups,
    judge,
    launch_for,
    link_later,
    log_words,
    move,
    reread,
    words_of,
)


async def _shipped(stage: Stage) -> Message:
    """Ben looks after Acme, whose words ana logged; the launch is live."""
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    await launch_for(stage, item)
    return stage.dms(stage.who.ben)[-1]


async def _tap(stage: Stage, message: Message, label: str, *, who: str = "") -> None:
    action = buttons_of(reread(stage, message).blocks)[label][0]
    person = who or stage.who.ben
    await stage.people.click(person, action, channel=message.channel, ts=message.ts)
    await stage.settle()


async def test_a_live_launch_gives_the_customers_owner_one_message_with_quote_and_draft(
    stage: Stage,
) -> None:
    message = await _shipped(stage)
    read = words_of(message.blocks)
    assert "CSV export* is live. One who asked for it is yours to tell" in read
    assert "*Acme* wrote" in read
    assert "“Please add a CSV export" in read
    assert "Hi, today you wrote to us: “Please add a CSV export, " in read
    assert "It is there now: CSV export. Does it do what you needed?" in read
    assert "archives/" in read
    assert list(buttons_of(message.blocks)) == ["Told", "Edit", "Not needed"]
    assert len(stage.dms(stage.who.ben)) == 1


async def test_a_draft_waits_for_the_weekend_and_its_queue_does_not(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    await stage.run_until(datetime(2026, 5, 23, 10, 0, tzinfo=UTC))
    await launch_for(stage, item)
    assert [row.state for row in await follow_ups(stage)] == ["drafted"]
    assert stage.dms(stage.who.ben) == []

    await stage.run_until(datetime(2026, 5, 25, 12, 0, tzinfo=UTC))
    [message] = stage.dms(stage.who.ben)
    read = words_of(message.blocks)
    assert "Hi, on 18 May you wrote to us" in read
    assert "Ready Sat 23 May" in read
    assert "Measured on its date" not in read


async def test_a_launch_that_becomes_live_later_is_told_then(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    launch_id = await launch_for(stage, item, stage_="rolling_out")
    assert stage.dms(stage.who.ben) == []

    await move(stage, launch_id, "live")
    assert "is live" in words_of(stage.dms(stage.who.ben)[0].blocks)


async def test_who_asked_may_be_said_after_it_went_live(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    launch_id = await launch_for(stage)
    assert stage.dms(stage.who.ben) == []

    for _ in range(2):
        await link_later(stage, launch_id, item)
    [message] = stage.dms(stage.who.ben)
    assert "*Acme* wrote" in words_of(message.blocks)


async def test_only_words_from_before_the_launch_are_answered(stage: Stage) -> None:
    for name in ("Acme", "Bolt"):
        await add_customer(stage, name, owner=stage.who.ben)
    asked = await log_words(stage, EXPORT)
    launch_id = await launch_for(stage, asked)
    await stage.after(days=1)
    later = [await log_words(stage, EXPORT + ", still"), await log_words(stage, SAME_WISH)]
    assert {item.theme_id for item in later} == {asked.theme_id}

    await judge(stage, launch_id, "missed", next_step="fix")
    told = [row.feedback_id for row in await follow_ups(stage) if row.event == "verdict"]
    assert told == [asked.id]


async def test_one_customer_is_drafted_once_although_the_line_is_read_twice(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    await log_words(stage, EXPORT + ", please")
    await launch_for(stage, item)
    async with stage.deps.db.write() as session:
        for cursor in await session.scalars(select(Cursor)):
            cursor.seq = 0
    await consume(stage.deps.db, {"told": CONSUMERS["told"]}, at=stage.clock.at)
    await stage.settle()

    [row] = await follow_ups(stage)
    assert row.state == "drafted"
    assert len(stage.dms(stage.who.ben)) == 1


async def test_two_runs_at_once_draft_it_once(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    launch_id = await launch_for(stage)
    theme, launch = Node("theme", str(item.theme_id)), Node("launch", launch_id)
    payload = {"launch": launch_id, "event": "shipped", "is_new_verdict": False}
    async with stage.deps.db.write() as session:
        await put_link(session, stage.workspace_id, theme, "asked_for", launch, at=stage.clock.at)
        await open_follow_ups(session, stage.workspace_id, launch_id, "shipped", at=stage.clock.at)
        for event_id in ("one", "two"):
            arrival = Arrival("told.tell", payload)
            await receive(session, stage.workspace_id, event_id, arrival, at=stage.clock.at)
    await stage.settle()

    assert len(stage.dms(stage.who.ben)) == 1


async def test_several_customers_of_one_owner_stand_in_one_message(stage: Stage) -> None:
    for name in ("Acme", "Bolt"):
        await add_customer(stage, name, owner=stage.who.ben)
    first, second = await log_words(stage, EXPORT), await log_words(stage, SAME_WISH)
    await launch_for(stage, first, second)

    [message] = stage.dms(stage.who.ben)
    read = words_of(message.blocks)
    assert "2 who asked for it are yours to tell" in read
    assert "*Acme* wrote" in read
    assert "*Bolt* wrote" in read


async def test_a_customer_without_owner_is_told_by_who_logged_it(stage: Stage) -> None:
    item = await log_words(stage, "Could you support single sign-on?")
    await launch_for(stage, item, title="Single sign-on")

    message = stage.dms(stage.who.ana)[-1]
    assert f"<@{stage.who.ben}> wrote" in words_of(message.blocks)
    [row] = await follow_ups(stage)
    assert (row.owner_id, row.asker_key) == (stage.who.ana, stage.who.ben)


async def test_told_is_one_tap_and_undone_by_another(stage: Stage) -> None:
    message = await _shipped(stage)
    await _tap(stage, message, "Told")

    [row] = await follow_ups(stage)
    assert (row.state, row.told_by) == ("told", stage.who.ben)
    assert "*Acme*: told" in words_of(reread(stage, message).blocks)
    assert "Nobody is left to be told by you." in words_of(reread(stage, message).blocks)
    async with stage.deps.db.read() as session:
        line = await session.scalar(select(Entry).where(Entry.kind == "followup.told"))
    assert line is not None
    assert line.facts["launch"] == row.subject_id
    assert line.facts["customer"] == row.customer_id

    await _tap(stage, message, "Undo")
    [row] = await follow_ups(stage)
    assert (row.state, row.told_at, row.told_by) == ("drafted", None, "")
    assert "Told" in buttons_of(reread(stage, message).blocks)


async def test_not_needed_takes_the_draft_away(stage: Stage) -> None:
    message = await _shipped(stage)
    await _tap(stage, message, "Not needed")
    assert "*Acme*: not needed." in words_of(reread(stage, message).blocks)
    assert "Told" not in buttons_of(reread(stage, message).blocks)


async def test_an_edited_draft_shows_in_the_same_message_and_is_what_is_logged(
    stage: Stage,
) -> None:
    message = await _shipped(stage)
    await _tap(stage, message, "Edit")
    view = stage.world.views.stack(stage.who.ben)[-1]
    await stage.people.submit(stage.who.ben, view.id, {"draft": "Ann, it is *there*. Ben"})
    await stage.settle()
    assert "Ann, it is ∗there∗. Ben" in words_of(reread(stage, message).blocks)

    await _tap(stage, message, "Told")
    async with stage.deps.db.read() as session:
        views = await find_follow_ups(session, await _asker(stage, stage.who.ana))
    assert views[0].draft == "Ann, it is *there*. Ben"


async def _asker(stage: Stage, user: str) -> Asker:
    directory = stage.deps.places.all()[0].directory
    asker: Asker = await directory.asker(user, at=stage.daybook.clock.now())
    return asker


async def test_only_the_one_who_tells_can_say_told(stage: Stage) -> None:
    await _shipped(stage)
    ana = await _asker(stage, stage.who.ana)
    async with stage.deps.db.read() as session:
        assert await due_for(session, ana) == []
        [item] = await find_follow_ups(session, ana)
    with pytest.raises(NotAllowed):
        async with stage.deps.db.write() as session:
            await mark(
                session,
                stage.workspace_id,
                item,
                "told",
                subject_channel_id=stage.rooms.product,
                by=stage.who.ana,
                at=stage.clock.at,
            )


async def test_a_private_channels_words_go_to_who_may_read_them_and_not_to_the_owner(
    stage: Stage,
) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT, channel=stage.rooms.leads)
    await launch_for(stage, item)

    assert stage.dms(stage.who.ben) == []
    [row] = await follow_ups(stage)
    assert row.owner_id == stage.who.ana
    assert "“Please add a CSV export" in words_of(stage.dms(stage.who.ana)[-1].blocks)
    async with stage.deps.db.read() as session:
        seen_by_ben = await find_follow_ups(session, await _asker(stage, stage.who.ben))
        seen_by_ana = await find_follow_ups(session, await _asker(stage, stage.who.ana))
    assert (len(seen_by_ben), len(seen_by_ana)) == (0, 1)


async def test_a_customers_public_words_are_answered_rather_than_private_ones(
    stage: Stage,
) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    public = await log_words(stage, EXPORT)
    secret = await log_words(stage, EXPORT + " or leaves", channel=stage.rooms.leads)
    await launch_for(stage, public, secret)

    [row] = await follow_ups(stage)
    assert row.feedback_id == public.id
    assert "or leaves" not in words_of(stage.dms(stage.who.ben)[-1].blocks)


async def test_a_launch_in_a_private_channel_is_named_to_nobody_outside_it(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ben)
    item = await log_words(stage, EXPORT)
    await launch_for(stage, item, title="Secret plan", room=stage.rooms.leads, owner=stage.who.ana)

    assert stage.dms(stage.who.ben) == []
    assert "Secret plan" in words_of(stage.dms(stage.who.ana)[-1].blocks)


async def test_nothing_is_posted_where_the_customer_reads(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ana)
    item = await log_words(stage, EXPORT, channel=stage.rooms.acme)
    launch_id = await launch_for(stage, item)
    await judge(stage, launch_id, "missed", next_step="fix")
    message = stage.dms(stage.who.ana)[-1]
    await _tap(stage, message, "Told", who=stage.who.ana)

    assert stage.posts(stage.rooms.acme) == []
    assert await stage.whispers(stage.who.olga, stage.rooms.acme) == []
    assert stage.dms(stage.who.olga) == []


async def test_a_miss_is_said_plainly_with_what_happens_next(stage: Stage) -> None:
    await _shipped(stage)
    [row] = await follow_ups(stage)
    await judge(stage, row.subject_id, "missed", next_step="fix")

    message = stage.dms(stage.who.ben)[-1]
    read = words_of(message.blocks)
    assert "CSV export* has its verdict: missed." in read
    assert "It did not do what we hoped for. We are working on it again" in read


@pytest.mark.parametrize("verdict", ["too_early", "invalid"])
async def test_a_verdict_that_says_nothing_is_not_told(stage: Stage, verdict: str) -> None:
    await _shipped(stage)
    [row] = await follow_ups(stage)
    await judge(stage, row.subject_id, verdict)
    assert [r.event for r in await follow_ups(stage)] == ["shipped"]


async def test_a_changed_verdict_changes_the_draft_in_the_same_message(stage: Stage) -> None:
    await _shipped(stage)
    [row] = await follow_ups(stage)
    await judge(stage, row.subject_id, "hit")
    message = stage.dms(stage.who.ben)[-1]
    assert "It did what we hoped for." in words_of(message.blocks)

    await judge(stage, row.subject_id, "missed", next_step="remove")
    assert stage.dms(stage.who.ben)[-1].ts == message.ts
    assert "We are going to take it out again" in words_of(reread(stage, message).blocks)


async def test_a_rolled_back_launch_takes_its_drafts_back_until_it_is_live_again(
    stage: Stage,
) -> None:
    message = await _shipped(stage)
    [row] = await follow_ups(stage)
    await move(stage, row.subject_id, "rolled_back")
    assert "was rolled back. Please tell nobody" in words_of(reread(stage, message).blocks)
    assert buttons_of(reread(stage, message).blocks) == {}

    await move(stage, row.subject_id, "live")
    again = stage.dms(stage.who.ben)[-1]
    assert again.ts != message.ts
    assert "Told" in buttons_of(again.blocks)


async def test_told_cannot_be_undone_while_a_launch_is_rolled_back(stage: Stage) -> None:
    await add_customer(stage, "Bolt", owner=stage.who.ben)
    await add_customer(stage, "Acme", owner=stage.who.ben)
    first, second = await log_words(stage, EXPORT), await log_words(stage, SAME_WISH)
    launch_id = await launch_for(stage, first, second)
    [message] = stage.dms(stage.who.ben)
    await _tap(stage, message, "Told")
    await move(stage, launch_id, "rolled_back")
    read = reread(stage, message)
    assert "Who was told already may want to know." in words_of(read.blocks)
    assert buttons_of(read.blocks) == {}


async def test_who_logged_it_is_thanked_once_even_if_the_launch_comes_back(stage: Stage) -> None:
    await _shipped(stage)
    [row] = await follow_ups(stage)
    for stage_ in ("rolled_back", "live"):
        await move(stage, row.subject_id, stage_)
    await stage.after(days=1, hours=6)
    [thanks] = stage.dms(stage.who.ana)
    assert "Thank you: what you logged" in thanks.text
    assert words_of(thanks.blocks).count("is live") == 1


async def test_who_logged_it_and_tells_it_is_thanked_in_the_same_message(stage: Stage) -> None:
    await add_customer(stage, "Acme", owner=stage.who.ana)
    item = await log_words(stage, EXPORT)
    await launch_for(stage, item)
    [message] = stage.dms(stage.who.ana)
    assert f"Thank you: #{item.number}, which you logged" in words_of(message.blocks)


async def test_words_taken_back_since_are_shown_no_more(stage: Stage) -> None:
    message = await _shipped(stage)
    [row] = await follow_ups(stage)
    async with stage.deps.db.read() as session:
        query = select(Feedback.message_ts).where(Feedback.id == row.feedback_id)
        ts = await session.scalar(query)
    await stage.people.delete(stage.who.ben, stage.rooms.voice, ts)
    await stage.settle()
    async with stage.deps.db.read() as session:
        due = await due_for(session, await _asker(stage, stage.who.ben))
    assert due == []
    await _tap(stage, message, "Not needed")
    assert "CSV export, ann" not in words_of(reread(stage, message).blocks)


async def test_the_told_rate_counts_who_was_told_of_those_to_be_told(stage: Stage) -> None:
    for name in ("Acme", "Bolt"):
        await add_customer(stage, name, owner=stage.who.ben)
    first, second = await log_words(stage, EXPORT), await log_words(stage, SAME_WISH)
    since = stage.clock.at
    await launch_for(stage, first, second)
    await _tap(stage, stage.dms(stage.who.ben)[-1], "Told")
    until = stage.clock()
    async with stage.deps.db.read() as session:
        rate = await told_rate(session, await _asker(stage, stage.who.ana), since, until)
    assert (rate.told, rate.to_tell, rate.share) == (1, 2, 0.5)
    assert rate.wait is not None
