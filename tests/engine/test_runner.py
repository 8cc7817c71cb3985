"""Jobs run when they are due, again when they failed, and never stop each other."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.clock import Daily, Once, Rule
from bot.engine.attempts import BACKOFF, TRIES
from bot.engine.deliveries import plan_post
from bot.engine.inbox import prune
from bot.engine.queue import LEASE, EventWork, Queue, SlotWork
from bot.engine.schedules import Plan, put_schedule, run_by_hand, tick
from bot.engine.tables import Delivery, Inbox, Schedule
from bot.errors import BadInput, SlackUnavailable
from bot.slack.blocks import Message
from tests.engine.works import Living, Works

ALL_TRIES = sum(BACKOFF, timedelta()) + timedelta(minutes=1)


def _note(seen: list[str], result: str = "done") -> Callable[[EventWork], Awaitable[str]]:
    async def job(work: EventWork) -> str:
        seen.append(work.event_id)
        return result

    return job


async def _posted(_work: SlotWork) -> str:
    return "posted"


async def _schedule(
    works: Works, hour: int = 9, subject: str = "d1", latest: int = 180
) -> Schedule:
    rule = Rule(at=time(hour), on=Daily())
    plan = Plan("digest.post", subject, rule, "UTC", works.ana, latest)
    async with works.db.write() as session:
        return await put_schedule(session, works.workspace_id, plan, at=works.clock.now())


async def test_an_event_that_slack_delivers_twice_is_worked_on_once(works: Works) -> None:
    seen: list[str] = []
    works.events["note"] = _note(seen)
    assert await works.arrive("Ev1", "note")
    assert not await works.arrive("Ev1", "note")
    engine = works.engine()
    await engine.run_due()
    assert not await works.arrive("Ev1", "note")
    await engine.run_due()
    assert seen == ["Ev1"]


async def test_events_are_worked_on_in_the_order_they_came(works: Works) -> None:
    seen: list[str] = []
    works.events["note"] = _note(seen)
    for number in range(5):
        await works.arrive(f"Ev{number}", "note")
    await works.engine().run_due()
    assert sorted(seen) == seen


async def test_an_event_whose_job_cannot_reach_slack_is_tried_again(works: Works) -> None:
    tries: list[datetime] = []

    async def job(_work: EventWork) -> str:
        tries.append(works.clock.now())
        if len(tries) < 3:
            raise SlackUnavailable("Slack is away.")
        return "done"

    works.events["note"] = job
    await works.arrive("Ev1", "note")
    await works.run_for(works.engine(), hours=1)
    assert len(tries) == 3
    assert tries[2] - tries[1] > tries[1] - tries[0]
    [row] = await works.inbox()
    assert (row.state, row.attempts) == ("done", 3)


async def test_a_poison_job_is_given_up_and_stops_no_other(works: Works) -> None:
    seen: list[str] = []
    works.events["note"] = _note(seen)

    async def poison(_work: EventWork) -> str:
        raise ZeroDivisionError

    works.events["poison"] = poison
    await works.arrive("Ev1", "poison")
    await works.arrive("Ev2", "note")
    engine = works.engine()
    await engine.run_due()
    assert seen == ["Ev2"]
    await works.run_for(engine, seconds=ALL_TRIES.total_seconds())
    [row, _] = await works.inbox()
    assert (row.state, row.attempts, row.error) == ("failed", 6, "internal: ZeroDivisionError")


@pytest.mark.parametrize("is_asked", [True, False])
async def test_who_asked_for_what_is_given_up_is_told_once(works: Works, *, is_asked: bool) -> None:
    async def broken(_work: EventWork) -> str:
        raise BadInput(field="x", problem="That customer is gone.")

    works.events["note"] = broken
    works.asked = frozenset({"note"} if is_asked else ())
    await works.arrive("Ev1", "note", {"user": works.ana, "channel": works.room})
    await works.run_for(works.engine(), hours=1)
    told = [message.text for message in works.told()]
    assert len(told) == is_asked
    assert all("That customer is gone." in text and works.room in text for text in told)


async def test_a_single_date_that_passed_unseen_is_told_to_its_owner(works: Works) -> None:
    works.slots["retro.open"] = _posted
    rule = Rule(at=time(9), on=Once(on=works.clock.now().date()))
    plan = Plan("retro.open", "r1", rule, "UTC", works.ana, 60)
    async with works.db.write() as session:
        await put_schedule(session, works.workspace_id, plan, at=works.clock.now())
    works.clock.set(works.clock.now().replace(hour=11))
    await works.engine().run_due()
    [row] = await works.occurrences()
    assert row.state == "skipped"
    [told] = works.told()
    assert "The retro due" in told.text
    assert "120 minutes late" in told.text


async def test_what_no_retry_mends_is_not_tried_again(works: Works) -> None:
    async def job(_work: EventWork) -> str:
        raise BadInput(field="x", problem="No.")

    works.events["note"] = job
    await works.arrive("Ev1", "note")
    await works.engine().run_due()
    [row] = await works.inbox()
    assert (row.state, row.attempts, row.error) == ("failed", 1, "No.")


async def test_a_job_that_slack_asked_to_wait_waits_so_long(works: Works) -> None:
    began = works.clock.now()
    tries: list[timedelta] = []

    async def job(_work: EventWork) -> str:
        tries.append(works.clock.now() - began)
        if len(tries) < 2:
            raise SlackUnavailable("Slack asked to wait (users.info).", retry_after=40)
        return "done"

    works.events["note"] = job
    await works.arrive("Ev1", "note")
    await works.run_for(works.engine(), minutes=5)
    assert len(tries) == 2
    assert tries[1] >= timedelta(seconds=40)


async def test_what_only_a_newer_version_knows_is_left_to_it_for_half_a_day(
    works: Works,
) -> None:
    await works.arrive("Ev1", "nobody")
    await _schedule(works)
    engine = works.engine()
    await works.run_for(engine, hours=11)
    assert [(row.state, row.attempts) for row in await works.inbox()] == [("due", 0)]
    assert [(row.state, row.attempts) for row in await works.occurrences()] == [("due", 0)]
    await works.run_for(engine, hours=12)
    assert [(r.state, r.error) for r in await works.inbox()] == [("failed", "no job for nobody")]
    [row] = await works.occurrences()
    assert row.state == "skipped"


async def test_an_event_that_ends_its_process_each_time_is_given_up(works: Works) -> None:
    seen: list[str] = []
    works.events["note"] = _note(seen)
    await works.arrive("Ev1", "note")
    engine = works.engine()
    for _ in range(TRIES):
        assert await engine._queue.events.claim(works.clock.now())
        works.clock.set(works.clock.now() + LEASE)  # killed in the middle
    await engine.run_due()
    assert seen == []
    [row] = await works.inbox()
    assert row.state == "failed"
    assert "6 times" in row.error


async def test_a_run_that_ends_its_process_each_time_is_given_up_and_told(works: Works) -> None:
    works.slots["digest.post"] = _posted
    await _schedule(works, latest=600)
    works.clock.set(works.clock.now().replace(hour=9))
    engine = works.engine()
    async with works.db.write() as session:
        await tick(session, now=works.clock.now())
    for _ in range(TRIES):
        assert await engine._queue.slots.claim(works.clock.now())
        works.clock.set(works.clock.now() + LEASE)
    await engine.run_due()
    [row] = await works.occurrences()
    assert row.state == "failed"
    [told] = works.told()
    assert "6 times" in told.text


async def test_a_job_that_never_ends_is_stopped_and_tried_again(works: Works) -> None:
    tries = []

    async def job(_work: EventWork) -> str:
        tries.append(1)
        if len(tries) == 1:
            await asyncio.Event().wait()
        return "done"

    works.events["note"] = job
    await works.arrive("Ev1", "note")
    engine = works.engine()
    engine._attempts.job_seconds = 0.01
    await engine.run_due()
    [row] = await works.inbox()
    assert row.error == "It took longer than 108 seconds."
    await works.run_for(engine, minutes=1)
    assert (len(tries), (await works.inbox())[0].state) == (2, "done")


async def _leased_elsewhere(works: Works) -> Queue:
    """A run that another process has begun, and is still at when its lease ends."""
    works.slots["digest.post"] = _posted
    await _schedule(works)
    works.clock.set(works.clock.now().replace(hour=9))
    async with works.db.write() as session:
        await tick(session, now=works.clock.now())
    elsewhere = works.engine()._queue
    assert await elsewhere.slots.claim(works.clock.now())
    return elsewhere


async def test_a_run_of_a_paused_process_is_not_taken_over_while_it_lives(works: Works) -> None:
    await _leased_elsewhere(works)
    works.presence = Living({"process-1"})
    await works.run_for(works.engine(), minutes=10)
    assert [row.state for row in await works.occurrences()] == ["leased"]
    works.presence = Living(set())
    await works.run_for(works.engine(), minutes=1)
    assert [row.state for row in await works.occurrences()] == ["done"]


async def test_a_run_that_is_handed_on_while_its_paused_process_lives_is_left_to_it(
    works: Works,
) -> None:
    await _leased_elsewhere(works)
    works.presence = Living({"process-1"})
    [row] = await works.occurrences()
    late = works.clock.now() + LEASE + timedelta(seconds=1)
    works.clock.set(late)
    assert await works.engine().run_handed(works.workspace_id, [row.id]) == 0
    works.presence = Living(set())
    assert await works.engine().run_handed(works.workspace_id, [row.id]) == 1


async def test_a_clock_that_jumps_past_the_lease_of_a_handed_run_begins_it_no_second_time(
    works: Works,
) -> None:
    seen: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(work: SlotWork) -> str:
        seen.append(work.id)
        begun.set()
        await go_on.wait()
        return "posted"

    works.slots["digest.post"] = slow
    await _schedule(works)
    works.clock.set(works.clock.now().replace(hour=9))
    async with works.db.write() as session:
        await tick(session, now=works.clock.now())
    [row] = await works.occurrences()
    engine = works.engine(hands_out=True)
    running = asyncio.create_task(engine.run_handed(works.workspace_id, [row.id]))
    await begun.wait()
    works.clock.set(works.clock.now() + timedelta(hours=1))
    beside = asyncio.create_task(engine.run_due())
    again = asyncio.create_task(engine.run_handed(works.workspace_id, [row.id]))
    assert await again == 0
    go_on.set()
    await asyncio.gather(running, beside)
    assert len(seen) == 1


async def test_a_run_of_an_ended_process_is_free_as_soon_as_that_is_known(works: Works) -> None:
    await _leased_elsewhere(works)
    works.presence = Living({"process-1"})
    engine = works.engine()
    await engine.release_gone()
    await engine.run_due()
    assert [row.state for row in await works.occurrences()] == ["leased"]
    works.presence = Living(set())
    engine = works.engine()
    await engine.release_gone()
    await engine.run_due()
    assert [row.state for row in await works.occurrences()] == ["done"]


async def test_an_event_left_by_a_killed_process_is_taken_over(works: Works) -> None:
    seen: list[str] = []
    works.events["note"] = _note(seen)
    await works.arrive("Ev1", "note")
    await works.engine()._queue.events.claim(works.clock.now())  # and never comes back
    engine = works.engine()
    await engine.run_due()
    assert seen == []
    await works.run_for(engine, minutes=3)
    assert seen == ["Ev1"]


async def test_an_event_of_a_paused_process_is_not_taken_over_while_it_lives(works: Works) -> None:
    seen: list[str] = []
    works.events["note"] = _note(seen)
    await works.arrive("Ev1", "note")
    await works.engine()._queue.events.claim(works.clock.now())
    works.presence = Living({"process-1"})
    await works.run_for(works.engine(), minutes=10)
    assert seen == []
    works.presence = Living(set())
    await works.run_for(works.engine(), minutes=1)
    assert seen == ["Ev1"]


async def test_an_event_of_an_ended_process_is_free_as_soon_as_that_is_known(works: Works) -> None:
    seen: list[str] = []
    works.events["note"] = _note(seen)
    await works.arrive("Ev1", "note")
    await works.engine()._queue.events.claim(works.clock.now())
    engine = works.engine()
    await engine.release_gone()
    await engine.run_due()
    assert seen == ["Ev1"]


async def test_due_slots_run_in_order_while_time_is_moved(works: Works) -> None:
    seen: list[tuple[str, date, datetime]] = []

    async def job(work: SlotWork) -> str:
        seen.append((work.subject_id, work.slot, works.clock.now()))
        return "posted"

    works.slots["digest.post"] = job
    await _schedule(works, 9, "nine")
    await _schedule(works, 8, "eight")
    await works.run_for(works.engine(), days=2)
    assert [(subject, slot.day) for subject, slot, _ in seen] == [
        ("eight", 18), ("nine", 18), ("eight", 19), ("nine", 19),
    ]  # fmt: skip
    assert [(at.hour, at.minute) for _, _, at in seen] == [(8, 0), (9, 0), (8, 0), (9, 0)]


async def test_what_came_due_earlier_runs_first_when_both_are_late(works: Works) -> None:
    seen: list[str] = []

    async def job(work: SlotWork) -> str:
        seen.append(f"{work.subject_id} begins")
        for _ in range(20):
            await asyncio.sleep(0)
        seen.append(f"{work.subject_id} ends")
        return "posted"

    works.slots["digest.post"] = job
    await _schedule(works, 10, "ten")
    await _schedule(works, 9, "nine")
    works.clock.set(works.clock.now().replace(hour=10))  # nobody was there at nine
    await works.engine().run_due()
    assert seen == ["nine begins", "nine ends", "ten begins", "ten ends"]


@pytest.mark.parametrize(("late", "state"), [(170, "done"), (190, "skipped")])
async def test_a_slot_past_its_lateness_limit_is_skipped_with_the_reason(
    works: Works, late: int, state: str
) -> None:
    async def job(_work: SlotWork) -> str:
        return "posted"

    works.slots["digest.post"] = job
    await _schedule(works)
    due = works.clock.now().replace(hour=9, minute=0)
    works.clock.set(due + timedelta(minutes=late))  # the process was down meanwhile
    await works.engine().run_due()
    [row] = await works.occurrences()
    assert row.state == state
    assert ("minutes late" in row.result) is (state == "skipped")


@pytest.mark.parametrize(("has_said", "state"), [(True, "done"), (False, "skipped")])
async def test_a_run_whose_process_ended_is_recorded_late_as_what_it_was(
    works: Works, has_said: bool, state: str
) -> None:
    async def job(work: SlotWork) -> str:
        if has_said:
            async with works.db.write() as session:
                await plan_post(session, work.cause, works.room, "head", Message("Numbers"))
        raise asyncio.CancelledError  # as its process ends: nothing is recorded

    works.slots["digest.post"] = job
    await _schedule(works)
    works.clock.set(works.clock.now().replace(hour=9))
    await works.engine().run_due()
    works.clock.set(works.clock.now() + timedelta(minutes=200))
    await works.engine().run_due()
    [row] = await works.occurrences()
    assert (row.state, "200 minutes late" in row.result) == (state, True)
    assert ("1 message" in row.result, "interrupted" in row.result) == (has_said, not has_said)


async def test_a_run_by_hand_is_never_too_late_and_says_who_asked(works: Works) -> None:
    asked: list[tuple[str, str, bool]] = []

    async def job(work: SlotWork) -> str:
        asked.append((work.asked_by, work.target, work.is_by_hand))
        return "posted"

    works.slots["digest.post"] = job
    schedule = await _schedule(works, latest=1)
    at = works.clock.now()
    async with works.db.write() as session:
        await run_by_hand(
            session, schedule, asked_by=works.ana, at=at, slot=at.date(), target=works.ana
        )
    works.clock.set(at + timedelta(minutes=30))
    await works.engine().run_due()
    assert asked == [(works.ana, works.ana, True)]


async def test_a_run_that_fails_for_good_is_told_to_its_owner_once(works: Works) -> None:
    async def job(_work: SlotWork) -> str:
        raise SlackUnavailable("The source is away.")

    works.slots["digest.post"] = job
    await _schedule(works)
    await works.run_for(works.engine(), hours=20)
    [row] = await works.occurrences()
    assert row.state == "failed"
    [told] = works.told()
    assert "could not run" in told.text
    assert "The source is away." in told.text


async def test_a_run_by_a_process_that_died_is_made_by_another(works: Works) -> None:
    seen: list[str] = []

    async def job(work: SlotWork) -> str:
        seen.append(work.id)
        return "posted"

    works.slots["digest.post"] = job
    await _schedule(works)
    works.clock.set(works.clock.now().replace(hour=9))
    first = works.engine()
    async with works.db.write() as session:
        await tick(session, now=works.clock.now())
    [work] = await first._queue.slots.claim(works.clock.now())
    await works.run_for(works.engine(), minutes=5)
    assert seen == [work.id]
    await first._queue.slots.finish(work, "too late to matter", works.clock.now())
    [row] = await works.occurrences()
    assert row.result == "posted"


async def test_payloads_and_texts_are_forgotten_within_a_day(works: Works) -> None:
    seen: list[str] = []
    works.events["note"] = _note(seen)
    await works.arrive("Ev1", "note", {"channel": "C1"})
    async with works.db.write() as session:
        await plan_post(session, works.cause(), works.room, "p", Message("Hello"))
    engine = works.engine()
    await engine.run_due()
    start = works.clock.now()
    await _prune(works, start + timedelta(hours=22))
    assert await _kept(works) == ([{"channel": "C1"}], True)
    assert await _prune(works, start + timedelta(hours=23, minutes=30)) == 2
    assert await _kept(works) == ([{}], False)
    # What is empty is not written again: years of it would be, each half hour.
    assert await _prune(works, start + timedelta(hours=24)) == 0


async def test_an_event_that_nobody_came_for_within_a_day_is_given_up_and_forgotten(
    works: Works,
) -> None:
    await works.arrive("Ev1", "elsewhere", {"channel": "C2"})
    await _prune(works, works.clock.now() + timedelta(hours=23, minutes=30))
    [row] = await works.inbox()
    assert (row.state, row.payload) == ("failed", {})
    assert "within a day" in row.error


async def _prune(works: Works, now: datetime) -> int:
    async with works.db.write() as session:
        return await prune(session, now=now)


async def _kept(works: Works) -> tuple[list[dict[str, str]], bool]:
    async with works.db.read() as session:
        [sent] = await session.scalars(select(Delivery.payload))
    return [row.payload for row in await works.inbox()], bool(sent)


async def test_a_woken_engine_works_at_once_and_an_idle_one_sleeps(works: Works) -> None:
    seen: list[str] = []
    done = asyncio.Event()

    async def job(work: EventWork) -> str:
        seen.append(work.event_id)
        done.set()
        return "done"

    works.events["note"] = job
    engine = works.engine()
    passes = 0
    look = engine._queue.look

    async def counted(*asked: object) -> object:
        nonlocal passes
        passes += 1
        return await look(*asked)  # type: ignore[arg-type]

    engine._queue.look = counted  # type: ignore[method-assign,assignment]
    running = asyncio.create_task(engine.run_forever())
    await works.arrive("Ev1", "note")
    async with asyncio.timeout(5):
        await done.wait()
    async with asyncio.timeout(5):
        while engine._pass.locked() or engine._awake.is_set():  # noqa: ASYNC110  its last pass
            await asyncio.sleep(0)
    settled = passes
    for _ in range(2_000):
        await asyncio.sleep(0)
    running.cancel()
    assert seen == ["Ev1"]
    assert passes == settled
    assert settled <= 6


async def test_a_pass_that_breaks_does_not_end_the_engine(works: Works) -> None:
    done = asyncio.Event()

    async def job(_work: EventWork) -> str:
        done.set()
        return "done"

    works.events["note"] = job
    engine = works.engine()
    look, broken = engine._queue.look, asyncio.Event()

    async def once_broken(*asked: object) -> object:
        if not broken.is_set():
            broken.set()
            raise ZeroDivisionError
        return await look(*asked)  # type: ignore[arg-type]

    engine._queue.look = once_broken  # type: ignore[method-assign,assignment]
    running = asyncio.create_task(engine.run_forever())
    async with asyncio.timeout(5):
        await broken.wait()
        await works.arrive("Ev1", "note")
        await done.wait()
    running.cancel()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_what_another_process_holds_makes_no_busy_loop(works: Works) -> None:
    await works.arrive("Ev1", "note")
    engine = works.engine()
    async with works.db.write() as session:
        await session.execute(update(Inbox).values(attempts=Inbox.attempts))
        # Due, and yet not to be had: the pass ends instead of asking again and again.
        elsewhere = asyncio.create_task(engine.run_due(), context=contextvars.Context())
        async with asyncio.timeout(5):
            await elsewhere
        assert await engine._seconds_to_next() > 0.5


async def test_the_backlog_of_one_pass_is_bounded_and_still_done(works: Works) -> None:
    seen: list[str] = []
    works.events["note"] = _note(seen)
    for number in range(120):
        await works.arrive(f"Ev{number}", "note")
    await works.engine().run_due()
    assert len(seen) == 120
    async with works.db.read() as session:
        left = await session.scalar(
            select(func.count()).select_from(Inbox).where(Inbox.state != "done")
        )
    assert left == 0
