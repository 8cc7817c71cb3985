"""The page's addresses without a browser: who may see and do what, and what stands in them."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from playground.server.http_sender import HttpSender
from playground.server.manifest import Manifest
from playground.server.rows import AppIdentity
from playground.server.settings import Settings
from playground.server.transport import Delivery, UnansweredError
from tests.playground.page.conftest import opened

OURS = {"X-Playground": "1"}


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def text_of(web: aiohttp.ClientSession, url: str) -> str:
    async with web.get(url) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_the_first_address_leads_to_a_channel_of_the_first_person(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    async with web.get(f"{cafe.url}/") as answer:
        assert str(answer.url) == cafe.at("ana", "product")
        assert "new importer" in await answer.text()


async def test_a_private_channel_is_shown_to_nobody_outside(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    cafe.play.world.messages.add(cafe.play.board, cafe.play.ana, "The secret plan")
    async with web.get(cafe.at("guest", "board")) as answer:
        assert str(answer.url) != cafe.at("guest", "board")
        html = await answer.text()
    assert "secret plan" not in html
    assert "channel-board" not in html


async def test_an_ephemeral_is_seen_by_one_person_only(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    add, who = cafe.play.world.messages.add, cafe.play.ids
    add(who["product"], who["bot"], "Just for Ana", ephemeral_to=who["ana"])
    assert "Only visible to you" in await text_of(web, cafe.at("ana", "product"))
    assert "Just for Ana" not in await text_of(web, cafe.at("ben", "product"))


async def test_forms_of_other_sites_are_refused(cafe: Any, web: aiohttp.ClientSession) -> None:
    url = cafe.at("ana", "product") + "/send"
    async with web.post(url, data={"text": "hi"}) as answer:
        assert answer.status == 403
    async with web.post(url, data={"text": "hi"}, headers=OURS) as answer:
        assert (await answer.json())["ok"]


async def test_pages_forbid_scripts_that_are_not_theirs(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    async with web.get(cafe.at("ana", "product")) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


async def test_hostile_names_and_messages_stay_text(cafe: Any, web: aiohttp.ClientSession) -> None:
    evil = "</script><script>alert(1)</script>"
    cafe.play.world.users.change(cafe.play.ben, real_name=evil)
    cafe.play.world.messages.add(cafe.play.product, cafe.play.ben, evil)
    html = await text_of(web, cafe.at("ana", "product"))
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


async def test_a_file_is_given_to_those_who_see_its_channel(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    files, who = cafe.play.world.files, cafe.play.ids
    file = files.add("plan.svg", user=who["bot"], created=1, mimetype="image/svg+xml")
    files.write(file.id, b"<svg/>")
    files.change(file.id, channels=(who["board"],))
    async with web.get(f"{cafe.url}/p/{who['ana']}/files/{file.id}") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.content_type == "application/octet-stream"
    async with web.get(f"{cafe.url}/p/{who['guest']}/files/{file.id}") as answer:
        assert answer.status == 404


async def test_a_permalink_opens_the_message(cafe: Any, web: aiohttp.ClientSession) -> None:
    ts = cafe.play.world.messages.history(cafe.play.product)[0].ts
    async with web.get(f"{cafe.url}/archives/{cafe.play.product}/p{ts.replace('.', '')}") as answer:
        assert str(answer.url).startswith(cafe.at("ana", "product"))
        assert f'id="m-{ts}"' in await answer.text()


async def test_an_old_message_is_found_behind_many_newer_ones(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    oldest = cafe.play.world.messages.history(cafe.play.product)[-1]
    for n in range(200):
        at = oldest.shown_at + timedelta(minutes=10, seconds=n)
        cafe.play.world.messages.add(cafe.play.product, cafe.play.ben, f"chatter {n}", at=at)
    url = cafe.at("ana", "product")
    assert f'id="m-{oldest.ts}"' not in await text_of(web, url)
    assert f'id="m-{oldest.ts}"' in await text_of(web, f"{url}?at={oldest.ts}")


async def test_a_click_on_a_button_that_is_gone_says_so(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    ts = cafe.play.world.messages.history(cafe.play.product)[0].ts
    form = {"channel": cafe.play.product, "ts": ts, "action_id": "gone", "block_id": "b"}
    url = f"{cafe.url}/p/{cafe.play.ana}/click"
    async with web.post(url, data=form, headers=OURS) as answer:
        assert await answer.json() == {"ok": False, "words": "That button is no longer there."}


async def test_tomorrow_asks_the_clock_for_nine_where_the_person_is(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    form = {"user": cafe.play.ana}  # Sao Paulo, 06:00 on 18 May
    async with web.post(f"{cafe.url}/clock/tomorrow", data=form, headers=OURS) as answer:
        assert (await answer.json())["words"] == "It is now Tuesday 09:00 in Sao Paulo."
    assert [f"{at:%d %H:%M}" for at in cafe.hourglass.moves] == ["19 12:00"]


async def test_unread_messages_are_counted_until_the_channel_is_opened(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    await text_of(web, cafe.at("ana", "product"))
    cafe.play.world.messages.add(cafe.play.random, cafe.play.ben, "psst")
    assert 'data-testid="unread-random"' in await text_of(web, cafe.at("ana", "product"))
    assert 'data-testid="new-line"' in await text_of(web, cafe.at("ana", "random"))
    html = await text_of(web, cafe.at("ana", "product"))
    assert 'data-testid="unread-random"' not in html


def _file_form(name: str, content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("f|file|file.value", content, filename=name)
    return form


async def test_a_file_chosen_in_a_form_is_uploaded_and_stands_in_its_field(
    cafe: Any, web: aiohttp.ClientSession
) -> None:
    handed_in: list[Any] = []

    @cafe.bot.view("file.form")  # type: ignore[untyped-decorator]
    async def taken(ack: Any, view: Any) -> None:
        handed_in.append(view["state"]["values"]["file"]["file.value"]["files"])
        await ack()

    chooser = {"type": "file_input", "action_id": "file.value", "filetypes": ["csv"]}
    label = {"type": "plain_text", "text": "The file"}
    block = {"type": "input", "block_id": "file", "label": label, "element": chooser}
    body = {"callback_id": "file.form", "title": label, "submit": label, "blocks": [block]}
    world, ana = cafe.play.world, cafe.play.ana
    view = world.views.open(ana, {"type": "modal", **body}, view_hash="1")
    url = f"{cafe.url}/p/{ana}/view/{view.id}/submit"

    for name, content in (("", b""), ("notes.exe", b"x")):
        async with web.post(url, data=_file_form(name, content), headers=OURS) as answer:
            assert not (await answer.json())["ok"]
    assert "Please choose a file of: csv." in await text_of(web, cafe.at("ana", "product"))
    form = _file_form("customers.csv", b"name\nAcme\n")
    async with web.post(url, data=form, headers=OURS) as answer:
        assert (await answer.json())["ok"]
    [[file]] = handed_in
    assert (file["name"], file["user"], file["size"]) == ("customers.csv", ana, 10)
    assert world.files.content(file["id"]) == b"name\nAcme\n"


async def test_a_bot_that_is_gone_is_said_to_be_with_how_to_start_it(
    hands: Any, manifest: dict[str, Any], web: aiohttp.ClientSession
) -> None:
    async with opened(hands, manifest) as cafe:
        app, page = cafe.play.bolt(), cafe.at("ana", "product")
        news = f"{cafe.url}/p/{cafe.play.ana}/changes?since={cafe.play.world.version}&app="
        async with hands.linked(cafe.play, app):
            assert "The bot is not connected" not in await text_of(web, page)
            asked = asyncio.create_task(text_of(web, f"{news}here"))
        told = json.loads(await asked)
        assert (told["fresh"], told["app"]) == (True, "away")
        said = await text_of(web, page)
        assert "The bot is not connected" in said
        assert "make play" in said
        asked = asyncio.create_task(text_of(web, f"{news}away"))
        async with hands.linked(cafe.play, app):
            assert json.loads(await asked)["app"] == "here"


async def test_a_bot_over_http_is_gone_once_nothing_answers_at_its_address() -> None:
    manifest = Manifest(
        {"settings": {"event_subscriptions": {"request_url": "http://127.0.0.1:9/"}}}
    )
    app = AppIdentity(*["x"] * len(fields(AppIdentity)))
    sender = HttpSender(manifest, Settings(), app, lambda: datetime.now(UTC))
    assert sender.is_answered
    with pytest.raises(UnansweredError):
        await sender.send(Delivery("events_api", {}))
    assert not sender.is_answered
    await sender.close()
