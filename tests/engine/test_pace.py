"""What is due goes out in turns, at the pace of Slack, the most urgent first."""

from bot.db.types import new_id
from bot.engine.deliveries import ANSWER, HOUSEKEEPING, ORDINARY, Cause, plan_post
from bot.slack.blocks import Message
from bot.slack.pacing import Paces
from bot.workspaces.tables import Workspace
from tests.engine.works import Works


async def _plan(
    works: Works, channel: str, *texts: str, priority: int = ORDINARY, workspace_id: str = ""
) -> None:
    async with works.db.write() as session:
        for text in texts:
            key = f"act:{text}"
            at = works.clock.now()
            of = workspace_id or works.workspace_id
            cause = Cause(of, key, at, label="The digest", priority=priority)
            await plan_post(session, cause, channel, "headline", Message(text))


async def _second_workspace(works: Works) -> str:
    small = new_id()
    async with works.db.write() as session:
        now = works.clock.now()
        session.add(Workspace(id=small, team_id="T2", enterprise_id="", created_at=now))
    return small


def _rooms(works: Works, count: int) -> list[str]:
    add, members = works.world.channels.add, [works.ana, works.world.bot.id]
    return [add(f"room-{n}", members).id for n in range(count)]


def _sent(works: Works) -> list[str]:
    rows = works.world.ledger.rows(method="chat.postMessage")
    return [str(row.args["text"]) for row in rows]


async def test_a_channel_gets_its_messages_in_order_one_a_second(works: Works) -> None:
    works.paces = Paces()
    lines = [f"Line {n}" for n in range(8)]
    await _plan(works, works.room, *lines)
    engine = works.engine()
    await engine.run_due()
    assert works.texts() == lines[:3]
    await works.run_for(engine, seconds=3)
    assert works.texts() == lines[:6]
    await works.run_for(engine, seconds=10)
    assert works.texts() == lines


async def test_a_message_planned_later_does_not_overtake_those_that_wait_their_turn(
    works: Works,
) -> None:
    works.paces = Paces()
    await _plan(works, works.room, "1", "2", "3", "4", "5")
    engine = works.engine()
    await engine.run_due()
    await _plan(works, works.room, "6")
    other_process = works.engine()
    await works.run_for(other_process, seconds=20)
    assert works.texts() == ["1", "2", "3", "4", "5", "6"]


async def test_an_answer_goes_before_digests_that_wait(works: Works) -> None:
    works.paces = Paces()
    rooms = _rooms(works, 20)
    for room in rooms:
        await _plan(works, room, f"digest {room}")
    await _plan(works, works.other, "housekeeping", priority=HOUSEKEEPING)
    engine = works.engine()
    await engine.run_due()
    await _plan(works, works.room, "answer", priority=ANSWER)
    before = len(_sent(works))
    await engine.run_due()
    assert _sent(works)[before:] == ["answer"]
    await works.run_for(engine, minutes=1)
    assert len(_sent(works)) == 22


async def test_a_huge_workspace_does_not_hold_up_a_small_one(works: Works) -> None:
    works.paces = Paces()
    small = await _second_workspace(works)
    rooms = _rooms(works, 24)
    for room in rooms:
        await _plan(works, room, f"huge {room}", f"again {room}")
    await _plan(works, works.other, "small", workspace_id=small)
    engine = works.engine()
    await engine.run_due()
    assert "small" in _sent(works)[:10]
    assert len(_sent(works)) < 20
    await works.run_for(engine, minutes=1)
    assert len(_sent(works)) == 49


async def test_a_method_that_slack_limits_pauses_all_channels_of_that_workspace_alone(
    works: Works,
) -> None:
    small = await _second_workspace(works)
    rooms = _rooms(works, 6)
    faults = works.people.faults
    for room in rooms[:2]:
        faults.add("rate_limited", method="chat.postMessage", channel=room, retry_after_seconds=30)
        await _plan(works, room, f"held {room}")
    engine = works.engine()
    await engine.run_due()
    for room in rooms[2:]:
        await _plan(works, room, f"later {room}")
    await _plan(works, works.other, "small", workspace_id=small)
    await engine.run_due()
    assert _sent(works) == ["small"]
    await works.run_for(engine, minutes=1)
    assert len(_sent(works)) == 7
    assert len([fault for fault in faults.all() if fault.remaining]) == 0
