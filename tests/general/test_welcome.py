"""The one message after the installing."""

from sqlalchemy import select, update

from bot.general.welcome import welcome_due
from bot.workspaces.tables import Installation
from playground.server.rows import Message
from tests.conftest import Stage
from tests.feedback.telling import words_of


async def _start(stage: Stage) -> None:
    await welcome_due(stage.deps, at=stage.clock())
    await stage.settle()


def _welcomes(stage: Stage, user: str) -> list[Message]:
    return [m for m in stage.dms(user) if "I am Daybook" in m.text]


async def test_at_first_start_an_admin_is_welcomed_once(stage: Stage) -> None:
    await _start(stage)
    await _start(stage)
    await stage.people.open_home(stage.who.ben)
    await stage.settle()

    [message] = _welcomes(stage, stage.who.ana)
    assert _welcomes(stage, stage.who.ben) == []
    async with stage.deps.db.read() as session:
        assert await session.scalar(select(Installation.welcomed_at)) is not None
    read = words_of(message.blocks)
    assert "Nothing is posted unasked." in read
    assert "/invite @Daybook" in read
    assert f"<#{stage.rooms.product}>" in read
    assert f"<#{stage.rooms.leads}>" in read
    assert f"<#{stage.rooms.board}>" not in read


async def test_the_installer_is_welcomed_rather_than_an_admin(stage: Stage) -> None:
    async with stage.deps.db.write() as session:
        await session.execute(update(Installation).values(installed_by=stage.who.ben))
    await _start(stage)

    [message] = _welcomes(stage, stage.who.ben)
    assert _welcomes(stage, stage.who.ana) == []
    assert f"<#{stage.rooms.leads}>" not in words_of(message.blocks)


async def test_without_an_admin_whoever_first_opens_the_home_is_welcomed(stage: Stage) -> None:
    await stage.people.change_user(stage.who.ana, is_admin=False)
    await _start(stage)
    assert _welcomes(stage, stage.who.ana) == []

    for user in (stage.who.gil, stage.who.ben, stage.who.ana):
        await stage.people.open_home(user)
        await stage.settle()
    assert [len(_welcomes(stage, u)) for u in (stage.who.ben, stage.who.ana)] == [1, 0]
    assert _welcomes(stage, stage.who.gil) == []


async def test_the_welcome_posts_to_no_channel(stage: Stage) -> None:
    await _start(stage)
    rooms = stage.rooms
    for room in (rooms.product, rooms.voice, rooms.leads, rooms.acme):
        assert stage.posts(room) == []
