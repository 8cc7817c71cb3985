"""Each planned message arrives once, in order, or somebody is told: whatever Slack does."""

import random
from datetime import timedelta
from typing import Any

import pytest

from bot.engine.deliveries import (
    plan_picture,
    plan_post,
    plan_reaction,
    plan_update,
    where_sent,
)
from bot.engine.outbox import SETTLED, Outbox, resend
from bot.engine.outgoing import BACKOFF
from bot.slack.blocks import Message, section
from bot.slack.ids import Action
from tests.engine.works import Living, Works

# Longer than all tries of one message.
LONG = sum(BACKOFF, timedelta()) + timedelta(minutes=10)


async def _plan(works: Works, text: str, key: str = "act:1", to: str = "", **more: Any) -> str:
    async with works.db.write() as session:
        cause = works.cause(key, owner=works.ana)
        return await plan_post(session, cause, to or works.room, "headline", Message(text), **more)


async def test_what_is_planned_twice_is_said_once(works: Works) -> None:
    first, second = await _plan(works, "Hello"), await _plan(works, "Hello")
    await works.engine().run_due()
    assert first == second
    assert works.texts() == ["Hello"]


async def test_where_a_message_ended_up_is_known(works: Works) -> None:
    delivery_id = await _plan(works, "Hello", to=works.ana)
    await works.engine().run_due()
    async with works.db.read() as session:
        sent = await where_sent(session, works.workspace_id, delivery_id)
    [told] = works.told()
    assert sent is not None
    assert (sent.state, sent.channel, sent.ts) == ("sent", told.channel, told.ts)


async def test_a_rate_limit_is_waited_out_as_long_as_slack_says(works: Works) -> None:
    works.people.faults.add("rate_limited", method="chat.postMessage", retry_after_seconds=42)
    await _plan(works, "Hello")
    engine = works.engine()
    await engine.run_due()
    assert works.texts() == []
    due = await engine.next_due()
    assert due is not None
    assert due - works.clock.now() > timedelta(seconds=40)
    await works.run_for(engine, seconds=60)
    assert works.texts() == ["Hello"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "server_error", "status": 503},
        {"kind": "error", "error": "internal_error"},
        {"kind": "timeout_after", "seconds": 0.0},
        {"kind": "lost_answer"},
    ],
    ids=lambda fault: str(fault["kind"]),
)
@pytest.mark.parametrize("place", ["channel", "thread", "direct"])
async def test_a_lost_answer_never_makes_two_messages(
    works: Works, fault: dict[str, Any], place: str
) -> None:
    engine = works.engine()
    head = await works.people.post(works.ana, works.room, "head")
    works.people.faults.add_from(fault | {"method": "chat.postMessage"})
    to, thread = (works.ana if place == "direct" else ""), (head if place == "thread" else "")
    delivery_id = await _plan(works, "Hello", to=to, thread=thread)
    await engine.run_due()
    await works.run_for(engine, minutes=5)
    said = works.told() if place == "direct" else works.said()
    assert [m.text for m in said] == ["Hello"]
    assert (await works.delivery(delivery_id)).ts == said[0].ts


async def test_a_message_that_slack_takes_after_its_answer_was_given_up_is_said_once(
    works: Works,
) -> None:
    delivery_id = await _plan(works, "Hello")
    works.people.faults.add("server_error", method="chat.postMessage")
    engine = works.engine()
    await engine.run_due()
    await works.run_for(engine, seconds=4)
    assert works.texts() == []
    key = (await works.delivery(delivery_id)).key
    await works.gateway.post(works.room, Message("Hello"), key=key)  # the first call, at last
    await works.run_for(engine, minutes=5)
    assert works.texts() == ["Hello"]


async def test_a_message_that_cannot_be_looked_up_is_told_and_not_guessed(works: Works) -> None:
    works.people.faults.add("lost_answer", method="chat.postMessage")
    works.people.faults.add(
        "error", method="conversations.history", error="missing_scope", remaining=None
    )
    delivery_id = await _plan(works, "Hello")
    engine = works.engine()
    await works.run_for(engine, seconds=LONG.total_seconds())
    assert works.texts() == ["Hello"]
    assert (await works.delivery(delivery_id)).state == "uncertain"
    [told] = works.told()
    assert "may or may not have reached" in told.text


