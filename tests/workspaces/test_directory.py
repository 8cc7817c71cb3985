"""Who may see what: asked of Slack, remembered for a while, and no when it is unknown."""

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import DaybookError, NotFound, Unavailable
from bot.workspaces.asker import Asker
from bot.workspaces.directory import FRESH, FRESH_ACCESS, Directory
from bot.workspaces.tables import Channel
from tests.engine.works import Works


@pytest.fixture
def directory(works: Works) -> Directory:
    return Directory(works.db, works.gateway, works.workspace_id, works.world.team.id)


def _calls(works: Works, method: str) -> int:
    return len(works.world.ledger.rows(method=method))


async def _asker(works: Works, directory: Directory, **person: Any) -> Asker:
    user = works.world.users.add("zoe", "Zoe Zett", **person).id
    works.world.channels.add_member(works.room, user)
    return await directory.asker(user, at=works.clock.now())


async def test_a_member_sees_public_channels_and_their_own_private_ones(
    works: Works, directory: Directory
) -> None:
    bot = works.world.bot.id
    inside = works.world.channels.add("leads", [works.ana, bot], is_private=True).id
    works.world.channels.add("board", [bot], is_private=True)
    asker = await directory.asker(works.ana, at=works.clock.now())
    assert (asker.is_member, asker.sees_public) == (True, True)
    assert asker.channel_ids == {works.room, works.other, inside}


async def test_a_guest_sees_only_the_channels_they_are_in(
    works: Works, directory: Directory
) -> None:
    asker = await _asker(works, directory, is_ultra_restricted=True)
    assert (asker.is_member, asker.sees_public, asker.is_guest) == (False, False, True)
    assert asker.channel_ids == {works.room}


async def test_somebody_of_another_organisation_is_an_outsider(
    works: Works, directory: Directory
) -> None:
    asker = await _asker(works, directory, team_id="T0ACMECORP0")
    assert (asker.is_member, asker.sees_public, asker.is_outsider) == (False, False, True)


async def test_a_deactivated_person_sees_nothing_and_may_do_nothing(
    works: Works, directory: Directory
) -> None:
    works.world.users.change(works.ana, deleted=True)
    asker = await directory.asker(works.ana, at=works.clock.now())
    assert (asker.is_member, asker.is_outsider, asker.sees_public) == (False, True, False)


async def test_when_slack_does_not_say_who_is_where_the_answer_is_no(
    works: Works, directory: Directory
) -> None:
    works.people.faults.add("server_error", method="users.conversations", remaining=None)
    asker = await directory.asker(works.ana, at=works.clock.now())
    assert asker.channel_ids == frozenset()


async def test_where_a_server_lists_nobodys_channels_members_are_in_the_public_ones_that_are_known(
    works: Works, directory: Directory
) -> None:
    bot = works.world.bot.id
    inside = works.world.channels.add("leads", [works.ana, bot], is_private=True).id
    for known in (works.room, inside):
        await directory.channel(known, at=works.clock.now())
    for method in ("users.conversations", "conversations.list"):
        works.people.faults.add("error", method=method, error="unknown_method", remaining=None)
    asker = await directory.asker(works.ana, at=works.clock.now())
    assert asker.channel_ids == {works.room}
    guest = await _asker(works, directory, is_restricted=True)
    assert guest.channel_ids == frozenset()


async def test_a_channel_no_server_can_describe_is_known_by_its_id(
    works: Works, directory: Directory
) -> None:
    for method in ("conversations.info", "conversations.members"):
        works.people.faults.add("error", method=method, error="unknown_method", remaining=None)
    found = {}
    for channel_id in ("C_open", "G_group", "D_bot"):
        row = await directory.channel(channel_id, at=works.clock.now())
        found[channel_id] = (row.is_private, row.is_dm, row.has_guests)
    assert found["C_open"] == (False, False, False)
    assert found["G_group"] == (True, False, False)
    assert found["D_bot"] == (True, True, False)


async def test_a_person_slack_does_not_know_is_not_found(
    works: Works, directory: Directory
) -> None:
    with pytest.raises(NotFound):
        await directory.member("U0NOBODY", at=works.clock.now())


async def test_people_are_asked_for_once_and_again_when_that_is_old(
    works: Works, directory: Directory
) -> None:
    at = works.clock.now()
    for later in (timedelta(0), FRESH / 2):
        await directory.member(works.ana, at=at + later)
    assert _calls(works, "users.info") == 1
    works.world.users.change(works.ana, is_restricted=True)
    member = await directory.member(works.ana, at=at + FRESH)
    assert member.is_guest


async def test_what_was_known_of_a_person_holds_while_slack_is_silent(
    works: Works, directory: Directory
) -> None:
    at = works.clock.now()
    await directory.member(works.ana, at=at)
    works.people.faults.add("server_error", method="users.info", remaining=None)
    assert (await directory.member(works.ana, at=at + FRESH * 4)).name == "Ana Lima"


