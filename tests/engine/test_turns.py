"""A workspace with much to do does not delay one with little."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.db.session import Database
from bot.engine.inbox import Arrival, receive
from bot.engine.lanes import Room
from bot.engine.queue import EventWork
from bot.engine.runner import OF_ONE_WORKSPACE
from bot.slack.gateway import Identity
from bot.workspaces.directory import register
from tests.engine.works import Works


def _room(free: int, per_workspace: int = 6, **taken: int) -> Room:
    return Room(free, per_workspace, taken, frozenset())


def test_free_places_are_shared_in_turns() -> None:
    assert _room(5).share(["a", "b"]) == {"a": 3, "b": 2}
    assert _room(2).share(["a", "b", "c"]) == {"a": 1, "b": 1}
    assert _room(0).share(["a"]) == {}


def test_one_workspace_never_has_every_place() -> None:
    assert _room(8).share(["a"]) == {"a": 6}
    assert _room(2, a=6).share(["a"]) == {}
    assert _room(2, a=6).share(["a", "b"]) == {"b": 2}


@given(
    st.integers(-2, 20),
    st.integers(1, 8),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 8)),
    st.lists(st.sampled_from("abcdef"), unique=True),
)
def test_no_share_goes_past_a_bound_and_none_is_kept_back(
    free: int, bound: int, taken: dict[str, int], waiting: list[str]
) -> None:
    shares = Room(free, bound, taken, frozenset()).share(waiting)
    has_room = {one: max(0, bound - taken.get(one, 0)) for one in waiting}
    assert all(shares[one] <= has_room[one] for one in shares)
    assert sum(shares.values()) == min(max(free, 0), sum(has_room.values()))


async def _workspace(db: Database, works: Works, team: str) -> str:
    identity = Identity(team, "", team, f"https://{team}.test/", "U0BOT", "B0BOT")
    return (await register(db, identity, at=works.clock.now())).id


async def _arrive(works: Works, workspace_id: str, count: int) -> None:
    async with works.db.write() as session:
        for number in range(count):
            arrival = Arrival("note", {})
            at = works.clock.now()
            await receive(session, workspace_id, f"Ev{number}", arrival, at=at)


async def test_a_single_event_is_begun_beside_the_first_of_two_hundred(works: Works) -> None:
    seen: list[str] = []

    async def job(work: EventWork) -> str:
        seen.append(work.workspace_id)
        return "done"

    works.events["note"] = job
    small = await _workspace(works.db, works, "T2")
    await _arrive(works, works.workspace_id, 200)
    await _arrive(works, small, 1)
    await works.engine().run_due()
    assert len(seen) == 201
    assert small in seen[:8]


async def test_slow_jobs_of_one_workspace_leave_a_place_for_another(works: Works) -> None:
    begun, full, hold = asyncio.Event(), asyncio.Event(), asyncio.Event()
    slow = 0

    async def job(work: EventWork) -> str:
        nonlocal slow
        if work.workspace_id == works.workspace_id:
            slow += 1
            if slow == OF_ONE_WORKSPACE:
                full.set()
            await hold.wait()
        else:
            begun.set()
        return "done"

    works.events["note"] = job
    small = await _workspace(works.db, works, "T2")
    await _arrive(works, works.workspace_id, 20)
    engine = works.engine()
    running = asyncio.create_task(engine.run_due())
    async with asyncio.timeout(10):
        await full.wait()
        await _arrive(works, small, 1)
        await begun.wait()
    hold.set()
    await running
    assert {row.state for row in await works.inbox()} == {"done"}