async def test_a_message_that_slack_never_takes_is_told_after_half_an_hour(works: Works) -> None:
    works.people.faults.add(
        "rate_limited", method="chat.postMessage", channel=works.room, remaining=None
    )
    delivery_id = await _plan(works, "Hello")
    await works.run_for(works.engine(), seconds=LONG.total_seconds())
    assert (await works.delivery(delivery_id)).state == "failed"
    assert [f"<#{works.room}>" in m.text for m in works.told()] == [True]


@pytest.mark.parametrize("what", ["kick", "archive"])
async def test_a_channel_that_is_closed_is_told_to_the_owner_in_the_same_run_and_can_be_mended(
    works: Works, what: str
) -> None:
    bot = works.world.bot.id
    if what == "kick":
        await works.people.kick(works.ana, works.room, bot)
    else:
        await works.people.archive(works.ana, works.room)
    await _plan(works, "Hello")
    engine = works.engine()
    await engine.run_due()
    [told] = works.told()
    assert "The digest did not reach" in told.text
    assert ("Invite me" in told.text) is (what == "kick")
    button = (told.blocks or [])[1]["elements"][0]
    assert button["action_id"] == Action.ENGINE_RESEND

    if what == "kick":
        await works.people.invite(works.ana, works.room, bot)
    else:
        await works.people.unarchive(works.ana, works.room)
    at = works.clock.now()
    assert await resend(works.db, works.workspace_id, button["value"], at=at)
    assert not await resend(works.db, works.workspace_id, button["value"], at=at)
    await engine.run_due()
    assert works.texts() == ["Hello"]


async def test_a_second_failure_of_the_same_message_is_told_again(works: Works) -> None:
    await works.people.kick(works.ana, works.room, works.world.bot.id)
    delivery_id = await _plan(works, "Hello")
    engine = works.engine()
    await engine.run_due()
    await works.run_for(engine, minutes=1)
    await resend(works.db, works.workspace_id, delivery_id, at=works.clock.now())
    await engine.run_due()
    assert len(works.told()) == 2


async def test_messages_to_one_channel_keep_their_order_and_others_do_not_wait(
    works: Works,
) -> None:
    works.people.faults.add("rate_limited", channel=works.room, retry_after_seconds=30)
    for number in range(4):
        await _plan(works, f"Line {number}", key=f"act:{number}")
    await _plan(works, "Elsewhere", to=works.other)
    engine = works.engine()
    await engine.run_due()
    assert (works.texts(), works.texts(works.other)) == ([], ["Elsewhere"])
    await works.run_for(engine, minutes=1)
    assert works.texts() == ["Line 0", "Line 1", "Line 2", "Line 3"]


async def test_a_message_for_later_holds_nothing_up(works: Works) -> None:
    later = works.clock.now() + timedelta(hours=2)
    await _plan(works, "After lunch", key="act:1", not_before=later)
    await _plan(works, "Now", key="act:2")
    engine = works.engine()
    await engine.run_due()
    assert works.texts() == ["Now"]
    await works.run_for(engine, hours=3)
    assert works.texts() == ["Now", "After lunch"]


async def test_edits_of_one_message_keep_their_order(works: Works) -> None:
    head = await _plan(works, "Draft")
    engine = works.engine()
    await engine.run_due()
    works.people.faults.add("rate_limited", method="chat.update", retry_after_seconds=30)
    for number in (1, 2):
        async with works.db.write() as session:
            cause = works.cause(f"act:edit{number}")
            await plan_update(session, cause, "edit", Message(f"Edit {number}"), of=head)
    await works.run_for(engine, minutes=1)
    assert works.texts() == ["Edit 2"]


async def test_replies_and_long_rests_go_under_their_message(works: Works) -> None:
    blocks = [section("y" * 2_900) for _ in range(9)]
    async with works.db.write() as session:
        cause = works.cause()
        head = await plan_post(session, cause, works.room, "long", Message("Long", blocks))
        await plan_post(session, cause, works.room, "reply", Message("Reply"), under=head)
    await works.engine().run_due()
    first, *rest = works.said()
    assert first.text == "Long"
    assert [m.text for m in rest] == ["(continued)", "(continued)", "Reply"]
    assert {m.thread_ts for m in rest} == {first.ts}


