"""Thanks to whoever logged what fed a decision: noted once, said together, to their eyes only."""

import pytest
from sqlalchemy import select

from bot.clock import local_date, zone_named
from bot.db.session import Database
from bot.engine.deliveries import Cause
from bot.engine.tables import Schedule
from bot.entries.log import Line, append
from bot.feedback.tables import Report, Thanks
from bot.feedback.thanks import SEND, mark_said, note_thanks, owed_to
from jobs.thanks import on_entries, what_came_of
from tests.feedback.seeds import ANA, AT, BEN, SECRET, TEAM, Seeds, member


@pytest.fixture
async def seeds(db: Database) -> Seeds:
    """Ana and Ben reported what a theme holds."""
    found = Seeds(db)
    await found.begin()
    await found.theme("csv")
    for user in (ANA, BEN):
        item = await found.said("csv", reporter_id=user)
        async with db.write() as session:
            session.add(
                Report(workspace_id=TEAM, feedback_id=item, user_id=user, means="emoji", at=AT)
            )
    return found


async def _accepted(seeds: Seeds, decision: str) -> None:
    async with seeds.db.write() as session:
        line = Line(kind="decision.accepted", subject_kind="decision", subject_id=decision)
        entry = await append(session, TEAM, line, at=AT)
        await on_entries(session, [entry], Cause(TEAM, "k", AT))


async def test_a_decision_owes_thanks_to_each_reporter_once_and_plans_one_message(
    seeds: Seeds,
) -> None:
    await seeds.decision("d1", "csv")
    await seeds.decision("d2", "csv")
    for name in ("d1", "d2", "d1"):
        await _accepted(seeds, name)
    async with seeds.db.read() as session:
        owed = {(row.user_id, row.subject_id) for row in await session.scalars(select(Thanks))}
        plans = list(await session.scalars(select(Schedule).where(Schedule.kind == SEND)))
    assert owed == {(user, name) for user in (ANA, BEN) for name in ("d1", "d2")}
    assert sorted(plan.subject_id for plan in plans) == [ANA, BEN]
    assert all(plan.next_date > local_date(AT, zone_named("UTC")) for plan in plans)


async def test_a_person_is_thanked_for_what_they_logged_and_may_see(seeds: Seeds) -> None:
    await seeds.decision("open", "csv")
    await seeds.decision("hidden", "csv", room=SECRET)
    for name in ("open", "hidden"):
        await _accepted(seeds, name)
    async with seeds.db.read() as session:
        owed = await owed_to(session, TEAM, BEN)
        found = [await what_came_of(session, member(BEN), row) for row in owed]
        inside = [await what_came_of(session, member(BEN, SECRET), row) for row in owed]
    assert [one.title for one in found if one] == ["open"]
    assert {one.title for one in inside if one} == {"open", "hidden"}
    assert [one.numbers for one in found if one] == [(3,)]


async def test_what_was_said_is_not_owed_again(seeds: Seeds) -> None:
    async with seeds.db.write() as session:
        await note_thanks(session, TEAM, [ANA], "launch", "l", "shipped", at=AT, is_said=True)
        await note_thanks(session, TEAM, [ANA, ""], "launch", "l", "shipped", at=AT)
        await note_thanks(session, TEAM, [ANA], "launch", "l", "verdict", at=AT)
        owed = await owed_to(session, TEAM, ANA)
        assert [row.event for row in owed] == ["verdict"]
        await mark_said(session, TEAM, ANA, owed, at=AT)
    async with seeds.db.read() as session:
        assert await owed_to(session, TEAM, ANA) == []
