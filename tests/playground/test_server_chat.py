"""The Web API through slack_sdk's own client: talking and reading back."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError


async def refused(call: Any) -> dict[str, Any]:
    """The answer of a call that Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    data: dict[str, Any] = caught.value.response.data
    return data


async def code(call: Any) -> str:
    answer: str = (await refused(call))["error"]
    return answer


async def test_auth_test_names_the_bot(play: Any) -> None:
    answer = await play.client.auth_test()
    assert answer["user_id"] == play.bot
    assert answer["bot_id"] == play.world.app.bot_id


async def test_a_posted_message_can_be_read_back_with_its_metadata(play: Any) -> None:
    metadata = {"event_type": "daybook_delivery", "event_payload": {"key": "k1"}}
    sent = await play.client.chat_postMessage(channel=play.product, text="Hello", metadata=metadata)
    plain = await play.client.conversations_history(channel=play.product)
    full = await play.client.conversations_history(channel=play.product, include_all_metadata=True)
    assert plain["messages"][0]["ts"] == sent["ts"]
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata


async def test_posting_to_a_persons_id_opens_a_direct_message(play: Any) -> None:
    sent = await play.client.chat_postMessage(channel=play.ana, text="Psst")
    channel = play.world.channels.get(sent["channel"])
    assert channel.is_im
    assert set(channel.members) == {play.ana, play.bot}


async def test_an_update_replaces_text_and_tells_that_it_was_edited(play: Any) -> None:
    sent = await play.client.chat_postMessage(channel=play.product, text="One")
    await play.client.chat_update(channel=play.product, ts=sent["ts"], text="Two")
    (message,) = (await play.client.conversations_history(channel=play.product))["messages"]
    assert message["text"] == "Two"
    assert message["edited"]["user"] == play.bot


async def test_an_update_of_a_persons_message_is_refused(play: Any) -> None:
    ts = await play.people.post(play.ana, play.product, "Mine")
    answer = await code(play.client.chat_update(channel=play.product, ts=ts, text="Yours"))
    assert answer == "cant_update_message"


async def test_a_deleted_message_is_gone_and_a_persons_cannot_be_deleted(play: Any) -> None:
    sent = await play.client.chat_postMessage(channel=play.product, text="One")
    await play.client.chat_delete(channel=play.product, ts=sent["ts"])
    assert (await play.client.conversations_history(channel=play.product))["messages"] == []
    ts = await play.people.post(play.ana, play.product, "Mine")
    answer = await code(play.client.chat_delete(channel=play.product, ts=ts))
    assert answer == "cant_delete_message"


async def test_a_deleted_parent_leaves_a_tombstone(play: Any) -> None:
    ts = await play.people.post(play.ana, play.product, "Question")
    await play.people.post(play.ben, play.product, "Answer", thread_ts=ts)
    await play.people.delete(play.ana, play.product, ts)
    thread = (await play.client.conversations_replies(channel=play.product, ts=ts))["messages"]
    assert [one.get("subtype") for one in thread] == ["tombstone", None]


async def test_an_ephemeral_is_seen_by_its_person_alone(play: Any) -> None:
    await play.client.chat_postEphemeral(channel=play.product, user=play.ana, text="Only you")
    seen = await play.people.ephemerals(play.ana, play.product)
    assert [message.text for message in seen] == ["Only you"]
    assert await play.people.ephemerals(play.ben, play.product) == []
    assert (await play.client.conversations_history(channel=play.product))["messages"] == []


async def test_an_ephemeral_to_somebody_outside_the_channel_is_refused(play: Any) -> None:
    call = play.client.chat_postEphemeral(channel=play.product, user=play.guest, text="Hi")
    assert await code(call) == "user_not_in_channel"


async def test_a_permalink_names_channel_message_and_thread(play: Any) -> None:
    ts = await play.people.post(play.ana, play.product, "Question")
    reply = await play.people.post(play.ben, play.product, "Answer", thread_ts=ts)
    answer = await play.client.chat_getPermalink(channel=play.product, message_ts=reply)
    assert answer["permalink"].endswith(
        f"/archives/{play.product}/p{reply.replace('.', '')}?thread_ts={ts}&cid={play.product}"
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "board", "text": "x"}, "channel_not_found"),
        ({"channel": "random", "text": "x"}, "not_in_channel"),
        ({"channel": "product", "text": ""}, "no_text"),
        ({"channel": "product", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "product", "text": "x", "blocks": "{not json"}, "invalid_blocks_format"),
        ({"channel": "product", "text": "x", "blocks": "{}"}, "invalid_blocks_format"),
        ({"channel": "product", "text": "x", "thread_ts": "1.1"}, "cannot_reply_to_message"),
        ({"channel": "product", "text": "x", "metadata": "[]"}, "invalid_metadata_schema"),
    ],
)
async def test_a_message_that_slack_refuses_is_refused_with_its_code(
    play: Any, arguments: dict[str, Any], expected: str
) -> None:
    channel = arguments["channel"]
    arguments = {**arguments, "channel": play.ids.get(channel, channel)}
    assert await code(play.client.api_call("chat.postMessage", params=arguments)) == expected


