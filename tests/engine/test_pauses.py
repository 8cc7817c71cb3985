"""What fails five times in a row is paused; its owner hears it once, and resumes it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from bot.clock import Daily, Once, Rule
from bot.db.session import Database
from bot.db.types import new_id
from bot.engine.blame import whom_to_tell
from bot.engine.deliveries import ANSWER, Cause
from bot.engine.pauses import MOST_FAILURES, pause_if_failing, resume_schedule
from bot.engine.schedules import Plan, put_schedule
from bot.engine.tables import Delivery, Occurrence, Schedule
from bot.engine.telling import tell_failure
from bot.slack.blocks import Message
from bot.slack.gateway import Identity
from bot.workspaces.directory import register
from bot.workspaces.tables import Member

MONDAY = datetime(2026, 5, 18, 7, 0, tzinfo=UTC)
DAILY = Rule(at=time(9), on=Daily())


@pytest.fixture
async def workspace_id(db: Database) -> str:
    identity = Identity("T1", "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    return (await register(db, identity, at=MONDAY)).id


async def _schedule(db: Database, workspace_id: str, rule: Rule = DAILY) -> str:
    async with db.write() as session:
        plan = Plan("digest.post", new_id(), rule, "Europe/Berlin", "U0ANA")
        return (await put_schedule(session, workspace_id, plan, at=MONDAY)).id


async def _run(
    db: Database, workspace_id: str, schedule_id: str, day: int, said: str, *, asked_by: str = ""
) -> str:
    """One run on a day, with what became of its message; "" had nothing to say."""
    async with db.write() as session:
        occurrence = Occurrence(
            workspace_id=workspace_id,
            id=new_id(),
            schedule_id=schedule_id,
            slot_key=f"{day}{asked_by}",
            slot=date(2026, 5, 18) + timedelta(days=day),
            kind="digest.post",
            subject_id="d",
            due_at=MONDAY + timedelta(days=day),
            not_before=MONDAY,
            state="done",
            asked_by=asked_by,
        )
        session.add(occurrence)
        if said:
            session.add(
                Delivery(
                    workspace_id=workspace_id,
                    cause=f"occurrence:{occurrence.id}",
                    target="C0ROOM",
                    part="head",
                    method="post",
                    payload={},
                    key="k",
                    state=said,
                    not_before=MONDAY,
                    planned_at=MONDAY,
                )
            )
        return occurrence.id


async def _runs(db: Database, workspace_id: str, schedule_id: str, *said: str) -> str:
    ids = [await _run(db, workspace_id, schedule_id, n, one) for n, one in enumerate(said)]
    return ids[-1]


async def _is_paused(db: Database, workspace_id: str, occurrence_id: str) -> bool:
    async with db.write() as session:
        return await pause_if_failing(session, workspace_id, occurrence_id) is not None


async def _state(db: Database, workspace_id: str, schedule_id: str) -> tuple[str, datetime | None]:
    async with db.read() as session:
        row = await session.get_one(Schedule, (workspace_id, schedule_id))
        return row.state, row.next_run_utc


async def test_five_failures_in_a_row_pause_and_a_resumed_one_goes_on(
    db: Database, workspace_id: str
) -> None:
    schedule = await _schedule(db, workspace_id)
    last = await _runs(db, workspace_id, schedule, *["failed"] * MOST_FAILURES)
    assert await _is_paused(db, workspace_id, last)
    assert await _state(db, workspace_id, schedule) == ("paused", None)
    async with db.write() as session:
        await resume_schedule(session, workspace_id, schedule, at=MONDAY + timedelta(days=5))
    assert await _state(db, workspace_id, schedule) == ("active", MONDAY + timedelta(days=6))


@pytest.mark.parametrize(
    "said",
    [
        ["failed"] * (MOST_FAILURES - 1),
        ["failed", "failed", "sent", "failed", "failed", "failed"],
        ["failed", "failed", "failed", "failed", "planned"],
    ],
)
async def test_fewer_failures_or_one_success_between_do_not_pause(
    db: Database, workspace_id: str, said: list[str]
) -> None:
    schedule = await _schedule(db, workspace_id)
    assert not await _is_paused(db, workspace_id, await _runs(db, workspace_id, schedule, *said))


async def test_runs_with_nothing_to_say_count_neither_way(db: Database, workspace_id: str) -> None:
    schedule = await _schedule(db, workspace_id)
    said = ["failed", "failed", "", "failed", "failed", "", "failed"]
    assert await _is_paused(db, workspace_id, await _runs(db, workspace_id, schedule, *said))


async def test_a_run_by_hand_pauses_nothing(db: Database, workspace_id: str) -> None:
    schedule = await _schedule(db, workspace_id)
    await _runs(db, workspace_id, schedule, *["failed"] * 4)
    by_hand = await _run(db, workspace_id, schedule, 5, "failed", asked_by="U0ANA")
    assert not await _is_paused(db, workspace_id, by_hand)


async def test_a_schedule_of_one_date_is_not_paused(db: Database, workspace_id: str) -> None:
    schedule = await _schedule(db, workspace_id, Rule(at=time(9), on=Once(on=date(2026, 6, 1))))
    last = await _runs(db, workspace_id, schedule, *["failed"] * MOST_FAILURES)
    assert not await _is_paused(db, workspace_id, last)


# --- who is told


async def _member(db: Database, workspace_id: str, user_id: str, **more: bool) -> None:
    async with db.write() as session:
        row = Member(workspace_id=workspace_id, id=user_id, refreshed_at=MONDAY, **more)
        session.add(row)


async def _tell(db: Database, workspace_id: str, cause: Cause, target: str = "C0ROOM") -> str:
    async with db.write() as session:
        return await tell_failure(
            session, cause, Message("It failed."), failed_id="d1", target=target
        )


async def test_an_owner_who_is_gone_leaves_the_telling_to_an_admin(
    db: Database, workspace_id: str
) -> None:
    await _member(db, workspace_id, "U0ANA", is_deleted=True)
    await _member(db, workspace_id, "U0BOSS", is_admin=True)
    assert await _tell(db, workspace_id, Cause(workspace_id, "act:1", MONDAY, "U0ANA")) == "U0BOSS"


async def test_what_has_no_owner_is_told_to_an_admin(db: Database, workspace_id: str) -> None:
    await _member(db, workspace_id, "U0BOSS", is_admin=True)
    assert await _tell(db, workspace_id, Cause(workspace_id, "event:1", MONDAY)) == "U0BOSS"


async def test_a_note_that_does_not_arrive_goes_to_an_admin_and_no_further(
    db: Database, workspace_id: str
) -> None:
    await _member(db, workspace_id, "U0ANA")
    await _member(db, workspace_id, "U0BOSS", is_admin=True)
    failed = Cause(workspace_id, "failed:d0", MONDAY)
    assert await _tell(db, workspace_id, failed, "U0ANA") == "U0BOSS"
    async with db.read() as session:
        [told] = await session.scalars(select(Delivery))
    assert told.payload["message"]["text"] == "I could not tell <@U0ANA> this: It failed."
    assert await _tell(db, workspace_id, Cause(workspace_id, told.cause, MONDAY), "U0BOSS") == ""


async def test_a_failure_is_told_before_the_digests_that_wait_their_turn(
    db: Database, workspace_id: str
) -> None:
    await _tell(db, workspace_id, Cause(workspace_id, "occurrence:1", MONDAY, "U0ANA"))
    async with db.read() as session:
        assert await session.scalar(select(Delivery.priority)) == ANSWER


async def test_a_person_not_looked_up_yet_is_told(db: Database, workspace_id: str) -> None:
    async with db.read() as session:
        assert await whom_to_tell(session, workspace_id, "U0NEW") == "U0NEW"
