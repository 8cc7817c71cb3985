"""The gateway's contract, held against a server that speaks Slack's Web API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import (
    ChannelGone,
    DaybookError,
    MethodMissing,
    SlackRefused,
    SlackUnavailable,
    SlackUncertain,
    TokenRefused,
)
from bot.slack.blocks import Message, image, section
from bot.slack.gate import Gate
from bot.slack.gateway import SlackGateway, read_message
from bot.slack.pacing import Pace
from playground.server.app import build_app, serving
from playground.server.people import People
from playground.server.settings import Settings
from playground.server.world import World
from tests.conftest import MANIFEST, FrozenClock

LONG_AGO = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass
class Slack:
    world: World
    people: People
    gateway: SlackGateway
    ana: str
    room: str


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    world = World.open(":memory:", team_name="Northstar", real_now=FrozenClock())
    server = Settings(port=0, file_refusals=1)
    people = People(world, MANIFEST, server)
    ana = world.users.add("ana", "Ana Lima", tz="Europe/Berlin", email="ana@northstar.test").id
    room = world.channels.add("product", [ana, world.bot.id]).id
    async with serving(build_app(world, people, MANIFEST, server), server) as url:
        gateway = SlackGateway(world.app.bot_token, f"{url}/api/")
        yield Slack(world, people, gateway, ana, room)
        await gateway.close()
    world.close()


async def test_the_bot_learns_who_it_is_and_what_it_was_granted(slack: Slack) -> None:
    identity = await slack.gateway.identity()
    assert identity.user_id == slack.world.bot.id
    assert identity.team_id == slack.world.team.id
    assert "chat:write" in identity.scopes


async def test_a_posted_message_is_found_again_by_its_key(slack: Slack) -> None:
    posted = await slack.gateway.post(slack.room, Message("Hello"), key="k1")
    await slack.gateway.post(slack.room, Message("Other"), key="k2")
    assert await slack.gateway.find_key(slack.room, "k1", oldest=LONG_AGO) == posted
    assert await slack.gateway.find_key(slack.room, "k3", oldest=LONG_AGO) is None


async def test_a_reply_is_found_again_in_its_thread(slack: Slack) -> None:
    head = await slack.gateway.post(slack.room, Message("Head"))
    reply = await slack.gateway.post(slack.room, Message("Reply"), key="k", thread=head.ts)
    found = await slack.gateway.find_key(slack.room, "k", oldest=LONG_AGO, thread=head.ts)
    assert found == reply


async def test_a_direct_message_is_found_again_by_the_persons_id(slack: Slack) -> None:
    posted = await slack.gateway.post(slack.ana, Message("Hello"), key="k")
    assert posted.channel.startswith("D")
    assert await slack.gateway.find_key(slack.ana, "k", oldest=LONG_AGO) == posted


async def test_a_key_is_found_behind_many_pages(slack: Slack) -> None:
    posted = await slack.gateway.post(slack.room, Message("First"), key="k")
    for number in range(205):
        await slack.people.post(slack.ana, slack.room, f"noise {number}")
    assert await slack.gateway.find_key(slack.room, "k", oldest=LONG_AGO) == posted


async def test_an_edit_done_twice_does_no_harm(slack: Slack) -> None:
    posted = await slack.gateway.post(slack.room, Message("Before"))
    for _ in range(2):
        await slack.gateway.update(posted.channel, posted.ts, Message("After"))
    message = await slack.gateway.message(slack.room, posted.ts)
    assert message is not None
    assert message.text == "After"


async def test_a_reaction_that_is_there_or_gone_already_counts_as_done(slack: Slack) -> None:
    ts = await slack.people.post(slack.ana, slack.room, "x")
    for remove in (False, False, True, True):
        await slack.gateway.react(slack.room, ts, "memo", remove=remove)


async def test_a_thread_reply_is_read_with_the_words_of_the_reply(slack: Slack) -> None:
    head = await slack.people.post(slack.ana, slack.room, "the head")
    reply = await slack.people.post(slack.ana, slack.room, "the reply", thread_ts=head)
    message = await slack.gateway.message(slack.room, reply)
    assert message is not None
    assert (message.text, message.thread_ts) == ("the reply", head)


async def test_a_deleted_message_is_none_also_with_replies_under_it(slack: Slack) -> None:
    alone = await slack.people.post(slack.ana, slack.room, "alone")
    head = await slack.people.post(slack.ana, slack.room, "head")
    await slack.people.post(slack.ana, slack.room, "reply", thread_ts=head)
    for ts in (alone, head):
        await slack.people.delete(slack.ana, slack.room, ts)
        assert await slack.gateway.message(slack.room, ts) is None


async def test_a_person_and_a_channel_come_as_plain_values(slack: Slack) -> None:
    person = await slack.gateway.user(slack.ana)
    assert (person.timezone, person.email) == ("Europe/Berlin", "ana@northstar.test")
    told = (person.is_guest, person.is_bot, person.is_deleted, person.is_stranger)
    assert told == (False, False, False, False)
    channel = await slack.gateway.channel(slack.room)
    assert (channel.name, channel.is_private, channel.has_bot) == ("product", False, True)
    assert set(await slack.gateway.channel_members(slack.room)) == {slack.ana, slack.world.bot.id}
    assert [c.id for c in await slack.gateway.channels_of(slack.ana)] == [slack.room]


async def test_a_picture_is_uploaded_and_may_be_refused_until_it_is_ready(slack: Slack) -> None:
    posted = await slack.gateway.post(slack.room, Message("Numbers"))
    file_id = await slack.gateway.upload("a.png", b"\x89PNG", "alt")
    shown = Message("Numbers", [section("Numbers"), image(file_id, "alt")])
    with pytest.raises(SlackRefused) as refused:
        await slack.gateway.update(posted.channel, posted.ts, shown)
    assert refused.value.code == "invalid_blocks"
    await slack.gateway.update(posted.channel, posted.ts, shown)


@pytest.mark.parametrize("size", [39_999, 40_000])
async def test_forty_thousand_characters_are_posted(slack: Slack, size: int) -> None:
    posted = await slack.gateway.post(slack.room, Message("x" * size))
    message = await slack.gateway.message(slack.room, posted.ts)
    assert message is not None
    assert len(message.text) == size


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "rate_limited", "retry_after_seconds": 7}, SlackUnavailable),
        ({"kind": "error", "error": "internal_error"}, SlackUnavailable),
        ({"kind": "error", "error": "token_revoked"}, TokenRefused),
        ({"kind": "server_error", "status": 503}, SlackUncertain),
        ({"kind": "lost_answer"}, SlackUncertain),
        ({"kind": "timeout_after", "seconds": 0.0}, SlackUncertain),
        ({"kind": "error", "error": "is_archived"}, ChannelGone),
        ({"kind": "error", "error": "not_in_channel"}, ChannelGone),
        ({"kind": "error", "error": "missing_scope"}, SlackRefused),
        ({"kind": "error", "error": "unknown_method"}, MethodMissing),
        ({"kind": "error", "error": "method_not_found"}, MethodMissing),
    ],
)
async def test_each_way_of_failing_has_its_own_error(
    slack: Slack, fault: dict[str, Any], expected: type[DaybookError]
) -> None:
    slack.people.faults.add_from(fault | {"method": "chat.postMessage"})
    with pytest.raises(DaybookError) as failed:
        await slack.gateway.post(slack.room, Message("x"))
    assert type(failed.value) is expected
    assert "Traceback" not in str(failed.value)


async def test_how_long_to_wait_is_told(slack: Slack) -> None:
    slack.people.faults.add("rate_limited", retry_after_seconds=7)
    with pytest.raises(SlackUnavailable) as failed:
        await slack.gateway.post(slack.room, Message("x"))
    assert failed.value.retry_after == 7


async def test_a_server_that_is_not_there_was_surely_not_reached() -> None:
    gateway = SlackGateway("xoxb-x", "http://127.0.0.1:9/api/")
    with pytest.raises(SlackUnavailable) as failed:
        await gateway.post("C1", Message("x"))
    assert not isinstance(failed.value, SlackUncertain)
    await gateway.close()


async def test_a_look_up_reaches_back_only_as_far_as_asked(slack: Slack) -> None:
    posted = await slack.gateway.post(slack.room, Message("Hello"), key="k")
    later = datetime.fromtimestamp(float(posted.ts), UTC) + timedelta(seconds=1)
    assert await slack.gateway.find_key(slack.room, "k", oldest=later) is None


def test_what_a_database_refuses_is_not_read_from_a_message() -> None:
    message = read_message("C1", {"ts": "1.0", "text": "nul \x00 half \ud800 end"})
    assert message.text == "nul  half  end"


async def test_what_slack_limited_is_not_asked_again_before_its_time(slack: Slack) -> None:
    clock = FrozenClock()
    slack.gateway._gate = Gate(Pace(), clock.now)
    slack.people.faults.add(
        "rate_limited", method="users.info", remaining=1, retry_after_seconds=40
    )
    for _ in range(2):
        with pytest.raises(SlackUnavailable):
            await slack.gateway.user(slack.ana)
    await slack.gateway.channel(slack.room)
    clock.at += timedelta(seconds=41)
    assert (await slack.gateway.user(slack.ana)).id == slack.ana