async def test_an_archived_channel_takes_no_message(play: Any) -> None:
    await play.people.archive(play.ana, play.product)
    call = play.client.chat_postMessage(channel=play.product, text="x")
    assert await code(call) == "is_archived"


async def test_a_missing_message_is_not_found(play: Any) -> None:
    call = play.client.chat_update(channel=play.product, ts="1700000000.000000", text="x")
    assert await code(call) == "message_not_found"


async def test_tokens_and_methods_are_checked(play: Any) -> None:
    assert await code(play.client_with(None).auth_test()) == "not_authed"
    assert await code(play.client_with("xoxb-wrong").auth_test()) == "invalid_auth"
    assert await code(play.client.api_call("chat.fly")) == "unknown_method"
    app_client = play.client_with(play.world.app.app_token)
    assert await code(app_client.auth_test()) == "not_allowed_token_type"


async def test_a_scope_that_the_manifest_does_not_ask_for_is_missing(play: Any) -> None:
    answer = await refused(play.client.users_lookupByEmail(email="ana@northstar.test"))
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "users:read.email"
    assert "chat:write" in answer["provided"].split(",")


async def test_history_pages_through_with_cursors_without_gap_or_double(play: Any) -> None:
    sent = [await play.people.post(play.ana, play.product, f"m{n}") for n in range(7)]
    seen: list[str] = []
    async for page in await play.client.conversations_history(channel=play.product, limit=3):
        seen += [message["ts"] for message in page["messages"]]
    assert seen == list(reversed(sent))


async def test_history_bounds_are_exclusive_unless_inclusive(play: Any) -> None:
    sent = [await play.people.post(play.ana, play.product, f"m{n}") for n in range(4)]
    bounds = {"channel": play.product, "oldest": sent[1], "latest": sent[2]}
    outside = await play.client.conversations_history(**bounds)
    inside = await play.client.conversations_history(**bounds, inclusive=True)
    assert outside["messages"] == []
    assert [message["ts"] for message in inside["messages"]] == [sent[2], sent[1]]


async def test_history_leaves_thread_replies_out_and_replies_give_them(play: Any) -> None:
    ts = await play.people.post(play.ana, play.product, "Question")
    answers = [
        await play.people.post(play.ben, play.product, f"a{n}", thread_ts=ts) for n in range(5)
    ]
    (parent,) = (await play.client.conversations_history(channel=play.product))["messages"]
    assert parent["reply_count"] == 5
    seen: list[str] = []
    pages = await play.client.conversations_replies(channel=play.product, ts=ts, limit=3)
    async for page in pages:
        assert page["messages"][0]["ts"] == ts
        seen += [message["ts"] for message in page["messages"][1:]]
    assert seen == answers


async def test_history_of_a_channel_the_bot_is_not_in_is_refused(play: Any) -> None:
    call = play.client.conversations_history(channel=play.random)
    assert await code(call) == "not_in_channel"
    call = play.client.conversations_history(channel=play.board)
    assert await code(call) == "channel_not_found"


async def test_replies_to_nothing_are_not_found(play: Any) -> None:
    call = play.client.conversations_replies(channel=play.product, ts="1700000000.000000")
    assert await code(call) == "thread_not_found"


async def test_a_bad_cursor_is_refused(play: Any) -> None:
    call = play.client.conversations_history(channel=play.product, cursor="what")
    assert await code(call) == "invalid_cursor"


async def test_every_accepted_call_is_in_the_ledger_and_no_refused_one(play: Any) -> None:
    sent = await play.client.chat_postMessage(channel=play.product, text="Hello")
    await code(play.client.chat_postMessage(channel=play.random, text="Hello"))
    (row,) = play.world.ledger.rows(method="chat.postMessage")
    assert (row.channel, row.ts) == (play.product, sent["ts"])
    assert row.args["text"] == "Hello"
    assert "token" not in row.args


async def test_a_refused_call_leaves_nothing_behind(play: Any) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}]
    await code(play.client.chat_postMessage(channel=play.product, text="x", blocks=blocks))
    assert play.world.messages.history(play.product) == []