async def test_a_message_that_failed_takes_its_replies_with_it_and_brings_them_back(
    works: Works,
) -> None:
    await works.people.kick(works.ana, works.room, works.world.bot.id)
    head = await _plan(works, "Head")
    reply = await _plan(works, "Reply", key="act:2", under=head)
    engine = works.engine()
    await engine.run_due()
    assert (await works.delivery(reply)).state == "skipped"
    assert len(works.told()) == 1

    await works.people.invite(works.ana, works.room, works.world.bot.id)
    await resend(works.db, works.workspace_id, head, at=works.clock.now())
    await engine.run_due()
    assert works.texts() == ["Head", "Reply"]


async def test_what_was_skipped_with_a_failed_message_is_kept_as_long_as_that(
    works: Works,
) -> None:
    await works.people.kick(works.ana, works.room, works.world.bot.id)
    head = await _plan(works, "Head")
    await _plan(works, "Reply", key="act:2", under=head)
    engine = works.engine()
    await engine.run_due()
    works.clock.set(works.clock.now() + timedelta(days=2))
    await engine.prune()
    await works.people.invite(works.ana, works.room, works.world.bot.id)
    await resend(works.db, works.workspace_id, head, at=works.clock.now())
    await engine.run_due()
    assert works.texts() == ["Head", "Reply"]


async def test_a_delivery_that_waits_for_another_is_not_due(works: Works) -> None:
    later = works.clock.now() + timedelta(hours=2)
    head = await _plan(works, "Head", not_before=later)
    await _plan(works, "Reply", key="act:2", under=head)
    engine = works.engine()
    await engine.run_due()
    assert await engine.next_due() == later
    assert works.texts() == []


async def _picture(works: Works, head: str) -> str:
    async with works.db.write() as session:
        return await plan_picture(
            session,
            works.cause(owner=works.ana),
            head,
            "picture",
            Message("Numbers", [section("Numbers")]),
            spec={},
            alt="A line that rises",
            index=1,
        )


async def test_a_picture_that_slack_is_not_ready_for_is_shown_a_little_later(works: Works) -> None:
    works.people.workspace.settings.file_refusals = 2
    head = await _plan(works, "Numbers")
    picture = await _picture(works, head)
    engine = works.engine()
    await engine.run_due()
    assert [b["type"] for b in works.said()[0].blocks or []] == []
    await works.run_for(engine, seconds=10)
    assert [b["type"] for b in works.said()[0].blocks or []] == ["section", "image"]
    assert (await works.delivery(picture)).state == "sent"
    assert len(works.world.ledger.rows(method="files.completeUploadExternal")) == 1


async def test_a_picture_that_cannot_be_drawn_leaves_the_text_and_is_told(works: Works) -> None:
    async def fail(_spec: dict[str, Any]) -> bytes:
        raise ZeroDivisionError

    works.draw = fail
    await _picture(works, await _plan(works, "Numbers"))
    await works.engine().run_due()
    assert works.texts() == ["Numbers"]
    assert [m.text for m in works.told()] == [
        f"The digest reached <#{works.room}>, but its picture could not be shown. "
        "The text is complete."
    ]


async def test_a_reaction_that_cannot_be_put_on_bothers_nobody(works: Works) -> None:
    async with works.db.write() as session:
        cause = works.cause(owner=works.ana)
        await plan_reaction(session, cause, works.room, "1.000001", "memo")
    await works.engine().run_due()
    assert works.told() == []


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_message_left_by_a_killed_process_is_said_once(works: Works, arrived: bool) -> None:
    delivery_id = await _plan(works, "Hello")
    row = await works.delivery(delivery_id)
    if arrived:
        await works.gateway.post(works.room, Message("Hello"), key=row.key)
    lease = works.clock.now() + timedelta(seconds=30)
    await works.set_delivery(
        delivery_id, state="sending", lease_owner="killed", lease_until=lease, attempts=1
    )
    engine = works.engine()
    await engine.run_due()
    assert len(works.texts()) == int(arrived)  # the lease of the other one still runs
    await works.run_for(engine, minutes=1)
    assert works.texts() == ["Hello"]
    assert (await works.delivery(delivery_id)).ts == works.said()[0].ts


