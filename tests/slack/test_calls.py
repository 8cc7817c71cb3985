"""Servers that only speak like Slack: what each of them knows, and how it wants to be asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import BadSetting, ChannelGone, MethodMissing, SlackRefused
from bot.slack.admission import check_app_token, check_bot_token
from bot.slack.blocks import Message
from bot.slack.calls import as_form
from bot.slack.gateway import Posted, SlackGateway

Answers = dict[str, dict[str, Any]]
BOT = "U0BOT"


class Server:
    """Answers each method as told, by one verb only; keeps what it was asked."""

    def __init__(self, verb: str, answers: Answers, absent: int, page: str) -> None:
        self._verb, self._answers, self._absent, self._page = verb, answers, absent, page
        self.url = ""
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        # A body's fields only: servers written for another SDK never look into the address.
        if "json" in request.content_type:
            sent = await request.json()
        else:
            sent = request.query if request.method == "GET" else await request.post()
        self.asked.append((f"{request.method} {method}", {k: str(v) for k, v in sent.items()}))
        if self._page:
            return web.Response(text="<h1>Welcome</h1>", content_type=self._page)
        by_sdk = method.startswith(("auth.", "chat.", "reactions."))
        if method not in self._answers or not (by_sdk or request.method == self._verb):
            return web.json_response({"message": "Not Found"}, status=self._absent)
        return web.json_response({"ok": True} | self._answers[method])


@asynccontextmanager
async def speaking(
    verb: str, answers: Answers, absent: int = 404, page: str = ""
) -> AsyncIterator[tuple[Server, SlackGateway]]:
    server, app = Server(verb, answers, absent, page), web.Application()
    app.router.add_route("*", "/api/{method}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    gateway = SlackGateway("xoxb-x", server.url)
    try:
        yield server, gateway
    finally:
        await gateway.close()
        await runner.cleanup()


ANA = {"user": {"id": "U0ANA", "profile": {"display_name": "ana"}}}


@pytest.mark.parametrize(("verb", "absent"), [("POST", 404), ("GET", 404), ("GET", 405)])
async def test_a_server_that_knows_reading_by_one_verb_only_is_read(verb: str, absent: int) -> None:
    async with speaking(verb, {"users.info": ANA}, absent) as (server, gateway):
        for _ in range(2):
            assert (await gateway.user("U0ANA")).name == "ana"
    answered = [asked for asked in server.asked if asked[0].startswith(verb)]
    assert answered == [(f"{verb} users.info", {"user": "U0ANA"})] * 2
    assert len(server.asked) <= 3  # the other verb is tried once


async def test_what_is_written_goes_in_the_body() -> None:
    async with speaking("POST", {"reactions.add": {}}) as (server, gateway):
        await gateway.react("C1", "1.2", "memo")
    sent = {"channel": "C1", "timestamp": "1.2", "name": "memo"}
    assert server.asked == [("POST reactions.add", sent)]


async def test_what_writes_is_not_tried_twice() -> None:
    async with speaking("POST", {}, 405) as (server, gateway):
        with pytest.raises(MethodMissing):
            await gateway.react("C1", "1.2", "memo")
    assert len(server.asked) == 1


ROOMS = {
    "channels": [
        {"id": "C1", "name": "in", "is_member": True},
        {"id": "C2", "name": "out", "is_member": False},
    ]
}


@pytest.mark.parametrize(("user", "expected"), [(BOT, ["C1"]), ("U0ANA", ["C1", "C2"]), ("U9", [])])
async def test_where_nobody_lists_a_persons_channels_all_are_looked_through(
    user: str, expected: list[str]
) -> None:
    answers: Answers = {
        "auth.test": {"user_id": BOT},
        "conversations.list": ROOMS,
        "conversations.members": {"members": ["U0ANA", BOT]},
    }
    async with speaking("POST", answers) as (_, gateway):
        assert [one.id for one in await gateway.channels_of(user)] == expected


async def test_where_nobody_lists_members_nobody_is_taken_to_be_in_a_channel() -> None:
    secret = {"id": "C3", "name": "secret", "is_private": True}
    answers: Answers = {
        "auth.test": {"user_id": BOT},
        "conversations.list": {"channels": [*ROOMS["channels"], secret]},
    }
    async with speaking("POST", answers) as (_, gateway):
        with pytest.raises(MethodMissing):
            await gateway.channels_of("U0ANA")
        told = [(await gateway.channel(one)).is_private for one in ("C1", "C3", "C4")]
    assert told == [False, True, True]


async def test_where_nobody_lists_channels_at_all_it_is_said() -> None:
    async with speaking("POST", {}) as (_, gateway):
        with pytest.raises(MethodMissing):
            await gateway.channels_of("U0ANA")


@pytest.mark.parametrize("answers", [{}, {"users.info": {}, "conversations.info": {}}])
async def test_who_and_what_nobody_describes_is_taken_as_it_comes_and_kept_apart(
    answers: Answers,
) -> None:
    async with speaking("POST", answers) as (_, gateway):
        person, room = await gateway.user("U0ANA"), await gateway.channel("C1")
        direct = await gateway.channel("D1")
    assert (person.id, person.name, person.timezone) == ("U0ANA", "U0ANA", "UTC")
    assert (room.id, room.is_private, room.is_dm) == ("C1", True, False)
    assert direct.is_dm


@pytest.mark.parametrize("ts", ["1732221234.000100", 1732221234.5])
async def test_a_message_is_where_its_answer_says_also_by_a_number(ts: str | float) -> None:
    async with speaking("POST", {"chat.postMessage": {"ts": ts}}) as (_, gateway):
        assert await gateway.post("C1", Message("x")) == Posted("C1", str(ts))


async def test_what_cannot_be_shown_to_one_person_in_the_channel_is_sent_to_them() -> None:
    async with speaking("POST", {"chat.postMessage": {"ts": "1.2"}}) as (server, gateway):
        await gateway.ephemeral("C1", "U0ANA", Message("Logged."))
    method, sent = server.asked[-1]
    assert (method, sent["channel"], sent["text"]) == ("POST chat.postMessage", "U0ANA", "Logged.")


async def test_an_address_without_slacks_api_is_named_not_the_token() -> None:
    async with speaking("POST", {}) as (_, gateway):
        with pytest.raises(BadSetting) as refused:
            await check_bot_token(gateway)
    assert refused.value.field == "SLACK_API_URL"


@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
async def test_a_page_instead_of_an_answer_is_told_as_an_address_gone_wrong(kind: str) -> None:
    async with speaking("POST", {}, page=kind) as (_, gateway):
        with pytest.raises(BadSetting) as refused:
            await check_bot_token(gateway)
    assert refused.value.field == "SLACK_API_URL"


async def test_a_server_without_socket_mode_is_named_not_the_token() -> None:
    async with speaking("POST", {}) as (server, _):
        with pytest.raises(BadSetting, match="no Socket Mode"):
            await check_app_token("xapp-x", server.url)


async def test_who_the_bot_is_may_be_left_out() -> None:
    async with speaking("POST", {"auth.test": {"bot_id": None, "url": None}}) as (_, gateway):
        who = await gateway.identity()
    assert (who.team_id, who.user_id, who.bot_id, who.url) == ("", "", "", "")


def test_a_form_says_yes_and_no_as_slack_does_and_leaves_out_what_is_not_there() -> None:
    files = [{"id": "F1"}]
    told = as_form({"inclusive": True, "limit": 15, "files": files, "cursor": None})
    assert told == {"inclusive": "true", "limit": "15", "files": '[{"id": "F1"}]'}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("channel_not_found", ChannelGone),
        ("no_such_thing", SlackRefused),
        ("method_not_supported", MethodMissing),
        ("not_found", MethodMissing),
        ("route_not_found", MethodMissing),
        ("Not Found", MethodMissing),
    ],
)
async def test_a_server_may_say_by_a_page_not_found_what_it_says_in_slacks_words(
    said: str, expected: type[SlackRefused]
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"ok": False, "error": said}, status=404)

    app = web.Application()
    app.router.add_post("/api/chat.postMessage", answer)
    async with TestServer(app) as server:
        gateway = SlackGateway("xoxb-x", str(server.make_url("/api/")))
        try:
            with pytest.raises(SlackRefused) as refused:
                await gateway.post("C1", Message("x"))
        finally:
            await gateway.close()
    assert type(refused.value) is expected
