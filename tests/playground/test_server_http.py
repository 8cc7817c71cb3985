"""Signed HTTP with slack_bolt's Starlette adapter, and with raw requests."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from playground.server.app import build_app, serving
from playground.server.settings import Settings
from playground.server.world import utc_now


@pytest.fixture
async def play(manifest: Any, hands: Any, inbox: Any) -> AsyncIterator[Any]:
    """A playground that speaks HTTP to the app of this module."""
    url = inbox["url"]
    manifest["settings"]["socket_mode_enabled"] = False
    manifest["settings"]["event_subscriptions"]["request_url"] = f"{url}/slack/events"
    manifest["settings"]["interactivity"]["request_url"] = f"{url}/slack/events"
    for command in manifest["features"]["slash_commands"]:
        command["url"] = f"{url}/slack/events"
    made = hands.make_playground(manifest, utc_now)  # Bolt compares signatures with real time
    app = build_app(made.world, made.people, manifest, made.settings)
    async with serving(app, made.settings):
        yield made
    made.world.close()


@pytest.fixture
async def inbox() -> AsyncIterator[dict[str, Any]]:
    """The app's web server: `answer` says how requests are answered, `requests` what came."""
    inbox: dict[str, Any] = {"requests": [], "answer": None, "handler": None}

    async def take(request: Request) -> Response:
        if inbox["handler"] is not None:
            answer: Response = await inbox["handler"].handle(request)
            return answer
        inbox["requests"].append((dict(request.headers), (await request.body()).decode()))
        return inbox["answer"] or PlainTextResponse("")

    settings = Settings(port=0)
    app = Starlette(routes=[Route("/slack/events", take, methods=["POST"])])
    async with serving(app, settings) as url:
        inbox["url"] = url
        yield inbox


def is_signed(secret: str, headers: dict[str, str], body: str) -> bool:
    base = f"v0:{headers['x-slack-request-timestamp']}:{body}".encode()
    expected = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers["x-slack-signature"])


async def test_events_are_signed_json(play: Any, inbox: Any) -> None:
    await play.people.post(play.ana, play.product, "Hello")
    await play.people.settled()
    ((headers, body),) = inbox["requests"]
    assert is_signed(play.world.app.signing_secret, headers, body)
    assert headers["content-type"] == "application/json"
    assert "x-slack-retry-num" not in headers


async def test_retries_say_their_number_and_reason(play: Any, inbox: Any) -> None:
    inbox["answer"] = PlainTextResponse("broken", 500)
    await play.people.post(play.ana, play.product, "Hello")
    await play.people.settled()
    numbers = [headers.get("x-slack-retry-num") for headers, _ in inbox["requests"]]
    assert numbers == [None, "1", "2", "3"]
    assert inbox["requests"][1][0]["x-slack-retry-reason"] == "http_error"
    assert len({body for _, body in inbox["requests"]}) == 1


async def test_commands_are_signed_forms_and_their_answer_is_shown(play: Any, inbox: Any) -> None:
    inbox["answer"] = JSONResponse({"response_type": "in_channel", "text": "Three asked"})
    answer = await play.people.command(play.ana, play.product, "/why importer")
    ((headers, body),) = inbox["requests"]
    assert answer.ok
    assert is_signed(play.world.app.signing_secret, headers, body)
    assert parse_qs(body)["text"] == ["importer"]
    assert play.world.messages.history(play.product)[0].text == "Three asked"


async def test_url_verification_wants_the_challenge_back(play: Any, inbox: Any) -> None:
    inbox["handler"] = AsyncSlackRequestHandler(play.bolt())
    assert await play.people.workspace.http.verify("abc123")
    inbox["handler"] = None
    assert not await play.people.workspace.http.verify("abc123")


async def test_bolt_takes_events_commands_and_clicks_over_http(
    play: Any, inbox: Any, heard: Any, hands: Any
) -> None:
    app = play.bolt()
    hands.listen_to_all(app, heard)

    @app.command("/why")  # type: ignore[untyped-decorator]
    async def why(ack: Any, say: Any) -> None:
        blocks = [
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "action_id": "go",
                        "text": {"type": "plain_text", "text": "Go"},
                    }
                ],
            }
        ]
        await say(text="Ready?", blocks=blocks)
        await ack()

    @app.action("go")  # type: ignore[untyped-decorator]
    async def go(ack: Any, respond: Any) -> None:
        await respond("Gone")
        await ack()

    inbox["handler"] = AsyncSlackRequestHandler(app)
    await play.people.post(play.ana, play.product, "Hello")
    assert (await play.people.command(play.ana, play.product, "/why x")).ok
    ts = play.world.messages.history(play.product)[0].ts
    assert (await play.people.click(play.ana, "go", channel=play.product, ts=ts)).ok
    (shown,) = await play.people.ephemerals(play.ana, play.product)
    assert shown.text == "Gone"
    await play.people.settled()
    assert [event["text"] for event in heard.events("message")] == ["Hello"]


async def test_a_slow_answer_is_a_time_out_for_the_person(play: Any, inbox: Any) -> None:
    play.settings.ack_seconds = 0.0001
    answer = await play.people.command(play.ana, play.product, "/why x")
    assert answer.error == "operation_timeout"


async def test_a_broken_app_is_a_failed_dispatch(play: Any, inbox: Any) -> None:
    inbox["answer"] = PlainTextResponse("broken", 500)
    answer = await play.people.command(play.ana, play.product, "/why x")
    assert answer.error == "dispatch_failed"


async def test_socket_mode_is_not_offered_then(play: Any) -> None:
    with pytest.raises(Exception, match="socket_mode_not_enabled"):
        await play.client.apps_connections_open(app_token=play.world.app.app_token)


async def test_a_signature_of_another_day_is_refused_by_bolt(
    play: Any, inbox: Any, heard: Any, hands: Any
) -> None:
    app = play.bolt()
    hands.listen_to_all(app, heard)
    inbox["handler"] = AsyncSlackRequestHandler(app)
    play.people.workspace.http._real_now = lambda: utc_now() - timedelta(days=1)
    assert (await play.people.command(play.ana, play.product, "/why x")).error == "dispatch_failed"
    assert heard.bodies == []
