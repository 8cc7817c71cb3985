"""All that a person owns goes to another, as far as that one may see it, and back."""

from datetime import UTC, datetime, time

import pytest
from sqlalchemy import select

from bot.clock import Rule, Weekly
from bot.db.session import Database
from bot.digests.service import Wanted, create_digest
from bot.engine.tables import Schedule
from bot.entries.tables import Entry
from bot.errors import BadInput, NotFound
from bot.general.owned import OWNED
from bot.handover.service import Handed, count_owned, hand_over, undo_handover
from bot.handover.views import NOUNS, say_counts
from bot.slack.gateway import Identity
from bot.workspaces.asker import Asker
from bot.workspaces.directory import register
from bot.workspaces.tables import Channel

MONDAY = datetime(2026, 5, 18, 6, 0, tzinfo=UTC)
RULE = Rule(at=time(9), on=Weekly(days=(0,)))


@pytest.fixture
async def workspace_id(db: Database) -> str:
    identity = Identity("T1", "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    return (await register(db, identity, at=MONDAY)).id


async def _digests(db: Database, workspace_id: str) -> None:
    """Three digests of ana's: in a public channel, in a private one, to herself."""
    async with db.write() as session:
        for id_, is_private in (("C0OPEN", False), ("C0LEADS", True)):
            row = Channel(
                workspace_id=workspace_id, id=id_, is_private=is_private, refreshed_at=MONDAY
            )
            session.add(row)
        for target in ("C0OPEN", "C0LEADS", "U0ANA"):
            wanted = Wanted("Numbers", target, ["m1"], RULE, "Mondays at 9:00", "Europe/Berlin")
            await create_digest(session, workspace_id, wanted, by="U0ANA", at=MONDAY)


async def _hand_over(db: Database, workspace_id: str) -> Handed:
    ben = Asker(workspace_id, "U0BEN", sees_public=True)
    async with db.write() as session:
        return await hand_over(session, "U0ANA", ben, OWNED, by="U0BOSS", at=MONDAY)


async def _owners(db: Database) -> list[str]:
    async with db.read() as session:
        return sorted(await session.scalars(select(Schedule.owner_id)))


async def test_what_the_new_owner_may_not_see_stays_and_is_counted(
    db: Database, workspace_id: str
) -> None:
    await _digests(db, workspace_id)
    done = await _hand_over(db, workspace_id)
    assert (done.counts, done.left) == ({"digest": 1}, 1)
    async with db.read() as session:
        entries = list(
            await session.scalars(select(Entry).where(Entry.kind == "digest.handed_over"))
        )
    assert [one.facts["owner_to"] for one in entries] == ["U0BEN"]
    assert [one.actor for one in entries] == ["U0BOSS"]


async def test_it_is_taken_back_once(db: Database, workspace_id: str) -> None:
    await _digests(db, workspace_id)
    before = await _owners(db)
    done = await _hand_over(db, workspace_id)
    # The private channel's stays hers, and so does what goes to herself.
    assert await _owners(db) == ["U0ANA", "U0ANA", "U0BEN"]
    async with db.write() as session:
        undone = await undo_handover(session, workspace_id, done.id, OWNED, by="U0BOSS", at=MONDAY)
    assert undone == 1
    async with db.read() as session:
        counts = await count_owned(session, workspace_id, "U0ANA", OWNED)
    assert counts == {"digest": 2}
    assert await _owners(db) == before
    with pytest.raises(NotFound):
        async with db.write() as session:
            await undo_handover(session, workspace_id, done.id, OWNED, by="U0BOSS", at=MONDAY)


@pytest.mark.parametrize("to", ["U0ANA", ""])
async def test_only_another_full_member_can_take_over(
    db: Database, workspace_id: str, to: str
) -> None:
    asker = Asker(workspace_id, to, sees_public=True)
    async with db.write() as session:
        with pytest.raises(BadInput):
            await hand_over(session, "U0ANA", asker, OWNED, by="U0BOSS", at=MONDAY)


def test_every_kind_of_thing_has_a_name() -> None:
    assert {one.kind for one in OWNED} == set(NOUNS)
    assert say_counts({"launch": 2, "digest": 1}) == "2 launches, 1 digest"
    assert say_counts({}) == "nothing"
