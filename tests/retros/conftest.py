"""Short hands for what people do with retros."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from bot.entries.tables import Entry
from bot.retros.tables import RetroAction, RetroRun, RetroSeries
from playground.server.rows import Message, View
from tests.conftest import Stage

FRIDAYS = "every Friday at 15:00 Berlin"
FIRST_FRIDAY = datetime(2026, 5, 22, 13, 0, tzinfo=UTC)
DUE = "2026-06-02"
DUE_AT = datetime(2026, 6, 2, 7, 0, tzinfo=UTC)  # 09:00 in Berlin


def top_view(stage: Stage, user: str) -> View:
    stack = stage.world.views.stack(user)
    assert stack, "no modal is open"
    return stack[-1]


def words(of: View | Message) -> str:
    """All that a person reads in a modal or a message, without invisible signs."""
    blocks = of.body["blocks"] if isinstance(of, View) else of.blocks
    return json.dumps(blocks, ensure_ascii=False).replace("\u200b", "")


async def submit(stage: Stage, values: dict[str, Any], user: str = "") -> Any:
    user = user or stage.who.ana
    answer = await stage.people.submit(user, top_view(stage, user).id, values)
    await stage.settle()
    return answer


async def set_up(
    stage: Stage, name: str = "Sprint", *, user: str = "", channel: str = "", **more: Any
) -> Any:
    """Fill the form in and send it; returns what came of it."""
    user, channel = user or stage.who.ana, channel or stage.rooms.product
    answer = await stage.people.command(user, channel, f"/retro {name}")
    assert answer.ok, answer
    return await submit(stage, more, user)


async def hold(
    stage: Stage, name: str = "Sprint", *, user: str = "", channel: str = "", **more: Any
) -> Message:
    """Open a retro now; returns its headline."""
    done = await set_up(stage, name, user=user, channel=channel, **more)
    assert done.result != "errors", done.errors
    return headline(stage, channel)


def headline(stage: Stage, channel: str = "") -> Message:
    """The newest headline of a retro in the channel."""
    posts = stage.posts(channel or stage.rooms.product)
    return [post for post in posts if not post.thread_ts or post.thread_ts == post.ts][-1]


def thread(stage: Stage, head: Message) -> list[Message]:
    posts = stage.posts(head.channel)
    return [post for post in posts if post.thread_ts == head.ts and post.ts != head.ts]


async def click(
    stage: Stage, message: Message, action: str, *, user: str = "", value: str = ""
) -> Any:
    user = user or stage.who.ana
    found = next(
        element["action_id"]
        for block in message.blocks or ()
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"].startswith(action) and value in element.get("value", "")
    )
    answer = await stage.people.click(user, found, channel=message.channel, ts=message.ts)
    await stage.settle()
    return answer


async def answer(stage: Stage, head: Message, *, user: str = "", **texts: str) -> Any:
    """Answer a retro: q0, q1 ..."""
    await click(stage, head, "retro.run.answer", user=user)
    return await submit(stage, texts, user)


async def close(stage: Stage, head: Message, *, user: str = "") -> None:
    await click(stage, head, "retro.run.close", user=user)


async def promise(stage: Stage, head: Message, *, user: str = "", **values: Any) -> Any:
    """Add actions; text0, owner0 (ana) and due0 unless told."""
    await click(stage, head, "retro.actions.add", user=user)
    first = {"text0": "Pair on releases", "owner0": stage.who.ana, "due0": DUE}
    return await submit(stage, first | values, user)


async def closed(stage: Stage, **more: Any) -> Message:
    """A retro that was answered and closed; its headline as it is now."""
    head = await hold(stage, **more)
    await answer(stage, head, q0="Pair more")
    await close(stage, head)
    return headline(stage, head.channel)


async def rows(stage: Stage, table: type[Any]) -> list[Any]:
    async with stage.deps.db.read() as session:
        order = table.number if hasattr(table, "number") else table.id
        return list(await session.scalars(select(table).order_by(order)))


async def runs(stage: Stage) -> list[RetroRun]:
    return await rows(stage, RetroRun)


async def series(stage: Stage) -> list[RetroSeries]:
    return await rows(stage, RetroSeries)


async def actions(stage: Stage) -> list[RetroAction]:
    return await rows(stage, RetroAction)


async def entry_kinds(stage: Stage) -> list[str]:
    async with stage.deps.db.read() as session:
        kinds = ("retro", "retro_series", "action")
        query = select(Entry.kind).where(Entry.subject_kind.in_(kinds)).order_by(Entry.seq)
        return list(await session.scalars(query))


def crowd(stage: Stage, channel: str, size: int = 2) -> list[str]:
    """Add members of the workspace to a channel."""
    added = []
    for number in range(size):
        user = stage.world.users.add(f"member{number}", f"Member {number}", tz="Europe/Berlin").id
        stage.world.channels.add_member(channel, user)
        added.append(user)
    return added
