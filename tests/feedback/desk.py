"""What feedback's tests look at."""

from typing import Any

from sqlalchemy import select

from bot.feedback.tables import Feedback, Report
from playground.server.rows import Message, View
from tests.conftest import Stage


async def items(stage: Stage) -> list[Feedback]:
    """Feedback that stands, in order of its number."""
    async with stage.deps.db.read() as session:
        query = select(Feedback).where(Feedback.withdrawn_at.is_(None)).order_by(Feedback.number)
        return list(await session.scalars(query))


async def reporters(stage: Stage) -> set[str]:
    async with stage.deps.db.read() as session:
        rows = await session.scalars(select(Report).where(Report.withdrawn_at.is_(None)))
        return {row.user_id for row in rows}


async def said(stage: Stage, text: str, channel: str = "", **more: Any) -> str:
    """Ben says something in #customer-voice, or elsewhere."""
    user = more.pop("user", stage.who.ben)
    return await stage.people.post(user, channel or stage.rooms.voice, text, **more)


async def react(
    stage: Stage, ts: str, channel: str = "", user: str = "", emoji: str = "memo"
) -> None:
    await stage.people.react(user or stage.who.ana, channel or stage.rooms.voice, ts, emoji)
    await stage.settle()


async def unreact(
    stage: Stage, ts: str, channel: str = "", user: str = "", emoji: str = "memo"
) -> None:
    await stage.people.unreact(user or stage.who.ana, channel or stage.rooms.voice, ts, emoji)
    await stage.settle()


def emoji_on(stage: Stage, ts: str, channel: str = "") -> set[str]:
    message = stage.world.messages.get(channel or stage.rooms.voice, ts)
    assert message is not None
    return {reaction.name for reaction in message.reactions}


async def whisper(stage: Stage, user: str = "", channel: str = "") -> Message:
    """The newest thing that only this person was told."""
    who, where = user or stage.who.ana, channel or stage.rooms.voice
    return (await stage.people.ephemerals(who, where))[-1]


def top_view(stage: Stage, user: str = "") -> View:
    """The form that is open before a person."""
    return stage.world.views.stack(user or stage.who.ana)[-1]
