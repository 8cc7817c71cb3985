"""The Web API through slack_sdk's own client: rooms, people, reactions, files."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


async def code(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    error: str = caught.value.response["error"]
    return error


async def test_channels_are_listed_with_membership_and_without_hidden_private_ones(
    play: Any,
) -> None:
    found: dict[str, bool] = {}
    kinds = "public_channel,private_channel"
    async for page in await play.client.conversations_list(types=kinds, limit=2):
        found |= {channel["name"]: channel["is_member"] for channel in page["channels"]}
    assert found == {"product": True, "random": False, "leads": True, "acme": True}


async def test_listing_needs_the_scope_of_each_kind(play: Any) -> None:
    assert await code(play.client.conversations_list(types="mpim")) == "missing_scope"
    assert await code(play.client.conversations_list(types="secret")) == "invalid_types"


async def test_archived_channels_can_be_left_out(play: Any) -> None:
    await play.people.archive(play.ana, play.random)
    answer = await play.client.conversations_list(exclude_archived=True)
    assert "random" not in [channel["name"] for channel in answer["channels"]]


async def test_info_tells_private_shared_and_archived(play: Any) -> None:
    shared = (await play.client.conversations_info(channel=play.acme))["channel"]
    private = (await play.client.conversations_info(channel=play.leads))["channel"]
    assert (shared["is_ext_shared"], shared["is_private"]) == (True, False)
    assert (private["is_ext_shared"], private["is_private"]) == (False, True)


async def test_members_are_paged(play: Any) -> None:
    first = await play.client.conversations_members(channel=play.product, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await play.client.conversations_members(channel=play.product, cursor=cursor)
    assert first["members"] + rest["members"] == [play.ana, play.ben, play.bot]


async def test_the_bot_joins_public_channels_only(play: Any) -> None:
    await play.client.conversations_join(channel=play.random)
    assert play.bot in play.world.channels.get(play.random).members
    call = play.client.conversations_join(channel=play.leads)
    assert await code(call) == "method_not_supported_for_channel_type"
    again = await play.client.conversations_join(channel=play.random)
    assert again["warning"] == "already_in_channel"


async def test_the_channels_of_a_person_hide_what_the_bot_may_not_know(play: Any) -> None:
    answer = await play.client.users_conversations(
        user=play.ana, types="public_channel,private_channel"
    )
    names = {channel["name"] for channel in answer["channels"]}
    assert names == {"product", "random", "leads", "acme"}


async def test_opening_a_direct_message_twice_gives_the_same_one(play: Any) -> None:
    first = await play.client.conversations_open(users=play.ana)
    second = await play.client.conversations_open(users=[play.ana])
    assert first["channel"]["id"] == second["channel"]["id"]
    assert second["already_open"]


async def test_direct_messages_to_nobody_a_bot_or_the_deactivated_are_refused(play: Any) -> None:
    await play.people.change_user(play.ben, deleted=True)
    assert await code(play.client.conversations_open(users="U0NOBODY")) == "user_not_found"
    assert await code(play.client.conversations_open(users="USLACKBOT")) == "cannot_dm_bot"
    assert await code(play.client.conversations_open(users=play.ben)) == "user_disabled"


async def test_people_carry_zone_guest_flags_and_team(play: Any) -> None:
    guest = (await play.client.users_info(user=play.guest))["user"]
    outsider = (await play.client.users_info(user=play.outsider))["user"]
    ana = (await play.client.users_info(user=play.ana))["user"]
    assert guest["is_restricted"]
    assert guest["is_ultra_restricted"]
    assert outsider["team_id"] == "T0ACMECORP0"
    assert (ana["tz"], ana["tz_offset"]) == ("America/Sao_Paulo", -10_800)
    assert "email" not in ana["profile"]


async def test_an_unknown_person_is_not_found(play: Any) -> None:
    assert await code(play.client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_everybody_is_listed(play: Any) -> None:
    names = [user["name"] for user in (await play.client.users_list())["members"]]
    assert {"ana", "ben", "gil", "olga", "daybook", "slackbot"} == set(names)


async def test_email_and_lookup_come_with_their_scope(play: Any) -> None:
    play.people.workspace.manifest.scopes.append("users:read.email")
    answer = await play.client.users_lookupByEmail(email="Ana@northstar.test")
    assert answer["user"]["id"] == play.ana
    assert answer["user"]["profile"]["email"] == "ana@northstar.test"
    call = play.client.users_lookupByEmail(email="no@where.test")
    assert await code(call) == "users_not_found"


async def test_usergroups_need_their_scope(play: Any) -> None:
    assert await code(play.client.usergroups_list()) == "missing_scope"


async def test_the_bot_reacts_once_and_takes_it_back_once(play: Any) -> None:
    ts = await play.people.post(play.ana, play.product, "The export times out")
    place = {"channel": play.product, "timestamp": ts}
    await play.client.reactions_add(**place, name="inbox_tray")
    assert await code(play.client.reactions_add(**place, name="inbox_tray")) == "already_reacted"
    answer = await play.client.reactions_get(**place)
    assert answer["message"]["reactions"] == [
        {"name": "inbox_tray", "users": [play.bot], "count": 1}
    ]
    await play.client.reactions_remove(**place, name="inbox_tray")
    assert await code(play.client.reactions_remove(**place, name="inbox_tray")) == "no_reaction"


async def test_reactions_that_cannot_be_are_refused(play: Any) -> None:
    ts = await play.people.post(play.ana, play.random, "Elsewhere")
    add = play.client.reactions_add
    assert await code(add(channel=play.product, timestamp="1.1", name="!?")) == "invalid_name"
    assert await code(add(channel=play.random, timestamp=ts, name="eyes")) == "not_in_channel"
    missing = add(channel=play.product, timestamp="1.1", name="eyes")
    assert await code(missing) == "message_not_found"


async def test_a_file_uploaded_in_three_steps_is_shared_in_the_channel(play: Any) -> None:
    answer = await play.client.files_upload_v2(
        channel=play.product, content=PNG, filename="chart.png", initial_comment="Today"
    )
    (message,) = play.world.messages.history(play.product)
    assert message.text == "Today"
    assert message.files == (answer["files"][0]["id"],)
    assert play.world.files.content(message.files[0]) == PNG


async def test_a_file_in_a_thread_stands_in_the_thread(play: Any) -> None:
    ts = await play.people.post(play.ana, play.product, "Chart?")
    await play.client.files_upload_v2(
        channel=play.product, content=PNG, filename="chart.png", thread_ts=ts
    )
    assert len(play.world.messages.replies(play.product, ts)) == 1


async def test_a_file_without_bytes_or_in_a_foreign_channel_is_not_shared(play: Any) -> None:
    announced = await play.client.files_getUploadURLExternal(filename="a.png", length=10)
    files = [{"id": announced["file_id"]}]
    call = play.client.files_completeUploadExternal(files=files, channel_id=play.product)
    assert await code(call) == "file_not_found"
    call = play.client.files_completeUploadExternal(files=files, channel_id=play.random)
    assert await code(call) == "not_in_channel"
    assert await code(play.client.files_info(file=announced["file_id"])) == "file_not_found"


async def test_a_picture_shown_too_early_is_refused_until_slack_knows_it(play: Any) -> None:
    play.settings.file_refusals = 2
    sent = await play.client.chat_postMessage(channel=play.product, text="Digest")
    file_id = (await play.client.files_upload_v2(content=PNG, filename="c.png"))["files"][0]["id"]
    blocks = [{"type": "image", "slack_file": {"id": file_id}, "alt_text": "Chart"}]
    change = {"channel": play.product, "ts": sent["ts"], "text": "Digest", "blocks": blocks}
    assert await code(play.client.chat_update(**change)) == "invalid_blocks"
    assert await code(play.client.chat_update(**change)) == "invalid_blocks"
    await play.client.chat_update(**change)
    assert play.world.messages.get(play.product, sent["ts"]).blocks[0]["type"] == "image"


async def test_team_and_bot_are_known(play: Any) -> None:
    play.people.workspace.manifest.scopes.append("team:read")
    assert (await play.client.team_info())["team"]["name"] == "Northstar"
    bot = (await play.client.bots_info(bot=play.world.app.bot_id))["bot"]
    assert bot["user_id"] == play.bot


async def test_api_test_gives_back_what_it_got(play: Any) -> None:
    assert (await play.client.api_test(foo="bar"))["args"]["foo"] == "bar"
    assert await code(play.client.api_test(error="my_error")) == "my_error"