async def test_a_paused_process_changes_nothing_once_another_has_taken_over(works: Works) -> None:
    delivery_id = await _plan(works, "Hello")
    paused = Outbox(works.db, "paused")
    now = works.clock.now()
    [item] = await paused.claim(now, await paused.candidates(now, limit=10))
    await works.run_for(works.engine(), minutes=2)
    assert not await paused.record(item, works.clock.now(), state="failed")
    assert (await works.delivery(delivery_id)).state == "sent"


async def test_what_a_living_process_is_sending_is_left_to_it_past_its_lease(works: Works) -> None:
    delivery_id = await _plan(works, "Hello")
    paused = Outbox(works.db, "paused")
    now = works.clock.now()
    await paused.claim(now, await paused.candidates(now, limit=10))
    works.presence = Living({"paused"})
    await works.run_for(works.engine(), minutes=5)
    assert works.texts() == []
    works.presence = Living(set())
    await works.run_for(works.engine(), minutes=1)
    assert works.texts() == ["Hello"]
    assert (await works.delivery(delivery_id)).attempts == 2


async def test_what_another_process_holds_keeps_nothing_else_waiting(works: Works) -> None:
    await _plan(works, "Hello")
    paused = Outbox(works.db, "paused")
    now = works.clock.now()
    await paused.claim(now, await paused.candidates(now, limit=10))
    await _plan(works, "Elsewhere", "act:2", works.other)
    works.presence = Living({"paused"})
    await works.run_for(works.engine(), minutes=5)
    assert works.texts(works.other) == ["Elsewhere"]


async def test_a_clock_that_jumps_past_a_lease_gives_a_process_nothing_it_is_at(
    works: Works,
) -> None:
    await _plan(works, "Hello")
    box = Outbox(works.db, "mine")
    now = works.clock.now()
    [item] = await box.claim(now, await box.candidates(now, limit=10))
    later = now + timedelta(hours=1)
    assert await box.candidates(later, limit=10, held=[item.id]) == []
    assert [one.id for one in await box.candidates(later, limit=10)] == [item.id]


async def test_what_another_claims_with_a_slower_clock_meanwhile_is_left_to_it(
    works: Works,
) -> None:
    await _plan(works, "Hello")
    slow, now = Outbox(works.db, "slow"), works.clock.now()
    fast, ahead = Outbox(works.db, "fast", Living({"slow"})), now + timedelta(minutes=2)
    seen = await fast.candidates(ahead, limit=10)
    assert len(await slow.claim(now, await slow.candidates(now, limit=10))) == 1
    assert await fast.claim(ahead, seen) == []


async def test_what_an_ended_process_was_sending_is_taken_once_its_call_has_settled(
    works: Works,
) -> None:
    delivery_id = await _plan(works, "Hello")
    ended = Outbox(works.db, "ended")
    now = works.clock.now()
    await ended.claim(now, await ended.candidates(now, limit=10))
    assert await Outbox(works.db, "next", Living({"ended"})).release_gone(now) == 0
    assert await Outbox(works.db, "next").release_gone(now) == 1
    assert (await works.delivery(delivery_id)).lease_until == now + SETTLED


async def test_however_often_it_is_looked_for_an_ended_processs_call_has_its_time_to_settle(
    works: Works,
) -> None:
    await _plan(works, "Hello")
    ended, after = Outbox(works.db, "ended"), Outbox(works.db, "next")
    now = works.clock.now()
    await ended.claim(now, await ended.candidates(now, limit=10))
    for seconds in (1, 11, 21):
        later = now + timedelta(seconds=seconds)
        await after.release_gone(later)
        assert await after.candidates(later, limit=10) == []
    assert len(await after.candidates(now + SETTLED, limit=10)) == 1