async def test_a_person_never_seen_is_an_error_while_slack_is_silent(
    works: Works, directory: Directory
) -> None:
    works.people.faults.add("server_error", method="users.info", remaining=None)
    with pytest.raises(DaybookError):
        await directory.asker(works.ana, at=works.clock.now())


async def test_memberships_are_asked_again_after_a_minute(
    works: Works, directory: Directory
) -> None:
    at = works.clock.now()
    await directory.asker(works.ana, at=at)
    works.world.channels.remove_member(works.other, works.ana)
    soon = await directory.asker(works.ana, at=at + FRESH_ACCESS / 2)
    later = await directory.asker(works.ana, at=at + FRESH_ACCESS)
    assert (works.other in soon.channel_ids, works.other in later.channel_ids) == (True, False)


async def test_a_channel_that_changed_is_asked_for_again_at_once(
    works: Works, directory: Directory
) -> None:
    at = works.clock.now()
    assert not (await directory.channel(works.room, at=at)).is_private
    works.world.channels.change(works.room, is_private=True)
    await directory.forget_channel(works.room, at=at)
    assert (await directory.channel(works.room, at=at)).is_private


async def test_how_feedback_is_captured_stays_when_a_channel_is_read_anew(
    works: Works, directory: Directory
) -> None:
    at = works.clock.now()
    await directory.channel(works.room, at=at)
    async with works.db.write() as session:
        row = await session.get_one(Channel, (works.workspace_id, works.room))
        row.captures_all = True
    assert (await directory.channel(works.room, at=at + FRESH * 2)).captures_all


async def test_a_channel_the_bot_cannot_see_is_not_found(
    works: Works, directory: Directory
) -> None:
    board = works.world.channels.add("board", [works.ana], is_private=True).id
    for channel in (board, "C0NOWHERE"):
        with pytest.raises(NotFound):
            await directory.channel(channel, at=works.clock.now())


@pytest.mark.parametrize(
    ("channel", "person", "expected"),
    [
        ({}, {}, True),
        ({"is_private": True}, {}, True),
        ({"is_ext_shared": True}, {}, False),
        ({}, {"is_ultra_restricted": True}, False),
        ({}, {"is_restricted": True}, False),
        ({"is_private": True}, {"team_id": "T0ACMECORP0"}, False),
    ],
    ids=["members", "private", "shared", "single guest", "guest", "outsider"],
)
async def test_a_channels_audience_sees_public_things_only_when_all_are_members(
    works: Works,
    directory: Directory,
    channel: dict[str, Any],
    person: dict[str, Any],
    expected: bool,
) -> None:
    zoe = works.world.users.add("zoe", "Zoe Zett", **person).id
    members = [works.ana, zoe, works.world.bot.id]
    target = works.world.channels.add("target", members, **channel).id
    audience = await directory.audience(target, at=works.clock.now())
    assert audience.sees_public is expected
    assert audience.channel_ids == {target}
    assert not audience.is_member


async def test_an_audience_that_slack_does_not_tell_of_is_taken_for_one_with_guests(
    works: Works, directory: Directory
) -> None:
    works.people.faults.add(
        "error", method="conversations.members", error="missing_scope", remaining=None
    )
    audience = await directory.audience(works.room, at=works.clock.now())
    assert not audience.sees_public


async def test_an_audience_that_cannot_be_asked_for_now_is_asked_for_again_and_not_guessed(
    works: Works, directory: Directory
) -> None:
    fault = works.people.faults.add("server_error", method="conversations.members", remaining=None)
    with pytest.raises(Unavailable):
        await directory.audience(works.room, at=works.clock.now())
    fault.remaining = 0
    audience = await directory.audience(works.room, at=works.clock.now())
    assert audience.sees_public


async def test_a_guest_who_comes_in_changes_the_audience_once_the_channel_is_asked_anew(
    works: Works, directory: Directory
) -> None:
    at = works.clock.now()
    assert (await directory.audience(works.room, at=at)).sees_public
    guest = works.world.users.add("gil", "Gil Guest", is_ultra_restricted=True).id
    works.world.channels.add_member(works.room, guest)
    await directory.forget_channel(works.room, at=at)
    assert not (await directory.audience(works.room, at=at)).sees_public


async def test_the_audience_of_a_direct_message_is_its_person(
    works: Works, directory: Directory
) -> None:
    at = works.clock.now()
    assert (await directory.audience(works.ana, at=at)).user_id == works.ana
    room = works.world.channels.direct(works.ana, works.world.bot.id).id
    with pytest.raises(NotFound):  # of its channel alone nobody can tell whose it is
        await directory.audience(room, at=at)
