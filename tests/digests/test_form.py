"""The digest's form and buttons, as a person uses them."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from bot.digests.tables import Digest
from bot.entries.tables import Entry
from playground.server.views import View
from tests.conftest import Stage
from tests.digests.conftest import declare_all, metric_id, resync, subscribe
from tests.metrics.product import Product

WHERE, WHEN = "digest.form.target", "digest.form.schedule"


def _top(stage: Stage, user: str = "") -> View:
    stack = stage.world.views.stack(user or stage.who.ana)
    assert stack, "no modal is open"
    return stack[-1]


def _words(of: Any) -> str:
    blocks = of.body["blocks"] if isinstance(of, View) else of.blocks
    return json.dumps(blocks, ensure_ascii=False)


async def _open(stage: Stage, *, line: str = "/digest", channel: str = "", user: str = "") -> View:
    user = user or stage.who.ana
    answer = await stage.people.command(user, channel or stage.rooms.product, line)
    assert answer.ok, answer
    return _top(stage, user)


async def _submit(stage: Stage, user: str = "", **values: Any) -> Any:
    user = user or stage.who.ana
    answer = await stage.people.submit(user, _top(stage, user).id, values)
    await stage.settle()
    return answer


async def _click(stage: Stage, action: str, user: str = "") -> Any:
    user = user or stage.who.ana
    view = _top(stage, user)
    found = next(
        element["action_id"]
        for block in view.body["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"].startswith(action)
    )
    answer = await stage.people.click(user, found, view_id=view.id)
    await stage.settle()
    return answer


async def _digests(stage: Stage) -> list[Digest]:
    async with stage.deps.db.read() as session:
        return list(await session.scalars(select(Digest).order_by(Digest.number)))


def _offered(view: View) -> set[str]:
    block = next(b for b in view.body["blocks"] if b.get("block_id") == "metrics")
    return {option["text"]["text"] for option in block["element"]["options"]}


async def test_the_first_digest_is_two_clicks_metrics_and_schedule_are_filled_in(
    stage: Stage,
) -> None:
    view = await _open(stage)
    assert "Next posts: Mon 18 May 09:00, Tue 19 May 09:00, Wed 20 May 09:00 (Europe/Berlin)" in (
        _words(view)
    )
    await _submit(stage)

    [digest] = await _digests(stage)
    assert (digest.target, digest.timezone, digest.owner_id) == (
        stage.rooms.product, "Europe/Berlin", stage.who.ana,
    )  # fmt: skip
    assert await metric_id(stage, "sign_ups") in digest.metric_ids
    card = _words(_top(stage))
    assert "Your digest is set up." in card
    assert "Test to me" in card
    async with stage.deps.db.read() as session:
        kinds = list(await session.scalars(select(Entry.kind).where(Entry.kind.like("digest.%"))))
    assert kinds == ["digest.created"]


async def test_the_preview_follows_the_schedule_while_it_is_typed(stage: Stage) -> None:
    view = await _open(stage)
    await stage.people.click(
        stage.who.ana, WHEN, view_id=view.id, value="first Monday of the month at 10:00 New York"
    )
    words = _words(_top(stage))
    assert "Mon 1 Jun 10:00" in words
    assert "(America/New_York)" in words


async def test_a_schedule_that_is_not_understood_is_said_under_its_field(stage: Stage) -> None:
    await _open(stage)
    answer = await _submit(stage, when="whenever you like")
    assert set(answer.errors) == {"when"}
    assert await _digests(stage) == []


async def test_every_wrong_field_of_a_digest_is_marked_at_once(stage: Stage) -> None:
    await _open(stage)
    answer = await _submit(stage, when="whenever you like", where=stage.rooms.acme)
    assert set(answer.errors) == {"when", "where"}


async def test_words_after_the_command_are_the_schedule(stage: Stage) -> None:
    view = await _open(stage, line="/digest Mondays at 8:30 Berlin")
    assert "Mon 18 May 08:30" in _words(view)


async def test_the_form_offers_a_channel_only_what_all_its_readers_may_see(
    stage: Stage, product: Product
) -> None:
    declare_all(product, stage)
    await resync(stage, product)
    view = await _open(stage)
    assert "Revenue" not in _offered(view)
    await stage.people.click(stage.who.ana, WHERE, view_id=view.id, value=stage.rooms.leads)
    assert "Revenue" in _offered(_top(stage))


async def test_a_forged_metric_that_was_not_offered_is_not_taken(
    stage: Stage, product: Product
) -> None:
    declare_all(product, stage)
    await resync(stage, product)
    view = await _open(stage, channel=stage.rooms.leads)
    both = [await metric_id(stage, "sign_ups"), await metric_id(stage, "revenue")]
    # The choice of metrics of the private channel, sent with the public one as target.
    await stage.people.submit(
        stage.who.ana, view.id, {"where": stage.rooms.product, "metrics": both}
    )
    [digest] = await _digests(stage)
    assert (digest.target, digest.metric_ids) == (stage.rooms.product, both[:1])


@pytest.mark.parametrize("room", ["acme", "board"])
async def test_a_channel_with_outsiders_or_without_the_bot_is_refused_under_its_field(
    stage: Stage, room: str
) -> None:
    await _open(stage)
    answer = await _submit(stage, where=getattr(stage.rooms, room))
    assert set(answer.errors) == {"where"}
    assert await _digests(stage) == []


async def test_a_private_channel_of_others_is_refused(stage: Stage) -> None:
    await _open(stage, user=stage.who.ben)
    answer = await _submit(stage, user=stage.who.ben, where=stage.rooms.leads)
    assert set(answer.errors) == {"where"}


async def test_without_a_channel_the_digest_comes_as_a_direct_message(stage: Stage) -> None:
    await _open(stage)
    await _submit(stage, where=None)
    [digest] = await _digests(stage)
    assert digest.target == stage.who.ana


async def test_a_guest_cannot_set_up_a_digest(stage: Stage) -> None:
    await stage.people.command(stage.who.gil, stage.rooms.voice, "/digest")
    assert stage.world.views.stack(stage.who.gil) == []


async def test_test_to_me_arrives_as_a_dm_and_nothing_in_the_channel(stage: Stage) -> None:
    await _open(stage)
    await _submit(stage)
    await _click(stage, "digest.card.test")
    [message] = stage.dms(stage.who.ana)
    assert "A test: only you see it." in _words(message)
    assert stage.posts(stage.rooms.product) == []
    assert "A test is on its way" in _words(_top(stage))


async def test_send_now_posts_beside_the_schedule(stage: Stage) -> None:
    await _open(stage)
    await _submit(stage)
    await _click(stage, "digest.card.send")
    assert len(stage.posts(stage.rooms.product)) == 1
    await stage.after(hours=2)
    assert len(stage.posts(stage.rooms.product)) == 2


async def test_edit_pause_resume_and_remove_from_the_card(stage: Stage) -> None:
    await _open(stage)
    await _submit(stage)
    await _click(stage, "digest.card.edit")
    await _submit(stage, name="Morning numbers", when="Tuesdays at 10:00")
    [digest] = await _digests(stage)
    assert (digest.name, digest.words) == (
        "Morning numbers", "Every Tuesday at 10:00 (Europe/Berlin)",
    )  # fmt: skip
    await _click(stage, "digest.card.pause")
    assert "Paused" in _words(_top(stage))
    await _click(stage, "digest.card.resume")
    assert "Tue 19 May 10:00" in _words(_top(stage))
    await _click(stage, "digest.card.remove")
    assert "Removed" in _words(_top(stage))
    await stage.after(days=3)
    assert stage.posts(stage.rooms.product) == []
    async with stage.deps.db.read() as session:
        query = select(Entry.kind).where(Entry.subject_kind == "digest").order_by(Entry.seq)
        assert list(await session.scalars(query)) == [
            "digest.created", "digest.edited", "digest.paused", "digest.resumed",
            "digest.removed",
        ]  # fmt: skip


async def test_only_the_owner_or_an_admin_may_change_a_digest(stage: Stage) -> None:
    digest = await subscribe(stage, stage.rooms.product)
    answer = await stage.people.command(stage.who.ben, stage.rooms.product, "/digest list")
    assert answer.ok
    message = (await stage.people.ephemerals(stage.who.ben, stage.rooms.product))[-1]
    assert "Test to me" in _words(message)
    assert "Remove" not in _words(message)
    mine = await subscribe(stage, stage.rooms.product, owner=stage.who.ben)
    await stage.people.command(stage.who.ben, stage.rooms.product, "/digest list")
    message = (await stage.people.ephemerals(stage.who.ben, stage.rooms.product))[-1]
    ids = [
        element["value"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"].startswith("digest.card.remove")
    ]
    assert ids == [mine.id]
    assert digest.id not in ids


async def test_the_list_names_no_digest_of_a_private_channel_to_others(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.leads, name="Secret numbers")
    await stage.people.command(stage.who.ben, stage.rooms.product, "/digest list")
    message = (await stage.people.ephemerals(stage.who.ben, stage.rooms.product))[-1]
    assert "Secret numbers" not in _words(message)


async def test_about_tells_what_a_number_means_and_where_it_comes_from(stage: Stage) -> None:
    await subscribe(stage, stage.rooms.product)
    await stage.after(hours=2)
    [message] = stage.posts(stage.rooms.product)
    action = next(b["accessory"]["action_id"] for b in message.blocks if "accessory" in b)
    answer = await stage.people.click(
        stage.who.ben, action, channel=stage.rooms.product, ts=message.ts
    )
    assert answer.ok
    words = _words(_top(stage, stage.who.ben))
    assert "select day, value from numbers" in words
    assert "all members" in words
    assert "product.db" not in words


async def test_mentioned_in_a_thread_it_offers_the_form_by_a_button(stage: Stage) -> None:
    ts = await stage.people.post(stage.who.ana, stage.rooms.product, "Numbers?")
    await stage.people.post(
        stage.who.ana,
        stage.rooms.product,
        f"<@{stage.world.bot.id}> digest weekdays at 9:00",
        thread_ts=ts,
    )
    await stage.settle()
    offer = (await stage.people.ephemerals(stage.who.ana, stage.rooms.product))[-1]
    assert "Set up a digest" in _words(offer)
    answer = await stage.people.click(
        stage.who.ana, "digest.form.open", channel=stage.rooms.product, ts=offer.ts
    )
    assert answer.ok
    assert "Next posts" in _words(_top(stage))