async def test_a_post_is_not_begun_when_its_lease_is_about_to_end(works: Works) -> None:
    now = works.clock.now()
    # The process is paused once, between its claim and its post.
    times = iter([now, now, now + timedelta(seconds=50)])
    works.real_now = lambda: next(times, now)
    delivery_id = await _plan(works, "Hello")
    await works.engine().run_due()
    assert works.texts() == ["Hello"]
    assert (await works.delivery(delivery_id)).attempts == 1
    assert works.world.ledger.rows(method="conversations.history") == []


async def test_a_process_that_is_paused_while_it_connects_does_not_post_past_its_time(
    works: Works,
) -> None:
    now = works.clock.now()
    # In order: the pass, its claim, the call; then the pause, and the connection is there.
    times = iter([now, now, now, now + timedelta(seconds=50)])
    works.real_now = lambda: next(times, now)
    delivery_id = await _plan(works, "Hello")
    engine = works.engine()
    await engine.run_due()
    assert works.texts() == []
    assert (await works.delivery(delivery_id)).state == "planned"
    await works.run_for(engine, minutes=2)
    assert works.texts() == ["Hello"]


async def test_one_broken_delivery_stops_no_other(works: Works) -> None:
    async with works.db.write() as session:
        cause = works.cause(owner=works.ana)
        broken = await plan_post(session, cause, works.other, "broken", Message("x"))
    await works.set_delivery(broken, payload={})
    await _plan(works, "Hello")
    await works.engine().run_due()
    assert works.texts() == ["Hello"]
    assert (await works.delivery(broken)).state == "failed"


@pytest.mark.parametrize("seed", range(4))
async def test_in_a_storm_of_faults_each_message_arrives_once_and_in_order(
    works: Works, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311
    kinds: list[dict[str, Any]] = [
        {"kind": "rate_limited", "retry_after_seconds": 3},
        {"kind": "server_error", "status": 502},
        {"kind": "lost_answer"},
        {"kind": "timeout_after", "seconds": 0.0},
    ]
    methods = ["chat.postMessage"] * 3 + ["conversations.history"]
    for _ in range(14):
        works.people.faults.add_from(rng.choice(kinds) | {"method": rng.choice(methods)})
    rooms = [works.room, works.other]
    for number in range(10):
        await _plan(works, f"{number}", key=f"act:{number}", to=rooms[number % 2])
    await works.run_for(works.engine(), hours=2)
    assert works.texts(works.room) == ["0", "2", "4", "6", "8"]
    assert works.texts(works.other) == ["1", "3", "5", "7", "9"]
    assert works.told() == []


async def test_a_way_of_sending_that_only_a_newer_version_knows_is_left_to_it(
    works: Works,
) -> None:
    newer = await _plan(works, "Hello")
    await works.set_delivery(newer, method="canvas")
    await works.run_for(works.engine(), hours=1)
    assert (await works.delivery(newer)).state == "planned"
    assert works.told() == []


async def test_a_process_paused_while_it_takes_a_lease_begins_no_post_under_it(
    works: Works,
) -> None:
    await _plan(works, "Hello")
    outgoing, start = works.engine()._outgoing, works.clock.now()
    claim, taken = outgoing._outbox.claim, 0

    async def slow_claim(*asked: Any) -> Any:
        nonlocal taken
        items = await claim(*asked)
        works.clock.set(start + timedelta(minutes=2))  # the lease is over when it wakes
        taken += len(items)
        return items

    outgoing._outbox.claim = slow_claim  # type: ignore[method-assign]
    await outgoing.send_due(start)
    assert taken == 2  # given back, and taken anew
    assert works.texts() == ["Hello"]


async def test_what_is_due_while_the_token_is_refused_arrives_when_it_is_taken_again(
    works: Works,
) -> None:
    works.people.faults.add("error", error="token_revoked", remaining=None)
    async with works.db.write() as session:
        await plan_post(session, works.cause(owner=works.ana), works.room, "p", Message("Numbers"))
    engine = works.engine()
    await works.run_for(engine, minutes=10)
    assert works.texts() == []
    works.people.faults.clear()
    await works.run_for(engine, minutes=30)
    assert (works.texts(), works.told()) == (["Numbers"], [])
