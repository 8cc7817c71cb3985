"""Messages that read like a launch: offered to their author, once, privately."""

from sqlalchemy import select

from bot.engine.tables import Inbox
from bot.launches.tables import Launch, LaunchOffer
from playground.server.rows import Message
from tests.conftest import Stage
from tests.launches.conftest import headline, launch, rows, submit

SHIPPED = ":rocket: shipped the new importer"


async def _say(stage: Stage, text: str = SHIPPED, user: str = "", room: str = "") -> str:
    ts = await stage.people.post(user or stage.who.ben, room or stage.rooms.product, text)
    await stage.settle()
    return ts


async def _offers(stage: Stage, user: str = "") -> list[Message]:
    seen = await stage.people.ephemerals(user or stage.who.ben, stage.rooms.product)
    return [note for note in seen if "reads like a launch" in note.text]


async def test_the_author_alone_is_asked_once(stage: Stage) -> None:
    await _say(stage)
    [offer] = await _offers(stage)
    assert "New importer" in offer.text
    assert await _offers(stage, stage.who.ana) == []
    assert stage.posts(stage.rooms.product) == []
    [row] = await rows(stage, LaunchOffer)
    assert (row.author_id, row.title, row.state) == (stage.who.ben, "New importer", "offered")


async def test_taking_the_offer_opens_the_form_filled_in(stage: Stage) -> None:
    ts = await _say(stage)
    [offer] = await _offers(stage)
    await stage.people.click(
        stage.who.ben, "launch.offer.take", channel=stage.rooms.product, ts=offer.ts
    )
    await submit(stage, {}, stage.who.ben)

    [row] = await rows(stage, Launch)
    assert (row.title, row.owner_id, row.origin_ts) == ("New importer", stage.who.ben, ts)
    assert "New importer" in headline(stage).text
    [kept] = await rows(stage, LaunchOffer)
    assert (kept.state, kept.launch_id) == ("taken", row.id)


async def test_declining_forgets_what_the_message_said(stage: Stage) -> None:
    await _say(stage)
    [offer] = await _offers(stage)
    await stage.people.click(
        stage.who.ben, "launch.offer.decline", channel=stage.rooms.product, ts=offer.ts
    )
    [row] = await rows(stage, LaunchOffer)
    assert (row.state, row.title) == ("declined", "")


async def test_a_message_that_is_no_launch_leaves_no_trace(stage: Stage) -> None:
    await _say(stage, "When do we ship the new importer?")
    async with stage.deps.db.read() as session:
        assert list(await session.scalars(select(Inbox))) == []
    assert await _offers(stage) == []


async def test_a_guest_an_outsider_and_a_thread_get_no_offer(stage: Stage) -> None:
    root = await _say(stage, "hello")
    await stage.people.post(stage.who.ben, stage.rooms.product, SHIPPED, thread_ts=root)
    await _say(stage, user=stage.who.gil, room=stage.rooms.voice)
    await _say(stage, user=stage.who.olga, room=stage.rooms.acme)
    await _say(stage, user=stage.who.ana, room=stage.rooms.acme)
    assert await rows(stage, LaunchOffer) == []


async def test_a_launch_that_is_logged_already_is_not_offered_again(stage: Stage) -> None:
    await launch(stage, "New importer")
    await _say(stage)
    assert await _offers(stage) == []


async def test_the_bots_own_headline_is_never_offered(stage: Stage) -> None:
    await launch(stage, "Shipped the new importer")
    assert await rows(stage, LaunchOffer) == []
