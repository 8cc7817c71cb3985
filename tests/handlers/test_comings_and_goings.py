"""Channels and people that come and go: whoever owns what is posted there is told."""

import pytest

from bot.engine.inbox import Arrival, receive
from bot.engine.pauses import owner_of
from bot.engine.schedules import find_schedule
from bot.engine.tables import Schedule
from bot.slack.ids import Action
from jobs.rollcall import roll_call_due
from playground.server.rows import View
from tests.conftest import Stage
from tests.digests import conftest as digests
from tests.digests.conftest import subscribe
from tests.feedback.telling import words_of

product, metrics_yaml = digests.product, digests.metrics_yaml


async def schedule_of(stage: Stage, digest_id: str) -> Schedule:
    async with stage.deps.db.read() as session:
        row = await find_schedule(session, stage.workspace_id, "digest.post", digest_id)
    assert row is not None
    return row


def top(stage: Stage, user: str) -> View:
    return stage.world.views.stack(user)[-1]


async def test_an_archived_channel_pauses_its_digest_and_offers_it_back(stage: Stage) -> None:
    digest = await subscribe(stage, stage.rooms.product)
    await stage.people.archive(stage.who.ben, stage.rooms.product)
    await stage.settle()
    assert (await schedule_of(stage, digest.id)).state == "paused"
    [told] = stage.dms(stage.who.ana)
    assert "was archived, so I paused what goes there" in told.text
    assert "Digest #" in str(told.blocks)

    await stage.people.unarchive(stage.who.ben, stage.rooms.product)
    await stage.settle()
    offer = stage.dms(stage.who.ana)[-1]
    assert "I can post in" in offer.text
    button = f"{Action.ENGINE_RESUME}:{(await schedule_of(stage, digest.id)).id}"
    await stage.people.click(stage.who.ana, button, channel=offer.channel, ts=offer.ts)
    assert (await schedule_of(stage, digest.id)).state == "active"


@pytest.mark.parametrize("room", ["product", "leads"])
async def test_a_deleted_channel_stops_its_digest_and_says_so(stage: Stage, room: str) -> None:
    channel = getattr(stage.rooms, room)
    digest = await subscribe(stage, channel)
    await stage.people.delete_channel(stage.who.ana, channel)
    await stage.settle()
    assert (await schedule_of(stage, digest.id)).state == "paused"
    [told] = stage.dms(stage.who.ana)
    assert "was deleted" in told.text


@pytest.mark.parametrize("what", ["channel_archive", "channel_left"])
async def test_an_event_that_comes_after_its_own_undoing_stops_nothing(
    stage: Stage, what: str
) -> None:
    digest = await subscribe(stage, stage.rooms.product)
    late = Arrival("channel.changed", {"channel": stage.rooms.product, "what": what})
    async with stage.deps.db.write() as session:
        at = stage.deps.clock.now()
        await receive(session, stage.workspace_id, "EvLate", late, at=at)
    await stage.settle()
    assert (await schedule_of(stage, digest.id)).state == "active"
    assert stage.dms(stage.who.ana) == []


async def test_a_removed_bot_says_at_once_what_will_not_arrive(stage: Stage) -> None:
    digest = await subscribe(stage, stage.rooms.product)
    await stage.people.kick(stage.who.ben, stage.rooms.product, stage.world.bot.id)
    await stage.settle()
    [told] = stage.dms(stage.who.ana)
    assert "is closed to me since I was removed" in told.text
    assert "/invite @Daybook" in str(told.blocks)
    assert (await schedule_of(stage, digest.id)).state == "active"


async def test_a_removed_bot_shows_at_once_where_it_cannot_post(stage: Stage) -> None:
    ana, room = stage.who.ana, stage.rooms.product
    await subscribe(stage, room)
    await stage.people.kick(stage.who.ben, room, stage.world.bot.id)
    await stage.settle()
    await stage.people.command(ana, stage.rooms.voice, "/daybook status")
    said = words_of((await stage.people.ephemerals(ana, stage.rooms.voice))[-1].blocks)
    assert "One schedule posts where I cannot." in said
    assert f"I cannot post in <#{room}> now. Invite me there" in said
    await stage.people.open_home(ana)
    await stage.settle()
    home = words_of(stage.world.views.home(ana).body["blocks"])
    assert f"will not arrive. I cannot post in <#{room}> now." in home
    assert f"to <#{room}>: cannot post there now" in home

    await stage.people.invite(stage.who.ben, room, stage.world.bot.id)
    await stage.settle()
    await stage.people.open_home(ana)
    await stage.settle()
    assert "cannot post" not in words_of(stage.world.views.home(ana).body["blocks"])


async def test_what_a_deactivated_person_owned_is_handed_over_and_back(stage: Stage) -> None:
    ana, ben, voice = stage.who.ana, stage.who.ben, stage.rooms.voice
    digest = await subscribe(stage, voice, owner=ben)
    at = stage.deps.clock.now()
    await stage.deps.places.all()[0].directory.asker(ana, at=at)
    await stage.people.change_user(ben, deleted=True)
    await stage.settle()
    [asked] = stage.dms(ana)
    assert asked.text == f"<@{ben}> was deactivated and still owns 1 digest."

    await stage.people.click(ana, Action.HANDOVER_OPEN, channel=asked.channel, ts=asked.ts)
    await stage.people.submit(ana, top(stage, ana).id, {"to": ana})
    async with stage.deps.db.read() as session:
        row = await schedule_of(stage, digest.id)
        assert await owner_of(session, stage.workspace_id, row.id) == ana
    assert "1 digest" in str(top(stage, ana).body)
    await stage.people.click(ana, Action.HANDOVER_UNDO, view_id=top(stage, ana).id)
    assert (await schedule_of(stage, digest.id)).owner_id == ben


async def test_what_changed_while_daybook_was_away_is_found_by_the_roll_call(
    stage: Stage,
) -> None:
    ana, ben, product, voice = stage.who.ana, stage.who.ben, stage.rooms.product, stage.rooms.voice
    shown = [await subscribe(stage, room, owner=ben) for room in (product, voice)]
    at, directory = stage.deps.clock.now(), stage.deps.places.all()[0].directory
    for room in (product, voice):
        await directory.channel(room, at=at)
    await directory.asker(ana, at=at)
    for kind in ("user_change", "channel_archive", "member_left_channel", "channel_left"):
        stage.people.faults.add("drop_event", method=kind, remaining=None)
    await stage.people.change_user(ben, deleted=True)
    await stage.people.archive(ana, product)
    await stage.people.kick(ana, voice, stage.world.bot.id)
    await stage.after(hours=1)
    assert "deactivated" not in str(stage.dms(ana))

    for _ in range(2):  # the second finds nothing new
        await roll_call_due(stage.deps, at=stage.deps.clock.now())
        await stage.after(hours=1)
    asked = [message.text for message in stage.dms(ana)]
    assert sum("was deactivated and still owns 2 digests" in text for text in asked) == 1
    assert sum("was archived, so I paused what goes there" in text for text in asked) == 1
    assert sum("is closed to me since I was removed" in text for text in asked) == 1
    assert [(await schedule_of(stage, one.id)).state for one in shown] == ["paused", "active"]
