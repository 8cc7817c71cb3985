"""Faults on demand, and the control endpoints that other processes use."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler


async def post(play: Any, text: str = "x") -> Any:
    return await play.client.chat_postMessage(channel=play.product, text=text)


async def test_a_rate_limit_says_when_to_come_back(play: Any) -> None:
    play.people.faults.add("rate_limited", method="chat.postMessage", retry_after_seconds=7)
    with pytest.raises(SlackApiError) as caught:
        await post(play)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert (await post(play))["ok"]


async def test_slack_sdks_own_retry_handler_gets_over_a_rate_limit(play: Any) -> None:
    play.people.faults.add("rate_limited", retry_after_seconds=0)
    client = play.client
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    assert (await client.chat_postMessage(channel=play.product, text="x"))["ok"]


async def test_a_server_error_is_no_accepted_call(play: Any) -> None:
    play.people.faults.add("server_error", status=503)
    with pytest.raises(SlackApiError) as caught:
        await post(play)
    assert caught.value.response.status_code == 503
    assert play.world.ledger.rows() == []


async def test_a_chosen_error_code_is_given(play: Any) -> None:
    play.people.faults.add("error", error="token_revoked", method="auth.test")
    with pytest.raises(SlackApiError, match="token_revoked"):
        await play.client.auth_test()


async def test_faults_strike_only_their_channel_and_their_number(play: Any) -> None:
    fault = play.people.faults.add("server_error", channel=play.leads, remaining=2)
    assert (await post(play))["ok"]
    for _ in range(2):
        with pytest.raises(SlackApiError):
            await play.client.chat_postMessage(channel=play.leads, text="x")
    assert (await play.client.chat_postMessage(channel=play.leads, text="x"))["ok"]
    assert fault.remaining == 0


async def test_a_lost_answer_comes_after_acceptance(play: Any) -> None:
    play.people.faults.add("lost_answer", method="chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await post(play, "Once")
    assert [message.text for message in play.world.messages.history(play.product)] == ["Once"]
    assert len(play.world.ledger.rows(method="chat.postMessage")) == 1


async def test_a_time_out_comes_after_acceptance(play: Any) -> None:
    play.people.faults.add("timeout_after", method="chat.postMessage", seconds=30)
    client = play.client
    client.timeout = 1
    with pytest.raises(asyncio.TimeoutError):
        await client.chat_postMessage(channel=play.product, text="Once")
    assert len(play.world.messages.history(play.product)) == 1


async def test_a_dropped_event_comes_with_the_next_retry(play: Any, bolt: Any, heard: Any) -> None:
    play.people.faults.add("drop_event", method="message")
    await play.people.post(play.ana, play.product, "Hello")
    await play.people.settled()
    (row,) = play.people.workspace.outbox.events()
    assert (row["state"], row["attempts"]) == ("acked", 2)
    assert len(heard.bodies) == 1


async def test_a_duplicated_event_comes_twice_with_one_id(play: Any, bolt: Any, heard: Any) -> None:
    play.people.faults.add("duplicate_event")
    await play.people.post(play.ana, play.product, "Hello")
    await play.people.settled()
    assert len(heard.bodies) == 2
    assert len({body["event_id"] for body in heard.bodies}) == 1


async def test_a_reordered_event_comes_after_the_next_one(play: Any, bolt: Any, heard: Any) -> None:
    play.people.faults.add("reorder_event")
    await play.people.post(play.ana, play.product, "First")
    await play.people.post(play.ana, play.product, "Second")
    await play.people.settled()
    assert [event["text"] for event in heard.events()] == ["Second", "First"]


async def test_control_drives_people_clock_faults_and_ledger(play: Any) -> None:
    base = f"{play.settings.base_url}/control"
    async with aiohttp.ClientSession() as http:
        said = {"user": play.ana, "channel": play.product, "text": "From afar"}
        acted = await (await http.post(f"{base}/act/post", json=said)).json()
        assert play.world.messages.get(play.product, acted["result"]).text == "From afar"
        moved = await http.post(f"{base}/clock", json={"offset_seconds": 86_400})
        assert (await moved.json())["now"].startswith("2026-05-19T09:00")
        rule = {"kind": "server_error", "method": "auth.test"}
        rules = await (await http.post(f"{base}/faults", json=rule)).json()
        assert rules["faults"][0]["kind"] == "server_error"
        assert (await (await http.delete(f"{base}/faults")).json())["faults"] == []
        await post(play)
        rows = (await (await http.get(f"{base}/ledger?method=chat.postMessage")).json())["rows"]
        assert [row["args"]["text"] for row in rows] == ["x"]
        assert rows[0]["story_at"].startswith("2026-05-19")


async def test_control_refuses_other_sites_unknown_acts_and_wrong_arguments(play: Any) -> None:
    base = f"{play.settings.base_url}/control"
    async with aiohttp.ClientSession() as http:
        foreign = await http.get(f"{base}/world", headers={"Origin": "https://evil.test"})
        unknown = await http.post(f"{base}/act/__init__", json={})
        wrong = await http.post(f"{base}/act/post", json={"who": "me"})
        fault = await http.post(f"{base}/faults", json={"kind": "earthquake"})
        said = {"user": play.guest, "channel": play.product, "text": "x"}
        denied = await http.post(f"{base}/act/post", json=said)
    statuses = [one.status for one in (foreign, unknown, wrong, fault, denied)]
    assert statuses == [403, 404, 400, 400, 409]
