"""A channel's messages of the day: what is over comes later, whole, and nothing is lost."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.db.session import Database
from bot.engine.budget import (
    BUNDLE,
    DEFAULT_BUDGET,
    NO_LIMIT,
    find_rolled,
    tell_under,
)
from bot.engine.budget_views import render_bundle
from bot.engine.deliveries import ANSWER, Cause, plan_post, plan_update
from bot.engine.schedules import find_schedule
from bot.engine.tables import Delivery
from bot.engine.waiting import find_waiting
from bot.general.status_views import render_status
from bot.slack.blocks import Message
from bot.slack.gateway import Identity
from bot.workspaces.asker import Asker
from bot.workspaces.directory import register
from bot.workspaces.tables import Channel

MONDAY = datetime(2026, 5, 18, 8, 0, tzinfo=UTC)
ROOM = "C0ROOM"


@pytest.fixture
async def workspace_id(db: Database) -> str:
    identity = Identity("T1", "", "Northstar", "https://northstar.test/", "U0BOT", "B0BOT")
    return (await register(db, identity, at=MONDAY)).id


class Room:
    """Plans messages in one channel."""

    def __init__(self, db: Database, workspace_id: str) -> None:
        self.db, self.workspace_id = db, workspace_id

    async def post(self, name: str, *, at: datetime = MONDAY, priority: int = 5, **how: str) -> str:
        cause = Cause(
            self.workspace_id,
            f"occurrence:{name}",
            at,
            label=name,
            owner_id="U0ANA",
            priority=priority,
        )
        headline = bool(how.pop("headline", ""))
        async with self.db.write() as session:
            return await plan_post(
                session, cause, ROOM, "head", Message(name), is_headline=headline, **how
            )

    async def fill(self, count: int = DEFAULT_BUDGET) -> None:
        for number in range(count):
            await self.post(f"before {number}")

    async def row(self, delivery_id: str) -> Delivery:
        async with self.db.read() as session:
            return await session.get_one(Delivery, (self.workspace_id, delivery_id))

    async def rolled(self) -> list[str]:
        async with self.db.read() as session:
            return [one.label for one in await find_rolled(session, self.workspace_id, ROOM)]

    async def tell(self, head: str) -> None:
        async with self.db.write() as session:
            rolled = await find_rolled(session, self.workspace_id, ROOM)
            await tell_under(session, self.workspace_id, head, rolled, at=MONDAY)


@pytest.fixture
def room(db: Database, workspace_id: str) -> Room:
    return Room(db, workspace_id)


async def test_the_seventh_message_of_a_day_waits_for_the_next_morning(room: Room) -> None:
    await room.fill()
    await room.post("An alert")
    assert await room.rolled() == ["An alert"]
    async with room.db.read() as session:
        bundle = await find_schedule(session, room.workspace_id, BUNDLE, ROOM)
    assert bundle is not None
    assert bundle.next_run_utc == datetime(2026, 5, 18, 9, 0, tzinfo=UTC)


async def test_its_owner_sees_in_the_status_what_was_put_off_and_until_when(room: Room) -> None:
    await room.fill()
    await room.post("An alert")
    async with room.db.read() as session:
        waiting = await find_waiting(session, Asker(room.workspace_id, "U0ANA"))
    text = render_status([], {}, [], asker_id="U0ANA", zone="Europe/Berlin", waiting=waiting)
    assert (
        f"An alert waits for the next digest in <#{ROOM}> or for Mon 18 May, 11:00, whichever comes first"
        " (the channel has had its messages of the day)."
    ) in str(text.blocks)
    async with room.db.read() as session:
        assert await find_waiting(session, Asker(room.workspace_id, "U0BEN")) == []


async def test_the_next_day_begins_anew(room: Room) -> None:
    await room.fill()
    await room.post("Tomorrow's", at=MONDAY + timedelta(days=1))
    assert await room.rolled() == []


async def test_answers_threads_edits_and_headlines_are_never_put_off(room: Room) -> None:
    await room.fill()
    head = await room.post("A launch", headline="yes")
    await room.post("An answer", priority=ANSWER)
    await room.post("A reply", under=head)
    await room.post("Another reply", thread="1779.1")
    assert await room.rolled() == []


async def test_threads_and_answers_do_not_count(room: Room) -> None:
    head = await room.post("A launch", headline="yes")
    for number in range(9):
        await room.post(f"reply {number}", under=head)
        await room.post(f"answer {number}", priority=ANSWER)
    await room.post("An alert")
    assert await room.rolled() == []


async def test_the_urgent_ones_are_told_first(room: Room) -> None:
    await room.fill()
    await room.post("A report", priority=9)
    await room.post("An alert", priority=3)
    assert await room.rolled() == ["An alert", "A report"]


@pytest.mark.parametrize(("budget", "is_rolled"), [(NO_LIMIT, False), (2, True), (20, False)])
async def test_a_channels_own_budget_counts(room: Room, budget: int, *, is_rolled: bool) -> None:
    async with room.db.write() as session:
        session.add(
            Channel(
                workspace_id=room.workspace_id,
                id=ROOM,
                message_budget=budget,
                refreshed_at=MONDAY,
            )
        )
    await room.fill(2)
    await room.post("An alert")
    assert bool(await room.rolled()) is is_rolled


async def test_what_was_put_off_stands_whole_in_the_thread_of_the_digest(room: Room) -> None:
    await room.fill()
    alert = await room.post("An alert")
    head = await room.post("The digest", headline="yes")
    await room.tell(head)
    old = await room.row(alert)
    assert (old.state, await room.rolled()) == ("skipped", [])
    assert old.heir_id is not None
    told = await room.row(old.heir_id)
    assert (told.after_id, told.state, told.payload["message"]["text"]) == (
        head,
        "planned",
        "An alert",
    )


async def test_telling_twice_leaves_one(room: Room) -> None:
    await room.fill()
    await room.post("An alert")
    head = await room.post("The digest", headline="yes")
    await room.tell(head)
    await room.tell(head)
    async with room.db.read() as session:
        rows = await session.scalars(select(Delivery).where(Delivery.after_id == head))
        assert len(list(rows)) == 1


async def test_what_belongs_to_it_follows_also_when_it_is_said_later(room: Room) -> None:
    await room.fill()
    alert = await room.post("An alert")
    early = await room.post("It goes on", under=alert)
    head = await room.post("The digest", headline="yes")
    await room.tell(head)
    late = await room.post("It is over", under=alert)
    assert (await room.row(early)).after_id == head
    assert (await room.row(late)).after_id == head
    async with room.db.write() as session:
        cause = Cause(room.workspace_id, "event:2", MONDAY)
        edit = await plan_update(session, cause, "edit", Message("Over"), of=alert)
    assert (await room.row(edit)).after_id == (await room.row(alert)).heir_id


def test_a_bundle_says_since_when_and_names_the_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    told = [("Alert", "Sign-ups are *unusual*: <https://x|40>"), ("Report", "Two gaps")]
    message = render_bundle(told, MONDAY, berlin)
    said = message.blocks[1]["text"]["text"]
    assert message.text == "2 messages came after this channel had its messages of the day."
    assert said.startswith("*Also since Mon 18 May, 10:00* (Europe/Berlin), whole in the thread:")
    assert "• Two gaps" in said
    assert "40" in said
