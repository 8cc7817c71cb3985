"""Events that come in together are stored once each, and said to be stored only then."""

import asyncio

from bot.engine.inbox import Arrival, Intake
from tests.engine.works import Works


async def test_events_that_come_together_are_all_stored_once(works: Works) -> None:
    intake, at = Intake(works.db), works.clock.now()
    takes = [
        intake.take(works.workspace_id, f"Ev{n % 40}", [Arrival("a", {"n": n % 40})], at=at)
        for n in range(80)
    ]
    await asyncio.gather(*takes)
    rows = await works.inbox()
    assert sorted(row.payload["n"] for row in rows) == list(range(40))


async def test_one_event_may_concern_two_jobs(works: Works) -> None:
    arrivals = [Arrival("a", {}), Arrival("b", {})]
    await Intake(works.db).take(works.workspace_id, "Ev1", arrivals, at=works.clock.now())
    assert {row.kind for row in await works.inbox()} == {"a", "b"}


async def test_what_was_worked_on_already_stays_as_it_is(works: Works) -> None:
    async def job(_work: object) -> str:
        return "done"

    works.events["a"] = job
    intake, at = Intake(works.db), works.clock.now()
    await intake.take(works.workspace_id, "Ev1", [Arrival("a", {})], at=at)
    await works.engine().run_due()
    await intake.take(works.workspace_id, "Ev1", [Arrival("a", {})], at=at)
    assert [row.state for row in await works.inbox()] == ["done"]
